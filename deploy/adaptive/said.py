"""Adaptation: forecasts that wait for their actuals, and the tracker that learns from them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .tracker import Array, Tracker

MOST_GROUPS = 16  # and so many forecasts wait at most


@dataclass(frozen=True)
class Said:
    """A forecast of which some steps are still to come."""

    origin: int  # steps of the series before the first that it is of
    anchor: Array  # (series,), near its quantiles, which may be far from 0
    quantiles: NDArray[np.float32]  # the model's minus the anchor: (step, series, level)
    spread: float  # of the tracker when it was said


@dataclass(frozen=True)
class Adaptation:
    """The tracker of a stream, and what it has said so far; never changed, only replaced."""

    tracker: Tracker
    said: tuple[Said, ...] = ()  # the oldest first
    steps: int = 0  # of the series, when something was last said or compared

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

    def say(self, steps: int, quantiles: Array) -> "Adaptation":
        """Remember a forecast of the model, unless one was made less than a group of steps before.

        steps: of the series before it; quantiles: (horizon, series, level).
        """
        if self.said and steps - self.said[-1].origin < self.tracker.each:
            return self
        coming = quantiles[: self.tracker.steps]
        anchor = coming[0, :, self.tracker.middle].copy()
        with np.errstate(over="ignore"):
            kept = (coming - anchor[:, None]).astype(np.float32)
        if not np.isfinite(kept).all():  # wider than float32 can be
            return self
        return Adaptation(self.tracker, (*self.said, Said(steps, anchor, kept, self.tracker.spread)), steps)

    def compare(self, actual: Array) -> "Adaptation":
        """Return what is learnt of the next step of the series, (series,), NaN where missing."""
        if not self.said:
            return self
        steps, said = self.steps + 1, self.said
        leads = [steps - each.origin for each in said]
        quantiles = np.array([each.quantiles[lead - 1] for each, lead in zip(said, leads, strict=True)])
        anchors = np.array([each.anchor for each in said])
        spreads = np.array([each.spread for each in said])
        learnt = self.tracker.learn(np.array(leads), quantiles + anchors[..., None], actual, spreads)
        left = tuple(each for each, lead in zip(said, leads, strict=True) if lead < len(each.quantiles))
        return Adaptation(learnt, left, steps)
