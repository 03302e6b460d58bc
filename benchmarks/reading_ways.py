"""Ways to make the panel of benchmarks.reading of its file: ours, and the fastest of polars and of pyarrow.

All but `pandas`, which leaves texts and times as they are, give the same arrays: the seconds since 1970, the
values and the covariate of each row, series by series, and the first row of each. They are told the columns
and the form of the time, which ours finds.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

FORM = "%Y-%m-%d %H:%M"


@dataclass(frozen=True)
class Arrays:
    """A panel as plain arrays."""

    seconds: NDArray[np.int64]  # (rows,)
    sales: NDArray[np.float64]  # (rows,)
    promo: NDArray[np.float64]  # (rows,)
    begins: NDArray[np.int64]  # (series,)


def pandas(path: Path) -> object:
    """Return the columns as pandas reads them by default."""
    import pandas as library

    return library.read_csv(path)


def panel(path: Path) -> Arrays:
    """Return the arrays by way of our panel, in which the two columns of numbers are targets."""
    from forecaster.data import read_data

    found = read_data(path)
    rows, series = len(found.values) // 2, found.series_count // 2
    return Arrays(
        found.timestamps[:rows], found.values[:rows], found.values[rows:], found.offsets[:-1][:series]
    )


def polars(path: Path) -> Arrays:
    """Return the arrays by polars."""
    import polars as library

    frame = library.read_csv(path, schema_overrides={"store": library.Categorical})
    seconds = frame["time"].str.to_datetime(FORM, time_unit="ms").dt.epoch("s").to_numpy()
    codes = frame["store"].to_physical().to_numpy()
    return _series_by_series(codes, seconds, frame["sales"].to_numpy(), frame["promo"].to_numpy())


def pyarrow(path: Path) -> Arrays:
    """Return the arrays by pyarrow."""
    import pyarrow as library
    from pyarrow import csv

    kinds = {"time": library.timestamp("s"), "store": library.dictionary(library.int32(), library.string())}
    options = csv.ConvertOptions(column_types=kinds, timestamp_parsers=[FORM])
    table = csv.read_csv(path, convert_options=options).unify_dictionaries().combine_chunks()
    codes = table["store"].chunk(0).indices.to_numpy()
    seconds = table["time"].chunk(0).cast(library.int64()).to_numpy()
    sales, promo = (table[name].chunk(0).to_numpy() for name in ("sales", "promo"))
    return _series_by_series(codes, seconds, sales, promo)


def _series_by_series(
    codes: NDArray[np.integer],
    seconds: NDArray[np.int64],
    sales: NDArray[np.float64],
    promo: NDArray[np.int64],
) -> Arrays:
    """Return the rows by series, in order of first appearance, then time: sorted where they are not."""
    changes = np.concatenate([[True], codes[1:] != codes[:-1]])
    is_whole = changes.sum() == len(np.unique(codes[changes]))
    if not (is_whole and ((seconds[1:] > seconds[:-1]) | changes[1:]).all()):
        _, first, numbers = np.unique(codes, return_index=True, return_inverse=True)
        order = np.lexsort((seconds, first[numbers]))
        codes, seconds, sales, promo = codes[order], seconds[order], sales[order], promo[order]
        changes = np.concatenate([[True], codes[1:] != codes[:-1]])
    return Arrays(np.asarray(seconds), np.asarray(sales), promo.astype(np.float64), np.flatnonzero(changes))
