"""Tables of Arrow as rows: a Parquet file, a folder of them, and what a query of a database answers."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from deploy import ExtraMissingError
from deploy.errors import DataError
from deploy.sources.batches import NUMERIC, TYPE, open_batches
from deploy.sources.named import Source, source_name
from forecaster.data.files.frames import text_of, to_narwhals
from forecaster.data.files.rows import FrameColumns, Rows
from forecaster.data.table import BLOCK_ROWS

if TYPE_CHECKING:
    import narwhals as nw

PERIOD_NAME, PERIOD_METADATA = b"ARROW:extension:name", b"ARROW:extension:metadata"


def open_parquet(path: Path) -> Rows:
    """Return the rows of a Parquet file. Raises DataError, and ExtraMissingError without pyarrow."""
    try:
        import pyarrow
        import pyarrow.parquet
    except ModuleNotFoundError as error:
        if error.name != "pyarrow":
            raise
        raise ExtraMissingError(
            f"{path.name} is a Parquet file, and pyarrow is not installed; "
            "install the extra: pip install 'lstm-forecaster[train,cpu,parquet]'"
        ) from None
    try:
        return Rows(_ParquetColumns(path), path.name)
    except (pyarrow.ArrowException, OSError) as error:
        raise _damaged(path, error) from error


class _ParquetColumns:
    """The columns of a Parquet file, each of which is read when it is asked for, so many rows at a time."""

    def __init__(self, path: Path) -> None:
        import pyarrow.parquet

        file = pyarrow.parquet.ParquetFile(path)
        self._path, self._rows, plain = path, int(file.metadata.num_rows), file.schema_arrow
        self._texts = [each.name for each in plain if each.type in (pyarrow.string(), pyarrow.large_string())]
        self._empty = to_narwhals(_with_texts_of_periods(plain.empty_table()))

    @property
    def columns(self) -> list[str]:
        return self._empty.columns

    @property
    def schema(self) -> Mapping[str, Any]:
        return self._empty.schema

    def __len__(self) -> int:
        return self._rows

    def blocks(self, name: str) -> "Iterator[nw.Series[Any]]":
        import pyarrow.parquet

        yield self._empty[name]
        try:
            file = pyarrow.parquet.ParquetFile(self._path, read_dictionary=self._texts)
            for group in range(file.num_row_groups):  # a read of several holds the pages of all
                for batch in file.iter_batches(BLOCK_ROWS, [group], [name], use_threads=False):
                    rows = pyarrow.Table.from_batches([batch]).select([name])
                    yield to_narwhals(_with_texts_of_periods(rows))[name]
        except (pyarrow.ArrowException, OSError) as error:
            raise _damaged(self._path, error) from error


def _damaged(path: Path, error: Exception) -> DataError:
    return DataError(f"{path.name}: the Parquet file is damaged: {error}")


def open_table(source: Source) -> Rows:
    """Return the rows of a folder of Parquet files or of a query. Raises as open_batches, and DataError."""
    with open_batches(source) as reader:
        table = reader.read_all()
    for place, field in enumerate(table.schema):
        if (field.metadata or {}).get(TYPE) == NUMERIC:
            table = table.set_column(place, field.name, _as_whole(table.column(place)))
    return Rows(FrameColumns(to_narwhals(_with_texts_of_periods(table))), source_name(source))


def _as_whole(numbers: Any) -> Any:
    """Return PostgreSQL's numbers without a precision as integers where they are: ids are written so."""
    import pyarrow

    try:
        return numbers.cast(pyarrow.int64())
    except pyarrow.ArrowInvalid:
        return numbers


def _with_texts_of_periods(table: Any) -> Any:
    """Return a table in which periods of pandas are texts."""
    for place, field in enumerate(table.schema):
        freq = _freq_of(field)
        if freq is not None:
            ordinals = table.column(place).cast("int64").to_pandas()
            table = table.set_column(place, field.name, [_from_ordinals(ordinals, freq)])
    return table


def _freq_of(field: Any) -> str | None:
    """Return the frequency of a Parquet column of pandas' periods, which says it in metadata; None without.

    Once pandas has loaded its types, so that pyarrow knows them, the type of the column says it.
    """
    known = getattr(field.type, "freq", None)
    if known is not None or (field.metadata or {}).get(PERIOD_NAME) != b"pandas.period":
        return known
    return str(json.loads(field.metadata[PERIOD_METADATA])["freq"])


def _from_ordinals(ordinals: "pd.Series[Any]", freq: str) -> list[str | None]:
    """Return the texts of periods, which are stored as how many of them after 1970."""
    given = ordinals.notna()
    index: Any = pd.PeriodIndex  # the stubs of pandas lack from_ordinals
    periods = iter(index.from_ordinals(ordinals[given].astype("int64"), freq=freq))
    return [text_of(next(periods)) if known else None for known in given]
