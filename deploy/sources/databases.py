"""A SELECT of a database, and nothing but a SELECT: by DuckDB of a file, by ADBC of a PostgreSQL server.

DuckDB's own extension for PostgreSQL is downloaded when it is used, which does not work everywhere.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ..errors import ConfigError, DataError, ExtraMissingError
from .named import Query, hide_secrets

# What may stand before the first word of a query, and the words that a query of PostgreSQL begins with.
BEFORE = re.compile(r"(?:\s|\(|--[^\n]*(?:\n|$)|/\*.*?\*/)*", re.DOTALL)
READING = ("select", "with", "values", "table")
DUCKDB, MAGIC = b"DUCK", slice(8, 12)  # what its files hold, and where
# How drivers begin and end what they say.
PREFACE = re.compile(
    r"([A-Z_]+: )?(\[libpq\] )?(Failed to \w+ query: |Execution error \[\w+\]: )?"
    r"(could not begin COPY: )?(ERROR: +)?"
)
ENDING = re.compile(r"\s*Query was: .*", re.DOTALL)


@contextmanager
def open_duckdb(query: Query, rows: int) -> Iterator[Any]:
    """Give the rows that DuckDB answers, as a pyarrow.RecordBatchReader in batches of so many.

    Times with a zone are of UTC. Nothing is downloaded. Raises DataError; ConfigError for what is no SELECT.
    """
    try:
        import duckdb
    except ModuleNotFoundError as error:
        if error.name != "duckdb":
            raise
        raise _missing(query, "duckdb", "sql") from None
    if query.database:
        _check_file(query, Path(query.database))
    try:
        with duckdb.connect(query.database or ":memory:", read_only=bool(query.database)) as connection:
            statements = connection.extract_statements(query.sql)
            if [statement.type for statement in statements] != [duckdb.StatementType.SELECT]:
                raise _no_select(query, ", ".join(statement.type.name for statement in statements))
            connection.execute("SET autoinstall_known_extensions = false; SET TimeZone = 'UTC'")
            yield connection.sql(query.sql).to_arrow_reader(rows)
    except duckdb.Error as error:
        raise DataError(f"{query}: {said_by_driver(query, error)}") from None


@contextmanager
def open_postgres(query: Query) -> Iterator[Any]:
    """Give the rows that a PostgreSQL server answers, as a pyarrow.RecordBatchReader; it cannot write.

    Raises DataError, without the password; ConfigError for what is no SELECT.
    """
    try:
        import adbc_driver_manager
        from adbc_driver_postgresql import dbapi
    except ModuleNotFoundError as error:
        if not (error.name or "").startswith("adbc"):
            raise
        raise _missing(query, "adbc-driver-postgresql", "postgres") from None
    first = re.split(r"\W", BEFORE.sub("", query.sql, count=1), maxsplit=1)[0]
    if first.lower() not in READING:
        raise _no_select(query, first.upper())
    try:
        with dbapi.connect(query.database or "") as connection, connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION READ ONLY")
            cursor.execute(query.sql.rstrip("; \n\t"))
            yield cursor.fetch_record_batch()
    except adbc_driver_manager.Error as error:
        raise DataError(f"{query}: {said_by_driver(query, error)}") from None


def said_by_driver(query: Query, error: Exception) -> str:
    """Return what a driver says is wrong, without the query, and without the password."""
    return hide_secrets(PREFACE.sub("", ENDING.sub("", str(error)), count=1).strip(), query.database or "")


def _check_file(query: Query, path: Path) -> None:
    """Raise DataError for what is no file of DuckDB, which would take a CSV for a database in memory."""
    try:
        with path.open("rb") as file:
            is_duckdb = file.read(MAGIC.stop)[MAGIC] == DUCKDB
    except OSError as error:
        raise DataError(f"{query}: cannot be read: {error.strerror}") from None
    if not is_duckdb:
        raise DataError(f"{query}: the file is no database of DuckDB")


def _no_select(query: Query, found: str) -> ConfigError:
    return ConfigError(f"{query}: expected one SELECT, found {found or 'no statement'}")


def _missing(query: Query, package: str, extra: str) -> ExtraMissingError:
    return ExtraMissingError(
        f"{query} needs {package}, which is not installed; install the extra: "
        f"pip install 'lstm-forecaster[train,cpu,{extra}]'"
    )
