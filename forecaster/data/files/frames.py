"""Data frames and Parquet files into a Panel: their columns in the types that a text file would have."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias
from zoneinfo import available_timezones

import narwhals as nw
import numpy as np
import pandas as pd
from narwhals.exceptions import DuplicateError
from narwhals.typing import IntoFrame
from numpy.typing import NDArray

from deploy.errors import DataError, ExtraMissingError, InputError
from deploy.time.clock import Clock
from deploy.time.zones import find_zone
from forecaster.config import Asked
from forecaster.data.columns import UNNAMED, check_asked, find_time
from forecaster.data.files.locate import Record
from forecaster.data.panel.panel import Panel
from forecaster.data.read import assemble
from forecaster.data.times.clocks import without_doubles
from forecaster.data.times.forms import compile_form
from forecaster.data.times.offsets import FARTHEST, read_offset
from forecaster.data.times.timestamps import write_timestamps
from forecaster.data.times.zones import check_zone
from forecaster.data.understand.keys import choose_series
from forecaster.data.understand.layout import check_layout, lay_out

logger = logging.getLogger("forecaster")

NESTED = (nw.List, nw.Array, nw.Struct, nw.Binary)
MICROSECONDS = 1_000_000  # in a second
UNNAMED_SERIES = "value"  # how a pandas series without a name is called
INDEX_LEVEL = "__index_level_"  # how Parquet calls an index without a name


Frame: TypeAlias = IntoFrame | pd.Series


@dataclass(frozen=True)
class Rows:
    """A table without lines: errors name its rows, from 0."""

    frame: pd.DataFrame
    path: Path | None = None

    @property
    def name(self) -> str:
        """The file's name, or that it is a frame."""
        return self.path.name if self.path else "the frame"

    @property
    def unit(self) -> str:
        """Rows, counted from 0 as frames do."""
        return "row"

    def find(self, rows: set[int]) -> Iterator[Record]:
        """Some rows, their cells as text."""
        for row in sorted(rows):
            cells = ["" if pd.isna(cell) else str(cell) for cell in self.frame.iloc[row]]
            yield Record(row, ", ".join(cells), cells)

    def where(self, place: Record) -> str:
        """The row, after the name of a file."""
        return f"{self.path.name}, row {place.line}" if self.path else f"row {place.line}"


def read_frame(frame: Frame, asked: Asked | None = None, *, keeps_level: bool = False) -> Panel:
    """The series in a data frame of any library that narwhals understands, on a regular grid.

    An index with a name, or one of timestamps, is a column; a series of pandas is a frame of one column.
    Raises DataError for data that cannot be used, ConfigError for what is asked and does not fit,
    InputError for what is no data frame.
    """
    return _read(frame, asked or Asked(), keeps_level=keeps_level)


def read_parquet(path: Path, asked: Asked, *, keeps_level: bool = False) -> Panel:
    """The series in a Parquet file. Raises as read_frame, and ExtraMissingError without pyarrow."""
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
        table = pyarrow.parquet.ParquetFile(path).read()
    except (pyarrow.ArrowException, OSError) as error:
        raise DataError(f"{path.name}: the Parquet file is damaged: {error}") from error
    return _read(table, asked, path, keeps_level=keeps_level)


def _read(frame: Frame, asked: Asked, path: Path | None = None, *, keeps_level: bool) -> Panel:
    check_layout(asked)
    check_zone(asked.timezone)
    columns = to_narwhals(frame)
    cells = _to_cells(columns, asked)
    check_asked(asked, tuple(cells.columns))
    source = Rows(cells, path)
    if cells.empty:
        raise DataError(f"{source.name}: no rows")
    if asked.timezone is None:
        asked = asked.model_copy(update={"timezone": _zone_of(columns, find_time(cells, asked))})
    table, asked = lay_out(source, cells, asked)
    series = choose_series(without_doubles(table), asked)
    if set(series) & set(table.numbers):
        return _read(frame, asked.model_copy(update={"series": series}), path, keeps_level=keeps_level)
    return assemble(source, table, series, asked, keeps_level=keeps_level)


def to_narwhals(frame: Frame) -> nw.DataFrame[Any]:
    """The frame by the one interface of all libraries, in memory. Raises DataError or InputError."""
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


