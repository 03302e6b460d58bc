"""Tracker: offsets of quantiles by level and by group of steps, learnt from one comparison after the other.

All is measured in widths: the distance of the outermost quantiles of the model at that step. Three parts:

- Offsets of each level and group follow the gradient of the pinball loss (quantile tracking, the P of
  conformal PID control: Angelopoulos, Candès and Tibshirani, 2023), by rates that fall with the comparisons
  made (Angelopoulos, Barber and Bates, 2024) and with the lead, as errors far ahead depend on each other.
- The spread, one factor for all steps, is how large the errors of the first steps are lately. A change of the
  noise shows there first, and a wrong spread costs little: of the CRPS, a quarter of its squared error.
- A drift of each group is the mean of its latest errors. Following it would chase errors that depend on each
  other, so it counts by how far it would have lowered the loss lately: a saturated integral of evidence.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

MEMORY = 16  # comparisons that the spread remembers; more would learn of a change too late
PRIOR = 20  # comparisons that the model's own spread counts for
RATE, DECAY, LEAST_RATE = 0.03, 0.5, 0.003  # widths a comparison, at lead 1
DOUBT, TRUST = 6.0, 1.5  # evidence, in widths of pinball loss, that outweighs chance
FARTHEST = 4.0  # deviations: no error counts for more, that one outlier may not widen all
LEAST_SPREAD, MOST_SPREAD = 0.25, 6.0


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
    evidence: Array  # (group,): how much lower the loss would have been with the drift
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
            evidence=np.zeros(groups),
            counts=np.zeros(groups, dtype=np.int64),
        )

    @property
    def middle(self) -> int:
        """The place of the median among the levels."""
        return int(np.searchsorted(self.levels, 0.5))

    @property
    def expected(self) -> float:
        """The mean distance of an actual from the median, in widths, where errors are normal."""
        width = NormalDist().inv_cdf(self.levels[-1]) - NormalDist().inv_cdf(self.levels[0])
        return float((2 / np.pi) ** 0.5 / width)

    @property
    def _keeps(self) -> float:
        """The share of the evidence that the next comparison leaves: it is of about two horizons."""
        return 1 - 0.5 / max(self.steps, MEMORY)

    def group_of(self, leads: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the group of each lead; leads count from 1, and those beyond the horizon are of the last."""
        return np.minimum((leads - 1) // self.each, len(self.drift) - 1)

    def trust(self, groups: NDArray[np.int64]) -> Array:
        """Return how far the drift of each group counts, from 0 to 1."""
        return 1 / (1 + np.exp(DOUBT - TRUST * self.evidence[groups]))

    def adjust(self, quantiles: Array) -> Array:
        """Return the model's quantiles (horizon, ..., level), moved, and ascending."""
        groups = self.group_of(np.arange(1, len(quantiles) + 1))
        across = (..., *(None,) * (quantiles.ndim - 2), slice(None))
        median = quantiles[..., self.middle, None]
        width = quantiles[..., -1:] - quantiles[..., :1]
        moved = quantiles - median + self.offsets[groups][across] * width
        drift = (self.trust(groups) * self.drift[groups])[:, None][across]
        return np.sort(median + self.spread * moved + drift * width, axis=-1)

    def learn(self, leads: NDArray[np.int64], quantiles: Array, actual: Array, spreads: Array) -> "Tracker":
        """Return the tracker after comparisons of a time with what was said of it, each of another group.

        leads: (comparison,); quantiles: the model's, (comparison, series, level); actual: (series,), NaN
        where missing; spreads: (comparison,), in force when it was said. Errors are means over the series.
        """
        median = quantiles[..., self.middle]
        width = quantiles[..., -1] - quantiles[..., 0]
        known = np.isfinite(actual) & (width > 0)
        some = known.any(axis=1)
        if not some.all():
            leads, quantiles, spreads = leads[some], quantiles[some], spreads[some]
            median, width, known = median[some], width[some], known[some]
        if not len(leads):
            return self
        groups, weight = self.group_of(leads), known / known.sum(axis=1, keepdims=True)
        width = np.where(known, width, 1.0)
        error = np.where(known, actual - median, 0.0) / width  # (comparison, series)
        offsets, drift, trust = self.offsets[groups], self.drift[groups], self.trust(groups)
        missed = (error / spreads[:, None])[..., None] - (quantiles - median[..., None]) / width[..., None]
        missed = missed - offsets[:, None]  # of each level, in widths of what was said
        drifted = missed - (drift / spreads)[:, None, None]
        gain = spreads * (self._loss(missed, weight) - self._loss(drifted, weight))
        below = missed <= (trust * drift / spreads)[:, None, None]
        rate = np.maximum(RATE * (self.counts[groups] + 1.0) ** -DECAY, LEAST_RATE) / np.sqrt(leads)
        slope = self.levels - np.einsum("cs,csl->cl", weight, below)
        centred = error - (offsets[:, self.middle] * spreads)[:, None]
        far = FARTHEST * self.expected * (np.pi / 2) ** 0.5
        clipped = np.clip(centred, -2 * far * spreads[:, None], 2 * far * spreads[:, None])
        latest = np.einsum("cs,cs->c", weight, clipped)
        changed = self._spread(groups, centred - (trust * drift)[:, None], weight, far)
        return replace(
            changed,
            offsets=_put(self.offsets, groups, offsets + rate[:, None] * slope),
            drift=_put(self.drift, groups, drift + (latest - drift) / np.maximum(leads, MEMORY)),
            evidence=_put(self.evidence, groups, self._keeps * self.evidence[groups] + gain),
            counts=_put(self.counts, groups, self.counts[groups] + 1),
        )

    def _loss(self, missed: Array, weight: Array) -> Array:
        """Return the mean pinball loss of each comparison."""
        losses = np.maximum(self.levels * missed, (self.levels - 1) * missed).mean(axis=-1)
        mean: Array = np.einsum("cs,cs->c", weight, losses)
        return mean

    def _spread(self, groups: NDArray[np.int64], error: Array, weight: Array, far: float) -> "Tracker":
        """Return the tracker with the spread that the errors of its first group, if any, ask for."""
        first = np.flatnonzero(groups == 0)
        if not len(first):
            return self
        size = float((weight[first[0]] * np.minimum(np.abs(error[first[0]]), far)).sum()) / self.expected
        compared = self.compared + 1
        spread = self.spread + (size - self.spread) / min(MEMORY, compared + PRIOR)
        return replace(self, spread=min(max(spread, LEAST_SPREAD), MOST_SPREAD), compared=compared)


def _put(table: NDArray[Any], rows: NDArray[np.int64], new: NDArray[Any]) -> NDArray[Any]:
    changed = table.copy()
    changed[rows] = new
    return changed
