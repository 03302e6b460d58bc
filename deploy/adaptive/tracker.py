"""Tracker: offsets of quantiles by level and by group of steps, learnt from one comparison after the other.

All is measured in widths: the distance of the outermost quantiles of the model at that step. Three parts:

- Offsets of each level and group follow the gradient of the pinball loss (quantile tracking, the P of
  conformal PID control: Angelopoulos, Candès and Tibshirani, 2023), by rates that fall with the comparisons
  made (Angelopoulos, Barber and Bates, 2024).
- The spread, one factor for all steps, is how large the errors of the first steps are lately. A change of the
  noise shows there first, and a wrong spread costs little: of the CRPS, a quarter of its squared error.
- A drift of each group is the mean of its latest errors. Errors far ahead depend on each other, and following
  them would make forecasts worse; so it counts by the evidence for it, which the short leads give first: how
  far it would have lowered the loss over the last two horizons, in units of what chance would.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

MEMORY, OF_HORIZON = 24, 4  # comparisons that the spread remembers, at least, and as a part of the horizon
PRIOR = 20  # comparisons that the model's own spread counts for
RATE, DECAY, LEAST_RATE = 0.03, 0.5, 0.003  # widths a comparison
DOUBT, TRUST = 6.0, 8.0  # trust = 1/(1 + exp(DOUBT - TRUST evidence))
FARTHEST = 4.0  # deviations: no error counts for more, that one outlier may not widen all
LEAST_SPREAD, MOST_SPREAD = 0.25, 6.0


@lru_cache
def mean_distance(low: float, high: float) -> float:
    """Return the mean distance of an actual from the median, in widths, where errors are normal."""
    width = NormalDist().inv_cdf(high) - NormalDist().inv_cdf(low)
    return math.sqrt(2 / math.pi) / width


@dataclass(frozen=True)
class Tracker:
    """Offsets that the forecasts of a model have taught; never changed, only replaced.

    levels: ascending, the first below 0.5, the last above it. steps: of the horizon, `each` in a group.
    """

    levels: Array  # (level,)
    steps: int
    each: int
    spread: float
    compared: int  # comparisons of the first group
    offsets: Array  # (group, level)
    drift: Array  # (group,)
    evidence: float  # how much lower the loss would have been with the drift
    counts: NDArray[np.int64]  # (group,)

    @classmethod
    def fresh(cls, levels: Sequence[float], steps: int, each: int) -> "Tracker":
        """Return a tracker that has learnt nothing: its quantiles are the model's."""
        groups = -(-steps // each)
        return cls(
            np.array(levels),
            steps,
            each,
            spread=1.0,
            compared=0,
            offsets=np.zeros((groups, len(levels))),
            drift=np.zeros(groups),
            evidence=0.0,
            counts=np.zeros(groups, dtype=np.int64),
        )

    @property
    def middle(self) -> int:
        """The place of the median among the levels."""
        return int(np.searchsorted(self.levels, 0.5))

    @property
    def trust(self) -> float:
        """How far the drift counts, from 0 to 1."""
        return (1 + math.tanh((TRUST * self.evidence - DOUBT) / 2)) / 2  # which never overflows

    def group_of(self, leads: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the group of each lead; leads count from 1, and those beyond the horizon are of the last."""
        return np.minimum((leads - 1) // self.each, len(self.drift) - 1)

    def adjust(self, quantiles: Array) -> Array:
        """Return the model's quantiles (horizon, ..., level), moved, and ascending."""
        groups = self.group_of(np.arange(1, len(quantiles) + 1))
        across = (..., *(None,) * (quantiles.ndim - 2), slice(None))
        return self._moved(quantiles, self.offsets[groups][across], self.drift[groups][:, None][across])

    def adjust_one(self, quantiles: Array, lead: int) -> Array:
        """Return the model's quantiles (..., level) of one lead, moved, and ascending."""
        group = min((lead - 1) // self.each, len(self.drift) - 1)
        return self._moved(quantiles, self.offsets[group], self.drift[group])

    def _moved(self, quantiles: Array, offsets: Array, drift: Any) -> Array:
        median = quantiles[..., self.middle, None]
        width = quantiles[..., -1:] - quantiles[..., :1]
        moved = quantiles - median + offsets * width
        return np.sort(median + self.spread * moved + self.trust * drift * width, axis=-1)

    def learn(self, leads: NDArray[np.int64], quantiles: Array, actual: Array, spreads: Array) -> "Tracker":
        """Return the tracker after comparisons of a time with what was said of it, each of another group.

        leads: (comparison,); quantiles: the model's, (comparison, series, level); actual: (series,), NaN
        where missing; spreads: (comparison,), in force when it was said. Errors are means over the series.
        """
        median = quantiles[..., self.middle]
        width = quantiles[..., -1] - quantiles[..., 0]
        known = np.isfinite(actual) & (width > 0)
        if known.all():
            weight, error = np.full(known.shape, 1 / known.shape[1]), (actual - median) / width
        else:
            some = known.any(axis=1)
            leads, quantiles, spreads = leads[some], quantiles[some], spreads[some]
            median, width, known = median[some], np.where(known, width, 1.0)[some], known[some]
            weight = known / known.sum(axis=1, keepdims=True)
            error = np.where(known, actual - median, 0.0) / width  # (comparison, series)
        if not len(leads):
            return self
        groups = self.group_of(leads)
        offsets, drift, trust = self.offsets[groups], self.drift[groups], self.trust
        missed = (error / spreads[:, None])[..., None] - (quantiles - median[..., None]) / width[..., None]
        missed = missed - offsets[:, None]  # of each level, in widths of what was said
        drifted = missed - (drift / spreads)[:, None, None]
        gain = spreads * (self._loss(missed, weight) - self._loss(drifted, weight))
        below = missed <= (trust * drift / spreads)[:, None, None]
        rate = np.maximum(RATE * (self.counts[groups] + 1.0) ** -DECAY, LEAST_RATE)
        slope = self.levels - (weight[..., None] * below).sum(axis=1)
        centred = error - (offsets[:, self.middle] * spreads)[:, None]
        expected = mean_distance(float(self.levels[0]), float(self.levels[-1]))
        most = 2 * (far := FARTHEST * expected * (math.pi / 2) ** 0.5) * spreads[:, None]
        clipped = np.minimum(np.maximum(centred, -most), most)
        latest = (weight * clipped).sum(axis=1)
        apart = np.minimum(np.abs(centred - (trust * drift)[:, None]), far) / expected
        spread, compared = self._spread(groups, (weight * apart).sum(axis=1))
        return Tracker(
            *(self.levels, self.steps, self.each, spread, compared),
            offsets=_put(self.offsets, groups, offsets + rate[:, None] * slope),
            drift=_put(self.drift, groups, drift + (latest - drift) / np.maximum(leads, MEMORY)),
            evidence=self._weighed(gain, leads),
            counts=_put(self.counts, groups, self.counts[groups] + 1),
        )

    def _weighed(self, gain: Array, leads: NDArray[np.int64]) -> float:
        """Return the evidence after what the drift would have gained, the shorter leads first.

        Sums over two horizons of errors that depend on each other over the steps of a group vary by chance as
        the root of both.
        """
        memory = 2 * max(self.steps, MEMORY)
        fresh = float((gain / leads).sum() / (1 / leads).sum())
        return (1 - 1 / memory) * self.evidence + fresh / math.sqrt(memory * self.each)

    def _loss(self, missed: Array, weight: Array) -> Array:
        """Return the mean pinball loss over series and levels: (..., series, level) -> (...)."""
        losses = (missed * (self.levels - (missed < 0))).sum(axis=-1) / len(self.levels)
        mean: Array = (losses * weight).sum(axis=-1)
        return mean

    def _spread(self, groups: NDArray[np.int64], sizes: Array) -> tuple[float, int]:
        """Return the spread that the errors of the first group ask for, if any, and their number so far."""
        first = np.flatnonzero(groups == 0)
        if not len(first):
            return self.spread, self.compared
        compared = self.compared + 1
        memory = min(max(MEMORY, self.steps / OF_HORIZON), compared + PRIOR)
        spread = self.spread + (float(sizes[first[0]]) - self.spread) / memory
        return min(max(spread, LEAST_SPREAD), MOST_SPREAD), compared


def _put(table: NDArray[Any], rows: NDArray[np.int64], new: NDArray[Any]) -> NDArray[Any]:
    changed = table.copy()
    changed[rows] = new
    return changed
