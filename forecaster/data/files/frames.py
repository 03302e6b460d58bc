"""Data frames as cells: columns in the types that a text file would have, and back."""

import logging
from collections.abc import Iterator
from typing import Any
from zoneinfo import available_timezones

import narwhals as nw
import numpy as np
import pandas as pd
from narwhals.exceptions import DuplicateError
from numpy.typing import NDArray

from deploy import InputError
from deploy.errors import DataError
from deploy.time.clock import Clock
from deploy.time.zones import find_zone
from forecaster.config import Asked
from forecaster.data.columns import check_asked
from forecaster.data.files.chunks import Codes, Values
from forecaster.data.files.rows import Columns, Frame, Rows
from forecaster.data.files.sheet import UNNAMED
from forecaster.data.panel.listing import first_few
from forecaster.data.times.forms import compile_form
from forecaster.data.times.offsets import FARTHEST, read_offset
from forecaster.data.times.timestamps import write_timestamps

logger = logging.getLogger("forecaster")

NESTED = (nw.List, nw.Array, nw.Struct, nw.Binary)
TEXTS = (nw.String, nw.Categorical, nw.Enum)
MICROSECONDS = 1_000_000  # in a second
A_DAY = 86_400 * MICROSECONDS
WHOLE = len("2024-01-31 13:00:00")  # characters up to the fraction of a second
UNNAMED_SERIES = "value"  # how a pandas series without a name is called
INDEX_LEVEL = "__index_level_"  # how Parquet calls an index without a name


def text_of(cell: Any) -> str:
    """Return a cell as text; a week of pandas as its first day."""
    is_week = isinstance(cell, pd.Period) and cell.freqstr.startswith("W")
    return str(cell.start_time.date()) if is_week else str(cell)


def read_rows_of(source: Rows, asked: Asked) -> pd.DataFrame:
    """Return the cells as pandas would read them from a text file.

    Raises DataError for columns that cannot be used, a Misfit for a column that the frame lacks.
    """
    source.cells = _to_cells(source.columns, asked)
    check_asked(asked, tuple(source.cells.columns))
    if source.cells.empty:
        raise DataError(f"{source.name}: no rows")
    return source.cells


def to_narwhals(frame: Frame) -> "nw.DataFrame[Any]":
    """Return the frame by the one interface of all libraries, in memory. Raises DataError or InputError."""
    if isinstance(frame, pd.Series):
        frame = frame.to_frame(UNNAMED_SERIES if frame.name is None else str(frame.name))
    if isinstance(frame, pd.DataFrame) and _has_telling_index(frame.index):
        if set(frame.index.names) & set(frame.columns):
            raise DataError(f"the index is called as a column: {', '.join(map(str, frame.index.names))}")
        frame = frame.reset_index()
    if isinstance(frame, pd.DataFrame):
        frame = frame.rename(columns=str)
    try:
        wrapped = nw.from_native(frame)
        return wrapped.collect() if isinstance(wrapped, nw.LazyFrame) else wrapped
    except DuplicateError as error:
        raise DataError(f"two columns have one name: {error}") from error
    except TypeError as error:
        raise InputError(f"expected a data frame, found {type(frame).__name__}: {error}") from error


def _has_telling_index(index: "pd.Index[Any]") -> bool:
    """Return whether the index is data, and not the number of the row."""
    return any(name is not None for name in index.names) or isinstance(
        index, pd.DatetimeIndex | pd.PeriodIndex
    )


def _to_cells(frame: Columns, asked: Asked) -> pd.DataFrame:
    """Return the columns as pandas would read them from a text file: numbers, and texts of all else."""
    cells: dict[str, pd.Series[Any]] = {}
    left_out: dict[str, list[str]] = {}  # type of a cell -> columns
    for number, name in enumerate(frame.columns, start=1):
        kind = frame.schema[name]
        if isinstance(kind, NESTED):
            left_out.setdefault(str(kind), []).append(f'"{name}"')
            continue
        called = _called(name, number)
        if called in cells:
            raise DataError(f'two columns are called "{called}"')
        cells[called] = _to_series(frame, name, called, asked)
    for kind, names in left_out.items():
        are, hold = ("columns", "hold") if len(names) > 1 else ("column", "holds")
        logger.warning("%s %s %s %s; left out", are, first_few(names), hold, kind)
    return pd.DataFrame(cells, index=pd.RangeIndex(len(frame)), copy=False)


def read_texts(source: Rows, names: tuple[str, ...], asked: Asked) -> "dict[str, pd.Series[Any]]":
    """Return some columns as texts, though they were read as numbers."""
    columns = enumerate(source.columns.columns, start=1)
    own = {called: name for number, name in columns if (called := _called(name, number)) in names}
    as_texts = asked.model_copy(update={"series": names})
    return {called: _to_series(source.columns, name, called, as_texts) for called, name in own.items()}


def _called(name: str, number: int) -> str:
    """Return how messages call a column. number: its place, from 1."""
    return f"{UNNAMED}{number}" if not name.strip() or name.startswith(INDEX_LEVEL) else name.strip()


