"""Simulated daily series whose future is known in distribution: autoregressions around a week."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

SEASON = 7
BURN_IN = 200  # values thrown away, after which a stationary process has forgotten its start


@dataclass(frozen=True)
class Process:
    """x_t = week(t) + u_t, u_t = Σ φ_i u_{t−i} + ε_t, with ε of deviation 1."""

    name: str
    phi: tuple[float, ...] = ()
    week: float = 0.0  # deviation of the seven values of a series' week; 0: no season

    def simulate(self, count: int, length: int, generator: np.random.Generator) -> Array:
        """(count, length)."""
        noise = generator.normal(size=(BURN_IN + length, count))
        past = np.zeros((len(self.phi), count))  # the latest first
        values = np.empty_like(noise)
        for step, shock in enumerate(noise):
            values[step] = shock + np.array(self.phi) @ past
            past = np.concatenate([values[step : step + 1], past])[: len(self.phi)]
        weeks = self.week * generator.normal(size=(SEASON, count))
        return (values + np.resize(weeks, values.shape))[BURN_IN:].T

    def deviations(self, horizon: int) -> Array:
        """The deviation of x_{t+1} ... x_{t+horizon} given all up to t: (horizon,).

        The root of Σ ψ² of the process as a sum of its shocks (Box and Jenkins, 1970).
        """
        weights = [1.0]
        while len(weights) < horizon:
            latest_first = zip(self.phi, reversed(weights), strict=False)
            weights.append(sum(phi * weight for phi, weight in latest_first))
        return np.sqrt(np.cumsum(np.square(weights)))
