"""Turn bytes and data frames into cells: numbers or texts in pandas, whose index is the row of the source.

In: a path, URL, query or frame, and which columns are texts. Out: a source, its cells, the places of errors.
May import: forecaster.config, forecaster.data.{complaints, notes, audience, columns, table, times}, deploy.

    source      a text file or a frame behind one set of calls
    text        a text file as pandas reads it, in which columns are texts where they have to be
    chunks      rows joined chunk by chunk, texts as codes
    dialect     delimiter, decimal sign and gzip, from the head of a file
    foreign     files of other kinds, which are named
    encoding    UTF-8, UTF-16 and Windows-1252
    formats/    workbooks, JSON and archives, as text
    margins/    lines around the table, which are skipped
    header      rows that lack or exceed the cells of their header, stray quotes
    records     records and lines of a text file, for errors
    rows        a frame or a table of Arrow as a source, whose errors name rows
    frames      data frames, in the types that a text file would have
    library     tables of results as frames of the library that the data were of
    columnar    Parquet files, folders of them and queries, as frames
    missing     texts that mean missing
    sheet       cells in pandas: words or numbers, bad cells, spaces
"""
