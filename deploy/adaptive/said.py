"""Adaptation: forecasts that wait for their actuals, and the tracker that learns from them."""

from collections.abc import Iterator, Sequence
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

    def of(self, step: int) -> Array:
        """Return the model's quantiles of a step of the series that it is of, (series, level)."""
        quantiles: Array = self.quantiles[step - self.origin - 1] + self.anchor[:, None]
        return quantiles


@dataclass(frozen=True, slots=True)
class Waiting:
    """Forecasts of which some steps are still to come, the oldest first: for each thing an array of all."""

    origins: NDArray[np.int64]  # (forecast,)
    sizes: NDArray[np.int64]  # (forecast,), steps
    anchors: Array  # (forecast, series)
    quantiles: NDArray[np.float32]  # (forecast, step, series, level); 0 behind the end of a shorter one
    spreads: Array  # (forecast,)

    @classmethod
    def of(cls, said: Sequence[Said]) -> "Waiting":
        """Return one forecast or more, the oldest first."""
        sizes = [len(each.quantiles) for each in said]
        quantiles = np.zeros((len(said), max(sizes), *said[0].quantiles.shape[1:]), dtype=np.float32)
        for rows, each in zip(quantiles, said, strict=True):
            rows[: len(each.quantiles)] = each.quantiles
        return cls(
            np.array([each.origin for each in said]),
            np.array(sizes),
            np.array([each.anchor for each in said]),
            quantiles,
            np.array([each.spread for each in said]),
        )

    def __len__(self) -> int:
        return len(self.origins)

    def __iter__(self) -> Iterator[Said]:
        for n, (origin, size, spread) in enumerate(
            zip(self.origins.tolist(), self.sizes.tolist(), self.spreads.tolist(), strict=True)
        ):
            yield Said(origin, self.anchors[n], self.quantiles[n, :size], spread)

    @property
    def newest(self) -> Said:
        """The last one."""
        size, spread = int(self.sizes[-1]), float(self.spreads[-1])
        return Said(int(self.origins[-1]), self.anchors[-1], self.quantiles[-1, :size], spread)

    def add(self, said: Said) -> "Waiting":
        """Return these and a newer one."""
        if len(said.quantiles) != self.quantiles.shape[1]:
            return Waiting.of([*self, said])
        return Waiting(
            np.concatenate([self.origins, [said.origin]]),
            np.concatenate([self.sizes, [len(said.quantiles)]]),
            np.concatenate([self.anchors, said.anchor[None]]),
            np.concatenate([self.quantiles, said.quantiles[None]]),
            np.concatenate([self.spreads, [said.spread]]),
        )

    def of_step(self, step: int) -> tuple[NDArray[np.int64], Array]:
        """Return the leads of a step of the series, and what was said of it, (forecast, series, level)."""
        leads = step - self.origins
        rows = self.quantiles[np.arange(len(leads)), leads - 1]
        return leads, rows.astype(np.float64)

    def after(self, steps: int) -> "Waiting | None":
        """Return those that are also of steps after this one; None if none is."""
        has_more = self.origins + self.sizes > steps
        if np.logical_and.reduce(has_more):
            return self
        if not np.logical_or.reduce(has_more):
            return None
        return Waiting(
            self.origins[has_more],
            self.sizes[has_more],
            self.anchors[has_more],
            self.quantiles[has_more],
            self.spreads[has_more],
        )


@dataclass(frozen=True, slots=True)
class Adaptation:
    """The tracker of a stream, and what it has said so far; never changed, only replaced."""

    tracker: Tracker
    said: Waiting | None = None
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
        return self.said is not None or self.latest is not None

    def say(self, steps: int, quantiles: Array) -> "Adaptation":
        """Remember a forecast of the model; of one less than a group of steps after another its first steps.

        steps: of the series before it; quantiles: (horizon, series, level).
        """
        since = None if self.said is None else steps - int(self.said.origins[-1])
        is_soon = since is not None and since < self.tracker.each
        if since == 0:
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
        waiting = Waiting.of([said]) if self.said is None else self.said.add(said)
        return replace(self, said=waiting, steps=steps, latest=None)

    def compare(self, actual: Array) -> "Adaptation":
        """Return what is learnt of the next step of the series, (series,), NaN where missing."""
        if not self.waits:
            return self
        steps = self.steps + 1
        latest = self.latest if self.latest is not None and _has_more(self.latest, steps) else None
        left = None if self.said is None else self.said.after(steps)
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
        if self.said is None:
            return self.tracker
        leads, relative = self.said.of_step(steps)
        return self.tracker.learn(leads, relative, actual - self.said.anchors, self.said.spreads)

    def _surprised(self, steps: int, actual: Array) -> Surprise:
        """Return how unusual the value of a step is for the latest forecast of it."""
        levels, values = self.tracker.levels, actual.tolist()
        said = self.latest if self.said is None or self.latest is not None else self.said.newest
        if said is None:
            return self.surprise
        model, lead = said.of(steps).tolist(), steps - said.origin
        moved = model
        if self.tracker.has_learnt:
            moved = [self.tracker.adjust_one(each, lead) for each in model]
        found = self.surprise.judge(steps, values, moved, levels)
        return found.weigh(values, model, levels) if lead == 1 else found


def _has_more(said: Said, steps: int) -> bool:
    """Return whether a forecast is also of steps after this one."""
    return steps - said.origin < len(said.quantiles)
