"""Sums of losses over many windows, batch by batch: all that scores are computed from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forecaster.evaluation.metrics import (
    absolute_loss,
    is_within,
    quantile_loss,
    squared_loss,
    symmetric_loss,
)

Array = NDArray[np.float64]
SAME_LEVEL = 1e-9  # 1 - 0.9 is not exactly 0.1


@dataclass(frozen=True)
class Units:
    """What is known of every unit before a window of it is scored: (units,) each."""

    scale: Array  # unit of mase; NaN or 0: there is none
    squared_scale: Array  # unit of rmsse
    windows: NDArray[np.int64]


@dataclass(frozen=True)
class Truth:
    """What came in a batch of windows."""

    actual: Array  # (windows, horizon), NaN = missing
    unit: NDArray[np.int64]  # (windows,)
    units: Units

    @property
    def scale(self) -> Array:
        """(windows, 1) unit of mase, NaN where there is none."""
        scale = self.units.scale[self.unit]
        positive: Array = np.where(scale > 0, scale, np.nan)
        return positive[:, None]


@dataclass(frozen=True)
class Sums:
    """Of one loss, and of how many values: a first axis of 2."""

    unit: Array  # (2, units)
    step: Array  # (2, horizon)
    even: Array  # (2, horizon), each window over how many its unit has

    def __add__(self, other: Sums) -> Sums:
        return Sums(self.unit + other.unit, self.step + other.step, self.even + other.even)

    @property
    def mean(self) -> float:
        """Over all values; NaN where there is none."""
        return float(_ratio(self.step.sum(axis=1)))

    @property
    def by_unit(self) -> Array:
        """(units,) means."""
        return _ratio(self.unit)

    @property
    def by_step(self) -> Array:
        """(horizon,) means."""
        return _ratio(self.step)

    @property
    def by_step_evenly(self) -> Array:
        """(horizon,) means in which every unit weighs the same."""
        return _ratio(self.even)


Tally = dict[str, Sums]


def tally_point(truth: Truth, forecast: Array) -> Tally:
    """absolute, squared, symmetric, scaled: absolute in the unit of mase. forecast: (windows, horizon)."""
    absolute = absolute_loss(truth.actual, forecast)
    return {
        "absolute": _sum(truth, absolute),
        "squared": _sum(truth, squared_loss(truth.actual, forecast)),
        "symmetric": _sum(truth, symmetric_loss(truth.actual, forecast)),
        "scaled": _sum(truth, absolute / truth.scale),
    }


def tally_quantiles(truth: Truth, quantiles: Array, levels: tuple[float, ...]) -> Tally:
    """size (|y|), loss (mean over levels), and what follows of single levels and of intervals.

    loss and below of each level; inside, width and scaled width of each central interval, named by its lower
    level. quantiles: (windows, horizon, quantile).
    """
    actual, observed = truth.actual, ~np.isnan(truth.actual)
    losses = quantile_loss(actual, quantiles, np.array(levels))
    tally = {"size": _sum(truth, np.abs(actual)), "loss": _sum(truth, losses.mean(axis=2))}
    for index, level in enumerate(levels):
        below = np.where(observed, actual <= quantiles[..., index], np.nan)
        tally[f"loss {level}"] = _sum(truth, losses[..., index])
        tally[f"below {level}"] = _sum(truth, below)
    for lower, upper in central_intervals(levels):
        low, high = (quantiles[..., levels.index(level)] for level in (lower, upper))
        width = np.where(observed, high - low, np.nan)
        tally[f"inside {lower}"] = _sum(truth, is_within(actual, low, high))
        tally[f"width {lower}"] = _sum(truth, width)
        tally[f"scaled width {lower}"] = _sum(truth, width / truth.scale)
    return tally


def central_intervals(levels: tuple[float, ...]) -> list[tuple[float, float]]:
    """The pairs of levels as far from 0 as from 1, the widest first."""
    return [
        (lower, upper)
        for lower in levels
        for upper in levels
        if lower < upper and abs(lower + upper - 1) < SAME_LEVEL
    ]


def add_tallies(left: Tally, right: Tally) -> Tally:
    """The sums of both."""
    return {name: sums + right[name] for name, sums in left.items()}


def _sum(truth: Truth, loss: Array) -> Sums:
    """loss: (windows, horizon), NaN = does not count."""
    counts = ~np.isnan(loss)
    parts = np.stack([np.where(counts, loss, 0.0), counts])  # (2, windows, horizon)
    size = len(truth.units.windows)
    unit = [np.bincount(truth.unit, part.sum(axis=1), minlength=size) for part in parts]
    weight = 1.0 / truth.units.windows[truth.unit]
    return Sums(np.array(unit), parts.sum(axis=1), np.einsum("pwh,w->ph", parts, weight))


def _ratio(sums: Array) -> Array:
    """The first over the second; NaN where that is 0."""
    ratio: Array = np.where(sums[1] > 0, sums[0], np.nan) / np.where(sums[1] > 0, sums[1], 1.0)
    return ratio
