"""Errors of forecasts, value by value, and the units that scaled ones are measured in.

forecast, actual: (windows, horizon) in the target's units, NaN in actual = missing. A loss of a missing value
is NaN, so that sums leave it out. scores.py says how losses become metrics.
"""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def absolute_loss(actual: Array, forecast: Array) -> Array:
    """Return |y − f|: (windows, horizon)."""
    loss: Array = np.abs(actual - forecast)
    return loss


def squared_loss(actual: Array, forecast: Array) -> Array:
    """Return (y − f)²: (windows, horizon)."""
    loss: Array = np.square(actual - forecast)
    return loss


def symmetric_loss(actual: Array, forecast: Array) -> Array:
    """Return 200 |y − f| / (|y| + |f|), in percent, 0 where both are 0 (Makridakis et al., 2020).

    Returns (windows, horizon).
    """
    size = np.abs(actual) + np.abs(forecast)
    loss: Array = 200 * np.abs(actual - forecast) / np.where(size == 0, 1.0, size)
    return loss


def quantile_loss(actual: Array, quantiles: Array, levels: Array) -> Array:
    """Return max(q (y − f), (q − 1)(y − f)) of each level q (Koenker and Bassett, 1978).

    quantiles: (windows, horizon, quantile); levels: (quantile,). Returns (windows, horizon, quantile).
    """
    error = actual[..., None] - quantiles
    loss: Array = np.maximum(levels * error, (levels - 1) * error)
    return loss


def is_within(actual: Array, lower: Array, upper: Array) -> Array:
    """Return 1 where lower ≤ y ≤ upper, 0 where not, NaN where y is missing: (windows, horizon, ...)."""
    inside: Array = np.where(np.isnan(actual), np.nan, (lower <= actual) & (actual <= upper))
    return inside


def mean_absolute_error(actual: Array, forecast: Array) -> Array:
    """Return the mean over the observed values of each window: (windows,); NaN where there is none."""
    observed = ~np.isnan(actual)
    error = np.where(observed, np.abs(actual - forecast), 0.0).sum(1)
    mean: Array = error / np.maximum(observed.sum(1), 1)
    return np.where(observed.any(1), mean, np.nan)


def seasonal_scale(history: Array, season: int) -> float:
    """Return the unit of MASE: mean |y_t − y_{t−m}| of a training series (time,), NaN without any pair."""
    difference = np.abs(history[season:] - history[:-season])
    observed = difference[~np.isnan(difference)]
    return float(observed.mean()) if len(observed) else float("nan")


def squared_seasonal_scale(history: Array, season: int) -> float:
    """Return the unit of RMSSE: root of the mean (y_t − y_{t−m})² of a series as above, NaN as there."""
    difference = history[season:] - history[:-season]
    observed = difference[~np.isnan(difference)]
    return float(np.sqrt(np.square(observed).mean())) if len(observed) else float("nan")


def mase(actual: Array, forecast: Array, scale: Array) -> float:
    """Return the mean absolute scaled error (Hyndman and Koehler, 2006), averaged over windows.

    scale: (windows,), seasonal_scale of each window's series. Windows without a scale above 0 do not count;
    NaN if none does.
    """
    error = mean_absolute_error(actual, forecast)
    valid = (scale > 0) & ~np.isnan(error)
    return float((error[valid] / scale[valid]).mean()) if valid.any() else float("nan")
