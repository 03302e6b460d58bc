"""Quantiles and draws in the units in which a model adds: those of the data, or their logarithms."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..bundle.bundle import Manifest
from ..request.levels import Levels, with_levels, without_levels
from .scores import score_at, scores_of, value_at

TINY = np.finfo(np.float32).tiny  # that a logarithm can be taken of

Array = NDArray[np.float64]


class Units:
    """The units of a model, and its distributions in them."""

    def __init__(self, manifest: Manifest) -> None:
        self._manifest, self._takes_logs = manifest, manifest.positive
        self._levels = scores_of(manifest.quantile_levels)

    def of_graph(self, quantiles: NDArray[Any]) -> Array:
        """Return what a graph gives in these units."""
        values = quantiles.astype(np.float64)
        return np.log(np.maximum(values, TINY)) if self._takes_logs else values

    def of(self, data: Array, levels: Levels) -> Array:
        """Return data without their levels in these units. levels: of a shape that broadcasts."""
        return self.of_graph(without_levels(self._manifest, data, levels))

    def to_data(self, values: Array, levels: Levels) -> Array:
        """Return values in units of the data, not below what forecasts may be: the inverse of `of`."""
        return with_levels(self._manifest, np.exp(values) if self._takes_logs else values, levels)

    def value_at(self, quantiles: Array, scores: Array) -> Array:
        """Return the value at these scores of quantiles (..., quantile); all in these units."""
        return value_at(quantiles, scores, self._levels)

    def score_at(self, quantiles: Array, values: Array) -> Array:
        """Return the scores of values, the inverse of `value_at`."""
        return score_at(quantiles, values, self._levels)
