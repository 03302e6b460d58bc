"""Origins: where scored forecasts start, and what is known there: nothing of a window's own future."""

from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from forecaster.data import Panel
from forecaster.windows.runs import Runs
from forecaster.windows.windows import WindowSet

Number = TypeVar("Number", bound=np.floating)


@dataclass(frozen=True)
class Rolling:
    """Distances of origins. Lengths are in steps of the series."""

    context_length: int
    horizon: int
    stride: int  # from one origin to the next; the horizon, so that every value is forecast once


def first_origins(panel: Panel, first: NDArray[np.int64], rolling: Rolling) -> NDArray[np.int64]:
    """Return the row of each series' first origin, beyond its last horizon where it has none: (series,).

    first: (series,) the panel's row of the first target that may be scored. A series that begins there (the
    fit never saw it, or the file lacks its history) starts a context later, or, if it is too short for that,
    once before its last horizon.
    """
    begins, last = panel.offsets[:-1], panel.ends - rolling.horizon
    start = np.where(first > begins, first, np.minimum(begins + rolling.context_length, last))
    return np.maximum(start, begins + 1)  # a forecast needs a value before it


def rolling_origins(panel: Panel, start: NDArray[np.int64], rolling: Rolling) -> WindowSet:
    """Return the origins of each series, from `start`, (series,), while a whole horizon follows."""
    counts = np.maximum(0, (panel.ends - rolling.horizon - start) // rolling.stride + 1)
    series = np.repeat(np.arange(panel.series_count), counts)
    number = np.arange(len(series)) - np.repeat(np.cumsum(counts) - counts, counts)  # in its series
    origins = start[series] + number * rolling.stride
    return WindowSet(panel, rolling.context_length, rolling.horizon, Runs(series, origins))


def latest(windows: WindowSet, most: int) -> WindowSet:
    """Return the last windows of each series, so many at most."""
    counts = np.bincount(windows.series, minlength=windows.panel.series_count)
    following = np.cumsum(counts)[windows.series] - np.arange(len(windows))  # 1 for the last of a series
    return take(windows, np.flatnonzero(following <= most))


def take(windows: WindowSet, chosen: slice | NDArray[np.int64]) -> WindowSet:
    """Return some of the windows."""
    return replace(windows, runs=Runs(windows.series[chosen], windows.origins[chosen]))


def with_known_futures(windows: WindowSet) -> WindowSet:
    """Return windows whose covariates are known at every step to forecast, as a forecast needs them."""
    known = windows.panel.known
    if not known.shape[1]:
        return windows
    gaps = np.concatenate([[0], np.cumsum(np.isnan(known).any(axis=1))])
    kept = gaps[windows.origins + windows.horizon] == gaps[windows.origins]
    return take(windows, np.flatnonzero(kept))


def panel_of_windows(windows: WindowSet) -> Panel:
    """Return a series for each window: its context, then a horizon of timestamps and known covariates alone.

    That is what a forecast from an origin may see, and no value more.
    """
    panel, origins, series = windows.panel, windows.origins, windows.series
    lengths = np.minimum(origins - panel.offsets[:-1][series], windows.context_length)
    rows = lengths + windows.horizon
    offsets = np.concatenate([[0], np.cumsum(rows)])
    place = np.arange(offsets[-1]) - np.repeat(offsets[:-1], rows)  # of each row in its window
    picked = np.repeat(origins - lengths, rows) + place
    coming = place >= np.repeat(lengths, rows)
    return replace(
        panel,
        values=_hidden(panel.values[picked], coming),
        known=panel.known[picked],
        past=_hidden(panel.past[picked], coming),
        static=panel.static[series],
        categories=panel.categories[series],
        offsets=offsets,
        ends=offsets[:-1] + lengths,
        starts=panel.starts[series],
        leads=panel.leads[series] + origins - lengths - panel.offsets[:-1][series],
        ids=tuple(panel.ids[number] for number in series.tolist()),
    )


def _hidden(values: NDArray[Number], hidden: NDArray[np.bool_]) -> NDArray[Number]:
    """Return the values with NaN in hidden rows. values: (rows, ...); hidden: (rows,)."""
    kept = values.copy()
    kept[hidden] = np.nan
    return kept
