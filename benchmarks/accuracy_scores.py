"""Scores of forecasts, by the definitions of the M4 competition and of the papers on ETT.

actual, forecast: (windows, horizon) in one unit, without missing values.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

NOMINAL = 0.8  # between the quantiles 0.1 and 0.9
# The naive forecast of seasonally adjusted M4 Hourly, from the competition's report.
NAIVE2 = {"smape": 18.383, "mase": 2.395}


@dataclass(frozen=True)
class Forecasts:
    """The median and the borders of the nominal 80 % interval: (windows, horizon) each."""

    median: Array
    lower: Array
    upper: Array

    def of(self, rows: slice) -> Forecasts:
        """Those of some windows."""
        return Forecasts(self.median[rows], self.lower[rows], self.upper[rows])

    def in_units(self, scale: Array, location: Array | float = 0.0) -> Forecasts:
        """(f − location) / scale, which broadcast to (windows, horizon)."""
        median, lower, upper = ((part - location) / scale for part in (self.median, self.lower, self.upper))
        return Forecasts(median, lower, upper)


def smape(actual: Array, forecast: Array) -> Array:
    """Mean of 200 |y − f| / (|y| + |f|) of each window, in percent: (windows,)."""
    mean: Array = (200 * np.abs(actual - forecast) / (np.abs(actual) + np.abs(forecast))).mean(1)
    return mean


def seasonal_scales(histories: Sequence[Array], season: int) -> Array:
    """The unit of MASE, mean |y_t − y_{t−m}| of each history: (windows,)."""
    return np.array([np.abs(history[season:] - history[:-season]).mean() for history in histories])


def mase(actual: Array, forecast: Array, scales: Array) -> Array:
    """Mean absolute error of each window in its unit (Hyndman and Koehler, 2006): (windows,)."""
    mean: Array = np.abs(actual - forecast).mean(1) / scales
    return mean


def m4_scores(actual: Array, forecast: Array, scales: Array) -> dict[str, float]:
    """sMAPE and MASE, means over series, and OWA, the mean of both in units of Naive2's."""
    scores = {
        "smape": float(smape(actual, forecast).mean()),
        "mase": float(mase(actual, forecast, scales).mean()),
    }
    return {**scores, "owa": sum(score / NAIVE2[name] for name, score in scores.items()) / 2}


@dataclass(frozen=True)
class StepSums:
    """Sums over windows at each step of the horizon: (horizon,) each. They add up batch by batch."""

    windows: int
    squared: Array
    absolute: Array
    within: Array
    width: Array

    @classmethod
    def of(cls, actual: Array, made: Forecasts) -> Self:
        """Those of some windows."""
        error = actual - made.median
        return cls(
            windows=len(actual),
            squared=np.square(error).sum(0),
            absolute=np.abs(error).sum(0),
            within=((made.lower <= actual) & (actual <= made.upper)).sum(0).astype(np.float64),
            width=(made.upper - made.lower).sum(0),
        )

    def __add__(self, other: StepSums) -> StepSums:
        return StepSums(
            self.windows + other.windows,
            self.squared + other.squared,
            self.absolute + other.absolute,
            self.within + other.within,
            self.width + other.width,
        )

    def errors(self) -> dict[str, float]:
        """MSE and MAE over all windows and steps."""
        values = self.windows * len(self.squared)
        return {
            "mse": float(self.squared.sum()) / values,
            "mae": float(self.absolute.sum()) / values,
        }

    def interval(self) -> dict[str, float]:
        """Coverage over everything and at the step, from 1, where it is furthest from nominal; mean width."""
        coverage = self.within / self.windows
        worst = int(np.abs(coverage - NOMINAL).argmax())
        return {
            "coverage": float(coverage.mean()),
            "worst_coverage": float(coverage[worst]),
            "worst_step": worst + 1,
            "width": float(self.width.sum()) / (self.windows * len(self.width)),
        }
