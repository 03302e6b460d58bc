"""Adaptation: forecasts that wait for their actuals, and the tracker that learns from them."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from .surprise import Surprise
from .tracker import Array, Tracker

MOST_GROUPS = 16  # and so many forecasts wait at most


@dataclass(frozen=True, slots=True)
class Said:
    """A forecast of which some steps are still to come."""

    origin: int  # steps of the series before the first that it is of
    anchor: Array  # (series,), near its quantiles, which may be far from 0
    quantiles: NDArray[np.float32]  # the model's minus the anchor: (step, series, level)
    spread: float  # of the tracker when it was said

    def of(self, step: int) -> Array | None:
        """Return the model's quantiles of a step of the series, (series, level); None if it says nothing."""
        lead = step - self.origin
        return self.quantiles[lead - 1] + self.anchor[:, None] if lead <= len(self.quantiles) else None


@dataclass(frozen=True, slots=True)
class Adaptation:
    """The tracker of a stream, and what it has said so far; never changed, only replaced."""

    tracker: Tracker
    said: tuple[Said, ...] = ()  # the oldest first
    steps: int = 0  # of the series, when something was last said or compared
    latest: Said | None = None  # said less than a group of steps after the last of `said`; its first steps
    surprise: Surprise = field(default_factory=Surprise)

    @classmethod
    def fresh(cls, levels: Sequence[float], horizon: int) -> "Adaptation | None":
        """Return one that has learnt nothing; None for a model without levels on both sides of 0.5."""
        if not levels[0] < 0.5 < levels[-1]:
            return None
        return cls(Tracker.fresh(levels, horizon, -(-horizon // MOST_GROUPS)))

    @property
    def is_fresh(self) -> bool:
        """Whether nothing was said or learnt yet."""
        return not self.waits and not self.tracker.has_learnt

    def adjust(self, quantiles: Array) -> Array:
        """Return the model's quantiles, (horizon, ..., level), moved by what was learnt, if anything was."""
        return self.tracker.adjust(quantiles) if self.tracker.has_learnt else quantiles

    @property
    def waits(self) -> bool:
        """Whether something was said of the next step."""
        return bool(self.said) or self.latest is not None

    def say(self, steps: int, quantiles: Array) -> "Adaptation":
        """Remember a forecast of the model; of one less than a group of steps after another its first steps.

        steps: of the series before it; quantiles: (horizon, series, level).
        """
        is_soon = bool(self.said) and steps - self.said[-1].origin < self.tracker.each
        if is_soon and steps == self.said[-1].origin:
            return self
        coming = quantiles[: self.tracker.each if is_soon else self.tracker.steps]
        anchor = coming[0, :, self.tracker.levels.middle].copy()
        with np.errstate(over="ignore"):
            kept = (coming - anchor[:, None]).astype(np.float32)
        if not np.isfinite(kept).all():  # wider than float32 can be
            return self
        said = Said(steps, anchor, kept, self.tracker.spread)
        if is_soon:
            return replace(self, latest=said, steps=steps)
        return replace(self, said=(*self.said, said), steps=steps, latest=None)

    def compare(self, actual: Array) -> "Adaptation":
        """Return what is learnt of the next step of the series, (series,), NaN where missing."""
        if not self.waits:
            return self
        steps = self.steps + 1
        latest = self.latest if self.latest is not None and _has_more(self.latest, steps) else None
        left = tuple(each for each in self.said if _has_more(each, steps))
        tracker, surprise = self._learnt(steps, actual), self._surprised(steps, actual)
        return Adaptation(tracker, left, steps, latest, surprise)

    def compare_each(self, values: Array) -> "Adaptation":
        """Return what is learnt of the next steps of the series, (step,) or (step, series)."""
        learnt = self
        for value in values.reshape(len(values), -1):
            if not learnt.waits:
                break
            learnt = learnt.compare(value)
        return learnt

    def _learnt(self, steps: int, actual: Array) -> Tracker:
        """Return the tracker after a comparison with all that was said of a step."""
        if not self.said:
            return self.tracker
        leads = [steps - each.origin for each in self.said]
        rows = [each.quantiles[lead - 1] for each, lead in zip(self.said, leads, strict=True)]
        relative = actual - np.array([each.anchor for each in self.said])
        spreads = np.array([each.spread for each in self.said])
        return self.tracker.learn(np.array(leads), np.array(rows, np.float64), relative, spreads)

    def _surprised(self, steps: int, actual: Array) -> Surprise:
        """Return how unusual the value of a step is for the latest forecast of it."""
        levels, values = self.tracker.levels, actual.tolist()
        for said in (self.latest, *reversed(self.said)):
            model = None if said is None else said.of(steps)
            if said is None or model is None:
                continue
            lead, model = steps - said.origin, model.tolist()
            moved = (
                [self.tracker.adjust_one(each, lead) for each in model] if self.tracker.has_learnt else model
            )
            found = self.surprise.judge(steps, values, moved, levels)
            return found.weigh(values, model, levels) if lead == 1 else found
        return self.surprise


def _has_more(said: Said, steps: int) -> bool:
    """Return whether a forecast is also of steps after this one."""
    return steps - said.origin < len(said.quantiles)
