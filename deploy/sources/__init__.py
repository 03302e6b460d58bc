"""Read tables as batches of Arrow: Parquet files and folders of them, object storage, queries of databases.

In: a path, a URL or a query. Out: a pyarrow.RecordBatchReader, or a DataError. May import: deploy.errors and
deploy.places; where they are used pyarrow, fsspec, duckdb and adbc_driver_postgresql.

    named        Remote, Query, Source: a source as it is named, and shown without its password
    remote       URLs, by fsspec
    folders      the Parquet files below a folder, and the columns that its names hold
    databases    a SELECT by DuckDB or by PostgreSQL
    batches      open_batches: the rows of any of them, in types that everybody reads
"""
