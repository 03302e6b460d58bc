"""Surprise: how unusual each value was for its forecast, and the evidence that the series has changed.

A value has a normal score, by the quantiles joined by straight lines in scores (the probability integral
transform). Beyond the outermost quantiles a side is normal in shape, as wide as it is from the median to the
outermost quantile; a p-value takes the excesses of the values that were beyond it before as well.
Streams judge one value after the other (Surprise); many are judged at once, each by itself (p_values).
"""

import math
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .alarm import Evidence, chance_of
from .quantile_levels import Levels

Array = NDArray[np.float64]

PRIOR = 20  # excesses that the normal's tail counts for
FARTHEST = 10.0  # mean excesses of the normal: none counts for more, that one value may not hide the next
LEAST_SHAPE, MOST_SHAPE = 0.5, 2.0
ERFC = np.frompyfunc(math.erfc, 1, 1)  # which numpy has not

Excesses = tuple[float, float, float]  # how far scores were beyond an outermost level: sum, squares, number
NO_EXCESS: Excesses = (0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Tail:
    """A Weibull distribution of the excesses beyond an outermost level, which a share of the values has."""

    share: float
    shape: float
    scale: float

    @classmethod
    def of(cls, levels: Levels, end: int, known: Excesses) -> "Tail":
        """Return that of the mean and the deviation of known excesses, and of PRIOR normal ones.

        end: place of the level, 0 or -1.
        """
        total, normal, level = PRIOR + known[2], levels.excesses[end], levels.listed[end]
        mean, square = ((PRIOR * normal[place] + known[place]) / total for place in (0, 1))
        shape = (math.sqrt(max(square / mean**2 - 1, 0.0)) + 1e-9) ** -1.086  # Justus et al., 1978
        shape = min(max(shape, LEAST_SHAPE), MOST_SHAPE)
        return cls(min(level, 1 - level), shape, mean / math.gamma(1 + 1 / shape))


def tail(score: float, levels: Levels, end: int, known: Excesses) -> float:
    """Return the chance of a value at least as far out as a score, on the side of an outermost level.

    score: counted outward; end: place of the level, 0 or -1; known: the excesses of values before.
    """
    excess = score - abs(levels.scores[end])
    if excess <= 0:
        return math.erfc(score / math.sqrt(2)) / 2
    found = Tail.of(levels, end, known)
    return found.share * math.exp(-((excess / found.scale) ** found.shape))


def _beyond(score: float, levels: Levels, end: int, known: Excesses) -> Excesses:
    """Return the excesses with that of a score, if it is one. Arguments as of tail."""
    excess = score - abs(levels.scores[end])
    if excess <= 0:
        return known
    excess, (total, squares, number) = min(excess, FARTHEST * levels.excesses[end][0]), known
    return total + excess, squares + excess**2, number + 1


def score_between(quantiles: Sequence[float], actual: float, levels: Levels) -> tuple[float, float]:
    """Return the lowest and the highest score of a value; they differ where quantiles are equal to it.

    quantiles: of each level, of more than no width. A value that the lowest quantiles are equal to has no
    lowest score: -inf; one that the highest are equal to has no highest.
    """
    scores, last = levels.scores, len(levels.scores) - 1
    below, upto = bisect_left(quantiles, actual), bisect_right(quantiles, actual)
    if upto - below > 1:
        lowest = -math.inf if below == 0 else scores[below]
        return lowest, math.inf if upto > last else scores[upto - 1]
    if 0 < upto <= last:
        low, high = quantiles[upto - 1], quantiles[upto]
        share = (actual - low) / (high - low)
        found = scores[upto - 1] + share * (scores[upto] - scores[upto - 1])
    else:
        end = 0 if upto == 0 else last
        side = abs(quantiles[end] - quantiles[levels.middle]) or quantiles[last] - quantiles[0]
        found = scores[end] + abs(scores[end]) * (actual - quantiles[end]) / side
    return found, found


def score_of(quantiles: Sequence[float], actual: float, levels: Levels) -> float:
    """Return the score of a value, in the middle of those that it may have. Arguments as of score_between."""
    lowest, highest = score_between(quantiles, actual, levels)
    if lowest < highest:
        lowest, highest = max(lowest, levels.scores[0]), min(highest, levels.scores[-1])
    return (lowest + highest) / 2


def p_values(quantiles: Array, actual: Array, levels: Levels) -> Array:
    """Return the two-sided p-value of each value, as Surprise.judge does where nothing was judged before.

    quantiles: (..., level), ascending, of each value; actual: (...). NaN where a value is missing, or its
    quantiles are, or have no width.
    """
    known = np.isfinite(actual) & (quantiles[..., -1] > quantiles[..., 0])
    lowest, highest = _scores_between(quantiles[known], actual[known], levels)
    outward = np.maximum(-highest, lowest)
    chances = np.empty(len(outward))
    for end, at_end in ((0, -highest > lowest), (-1, -highest <= lowest)):
        excess = outward - abs(levels.scores[end])
        inside, beyond = at_end & (excess <= 0), at_end & (excess > 0)
        chances[inside] = ERFC(outward[inside] / math.sqrt(2)) / 2
        found = Tail.of(levels, end, NO_EXCESS)
        chances[beyond] = found.share * np.exp(-((excess[beyond] / found.scale) ** found.shape))
    p_values = np.full(actual.shape, np.nan)
    p_values[known] = np.minimum(1.0, 2 * chances)
    return p_values


def _scores_between(quantiles: Array, actual: Array, levels: Levels) -> tuple[Array, Array]:
    """Return what score_between does, of many values: (values, level) and (values,)."""
    scores, last = np.array(levels.scores), len(levels.scores) - 1
    below = (quantiles < actual[:, None]).sum(axis=1)
    upto = (quantiles <= actual[:, None]).sum(axis=1)
    row, end, before = np.arange(len(actual)), np.where(upto == 0, 0, last), np.clip(upto - 1, 0, last - 1)
    low, high, outer = quantiles[row, before], quantiles[row, before + 1], quantiles[row, end]
    side = np.abs(outer - quantiles[:, levels.middle])
    side = np.where(side > 0, side, quantiles[:, last] - quantiles[:, 0])
    with np.errstate(divide="ignore", invalid="ignore"):  # where quantiles are equal, which is not taken
        between = scores[before] + (actual - low) / (high - low) * (scores[before + 1] - scores[before])
    beyond = scores[end] + np.abs(scores[end]) * (actual - outer) / side
    found = np.where((upto > 0) & (upto <= last), between, beyond)
    is_tied = upto - below > 1
    lowest = np.where(below == 0, -np.inf, scores[np.minimum(below, last)])
    highest = np.where(upto > last, np.inf, scores[np.maximum(upto - 1, 0)])
    return np.where(is_tied, lowest, found), np.where(is_tied, highest, found)


@dataclass(frozen=True, slots=True)
class Surprise:
    """The values of a stream that were compared with their forecasts; never changed, only replaced."""

    evidence: tuple[Evidence, ...] = ()  # of each series of a joint model; of another one; of none before one
    highest: float = 1.0  # mean capital of the series, at the time when it was highest
    scored: int = 0  # steps that are evidence
    excesses: tuple[tuple[Excesses, Excesses], ...] | None = None  # of each series, below and above
    p_values: tuple[float, ...] | None = None  # of each, two-sided, of the value at step `at`; NaN if missing
    at: int = 0  # of the series

    def p_values_at(self, step: int) -> Array | None:
        """Return the p-values of the values at a step, (series,); None if they were not compared."""
        return None if self.p_values is None or self.at != step else np.array(self.p_values)

    def judge(
        self, at: int, actual: Sequence[float], said: Sequence[Sequence[float]], levels: Levels
    ) -> "Surprise":
        """Return it with the p-values of the values at a step.

        actual: of each series, NaN where missing; said: of each the quantiles that were forecast of it.
        """
        p_values = [math.nan] * len(actual)
        excesses = list(self.excesses or ((NO_EXCESS, NO_EXCESS),) * len(actual))
        for series in _comparable(actual, said):
            lowest, highest = score_between(said[series], actual[series], levels)
            (below, above), left, right = excesses[series], -highest, lowest
            chance = min(tail(left, levels, 0, below), tail(right, levels, -1, above))
            p_values[series] = min(1.0, 2 * chance)
            excesses[series] = _beyond(left, levels, 0, below), _beyond(right, levels, -1, above)
        return Surprise(self.evidence, self.highest, self.scored, tuple(excesses), tuple(p_values), at)

    def weigh(self, actual: Sequence[float], model: Sequence[Sequence[float]], levels: Levels) -> "Surprise":
        """Return it with the evidence of values that were forecast one step ahead. model: its quantiles."""
        found = [math.nan] * len(actual)
        for series in _comparable(actual, model):
            found[series] = score_of(model[series], actual[series], levels)
        return self.bet(found)

    def bet(self, scores: Sequence[float]) -> "Surprise":
        """Return it after bets on a score of each series; NaN where there is none."""
        evidence = list(self.evidence or (Evidence.fresh(),) * len(scores))
        for series, score in enumerate(scores):
            if not math.isnan(score):
                chance = chance_of(self.scored * len(scores) + series)
                evidence[series] = evidence[series].after(score, chance)
        capital = sum(each.capital for each in evidence) / len(evidence)
        highest, scored = max(self.highest, capital), self.scored + 1
        return Surprise(tuple(evidence), highest, scored, self.excesses, self.p_values, self.at)


def _comparable(actual: Sequence[float], quantiles: Sequence[Sequence[float]]) -> list[int]:
    """Return the series that have a value, and quantiles of some width."""
    pairs = enumerate(zip(actual, quantiles, strict=True))
    return [series for series, (value, said) in pairs if said[-1] > said[0] and math.isfinite(value)]
