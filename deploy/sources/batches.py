"""Rows of a source as batches of Arrow, in types that everybody reads."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

from ..errors import DataError, ExtraMissingError
from .databases import open_duckdb, open_postgres, said_by_driver
from .folders import find_parts, open_dataset
from .named import Query, Remote, Source, source_name
from .remote import is_folder, open_file_system, telling

ROWS = 1 << 16  # of a batch
# Of PostgreSQL's driver, on each column: its type there, and how many digits a numeric has.
TYPE, DIGITS, NUMERIC = b"POSTGRESQL:type", b"POSTGRESQL:typmod", b"numeric"
NO_DIGITS, HEADER, MOST_DIGITS = -1, 4, 38  # none are said; added to what is said; of a decimal of 128 bits
UUID_NAME = "arrow.uuid"


@contextmanager
def open_batches(source: Source, rows: int = ROWS) -> Iterator[Any]:
    """Give the rows of a Parquet file, of a folder of them, or of a query, as a pyarrow.RecordBatchReader.

    The columns that the folders name (`store=1/`) stand last. rows: of a batch at most, but for PostgreSQL's,
    which are as large as its driver makes them. Raises DataError, ConfigError, ExtraMissingError; DataError,
    too, for what goes wrong later, while the rows are read.
    """
    check_pyarrow(source)
    with _telling(source):
        if isinstance(source, Query):
            opened = open_postgres(source) if source.is_postgres else open_duckdb(source, rows)
            with opened as reader:
                yield _plain(source, reader)
            return
        is_one = not is_folder(source) if isinstance(source, Remote) else not source.is_dir()
        yield _open_file(source, rows) if is_one else _scan(source, rows)


def check_pyarrow(source: Source) -> None:
    """Raise ExtraMissingError where pyarrow is not installed."""
    try:
        import pyarrow  # noqa: F401 - only whether it is there
    except ModuleNotFoundError as error:
        if error.name != "pyarrow":
            raise
        raise ExtraMissingError(
            f"{source_name(source)} needs pyarrow, which is not installed; install the extra: "
            "pip install 'lstm-forecaster[train,cpu,parquet]'"
        ) from None


@contextmanager
def _telling(source: Source) -> Iterator[None]:
    """Turn what pyarrow and drivers raise as rows are read into a DataError."""
    import pyarrow

    try:
        if isinstance(source, Remote):
            with telling(source):
                yield
        else:
            yield
    except (pyarrow.ArrowException, OSError) as error:
        said = said_by_driver(source, error) if isinstance(source, Query) else f"cannot be read: {error}"
        raise DataError(f"{source_name(source)}: {said}") from None


def _open_file(source: Path | Remote, rows: int) -> Any:
    import pyarrow
    import pyarrow.parquet

    place: Any = source
    if isinstance(source, Remote):
        system, path = open_file_system(source)
        place = system.open(path, "rb")
    file = pyarrow.parquet.ParquetFile(place)
    return pyarrow.RecordBatchReader.from_batches(file.schema_arrow, file.iter_batches(rows))


def _scan(source: Path | Remote, rows: int) -> Any:
    import pyarrow

    dataset = open_dataset(find_parts(source))
    return pyarrow.RecordBatchReader.from_batches(dataset.schema, dataset.to_batches(batch_size=rows))


def _plain(query: Query, reader: Any) -> Any:
    """Return a reader of the same rows in types of Arrow's own: of PostgreSQL numeric and uuid are others."""
    import pyarrow

    fields = [field.with_type(_plain_type(query, field)) for field in reader.schema]
    schema = pyarrow.schema(fields)
    batches = (
        pyarrow.record_batch([_cast(*pair) for pair in zip(batch.columns, fields, strict=True)], schema)
        for batch in reader
    )
    return pyarrow.RecordBatchReader.from_batches(schema, batches)


def _plain_type(query: Query, field: Any) -> Any:
    """Return the type that a column is read as. Raises DataError for money, whose digits the server sets."""
    import pyarrow

    told = field.metadata or {}
    if told.get(TYPE) == b"money":
        raise DataError(
            f'{query}: column "{field.name}" is of the type money, whose digits depend on the server; '
            f"cast it in the query: {field.name}::numeric"
        )
    if told.get(TYPE) == NUMERIC:
        digits = int(told.get(DIGITS, NO_DIGITS)) - HEADER
        precision, scale = digits >> 16, digits & 0xFFFF
        is_decimal = 0 <= scale <= precision <= MOST_DIGITS
        return pyarrow.decimal128(precision, scale) if is_decimal else pyarrow.float64()
    if not isinstance(field.type, pyarrow.BaseExtensionType):
        return field.type
    return pyarrow.string() if field.type.extension_name == UUID_NAME else field.type.storage_type


def _cast(column: Any, field: Any) -> Any:
    """Return a column as the type of a field."""
    import pyarrow
    import pyarrow.compute

    if getattr(column.type, "extension_name", "") == UUID_NAME:
        coded = column.storage.dictionary_encode()
        texts = [str(UUID(bytes=raw)) for raw in coded.dictionary.to_pylist()]
        return pyarrow.array(texts, field.type).take(coded.indices)
    if (field.metadata or {}).get(TYPE) == b"bpchar":  # filled up with spaces
        return pyarrow.compute.utf8_rtrim(column, " ")
    return column if column.type == field.type else column.storage.cast(field.type)
