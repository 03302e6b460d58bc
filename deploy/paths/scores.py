"""Quantiles as a function of normal scores, in which they are joined by straight lines.

The score of a level is the standard normal's quantile of it. Between two levels, and beyond the outermost
two, a distribution is taken to be normal in shape: a straight line in scores.
"""

from collections.abc import Sequence
from functools import cache
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
CELLS = 4096  # of the table of scores


def scores_of(levels: Sequence[float]) -> Array:
    """Return the score of each level in (0, 1)."""
    return np.array([NormalDist().inv_cdf(level) for level in levels])


def value_at(quantiles: NDArray[Any], scores: NDArray[Any], levels: Array) -> Array:
    """Return the value at a score: (...), of quantiles (..., Q) and scores that broadcast to (...).

    levels: scores of the levels, (Q,), at least two.
    """
    shape = np.broadcast_shapes(quantiles.shape[:-1], scores.shape)
    scores, quantiles = np.broadcast_to(scores, shape), np.broadcast_to(quantiles, (*shape, len(levels)))
    left = np.clip(np.searchsorted(levels, scores) - 1, 0, len(levels) - 2)
    low, high = (np.take_along_axis(quantiles, (left + k)[..., None], -1)[..., 0] for k in (0, 1))
    share = (scores - levels[left]) / (levels[left + 1] - levels[left])
    result: Array = low + share * (high - low)
    return result


def score_at(quantiles: NDArray[Any], values: NDArray[Any], levels: Array) -> Array:
    """Return the score of a value, the inverse of `value_at`: (...), of (..., Q) and values (...)."""
    above = (values[..., None] > quantiles[..., 1:-1]).sum(-1)
    low, high = (np.take_along_axis(quantiles, (above + k)[..., None], -1)[..., 0] for k in (0, 1))
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(high > low, (values - low) / (high - low), 0.5)
    result: Array = levels[above] + share * (levels[above + 1] - levels[above])
    return result


def score_of_share(shares: NDArray[Any]) -> Array:
    """Return the score of shares in (0, 1), to 0.003 between 0.001 and 0.999."""
    result: Array = np.interp(shares, *_table())
    return result


@cache
def _table() -> tuple[Array, Array]:
    shares = (np.arange(CELLS) + 0.5) / CELLS
    return shares, scores_of(shares.tolist())
