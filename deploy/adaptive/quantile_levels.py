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
    def excesses(self) -> tuple[tuple[float, float], tuple[float, float]]:
        """Below and above: mean and mean square of how far normal values are beyond the outermost score."""
        return normal_excess(self.scores[0]), normal_excess(self.scores[-1])


def normal_excess(score: float) -> tuple[float, float]:
    """Return the mean, and the mean square, of how far normal values farther out than a score are so."""
    score = abs(score)
    ratio = NORMAL.pdf(score) / (1 - NORMAL.cdf(score))
    return ratio - score, 1 + score * score - score * ratio
