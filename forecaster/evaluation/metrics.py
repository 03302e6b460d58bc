"""Errors of forecasts.

forecast, actual: (windows, horizon) in the target's units, NaN in actual = missing.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def mean_absolute_error(actual: Array, forecast: Array) -> Array:
    """Of each window, over what was observed: (windows,); NaN where nothing was."""
    observed = ~np.isnan(actual)
    error = np.where(observed, np.abs(actual - forecast), 0.0).sum(1)
    mean: Array = error / np.maximum(observed.sum(1), 1)
    return np.where(observed.any(1), mean, np.nan)


def seasonal_scale(history: Array, season: int) -> float:
    """Mean |y_t − y_{t−m}| of a training series (time,): the unit of MASE. NaN if nothing can be compared."""
    difference = np.abs(history[season:] - history[:-season])
    observed = difference[~np.isnan(difference)]
    return float(observed.mean()) if len(observed) else float("nan")


def mase(actual: Array, forecast: Array, scale: Array) -> float:
    """Mean absolute scaled error (Hyndman and Koehler, 2006), averaged over windows.

    scale: (windows,), seasonal_scale of each window's series. Windows without a scale above 0 do not count;
    NaN if none does.
    """
    error = mean_absolute_error(actual, forecast)
    valid = (scale > 0) & ~np.isnan(error)
    return float((error[valid] / scale[valid]).mean()) if valid.any() else float("nan")
