"""Alarm and Evidence: a conformal test martingale over the scores of a series, which says when to fit again.

While the scores are exchangeable (the errors one step ahead depend neither on each other nor on time), the
ranks of each among all before it, ties broken at random, are independent and uniform: whatever the model and
however wrong its quantiles. Bets against that are fair, so a capital of 1 reaches 1/δ with a chance of at
most δ, ever (Ville, 1939). Sources: Vovk, Gammerman and Shafer, Algorithmic Learning in a Random World, part
III; Vovk et al., Retrain or not retrain, 2021.

A rank is seen as a normal score. The bets are that scores have moved, or that they are wider or narrower than
before; the capital waits, and begins to bet at a time that has a prior of about 1/t, so that what it costs to
begin late is the logarithm of t.
"""

import math
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

MOVED = (-4.0, -2.0, -1.0, -0.5, 0.5, 1.0, 2.0, 4.0)  # deviations
WIDENED = (0.5, 1.5, 2.5, 5.0)  # times the deviation
BETS = len(MOVED) + len(WIDENED)
# Logarithms of what bets pay: of the density of a moved or wider normal distribution over that of the normal.
LINEAR = np.array([*MOVED, *(0.0 for _ in WIDENED)])
SQUARE = np.array([*(0.0 for _ in MOVED), *((1 - factor**-2) / 2 for factor in WIDENED)])
CONSTANT = np.array([*(-(by**2) / 2 for by in MOVED), *(-math.log(factor) for factor in WIDENED)])
RESTING, BEGINNING = 100, 0.1  # hazard of betting from step t on: BEGINNING/(t + RESTING)
MOST_CAPITAL = 1e100  # of a bet; what is above is given away, which is fair to nobody but the alarm
FINENESS, OUTERMOST = 16, 120  # bins of scores: FINENESS·asinh(score), up to the score of 900
BINS = 2 * OUTERMOST + 1
NORMAL = NormalDist()
DELTA = 0.01  # chance of a false alarm, ever


@dataclass(frozen=True, slots=True)
class Alarm:
    """Whether a series has changed, by all values that were forecast one step ahead; true means: fit again.

    p_value: at most δ with a chance of at most δ, ever, while errors one step ahead are exchangeable.
    """

    p_value: float  # in (0, 1]
    compared: int  # values that it rests on

    def __bool__(self) -> bool:
        return self.p_value <= DELTA


def bin_of(score: float) -> int:
    """Return the bin of a score of any size."""
    place = FINENESS * math.asinh(min(max(score, -1e6), 1e6))
    return OUTERMOST + round(min(max(place, -OUTERMOST), OUTERMOST))


@dataclass(frozen=True, slots=True)
class Evidence:
    """The capital of one series; never changed, only replaced."""

    counts: NDArray[np.int64]  # (BINS,), of all scores so far
    resting: float  # capital that has not begun to bet
    bets: Array  # (BETS,), capital of each

    @classmethod
    def fresh(cls) -> "Evidence":
        """Return a capital of 1 that has seen nothing."""
        return cls(np.zeros(BINS, dtype=np.int64), 1.0, np.zeros(BETS))

    @property
    def capital(self) -> float:
        """The capital of now."""
        return self.resting + float(np.add.reduce(self.bets))

    def after(self, score: float, chance: float) -> "Evidence":
        """Return the evidence after one more score. chance: uniform in (0, 1), independent of the scores."""
        place, seen = bin_of(score), int(np.add.reduce(self.counts))
        below, alike = int(np.add.reduce(self.counts[:place])), int(self.counts[place])
        rank = (below + chance * (alike + 1)) / (seen + 1)
        begun = self.resting * BEGINNING / (seen + RESTING)
        bets = np.minimum((self.bets + begun / BETS) * payoffs(rank), MOST_CAPITAL)
        counts = self.counts.copy()
        counts[place] += 1
        return Evidence(counts, self.resting - begun, bets)


def payoffs(rank: float) -> Array:
    """Return what a unit of each bet becomes, (BETS,), at a rank in (0, 1); over all of these it is 1."""
    score = NORMAL.inv_cdf(min(max(rank, 1e-12), 1 - 1e-12))
    found: Array = np.exp(CONSTANT + score * (LINEAR + score * SQUARE))
    return found


def chance_of(number: int) -> float:
    """Return the number-th of uniform pseudo-random numbers in (0, 1) (splitmix64: Steele et al., 2014)."""
    mask = (1 << 64) - 1
    state = (number + 1) * 0x9E3779B97F4A7C15 & mask
    state = (state ^ (state >> 30)) * 0xBF58476D1CE4E5B9 & mask
    state = (state ^ (state >> 27)) * 0x94D049BB133111EB & mask
    return ((state ^ (state >> 31)) + 0.5) / 2**64
