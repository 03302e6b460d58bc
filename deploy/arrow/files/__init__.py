"""Score files: tables of series in, a folder of Parquet with their forecasts out, a part at a time.

In: a ScoreRequest. Out: parts that appear whole, and a receipt, `_score.json`. May import: pyarrow,
deploy.arrow, deploy.sources and all below them; where it is used fsspec.

    score_files    score_files: tables through workers into parts, checked and signed for
    tables         files and folders of Parquet, and CSV, as tables of record batches
    csv_form       how a CSV is written, as far as blocks of it need
    sorting        tables in any order -> one table sorted by id and time
    numbering      ids -> numbers, whole columns at once
    buckets        rows in files by ranges of their series, each sorted in memory
    parts          parts of an output: their names, what each says of itself, which are there
    scoring_table  one table through a predictor, part by part
    workers        tables through processes, of which any may die
    twice          ids of all parts, and whether one of them is there twice
"""
