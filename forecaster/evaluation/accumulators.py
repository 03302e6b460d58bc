"""Accumulators: sums of losses over many windows, batch by batch, from which scores are computed."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from forecaster.evaluation.metrics import (
    absolute_loss,
    is_within,
    level_by_level,
    quantile_loss,
    squared_loss,
    symmetric_loss,
)

Array = NDArray[np.float64]
SAME_LEVEL = 1e-9  # 1 - 0.9 is not exactly 0.1


@dataclass(frozen=True)
class Units:
    """Scales and numbers of windows of every unit: (units,) each."""

    scale: Array  # unit of mase; NaN or 0: there is none
    squared_scale: Array  # unit of rmsse
    windows: NDArray[np.int64]


@dataclass(frozen=True)
class Truth:
    """Actual values in a batch of windows."""

    actual: Array  # (windows, horizon), NaN = missing
    unit: NDArray[np.int64]  # (windows,)
    units: Units

    @property
    def scale(self) -> Array:
        """The unit of mase, NaN where there is none: (windows, 1)."""
        scale = self.units.scale[self.unit]
        positive: Array = np.where(scale > 0, scale, np.nan)
        return positive[:, None]

    @cached_property
    def _first(self) -> int:
        """The first unit of the batch."""
        return int(self.unit.min())

    @cached_property
    def _weight(self) -> Array:
        """One over the number of windows of the unit of each window: (windows,)."""
        weight: Array = 1.0 / self.units.windows[self.unit]
        return weight

    @cached_property
    def _every_value(self) -> "tuple[Array, Array, Array]":
        """Counts where no value is missing, as they usually are not: a loss after another has these."""
        return self._add_up(np.ones(self.actual.shape))

    def sum_up(self, loss: Array) -> "Sums":
        """Sum a loss, (windows, horizon), in which NaN does not count."""
        counts = ~np.isnan(loss)
        if counts.all():
            found, number = self._add_up(loss), self._every_value
        else:
            found, number = self._add_up(np.where(counts, loss, 0.0)), self._add_up(counts.astype(float))
        unit, step, even = map(np.array, zip(found, number, strict=True))
        return Sums(unit, step, even, self._first)

    def _add_up(self, values: Array) -> "tuple[Array, Array, Array]":
        """Return the sums by unit, by step, and by step of all units evenly."""
        of_unit = np.bincount(self.unit - self._first, values.sum(axis=1))
        return (
            of_unit.astype(np.float64, copy=False),
            values.sum(axis=0),
            np.einsum("wh,w->h", values, self._weight),
        )


@dataclass(frozen=True)
class Sums:
    """Sums of one loss and of the number of its values: a first axis of 2."""

    unit: Array  # (2, units), those from `first` on
    step: Array  # (2, horizon)
    even: Array  # (2, horizon), each window divided by the number of windows of its unit
    first: int = 0

    @property
    def mean(self) -> float:
        """The mean over all values; NaN where there is none."""
        return float(_ratio(self.step.sum(axis=1)))

    @property
    def by_unit(self) -> Array:
        """Means: (units,)."""
        return _ratio(self.unit)

    @property
    def by_step(self) -> Array:
        """Means: (horizon,)."""
        return _ratio(self.step)

    @property
    def by_step_evenly(self) -> Array:
        """Means in which every unit has the same weight: (horizon,)."""
        return _ratio(self.even)


Losses = dict[str, Sums]  # by the name of the loss


def point_losses(truth: Truth, forecast: Array) -> Losses:
    """Sum the losses of point forecasts: absolute, squared, symmetric, and scaled, absolute in units of mase.

    forecast: (windows, horizon).
    """
    absolute = absolute_loss(truth.actual, forecast)
    return {
        "absolute": truth.sum_up(absolute),
        "squared": truth.sum_up(squared_loss(truth.actual, forecast)),
        "symmetric": truth.sum_up(symmetric_loss(truth.actual, forecast)),
        "scaled": truth.sum_up(absolute / truth.scale),
    }


def quantile_losses(truth: Truth, quantiles: Array, levels: tuple[float, ...]) -> Losses:
    """Sum the losses of quantiles: size (|y|), loss (mean over levels), those of levels and of intervals.

    A level has loss and below; a central interval, named by its lower level, inside, width and scaled width.
    quantiles: (windows, horizon, quantile).
    """
    actual, observed = truth.actual, ~np.isnan(truth.actual)
    losses = quantile_loss(actual, quantiles, np.array(levels))
    sums = {
        "size": truth.sum_up(np.abs(actual)),
        "loss": truth.sum_up(np.ascontiguousarray(losses).mean(axis=2)),
    }
    of_level = dict(zip(levels, level_by_level(quantiles), strict=True))
    for index, level in enumerate(levels):
        below = np.where(observed, actual <= of_level[level], np.nan)
        sums[f"loss {level}"] = truth.sum_up(losses[..., index])
        sums[f"below {level}"] = truth.sum_up(below)
    for lower, upper in central_intervals(levels):
        low, high = of_level[lower], of_level[upper]
        width = np.where(observed, high - low, np.nan)
        sums[f"inside {lower}"] = truth.sum_up(is_within(actual, low, high))
        sums[f"width {lower}"] = truth.sum_up(width)
        sums[f"scaled width {lower}"] = truth.sum_up(width / truth.scale)
    return sums


def central_intervals(levels: tuple[float, ...]) -> list[tuple[float, float]]:
    """Return the pairs of levels as far from 0 as from 1, the widest first."""
    return [
        (lower, upper)
        for lower in levels
        for upper in levels
        if lower < upper and abs(lower + upper - 1) < SAME_LEVEL
    ]


class Totals:
    """The sums over all batches; a batch has those of its own units alone, so many units cost nothing."""

    def __init__(self, units: int) -> None:
        """Begin with nothing."""
        self._units = units
        self.losses: Losses = {}

    def add(self, batch: Losses) -> None:
        """Add the sums of a batch."""
        for name, sums in batch.items():
            if name not in self.losses:
                nothing = np.zeros_like(sums.step), np.zeros_like(sums.even)
                self.losses[name] = Sums(np.zeros((2, self._units)), *nothing)
            total, units = self.losses[name], slice(sums.first, sums.first + sums.unit.shape[1])
            total.unit[:, units] += sums.unit
            np.add(total.step, sums.step, out=total.step)
            np.add(total.even, sums.even, out=total.even)


def _ratio(sums: Array) -> Array:
    """Divide the first by the second; NaN where that is 0."""
    ratio: Array = np.where(sums[1] > 0, sums[0], np.nan) / np.where(sums[1] > 0, sums[1], 1.0)
    return ratio
