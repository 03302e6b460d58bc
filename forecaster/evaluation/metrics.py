"""Errors of forecasts, value by value, and the units that scaled ones are measured in.

forecast, actual: (windows, horizon) in the target's units, NaN in actual = missing. A loss of a missing value
is NaN, so that sums leave it out. scores.py says how losses become metrics.
"""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
AT_ONCE = 1024  # series whose units are measured together


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
    losses = np.empty((len(levels), *actual.shape))  # level by level: next to each other they take far longer
    for level, forecast, loss in zip(levels, level_by_level(quantiles), losses, strict=True):
        error = actual - forecast
        np.maximum(level * error, (level - 1) * error, out=loss)
    return np.moveaxis(losses, 0, -1)


def level_by_level(quantiles: Array) -> Array:
    """Return quantiles with the levels first, one after the other in memory."""
    return np.ascontiguousarray(np.moveaxis(quantiles, -1, 0))


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


def seasonal_scales(values: Array, begins: NDArray[np.int64], ends: NDArray[np.int64], season: int) -> Array:
    """Return the units of MASE and of RMSSE of many series: (series, D, 2), NaN without any pair.

    They are the mean |y_t − y_{t−m}| of a training series and the root of the mean (y_t − y_{t−m})². values:
    (rows,) or (rows, D); begins, ends: (series,) the rows of each.
    """
    wide, lengths = values[:, None] if values.ndim == 1 else values, ends - begins
    scales = np.full((len(begins), wide.shape[1], 2), np.nan)
    order = np.argsort(lengths, kind="stable")
    order = order[np.searchsorted(lengths[order], season, side="right") :]  # the others have no pair
    for alike in np.split(order, np.flatnonzero(np.diff(lengths[order])) + 1):
        for first in range(0, len(alike), AT_ONCE):
            series = alike[first : first + AT_ONCE]
            rows = begins[series, None] + np.arange(lengths[series[0]])
            history = np.ascontiguousarray(wide[rows].swapaxes(1, 2))  # (series, D, time)
            change = history[..., season:] - history[..., :-season]
            observed = ~np.isnan(change)
            count, change = observed.sum(axis=-1), np.where(observed, change, 0.0)
            with np.errstate(invalid="ignore"):  # of no pair
                scales[series, :, 0] = np.abs(change).sum(axis=-1) / count
                scales[series, :, 1] = np.sqrt(np.square(change).sum(axis=-1) / count)
    return scales


def mase(actual: Array, forecast: Array, scale: Array) -> float:
    """Return the mean absolute scaled error (Hyndman and Koehler, 2006), averaged over windows.

    scale: (windows,), of each window's series. Windows without a scale above 0 do not count;
    NaN if none does.
    """
    error = mean_absolute_error(actual, forecast)
    valid = (scale > 0) & ~np.isnan(error)
    return float((error[valid] / scale[valid]).mean()) if valid.any() else float("nan")