def _has_telling_index(index: pd.Index[Any]) -> bool:
    """Whether the index is data, and not the number of the row."""
    return any(name is not None for name in index.names) or isinstance(
        index, pd.DatetimeIndex | pd.PeriodIndex
    )


def _to_cells(frame: nw.DataFrame[Any], asked: Asked) -> pd.DataFrame:
    """The columns as pandas would read them from a text file: numbers, and texts of all else."""
    cells: dict[str, pd.Series[Any]] = {}
    for number, name in enumerate(frame.columns, start=1):
        column = frame[name]
        if isinstance(column.dtype, NESTED):
            logger.warning('column "%s" holds %s; left out', name, column.dtype)
            continue
        called = f"{UNNAMED}{number}" if not name.strip() or name.startswith(INDEX_LEVEL) else name.strip()
        if called in cells:
            raise DataError(f'two columns are called "{called}"')
        cells[called] = _to_series(column, called, asked)
    return pd.DataFrame(cells, index=pd.RangeIndex(len(frame)))


def _to_series(column: nw.Series[Any], name: str, asked: Asked) -> pd.Series[Any]:
    """One column; cells that mean missing are so."""
    dtype = column.dtype
    if dtype == nw.Date or dtype == nw.Datetime:
        return _write_times(column, name)
    if not (dtype.is_numeric() or dtype == nw.Boolean) or name in asked.texts:
        texts = pd.Series([None if pd.isna(cell) else str(cell) for cell in column.to_list()], dtype="str")
        return texts.mask(texts.isin(["", *asked.na]))
    numbers = pd.Series(_to_numbers(column))
    missing = pd.to_numeric(pd.Series(asked.na, dtype="str"), errors="coerce").dropna()
    return numbers.mask(numbers.isin(missing)) if len(missing) else numbers


def _to_numbers(column: nw.Series[Any]) -> NDArray[Any]:
    """Whole numbers as they are, unless some are missing; all others as float64, NaN = missing."""
    if column.dtype.is_integer() and not column.null_count():
        return column.to_numpy()
    if column.dtype == nw.Boolean:
        return np.array([np.nan if pd.isna(cell) else float(cell) for cell in column.to_list()])
    return column.cast(nw.Float64).fill_null(float("nan")).to_numpy().astype(np.float64)


def _write_times(column: nw.Series[Any], name: str) -> pd.Series[str]:
    """Dates or datetimes of any unit as ISO 8601, with the UTC offsets of their time zone if they have one.

    Raises DataError for fractions of a second, and for a zone that is not known.
    """
    missing = column.is_null().to_numpy()
    ticks: NDArray[np.int64] = column.dt.timestamp("us").fill_null(0).to_numpy().astype(np.int64)
    fractions = np.flatnonzero(ticks % MICROSECONDS)
    if fractions.size:
        moment = ticks[fractions[0]].astype("datetime64[us]")
        raise DataError(
            f'column "{name}": {moment} in row {fractions[0]} is not a whole second; round the column first'
        )
    seconds, codes = np.unique(ticks // MICROSECONDS, return_inverse=True)
    written = _write_moments(seconds, getattr(column.dtype, "time_zone", None), name)
    return pd.Series(np.array(written, dtype=object)[codes], dtype="str").mask(missing)


def _write_moments(seconds: NDArray[np.int64], zone: str | None, name: str) -> list[str]:
    """Distinct times as texts. seconds: (times,) of UTC where there is a time zone."""
    if zone is None:
        return write_timestamps(seconds, "%Y-%m-%d %H:%M:%S" if (seconds % 86400).any() else "%Y-%m-%d")
    if zone in available_timezones():
        return write_timestamps(seconds, "%Y-%m-%d %H:%M:%S%:z", Clock(find_zone(zone), in_utc=True))
    ahead = read_offset(zone.removeprefix("UTC").removeprefix("GMT"))
    if abs(ahead) > FARTHEST:
        raise DataError(f'column "{name}": its time zone {zone} is not known; convert the column to another')
    return compile_form("%Y-%m-%d %H:%M:%S%:z").write(seconds + ahead, np.full_like(seconds, ahead))


def _zone_of(frame: nw.DataFrame[Any], time: str | None) -> str | None:
    """The time zone of the column of times, if it is one whose UTC offset may change."""
    zones = {name.strip(): getattr(frame[name].dtype, "time_zone", None) for name in frame.columns}
    zone = zones.get(time or "")
    return zone if zone in available_timezones() - {"UTC"} else None
