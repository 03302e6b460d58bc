"""The dependence of the values of one patch, which the loop leaves open: it has one step for them all.

Training recorded rank vectors on data held out. Sample paths draw from these, and where a caller imposes a
value within a patch, the values after it in the patch move as far as their correlation with it says.
"""

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ..bundle.bundle import Manifest
from ..engine.deadline import Steps
from .scores import score_of_share

RIDGE = 1e-3  # keeps a correlation matrix of few vectors invertible
PIECE = 1 << 13  # scores that are looked up at a time: a millisecond

Array = NDArray[np.float64]


class PatchDependence:
    """The normal scores of a patch: how to draw them, and how they follow one another."""

    def __init__(self, manifest: Manifest) -> None:
        self._size = max(1, len(manifest.channels))
        self.width = manifest.patch_length * self._size
        self._ranks = np.array(manifest.patch_ranks, dtype=np.int64).reshape(-1, self.width)

    # Quoted, since numpy loads numpy.random where it is named.
    def draw(self, generator: "np.random.Generator", paths: int, steps: int) -> Steps[Array]:
        """Draw scores (paths, steps, patch × D), independent from step to step; in pieces.

        The loop makes what happens in different steps depend on each other. Without recorded vectors the
        values of a patch are independent, too.
        """
        if not len(self._ranks):
            return generator.standard_normal((paths, steps, self.width))
        chosen = self._ranks[generator.integers(len(self._ranks), size=(paths, steps))]
        scores = (chosen + generator.random(chosen.shape)) / len(self._ranks)
        size = max(1, PIECE // (steps * self.width))
        for begin in range(0, paths, size):
            piece = slice(begin, begin + size)
            scores[piece] = score_of_share(scores[piece])
            yield
        return scores

    def follow(self, scores: Array, place: int, moved: Array) -> Array:
        """Return the scores of a patch once those of one of its places moved: the later ones follow.

        scores: (rows, patch × D); moved: (rows, D), by how much. A score is a linear map of the innovations
        of its own time and of those before (the Cholesky factor); innovations of later times stay.
        """
        own = slice(place * self._size, (place + 1) * self._size)
        later = slice(own.stop, None)
        innovations = np.linalg.solve(self._factor[own, own], moved.T)
        result = scores.copy()
        result[:, own] += moved
        result[:, later] += (self._factor[later, own] @ innovations).T
        return result

    @cached_property
    def _factor(self) -> Array:
        if not len(self._ranks):
            return np.eye(self.width)
        scores = score_of_share((self._ranks + 0.5) / len(self._ranks))
        correlation = np.corrcoef(scores, rowvar=False).reshape(self.width, self.width)
        return np.linalg.cholesky(correlation + RIDGE * np.eye(self.width)).astype(np.float64)
