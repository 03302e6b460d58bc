"""Tables of results in the library, and in the types of columns, of the frame that the data were."""

from dataclasses import dataclass, field, replace
from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd

from deploy.sources.named import Source
from forecaster.data.files.frames import to_narwhals
from forecaster.data.files.rows import Frame, Types

PANDAS = nw.Implementation.PANDAS
OF_POLARS = "us"  # which knows no datetimes in seconds


@dataclass(frozen=True)
class Library:
    """A library of data frames, and the types of the columns of a frame. Files are read as pandas does."""

    kind: nw.Implementation = PANDAS
    types: Types = field(default_factory=dict)

    @classmethod
    def of(cls, data: Source | Frame) -> "Library":
        """Return the library of a frame; a lazy one is collected. Raises DataError or InputError."""
        return cls() if isinstance(data, Source) else cls(to_narwhals(data).implementation, types_of(data))

    def alike(self, **names: str) -> "Library":
        """Return the same, with further columns of the types of others. names: new column -> that of data."""
        types = {new: self.types[old] for new, old in names.items() if old in self.types}
        return replace(self, types={**self.types, **types})

    def frame(self, table: pd.DataFrame) -> Any:
        """Return a table as a frame of the library, its columns in the types of the data."""
        typed = with_types(table, self.types)
        if self.kind is PANDAS:
            return typed
        columns = {str(name): _plain(typed[name]) for name in typed}
        made = nw.from_dict(columns, backend=self.kind)  # type: ignore[arg-type]
        return made.with_columns(*self._casts(typed)).to_native()

    def _casts(self, table: pd.DataFrame) -> list[nw.Expr]:
        """Return what gives the columns of texts and times the types of the data."""
        casts = []
        for name, found in zip(map(str, table.columns), table.dtypes, strict=True):
            dtype = self.types.get(name)
            if isinstance(found, pd.DatetimeTZDtype):
                zone = str(found.tz)
                casts.append(nw.col(name).dt.replace_time_zone("UTC").dt.convert_time_zone(zone))
            elif isinstance(dtype, nw.dtypes.DType) and (dtype.is_temporal() or dtype.is_integer()):
                casts.append(nw.col(name).cast(dtype))
            elif dtype == nw.Categorical:
                casts.append(nw.col(name).cast(nw.Categorical))
        return casts


def _plain(column: "pd.Series[Any]") -> Any:
    """Return what every library makes a column of; times with a zone as those of UTC."""
    if isinstance(column.dtype, pd.DatetimeTZDtype):
        column = column.dt.tz_convert("UTC").dt.tz_localize(None)
    if column.dtype.kind == "M":
        unit = np.datetime_data(column.to_numpy().dtype)[0]
        return column.to_numpy().astype(f"datetime64[{OF_POLARS if unit == 's' else unit}]")
    return column.to_numpy() if pd.api.types.is_numeric_dtype(column) else [str(cell) for cell in column]


def types_of(data: Source | Frame) -> Types:
    """Return the types of a frame's columns; none of a file, whose cells are texts."""
    if isinstance(data, Source):
        return {}
    frame = to_narwhals(data)
    return {name.strip(): _type_of(frame[name]) for name in frame.columns}


def with_types(table: pd.DataFrame, types: Types) -> pd.DataFrame:
    """Return a table with those of its columns of texts that are in `types` as these."""
    texts = [name for name in types if name in table and not pd.api.types.is_numeric_dtype(table[name])]
    return table.assign(**{name: _convert(table[name], types[name]) for name in texts})


def _type_of(column: "nw.Series[Any]") -> Any:
    native = getattr(column.to_native(), "dtype", None)
    return native if isinstance(native, pd.PeriodDtype) else column.dtype


def _convert(texts: "pd.Series[Any]", dtype: Any) -> "pd.Series[Any]":
    if isinstance(dtype, pd.PeriodDtype):
        return pd.Series(pd.PeriodIndex(texts, freq=dtype.freq), texts.index)
    if isinstance(dtype, nw.Datetime) and dtype.time_zone:
        moments = pd.to_datetime(texts, format="ISO8601", utc=True)
        return moments.dt.tz_convert(dtype.time_zone).dt.as_unit(dtype.time_unit)
    if dtype == nw.Datetime or dtype == nw.Date:
        unit = dtype.time_unit if isinstance(dtype, nw.Datetime) else "s"
        return pd.to_datetime(texts, format="ISO8601").dt.as_unit(unit)
    if dtype.is_integer():
        return texts.astype("int64")
    return texts.astype("float64") if dtype.is_float() else texts
