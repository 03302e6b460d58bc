"""Patches of any length as patches of one length: linear maps between their phases."""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def stretch(patch: int, phases: int) -> Array:
    """Return U, (phases, patch): each phase is the mean of the values that it overlaps.

    Rows sum to 1: what is constant stays it.
    """
    edges = np.arange(phases + 1) * patch / phases
    values = np.arange(patch)
    overlap = np.minimum(edges[1:, None], values + 1) - np.maximum(edges[:-1, None], values)
    return overlap.clip(min=0) * phases / patch


def shrink(patch: int, phases: int) -> Array:
    """Return D, (patch, phases), with D U = 1 up to a patch of so many: means where U repeats values."""
    return np.asarray(np.linalg.pinv(stretch(patch, phases)), np.float64)
