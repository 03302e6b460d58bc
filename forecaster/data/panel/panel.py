"""Many ragged series as flat arrays on a regular grid: what every later stage reads."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from deploy import TimeStep
from deploy.columns import Columns
from deploy.time.clock import Clock, clock_of
from deploy.time.holidays import Holidays
from forecaster.data.notes import Inference
from forecaster.data.table import Spread

# Known covariates decide the horizon, but one series in ten may have fewer of them ahead.
REACH_QUANTILE = 0.1
OF_ROWS = ("values", "known", "past")  # arrays with an entry for each row
BLOCK_ROWS = 1 << 20  # that are looked at together, so that what is worked out of them takes little memory


@dataclass(frozen=True, repr=False)
class Panel:
    """Many ragged series as flat arrays, on a regular grid."""

    values: NDArray[np.float64]  # (rows,) target, or (rows, D) joint targets; NaN = missing
    known: NDArray[np.float32]  # (rows, C) known-future covariates, NaN = missing; C may be 0
    past: NDArray[np.float32]  # (rows, P) past-only covariates, NaN = missing; nothing looks behind `ends`
    static: NDArray[np.float32]  # (series, S) static numbers, NaN = unknown
    categories: NDArray[np.int64]  # (series, G) static categories: 0 = missing, i + 1 = vocabularies[g][i]
    offsets: NDArray[np.int64]  # (series + 1,) rows of series s are offsets[s]:offsets[s+1]
    ends: NDArray[np.int64]  # (series,) row after the last OBSERVED target value; only known values follow
    # Every row of a series lies a step after the one before, so two numbers a series tell the times of all.
    starts: NDArray[np.int64]  # (series,) on its grid: seconds of the clock or the wall clock, or counts
    leads: NDArray[np.int64]  # (series,) steps from there to the first row
    step: TimeStep
    columns: Columns
    # Per series: its key, then the target's name if there are several that are not joint.
    ids: tuple[tuple[str, ...], ...]
    vocabularies: tuple[tuple[str, ...], ...]  # per static column of texts, sorted
    spread: Spread | None = None  # how the file had time across its columns
    notes: tuple[str, ...] = ()  # what was found in the data and inferred of them
    inferences: tuple[Inference, ...] = ()  # those of the notes, each with its alternative
    reasons: dict[str, str] = field(default_factory=dict)  # why columns of numbers are ignored
    holidays: Holidays | None = None  # the last columns of `known`, which no column of the data names

    def __repr__(self) -> str:
        targets = ", ".join(self.columns.targets)
        return (
            f"Panel({self.series_count:,} series of {targets}, {len(self.values):,} rows, step {self.step})"
        )

    @property
    def series_count(self) -> int:
        """Return how many series there are."""
        return len(self.ends)

    @property
    def target_size(self) -> int:
        """Return how many values a series has at each row (D)."""
        return len(self.columns.targets) if self.columns.joint else 1

    @property
    def clock(self) -> Clock | None:
        """Return the clock of the time zone that the steps run on; None without a zone."""
        return clock_of(self.columns.timezone, self.step)

    def lengths(self) -> NDArray[np.int64]:
        """Return the steps from the first to the last observed target value: (series,)."""
        return self.ends - self.offsets[:-1]

    def times(self, series: NDArray[np.int64], rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the times of some rows of the panel, each of a series, of their broadcast shape."""
        return self.step.shift(self.starts[series], self.leads[series] + rows - self.offsets[series])

    def last_times(self) -> NDArray[np.int64]:
        """Return the times of the last observed target values: (series,)."""
        return self.times(np.arange(self.series_count), self.ends - 1)

    def rows_after(self, moments: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the row of each series after the last one up to a moment: (series,). moments: (series,)."""
        series = np.arange(self.series_count)
        low, high = self.offsets[:-1], self.offsets[1:]
        while (low < high).any():
            middle = (low + high) // 2
            is_before = (self.times(series, middle) <= moments) & (low < high)
            low, high = np.where(is_before, middle + 1, low), np.where(is_before, high, middle)
        return low

    def times_between(self, rows: slice) -> NDArray[np.int64]:
        """Return the times of rows that follow each other: (rows,)."""
        begin, stop, _ = rows.indices(len(self.values))
        inside = np.clip(self.offsets, begin, stop)
        series = np.repeat(np.arange(self.series_count), np.diff(inside))
        return self.times(series, np.arange(begin, stop))

    @property
    def timestamps(self) -> NDArray[np.int64]:
        """Return the times of all rows, (rows,): as much memory as the values have."""
        return self.times_between(slice(0, len(self.values)))

    def known_reach(self) -> int | None:
        """Return how far ahead nearly all series know covariates, in steps; None if no further."""
        ahead = self.offsets[1:] - self.ends
        reach = int(np.quantile(ahead, REACH_QUANTILE, method="lower"))
        return reach if reach > 0 else None


def blocks_of_series(panel: Panel) -> Iterator[slice]:
    """Yield series that follow each other, of BLOCK_ROWS together unless one has more."""
    if not panel.series_count:
        return
    place = panel.offsets[:-1] // BLOCK_ROWS
    borders = np.flatnonzero(np.diff(place)) + 1
    for first, last in zip([0, *borders.tolist()], [*borders.tolist(), panel.series_count], strict=True):
        yield slice(first, last)


def count_observed(panel: Panel) -> tuple[NDArray[np.int64], int]:
    """Return how many rows of each series have a value, (series,), and how many values there are in all."""
    rows, total = [], 0
    for part in blocks_of_series(panel):
        offsets = panel.offsets[part.start : part.stop + 1]
        observed = np.isfinite(panel.values[offsets[0] : offsets[-1]]).reshape(offsets[-1] - offsets[0], -1)
        total += int(np.count_nonzero(observed))
        any_observed = np.logical_or.reduce(observed, axis=1)
        rows.append(np.add.reduceat(any_observed, offsets[:-1] - offsets[0], dtype=np.int64))
    return np.concatenate(rows), total


def take_series(panel: Panel, chosen: NDArray[np.int64]) -> Panel:
    """Return these series alone, in this order. chosen: (series,) their numbers."""
    begins, stops = panel.offsets[:-1][chosen], panel.offsets[1:][chosen]
    offsets = np.concatenate([[0], np.cumsum(stops - begins)])
    room: dict[str, Any] = {name: _room_for(getattr(panel, name), int(offsets[-1])) for name in OF_ROWS}
    taken = replace(
        panel,
        **room,
        static=panel.static[chosen],
        categories=panel.categories[chosen],
        offsets=offsets,
        ends=offsets[:-1] + panel.ends[chosen] - begins,
        starts=panel.starts[chosen],
        leads=panel.leads[chosen],
        ids=tuple(panel.ids[series] for series in chosen),
    )
    for part in blocks_of_series(taken):
        begin, stop = offsets[part.start], offsets[part.stop]
        rows = np.arange(begin, stop) + np.repeat(begins[part] - offsets[:-1][part], (stops - begins)[part])
        for name in OF_ROWS:
            getattr(taken, name)[begin:stop] = getattr(panel, name)[rows]
    return taken


def _room_for(array: NDArray[Any], rows: int) -> NDArray[Any]:
    return np.empty((rows, *array.shape[1:]), array.dtype)


def steps_before(panel: Panel, steps: int) -> Panel:
    """Return every series as it ended so many steps earlier; what follows is still there, behind its end.

    Each has to be longer than that.
    """
    return replace(panel, ends=panel.ends - steps)


def without_last(panel: Panel, steps: int) -> Panel:
    """Return the series as a file would hold them that ended so many steps earlier: a copy.

    Left out are series that had no value then. Covariates that are known ahead stay.
    """
    rows = np.arange(len(panel.values))
    series = np.repeat(np.arange(panel.series_count), np.diff(panel.offsets))
    is_kept = rows < (panel.ends - steps)[series]
    values = panel.values.copy()
    values[~is_kept] = np.nan
    has_value: NDArray[np.bool_] = np.logical_or.reduce(~np.isnan(values).reshape(len(values), -1), axis=1)
    ends = np.maximum.reduceat(np.where(has_value, rows + 1, 0), panel.offsets[:-1])
    return take_series(replace(panel, values=values, ends=ends), np.flatnonzero(ends > panel.offsets[:-1]))
