"""The columns that tell the rows of a forecast apart, in the types that they have in a data frame."""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeAlias

import narwhals as nw
import pandas as pd

from forecaster.data.files.frames import to_narwhals
from forecaster.data.source import Data

Types: TypeAlias = dict[str, Any]  # column -> a type of narwhals, or pandas' type of periods


def types_of(data: Data) -> Types:
    """The types of a frame's columns; none of a file, whose cells are texts."""
    if isinstance(data, Path):
        return {}
    frame = to_narwhals(data)
    return {name.strip(): _type_of(frame[name]) for name in frame.columns}


def with_types(table: pd.DataFrame, types: Types) -> pd.DataFrame:
    """A table with those of its columns of texts that are in `types` as these."""
    texts = [name for name in types if name in table and not pd.api.types.is_numeric_dtype(table[name])]
    return table.assign(**{name: _convert(table[name], types[name]) for name in texts})


def _type_of(column: nw.Series[Any]) -> Any:
    native = getattr(column.to_native(), "dtype", None)
    return native if isinstance(native, pd.PeriodDtype) else column.dtype


def _convert(texts: pd.Series[Any], dtype: Any) -> pd.Series[Any]:
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
