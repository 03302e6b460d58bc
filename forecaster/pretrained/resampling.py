"""Patches of any length as patches of one length: linear maps between their phases."""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


CANONICAL = 32  # phases of a patch, the longest that a fit chooses


def stretch(patch: int) -> Array:
    """Return U, (CANONICAL, patch): each phase is the mean of the values that it overlaps.

    Rows sum to 1: what is constant stays it.
    """
    edges = np.arange(CANONICAL + 1) * patch / CANONICAL
    values = np.arange(patch)
    overlap = np.minimum(edges[1:, None], values + 1) - np.maximum(edges[:-1, None], values)
    return overlap.clip(min=0) * CANONICAL / patch


def shrink(patch: int) -> Array:
    """Return D, (patch, CANONICAL), with D U = 1: means of phases where U repeats values."""
    return np.asarray(np.linalg.pinv(stretch(patch)), np.float64)