def _to_series(frame: Columns, name: str, called: str, asked: Asked) -> "pd.Series[Any]":
    """Return one column; cells that mean missing are so."""
    dtype, blocks, rows = frame.schema[name], frame.blocks(name), len(frame)
    if dtype == nw.Date or dtype == nw.Datetime:
        return _write_times(blocks, rows, getattr(dtype, "time_zone", None), called)
    if not (dtype.is_numeric() or dtype == nw.Boolean) or called in asked.texts:
        return _to_texts(blocks, rows, ("", *asked.na))
    values = Values(rows)
    for block in blocks:
        values.extend(_to_numbers(block))
    numbers = pd.Series(values.join(), copy=False)
    missing = pd.to_numeric(pd.Series(asked.na, dtype="str"), errors="coerce").dropna()
    return numbers.mask(numbers.isin(missing)) if len(missing) else numbers


def _to_texts(blocks: "Iterator[nw.Series[Any]]", rows: int, missing: tuple[str, ...]) -> "pd.Series[Any]":
    """Return a column as texts, those that mean missing as such; few are distinct, so few are looked at."""
    gathered = Codes(rows)
    for block in blocks:
        found = _codes_of(block) if block.dtype in TEXTS else None
        if found is None:
            cells = [None if pd.isna(cell) else text_of(cell) for cell in block.to_list()]
            found = pd.factorize(pd.Index(cells, dtype="str"))
        gathered.extend(*found)
    codes, texts = gathered.settle()
    kept = ~texts.isin(missing)
    places = np.where(kept, np.cumsum(kept) - 1, -1)
    return _from_codes(codes if kept.all() else np.append(places, -1)[codes], texts[kept])


def _codes_of(column: "nw.Series[Any]") -> "tuple[NDArray[Any], pd.Index[str]] | None":
    """Return codes into distinct texts, -1 = missing, and these, in order of appearance.

    None where cells may be no texts, or pyarrow is not installed.
    """
    native = column.to_native()
    if isinstance(native, pd.Series):
        codes, cells = pd.factorize(native)
    else:
        try:
            import pyarrow
        except ImportError:
            return None
        array = column.to_arrow()
        if pyarrow.types.is_string_view(array.type):
            array = array.cast(pyarrow.large_string())
        array = array.dictionary_encode()
        codes, numbers = pd.factorize(array.indices.cast("int32").fill_null(-1).to_numpy())
        is_missing = numbers == -1
        if is_missing.any():
            codes = np.where(is_missing, -1, np.cumsum(~is_missing) - 1)[codes]
        cells = array.dictionary.take(pyarrow.array(numbers[~is_missing])).to_pandas()
    if pd.api.types.infer_dtype(cells, skipna=False) not in ("string", "empty"):
        return None
    return codes, pd.Index(cells, dtype="str")


def _from_codes(codes: NDArray[Any], texts: "pd.Index[str]") -> "pd.Series[Any]":
    return pd.Series(pd.Categorical.from_codes(codes, categories=texts, validate=False))


def _to_numbers(column: "nw.Series[Any]") -> NDArray[Any]:
    """Return whole numbers as they are, unless some are missing; all others as float64, NaN = missing."""
    if column.dtype.is_integer() and not column.null_count():
        return column.to_numpy()
    if column.dtype == nw.Boolean:
        return np.array([np.nan if pd.isna(cell) else float(cell) for cell in column.to_list()])
    return column.cast(nw.Float64).fill_null(float("nan")).to_numpy().astype(np.float64, copy=False)


def _write_times(
    blocks: "Iterator[nw.Series[Any]]", rows: int, zone: str | None, name: str
) -> "pd.Series[str]":
    """Write dates or datetimes of any unit as ISO 8601, with the UTC offsets of their time zone if any.

    Raises DataError for a zone that is not known.
    """
    gathered = Codes(rows)
    for block in blocks:
        ticks = block.dt.timestamp("us").fill_null(0).to_numpy().astype(np.int64, copy=False)
        codes, found = pd.factorize(ticks)
        codes[block.is_null().to_numpy()] = -1
        gathered.extend(codes, pd.Index(found))
    codes, moments = gathered.settle()
    distinct = moments.to_numpy()
    seconds, fractions = np.divmod(distinct, MICROSECONDS)
    form = "%Y-%m-%d %H:%M:%S" if (distinct % A_DAY).any() else "%Y-%m-%d"
    written = _write_moments(seconds, form, zone, name)
    if fractions.any():  # behind the seconds, before a UTC offset
        places = zip(written, fractions.tolist(), strict=True)
        written = [f"{text[:WHOLE]}.{part:06}{text[WHOLE:]}" for text, part in places]
    return _from_codes(codes, pd.Index(written, dtype="str"))


def _write_moments(seconds: NDArray[np.int64], form: str, zone: str | None, name: str) -> list[str]:
    """Write distinct times as texts. seconds: (times,) of UTC where there is a zone; form: without one."""
    if zone is None:
        return write_timestamps(seconds, form)
    if zone in available_timezones():
        return write_timestamps(seconds, "%Y-%m-%d %H:%M:%S%:z", Clock(find_zone(zone), in_utc=True))
    ahead = read_offset(zone.removeprefix("UTC").removeprefix("GMT"))
    if abs(ahead) > FARTHEST:
        raise DataError(f'column "{name}": its time zone {zone} is not known; convert the column to another')
    return compile_form("%Y-%m-%d %H:%M:%S%:z").write(seconds + ahead, np.full_like(seconds, ahead))
