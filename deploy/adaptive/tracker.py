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

import numpy as np
from numpy.typing import NDArray

from .quantile_levels import Levels

Array = NDArray[np.float64]

MEMORY, OF_HORIZON = 24, 4  # comparisons that the spread remembers, at least, and as a part of the horizon
PRIOR = 20  # comparisons that the model's own spread counts for
RATE, DECAY, LEAST_RATE = 0.03, 0.5, 0.003  # widths a comparison
DOUBT, TRUST = 6.0, 8.0  # trust = 1/(1 + exp(DOUBT - TRUST evidence))
FARTHEST = 4.0  # deviations: no error counts for more, that one outlier may not widen all
LEAST_SPREAD, MOST_SPREAD = 0.25, 6.0


@dataclass(frozen=True, slots=True)
class Tracker:
    """Offsets that the forecasts of a model have taught; never changed, only replaced.

    steps: of the horizon, `each` in a group.
    """

    levels: Levels
    steps: int
    each: int
    spread: float
    compared: int  # comparisons of the first group
    evidence: float  # how much lower the loss would have been with the drift
    learnt: Array  # (group, level + 2): of each group the offsets, the drift and the number of comparisons

    @classmethod
    def fresh(cls, levels: Sequence[float], steps: int, each: int) -> "Tracker":
        """Return a tracker that has learnt nothing: its quantiles are the model's."""
        learnt = np.zeros((-(-steps // each), len(levels) + 2))
        return cls(Levels(tuple(levels)), steps, each, spread=1.0, compared=0, evidence=0.0, learnt=learnt)

    @property
    def offsets(self) -> Array:
        """The offsets, (group, level)."""
        return self.learnt[:, :-2]

    @property
    def drift(self) -> Array:
        """The drift, (group,)."""
        return self.learnt[:, -2]

    @property
    def counts(self) -> Array:
        """The comparisons of each group, (group,)."""
        return self.learnt[:, -1]

    @property
    def has_learnt(self) -> bool:
        """Whether there was a comparison."""
        return bool(np.count_nonzero(self.counts))

    @property
    def trust(self) -> float:
        """How far the drift counts, from 0 to 1."""
        return (1 + math.tanh((TRUST * self.evidence - DOUBT) / 2)) / 2  # which never overflows

    def group_of(self, leads: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the group of each lead; leads count from 1, and those beyond the horizon are of the last."""
        return np.minimum((leads - 1) // self.each, len(self.learnt) - 1)

    def adjust(self, quantiles: Array, leads: NDArray[np.int64] | None = None) -> Array:
        """Return the model's quantiles (lead, ..., level), moved, and ascending. leads: None: 1, 2, ..."""
        leads = np.arange(1, len(quantiles) + 1) if leads is None else leads
        learnt = self.learnt[self.group_of(leads)]
        learnt = learnt[(slice(None), *(None,) * (quantiles.ndim - 2))]
        median = quantiles[..., self.levels.middle, None]
        width = quantiles[..., -1:] - quantiles[..., :1]
        moved = quantiles - median + learnt[..., :-2] * width
        return np.sort(median + self.spread * moved + self.trust * learnt[..., -2:-1] * width, axis=-1)

    def adjust_one(self, quantiles: Sequence[float], lead: int) -> list[float]:
        """Return the model's quantiles of one lead and series as `adjust` does."""
        *offsets, drift, _ = self.learnt[min((lead - 1) // self.each, len(self.learnt) - 1)].tolist()
        median, width, spread = quantiles[self.levels.middle], quantiles[-1] - quantiles[0], self.spread
        by = self.trust * drift * width
        pairs = zip(quantiles, offsets, strict=True)
        return sorted(median + spread * (each - median + offset * width) + by for each, offset in pairs)

    def learn(self, leads: NDArray[np.int64], quantiles: Array, actual: Array, spreads: Array) -> "Tracker":
        """Return the tracker after comparisons of a time with what was said of it, each of another group.

        leads: (comparison,); quantiles: the model's, (comparison, series, level); actual: (series,), NaN
        where missing, or (comparison, series) where each forecast has an origin of its own; spreads:
        (comparison,), in force when it was said. Errors are means over the series.
        """
        median = quantiles[..., self.levels.middle, None]
        width = quantiles[..., -1:] - quantiles[..., :1]
        error = actual[..., None] - median  # (comparison, series, 1)
        if np.minimum.reduce(width, axis=None) > 0 and math.isfinite(np.add.reduce(error, axis=None)):
            weight = np.full(width.shape, 1 / width.shape[1])
        else:
            known = np.isfinite(error) & (width > 0)
            some = known.any(axis=(1, 2))
            if not some.any():
                return self
            leads, quantiles, spreads, median = leads[some], quantiles[some], spreads[some], median[some]
            width, error = np.where(known, width, 1.0)[some], np.where(known, error, 0.0)[some]
            weight = (known / known.sum(axis=1, keepdims=True).clip(min=1))[some]
        return self._after(leads, (quantiles - median) / width, error / width, spreads, weight)

    def _after(
        self, leads: NDArray[np.int64], said: Array, error: Array, spreads: Array, weight: Array
    ) -> "Tracker":
        """Return the tracker after errors, (comparison, series, 1), of quantiles, (..., level), in widths."""
        groups, levels, trust = self.group_of(leads), self.levels.array, self.trust
        rows = self.learnt.take(groups, axis=0)
        offsets, drift = rows[:, :-2], rows[:, -2].copy()
        missed = error / spreads[:, None, None] - said - offsets[:, None]  # in widths of what was said
        factors = np.array((0.0, 1.0, trust))  # without the drift, with all, and with some of it
        left = missed - (factors[:, None] * (drift / spreads))[..., None, None]
        below = left <= 0
        losses = left[:2] * (levels - below[:2])
        gain = np.add.reduce(weight * (losses[0] - losses[1]), axis=(1, 2)) * spreads
        middle = missed[..., self.levels.middle, None]
        far = FARTHEST * self.levels.distance * (math.pi / 2) ** 0.5
        clipped = np.minimum(np.maximum(middle, -2 * far), 2 * far)
        latest = np.add.reduce(weight * clipped, axis=1)[:, 0] * spreads
        rate = np.maximum(RATE * (rows[:, -1] + 1.0) ** -DECAY, LEAST_RATE)
        rows[:, :-2] += rate[:, None] * (levels - np.add.reduce(weight * below[2], axis=1))
        rows[:, -2] += (latest - drift) / np.maximum(leads, MEMORY)
        rows[:, -1] += 1
        spread, compared, first = self.spread, self.compared, int(groups.argmin())
        if groups[first] == 0:
            apart = np.minimum(np.abs(middle[first] * spreads[first] - trust * drift[first]), far)
            size = float(np.add.reduce(weight[first] * apart, axis=None)) / self.levels.distance
            spread, compared = self._spread(size), compared + 1
        learnt = self.learnt.copy()
        learnt[groups] = rows
        evidence = self._weighed(gain, leads)
        return Tracker(self.levels, self.steps, self.each, spread, compared, evidence, learnt)

    def _weighed(self, gain: Array, leads: NDArray[np.int64]) -> float:
        """Return the evidence after what the drift would have gained, summed over levels; short leads first.

        Sums over two horizons of errors that depend on each other over the steps of a group vary by chance as
        the root of both.
        """
        memory, share = 2 * max(self.steps, MEMORY), 1 / leads
        fresh = float(gain.dot(share) / np.add.reduce(share)) / len(self.levels.listed)
        return (1 - 1 / memory) * self.evidence + fresh / math.sqrt(memory * self.each)

    def _spread(self, size: float) -> float:
        """Return the spread after the size of an error of the first group, 1 where it is the model's."""
        memory = min(max(MEMORY, self.steps / OF_HORIZON), self.compared + 1 + PRIOR)
        return min(max(self.spread + (size - self.spread) / memory, LEAST_SPREAD), MOST_SPREAD)
