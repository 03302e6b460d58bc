"""Find the lines of a text file that are neither its header nor its rows.

In: a text file. Out: the file with these lines marked as skipped, each with a note.
May import: forecaster.config, forecaster.data.{audience, complaints, notes, times}, forecaster.data.files.

    finding     the head and the tail of a file, and comments above the table
    titles      lines above the first row: the header, titles and units
    endings     lines below the last row: totals and sources
    strays      headers and comments between rows, once rows looked odd
    body        the rows of a table, as far as they are alike
    skipping    lines that are skipped, and what is said of them
"""
