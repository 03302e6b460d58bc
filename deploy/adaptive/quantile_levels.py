"""Levels: the quantile levels of a model with intervals, and what follows of them alone, computed once."""

import math
from dataclasses import dataclass
from functools import cached_property
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

NORMAL = NormalDist()


@dataclass(frozen=True)
class Levels:
    """Ascending levels, the first below 0.5, the last above it."""

    listed: tuple[float, ...]

    @cached_property
    def array(self) -> NDArray[np.float64]:
        """The levels, (level,)."""
        return np.array(self.listed)

    @cached_property
    def middle(self) -> int:
        """The place of the median."""
        return int(np.searchsorted(self.array, 0.5))

    @cached_property
    def scores(self) -> tuple[float, ...]:
        """The normal score of each level."""
        return tuple(NORMAL.inv_cdf(level) for level in self.listed)

    @cached_property
    def distance(self) -> float:
        """The mean distance of an actual from the median, in widths, where errors are normal."""
        return math.sqrt(2 / math.pi) / (self.scores[-1] - self.scores[0])

    @cached_property
    def loss(self) -> float:
        """The mean pinball loss of right quantiles, in widths, where errors are normal."""
        losses = [NORMAL.pdf(score) for score in self.scores]
        return sum(losses) / len(losses) / (self.scores[-1] - self.scores[0])

    @cached_property
    def intervals(self) -> dict[float, tuple[int, int]]:
        """The places of the ends of each central interval, by its share, the widest first."""
        places = {round(level, 9): place for place, level in enumerate(self.listed)}
        pairs = [(place, places.get(round(1 - level, 9))) for level, place in places.items() if level < 0.5]
        return {
            round(self.listed[high] - self.listed[low], 9): (low, high)
            for low, high in pairs
            if high is not None
        }

    @cached_property
    def excesses(self) -> tuple[tuple[float, float], tuple[float, float]]:
        """Below and above: mean and mean square of how far normal values are beyond the outermost score."""
        return normal_excess(self.scores[0]), normal_excess(self.scores[-1])


def normal_excess(score: float) -> tuple[float, float]:
    """Return the mean, and the mean square, of how far normal values farther out than a score are so."""
    score = abs(score)
    ratio = NORMAL.pdf(score) / (1 - NORMAL.cdf(score))
    return ratio - score, 1 + score * score - score * ratio
