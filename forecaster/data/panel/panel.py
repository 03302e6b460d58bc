"""Many ragged series as flat arrays on a regular grid: what every later stage reads."""

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from deploy import TimeStep
from deploy.columns import Columns
from deploy.time.clock import Clock, clock_of
from forecaster.data.table import Spread

# Known covariates decide the horizon, but one series in ten may have fewer of them ahead.
REACH_QUANTILE = 0.1


@dataclass(frozen=True)
class Panel:
    """Many ragged series as flat arrays, on a regular grid."""

    values: NDArray[np.float64]  # (rows,) target, or (rows, D) joint targets; NaN = missing
    timestamps: NDArray[np.int64]  # (rows,) seconds of the clock, else of the wall clock, or plain counts
    known: NDArray[np.float32]  # (rows, C) known-future covariates, NaN = missing; C may be 0
    past: NDArray[np.float32]  # (rows, P) past-only covariates, NaN = missing; nothing looks behind `ends`
    static: NDArray[np.float32]  # (series, S) static numbers, NaN = unknown
    categories: NDArray[np.int64]  # (series, G) static categories: 0 = missing, i + 1 = vocabularies[g][i]
    offsets: NDArray[np.int64]  # (series + 1,) rows of series s are offsets[s]:offsets[s+1]
    ends: NDArray[np.int64]  # (series,) row after the last OBSERVED target value; only known values follow
    step: TimeStep
    columns: Columns
    # Per series: its key, then the target's name if there are several that are not joint.
    ids: tuple[tuple[str, ...], ...]
    vocabularies: tuple[tuple[str, ...], ...]  # per static column of texts, sorted
    spread: Spread | None = None  # how the file had time across its columns
    notes: tuple[str, ...] = ()  # what was inferred of the data though something else was plausible
    reasons: dict[str, str] = field(default_factory=dict)  # why columns of numbers are ignored

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

    def known_reach(self) -> int | None:
        """Return how far ahead nearly all series know covariates, in steps; None if no further."""
        ahead = self.offsets[1:] - self.ends
        reach = int(np.quantile(ahead, REACH_QUANTILE, method="lower"))
        return reach if reach > 0 else None


def take_series(panel: Panel, chosen: NDArray[np.int64]) -> Panel:
    """Return these series alone, in this order. chosen: (series,) their numbers."""
    begins, stops = panel.offsets[:-1][chosen], panel.offsets[1:][chosen]
    offsets = np.concatenate([[0], np.cumsum(stops - begins)])
    rows = np.arange(offsets[-1]) + np.repeat(begins - offsets[:-1], stops - begins)
    return replace(
        panel,
        values=panel.values[rows],
        timestamps=panel.timestamps[rows],
        known=panel.known[rows],
        past=panel.past[rows],
        static=panel.static[chosen],
        categories=panel.categories[chosen],
        offsets=offsets,
        ends=offsets[:-1] + panel.ends[chosen] - begins,
        ids=tuple(panel.ids[series] for series in chosen),
    )


def steps_before(panel: Panel, steps: int) -> Panel:
    """Return every series as it ended so many steps earlier; what follows is still there, behind its end.

    Each has to be longer than that.
    """
    return replace(panel, ends=panel.ends - steps)
