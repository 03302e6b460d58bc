"""Origins: where scored forecasts start, and what is known there: nothing of a window's own future.

Scored are windows after all that the fit saw, or else those that it held out.
"""

from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from deploy.errors import DataError
from forecaster.data import Panel
from forecaster.data.complaints import Option, with_options
from forecaster.evaluation.scores import Kind
from forecaster.windows.runs import Runs
from forecaster.windows.windows import WindowSet, observed_windows

Number = TypeVar("Number", bound=np.floating)
LABELS: dict[Kind, str] = {
    "fresh": "values that the fit never saw",
    "validation": "held-out windows, which selected the weights",
}


@dataclass(frozen=True)
class Rolling:
    """Distances of origins. Lengths are in steps of the series."""

    context_length: int
    horizon: int
    stride: int  # from one origin to the next; the horizon, so that every value is forecast once


@dataclass(frozen=True)
class Choice:
    """The windows to score, and what was left out."""

    kind: Kind
    label: str  # the same in words, with the reason
    windows: WindowSet
    scored_from: NDArray[np.int64]  # (series,) the panel's row of the first target that may be scored
    unobserved: int  # windows left out: nothing observed in their context or in their horizon
    unknown_covariates: int  # windows left out: a known covariate is missing in their horizon


def choose_windows(
    panel: Panel, used: NDArray[np.int64], trained: NDArray[np.int64], rolling: Rolling, most: int | None
) -> Choice:
    """Choose fresh windows if there are any, else validation windows, with a label that says so.

    used, trained: (series,) the panel's row after the last value that the fit saw, or trained on; most:
    windows of a series, the latest. Raises DataError if there is nothing to score.
    """
    coming = int(np.maximum(panel.ends - used, 0).max())
    kind: Kind = "fresh"
    start = first_origins(panel, used, rolling)
    windows = rolling_origins(panel, start, rolling)
    if not len(windows):
        kind, start = "validation", first_origins(panel, trained, rolling)
        windows = rolling_origins(panel, start, rolling)
    if not len(windows):
        found = int(np.maximum(panel.ends - trained, 0).max())
        shorter = ("; ", Option("horizon", str(found)), " scores these") if found else ()
        raise with_options(
            DataError,
            f"nothing to score: no series has {rolling.horizon} values after those that trained, "
            f"{found} at most",
            *shorter,
        )
    observed = observed_windows(windows)
    scorable = with_known_futures(observed)
    unobserved, unknown = len(windows) - len(observed), len(observed) - len(scorable)
    if not len(scorable):
        raise DataError(
            f"nothing to score: of {len(windows)} windows {unobserved} have no value in their context or in "
            f"their horizon, and {unknown} lack a known covariate in their horizon"
        )
    reason = "" if kind == "fresh" else _reason(coming, rolling.horizon)
    kept = scorable if most is None else latest(scorable, most)
    return Choice(kind, LABELS[kind] + reason, kept, start, unobserved, unknown)


def _reason(coming: int, horizon: int) -> str:
    if not coming:
        return " (no series continues after them)"
    return (
        f" (no series continues for {horizon} values after them, {coming} at most; a horizon of {coming} "
        "scores these)"
    )


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
