"""Draws that every generator needs: one value a series, whole batches at a time."""

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

Array = NDArray[np.float64]


def log_uniform(draw: Generator, low: float, high: float, size: int | tuple[int, ...]) -> Array:
    """Draw numbers whose logarithm is uniform between those of two bounds."""
    return np.exp(draw.uniform(np.log(low), np.log(high), size))


def chosen(draw: Generator, share: float, size: int | tuple[int, ...]) -> NDArray[np.bool_]:
    """Draw which are chosen, where a share of all is."""
    return draw.random(size) < share


def heavy_tailed(draw: Generator, shape: tuple[int, int], share: float = 0.3) -> Array:
    """Draw noise of unit scale: (time, series). A share of the series has Student's t with 3 to 6 degrees.

    Their values are divided by the deviation of that distribution, so that all have a variance of 1.
    """
    noise = draw.standard_normal(shape)
    heavy = np.flatnonzero(chosen(draw, share, shape[1]))
    degrees = draw.uniform(3, 6, len(heavy))
    noise[:, heavy] /= np.sqrt(draw.chisquare(degrees, (shape[0], len(heavy))) / (degrees - 2))
    return noise


def standardized(series: Array) -> Array:
    """Return series with mean 0 and deviation 1, constant ones as 0: (series, time)."""
    centred = series - series.mean(1, keepdims=True)
    scaled: Array = centred / np.maximum(centred.std(1, keepdims=True), 1e-9)
    return scaled
