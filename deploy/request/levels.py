"""The level of each series, taken from it in float64 before a graph sees it, and given back to its forecast.

The graphs compute in float32, which has 7 digits: of a meter at 12,345,678 none is left for what it does
from one step to the next. But a model that normalises by differences or deviations forecasts x + c as it
forecasts x, plus c, and one that takes logarithms forecasts c·x as x, times c; so they may be shown x less
its level, or divided by it.
"""

import numpy as np
from numpy.typing import NDArray

from ..bundle.bundle import Manifest

# Of these statistics a level changes nothing but the location.
SHIFTED = ("mean-std", "last-difference")
# A graph with a bound applies it to what it is shown: a history keeps what is left above the bound, but for
# what is above so many of its own ranges. float32 still tells a range into 10^6 parts, and no forecast comes
# down so far.
ROOM = 16
NORMAL = np.finfo(np.float32)  # beyond its ends nothing is left of a history

Levels = NDArray[np.float64]  # (batch,), of a joint model (batch, D)
Span = tuple[Levels, Levels]  # the smallest and the largest value of each; NaN where there is none


def span_of(history: NDArray[np.floating]) -> Span:
    """Return the ends of each history. history: (batch, time[, D]), NaN = missing."""
    return np.fmin.reduce(history, axis=1), np.fmax.reduce(history, axis=1)


def split_levels(
    manifest: Manifest, history: NDArray[np.floating], span: Span | None = None
) -> tuple[NDArray[np.float32], Levels]:
    """Return the histories without their levels, as a graph takes them, and the levels.

    history: (batch, time[, D]) in data units, NaN = missing, with a value in each series and channel. The
    level of x + c is that of x, plus c, so what is left of both is the same; of a model with a bound, where
    both are far above it. span: span_of the history in float64, where it is known.
    """
    wide = history.astype(np.float64, copy=False)
    levels = find_levels(manifest, span or span_of(wide), _last(wide))
    return without_levels(manifest, wide, levels[:, None]).astype(np.float32), levels


def no_levels(manifest: Manifest, batch: int) -> Levels:
    """Return levels that change nothing."""
    shape = (batch, len(manifest.channels)) if manifest.channels else (batch,)
    return np.full(shape, 1.0 if manifest.positive else 0.0)


def without_levels(manifest: Manifest, data: NDArray[np.floating], levels: Levels) -> NDArray[np.float64]:
    """Return data as a graph is shown them. levels: of a shape that broadcasts."""
    left: NDArray[np.float64] = data / levels if manifest.positive else data - levels
    return left


def with_levels(
    manifest: Manifest,
    values: NDArray[np.floating],
    levels: Levels,
    out: NDArray[np.float64] | None = None,
) -> NDArray[np.float64]:
    """Return what a graph said in data units, not below the bound.

    levels: of a shape that broadcasts; out: where to write it.
    """
    join = np.multiply if manifest.positive else np.add
    whole: NDArray[np.float64] = join(values, levels, out=out)
    return whole if manifest.lower is None else np.maximum(whole, manifest.lower, out=out)


def find_levels(manifest: Manifest, span: Span, last: Levels) -> Levels:
    """Return the level of each, or what changes nothing where none may go: of the shape of these.

    span: of the histories; last: the last observed value of each.
    """
    low, high = span
    if manifest.positive:
        if manifest.lower:  # the graph has a bound in data units
            return np.ones_like(last)
        low, high = low / last, high / last
        return np.where((low >= NORMAL.tiny) & (high <= NORMAL.max), last, 1.0)
    if manifest.normalization not in SHIFTED:
        return np.zeros_like(last)
    bound, room = manifest.lower, ROOM * (high - low)
    # The larger of 0 and -0 is either, as a processor likes; added to 0 it is 0.
    levels = last if bound is None else np.fmax(low - bound - room, 0.0) + 0.0
    # What is left of the widest of all would not be finite in float32.
    return np.where(room < NORMAL.max / 2, levels, 0.0)


def _last(history: NDArray[np.float64]) -> Levels:
    """Return the last observed value of each: (batch[, D])."""
    found: Levels = history[:, -1].copy()
    missing = np.nonzero(np.isnan(found))  # of which series, and of which channel
    if len(missing[0]):
        backwards = np.moveaxis(history[:, ::-1], 1, -1)[missing]  # (missing, time)
        found[missing] = backwards[np.arange(len(backwards)), np.argmin(np.isnan(backwards), axis=1)]
    return found
