"""Conformal offsets: what quantiles lack to cover their share (Romano, Patterson and Candès, 2019)."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

FARTHEST = 1e4  # widths of an interval: no trajectory asks for more


def conformal_offsets(quantiles: Array, truth: Array, levels: Sequence[float], count: int) -> Array:
    """Return the offsets with which each interval covers its share of `truth`: (steps, quantile).

    quantiles: (windows, steps, quantile) ascending; truth: (windows, steps), NaN = missing; count: windows
    apart, whose finite number asks for a little more (Romano et al.). The two ends of a central interval move
    alike, since errors to one side are mostly those of one time; a level without its opposite moves alone.
    """
    offsets = np.zeros(quantiles.shape[1:])
    for place, level in enumerate(levels):
        opposite = _find(levels, 1 - level)
        below = level < 0.5
        if level == 0.5 or (opposite is not None and not below):
            continue
        beyond = quantiles[..., place] - truth if below else truth - quantiles[..., place]
        share = max(level, 1 - level)
        if opposite is not None:
            beyond = np.maximum(beyond, truth - quantiles[..., opposite])
            share = 1 - 2 * level
        width = _upper_quantile(beyond, min(1.0, share * (1 + 1 / count)))
        offsets[:, place] = -width if below else width
        if opposite is not None:
            offsets[:, opposite] = width
    return offsets


def joint_factors(
    quantiles: Array, truth: Array, levels: Sequence[float], count: int, weights: Array | None = None
) -> dict[str, Any]:
    """Return the factors with which intervals, stretched about the median, hold their share of trajectories.

    As for conformal_offsets. weights: (windows,), how much each counts; None: alike. The result:
    {"intervals": levels of the central intervals, "factors": (steps, interval)}, a row for trajectories of
    one step, of two, and so on; as the manifest has it. What is missing leaves no interval.
    """
    median = quantiles[..., _find(levels, 0.5)]
    places = [(place, _find(levels, 1 - level)) for place, level in enumerate(levels) if level < 0.5]
    pairs = [(low, high) for low, high in places if high is not None]
    factors = np.ones((truth.shape[1], len(pairs)))
    weights = np.ones(len(truth)) if weights is None else weights
    for column, (low, high) in enumerate(pairs):
        side = np.where(truth > median, quantiles[..., high], quantiles[..., low]) - median
        with np.errstate(divide="ignore", invalid="ignore"):
            stretch = np.where(truth == median, 0.0, np.minimum((truth - median) / side, FARTHEST))
        stretch[np.isnan(truth)] = np.nan
        share = min(1.0, (levels[high] - levels[low]) * (1 + 1 / count))
        factors[:, column] = _weighted_quantile(np.fmax.accumulate(stretch, axis=1), share, weights)
    intervals = [round(levels[high] - levels[low], 9) for low, high in pairs]
    return {"intervals": intervals, "factors": factors.round(6).tolist()}


def _find(levels: Sequence[float], level: float) -> int | None:
    return next((place for place, other in enumerate(levels) if abs(other - level) < 1e-9), None)


def _upper_quantile(errors: Array, share: float) -> Array:
    """Return a quantile of the errors of each step, 0 where nothing was observed: (steps,)."""
    found = np.zeros(errors.shape[1])
    observed = np.isfinite(errors).any(axis=0)
    found[observed] = np.nanquantile(errors[:, observed], share, axis=0)
    return found


def _weighted_quantile(errors: Array, share: float, weights: Array) -> Array:
    """Return the least error of each step that has so much of the weight up to it; 0 as _upper_quantile."""
    order = np.argsort(errors, axis=0)  # what is missing is last
    ascending = np.take_along_axis(errors, order, axis=0)
    weight = np.cumsum(np.where(np.isnan(ascending), 0.0, weights[order]), axis=0)
    place = (weight >= share * weight[-1] * (1 - 1e-12)).argmax(axis=0)  # sums round
    found: Array = np.nan_to_num(np.take_along_axis(ascending, place[None], axis=0)[0])
    return found
