"""Adaptation: forecasts that wait for their actuals, and the tracker that learns from them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from .tracker import Array, Tracker

MOST_GROUPS = 16  # and so many forecasts wait at most


@dataclass(frozen=True)
class Said:
    """A forecast of which some steps are still to come."""

    origin: int  # steps of the series before the first that it is of
    anchor: Array  # (series,), near its quantiles, which may be far from 0
    quantiles: NDArray[
        np.float32
    ]  # the model's, of the steps still to come, minus the anchor: (step, series, level)
    spread: float  # of the tracker when it was said
    passed: int = 0  # steps that have come


@dataclass(frozen=True)
class Adaptation:
    """The tracker of a stream, and what it has said so far; never changed, only replaced."""

    tracker: Tracker
    said: tuple[Said, ...] = ()  # the oldest first

    @classmethod
    def fresh(cls, levels: Sequence[float], horizon: int) -> "Adaptation | None":
        """Return one that has learnt nothing; None for a model without levels on both sides of 0.5."""
        if not levels[0] < 0.5 < levels[-1]:
            return None
        return cls(Tracker.fresh(levels, horizon, -(-horizon // MOST_GROUPS)))

    @property
    def is_fresh(self) -> bool:
        """Whether nothing was said or learnt yet."""
        return not self.said and not self.tracker.counts.any()

    def adjust(self, quantiles: Array) -> Array:
        """Return the model's quantiles, (horizon, ..., level), moved by what was learnt, if anything was."""
        return self.tracker.adjust(quantiles) if self.tracker.counts.any() else quantiles

    def say(self, origin: int, quantiles: Array) -> "Adaptation":
        """Remember a forecast of the model, unless one was made less than a group of steps before.

        origin: steps of the series before it; quantiles: (horizon, series, level).
        """
        if self.said and origin - self.said[-1].origin < self.tracker.each:
            return self
        steps = quantiles[: self.tracker.steps]
        anchor = steps[0, :, self.tracker.middle]
        kept = (steps - anchor[:, None]).astype(np.float32)
        return replace(self, said=(*self.said, Said(origin, anchor.copy(), kept, self.tracker.spread)))

    def compare(self, actual: Array) -> "Adaptation":
        """Return what is learnt of the next step of the series, (series,), NaN where missing."""
        if not self.said:
            return self
        leads = np.array([said.passed + 1 for said in self.said])
        quantiles = np.stack([said.quantiles[0] + said.anchor[:, None] for said in self.said])
        spreads = np.array([said.spread for said in self.said])
        left = (
            replace(said, quantiles=said.quantiles[1:], passed=said.passed + 1)
            for said in self.said
            if len(said.quantiles) > 1
        )
        return Adaptation(self.tracker.learn(leads, quantiles, actual, spreads), tuple(left))
