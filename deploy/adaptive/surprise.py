"""Surprise: how unusual each value was for its forecast, and the evidence that the series has changed.

A value has a normal score, by the quantiles joined by straight lines in scores (the probability integral
transform). Beyond the outermost quantiles a side is normal in shape, as wide as it is from the median to the
outermost quantile; a p-value takes the excesses of the values that were beyond it before as well.
"""

import math
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from .alarm import Evidence, chance_of

Array = NDArray[np.float64]

PRIOR = 20  # excesses that the normal's tail counts for
FARTHEST = 10.0  # mean excesses of the normal: none counts for more, that one value may not hide the next
LEAST_SHAPE, MOST_SHAPE = 0.5, 2.0
NORMAL = NormalDist()


@lru_cache
def scores_of_levels(levels: tuple[float, ...]) -> tuple[float, ...]:
    """Return the normal score of each level."""
    return tuple(NORMAL.inv_cdf(level) for level in levels)


@lru_cache
def normal_excess(level: float) -> tuple[float, float]:
    """Return the mean, and the mean square, of how far normal values beyond a level lie beyond its score."""
    score = abs(NORMAL.inv_cdf(level))
    ratio = NORMAL.pdf(score) / (1 - NORMAL.cdf(score))
    return ratio - score, 1 + score * score - score * ratio


def tail(score: float, level: float, known: Array) -> float:
    """Return the chance of a value at least as far out as a score, on the side of an outermost level.

    score: counted outward; known: (3,), sum, sum of squares and number of the excesses before. An excess is
    taken to follow a Weibull distribution with the mean and the deviation of those, and of PRIOR normal ones.
    """
    normal, excess = normal_excess(level), score - abs(NORMAL.inv_cdf(level))
    if excess <= 0:
        return NORMAL.cdf(-score)
    total = PRIOR + known[2]
    mean, square = ((PRIOR * part + known[place]) / total for place, part in enumerate(normal))
    shape = (math.sqrt(max(square / mean**2 - 1, 0.0)) + 1e-9) ** -1.086  # Justus et al., 1978
    shape = min(max(shape, LEAST_SHAPE), MOST_SHAPE)
    return min(level, 1 - level) * math.exp(-((excess * math.gamma(1 + 1 / shape) / mean) ** shape))


def score_between(
    quantiles: Sequence[float], actual: float, scores: Sequence[float], middle: int
) -> tuple[float, float]:
    """Return the lowest and the highest score of a value; they differ where quantiles are equal to it.

    quantiles, scores: of each level, of more than no width. A value that the lowest quantiles are equal to
    has no lowest score: -inf; one that the highest are equal to has no highest.
    """
    below, upto = bisect_left(quantiles, actual), bisect_right(quantiles, actual)
    last = len(scores) - 1
    if upto - below > 1:
        lowest = -math.inf if below == 0 else scores[below]
        return lowest, math.inf if upto > last else scores[upto - 1]
    if 0 < upto <= last:
        low, high = quantiles[upto - 1], quantiles[upto]
        share = (actual - low) / (high - low)
        found = scores[upto - 1] + share * (scores[upto] - scores[upto - 1])
    else:
        end = 0 if upto == 0 else last
        side = abs(quantiles[end] - quantiles[middle]) or quantiles[last] - quantiles[0]
        found = scores[end] + abs(scores[end]) * (actual - quantiles[end]) / side
    return found, found


@dataclass(frozen=True)
class Surprise:
    """The values of a stream that were compared with their forecasts; never changed, only replaced."""

    evidence: tuple[Evidence, ...] = ()  # of each series of a joint model; of another one; of none before one
    highest: float = 1.0  # mean capital of the series, at the time when it was highest
    scored: int = 0  # steps that are evidence
    excesses: Array | None = None  # (series, 2, 3): below and above, sum, sum of squares, number
    p_values: Array | None = None  # (series,), two-sided, of the value at step `at`; NaN where missing
    at: int = 0  # of the series

    def p_values_at(self, step: int) -> Array | None:
        """Return a copy of the p-values of the values at a step; None if they were not compared."""
        return None if self.p_values is None or self.at != step else self.p_values.copy()

    def judge(self, at: int, actual: Array, said: Array, levels: Array) -> "Surprise":
        """Return it with the p-values of the values at a step.

        actual: (series,), NaN where missing; said: (series, level), quantiles that were forecast of them.
        """
        scores, middle = _scores(levels)
        p_values = np.full(len(actual), np.nan)
        excesses = np.zeros((len(actual), 2, 3)) if self.excesses is None else self.excesses.copy()
        for series in _comparable(actual, said):
            lowest, highest = score_between(said[series].tolist(), float(actual[series]), scores, middle)
            chances = []
            for side, level, score in ((0, float(levels[0]), -highest), (1, float(levels[-1]), lowest)):
                chances.append(tail(score, level, excesses[series, side]))
                excess = score - abs(scores[-side])
                if excess > 0:
                    excess = min(excess, FARTHEST * normal_excess(level)[0])
                    excesses[series, side] += excess, excess**2, 1
            p_values[series] = min(1.0, 2 * min(chances))
        return replace(self, excesses=excesses, p_values=p_values, at=at)

    def weigh(self, actual: Array, model: Array, levels: Array) -> "Surprise":
        """Return it with the evidence of values that were forecast one step ahead. model: its quantiles."""
        scores, middle = _scores(levels)
        evidence = list(self.evidence or (Evidence.fresh(),) * len(actual))
        for series in _comparable(actual, model):
            lowest, highest = score_between(model[series].tolist(), float(actual[series]), scores, middle)
            if lowest < highest:
                lowest, highest = max(lowest, scores[0]), min(highest, scores[-1])
            chance = chance_of(self.scored * len(actual) + series)
            evidence[series] = evidence[series].after((lowest + highest) / 2, chance)
        capital = sum(each.capital for each in evidence) / len(evidence)
        highest = max(self.highest, capital)
        return replace(self, evidence=tuple(evidence), highest=highest, scored=self.scored + 1)


def _scores(levels: Array) -> tuple[tuple[float, ...], int]:
    listed = tuple(levels.tolist())
    return scores_of_levels(listed), bisect_left(listed, 0.5)


def _comparable(actual: Array, quantiles: Array) -> list[int]:
    """Return the series that have a value, and quantiles of some width."""
    widths = (quantiles[:, -1] - quantiles[:, 0]).tolist()
    pairs = enumerate(zip(actual.tolist(), widths, strict=True))
    return [series for series, (value, width) in pairs if width > 0 and math.isfinite(value)]
