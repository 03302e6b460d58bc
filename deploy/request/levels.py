"""The level of each series, taken from it in float64 before a graph sees it, and added to its forecast.

The graphs compute in float32, which has 7 digits: of a meter at 12,345,678 none is left for what it does from
one step to the next. But a model that normalises by differences or deviations forecasts x + c as it forecasts
x, plus c; so it may be shown x less its level.
"""

import numpy as np
from numpy.typing import NDArray

from ..bundle.bundle import Manifest

# Of these statistics a level changes nothing but the location.
SHIFTED = ("mean-std", "last-difference")
# A graph with a bound is shown histories that stay so many of their own ranges above it, so that it never
# applies it; whoever adds the level does. float32 still tells a range into 10^6 parts.
ROOM = 16

Levels = NDArray[np.float64]  # (batch,), of a joint model (batch, D)


def split_levels(manifest: Manifest, history: NDArray[np.floating]) -> tuple[NDArray[np.float32], Levels]:
    """Return the histories less their levels, as a graph takes them, and the levels; 0 where none may go.

    history: (batch, time[, D]) in data units, NaN = missing, with a value in each series and channel. The
    level of x + c is that of x, plus c, so what is left of both is the same.
    """
    wide = history.astype(np.float64)
    if manifest.normalization not in SHIFTED:
        return wide.astype(np.float32), np.zeros((len(wide), *wide.shape[2:]))
    low, high = np.fmin.reduce(wide, axis=1), np.fmax.reduce(wide, axis=1)
    spread = high - low
    levels = _last(wide) if manifest.lower is None else low - manifest.lower - ROOM * spread
    # What is left of the widest of all would not be finite in float32.
    levels[~(ROOM * spread < np.finfo(np.float32).max / 2)] = 0.0
    return (wide - levels[:, None]).astype(np.float32), levels


def add_levels(
    manifest: Manifest, values: NDArray[np.floating], levels: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return what a graph said in data units, not below the bound. levels: of a shape that broadcasts."""
    whole: NDArray[np.float64] = values + levels
    return whole if manifest.lower is None else np.maximum(whole, manifest.lower)


def _last(history: NDArray[np.float64]) -> Levels:
    """Return the last observed value of each: (batch[, D])."""
    steps = np.arange(history.shape[1]).reshape(-1, *[1] * (history.ndim - 2))
    last = np.where(np.isnan(history), 0, steps).max(axis=1, keepdims=True)
    found: Levels = np.take_along_axis(history, last, axis=1)[:, 0]
    return found
