"""Joint bands: what whole trajectories stay in, from intervals of each step, stretched by one factor."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError

Array = NDArray[np.float64]


@dataclass(frozen=True)
class JointBands:
    """The factors of a model, found where the fit held values out.

    factors: (horizon, interval), for trajectories of so many steps; intervals: the levels of the central
    intervals that they stretch, such as 0.8. Both are empty where a model has none.
    """

    intervals: tuple[float, ...] = ()
    factors: tuple[tuple[float, ...], ...] = ()
    multiplies: bool = False  # of a model of values above 0: the factor is of logarithms
    lower: float | None = None

    def of(self, quantiles: Array, levels: tuple[float, ...], level: float) -> tuple[Array, Array]:
        """Return the lower and the upper ends of the band: (batch, horizon[, D]) each.

        quantiles: (batch, horizon, [D,] quantile). Raises InputError for a model without factors, a level
        that has none, or more steps than were calibrated.
        """
        if not self.intervals:
            raise InputError(
                "this forecast has no joint bands: its bundle was exported before there were any, from a fit "
                "that held nothing out to calibrate on, or has no central intervals; fit again"
            )
        if level not in self.intervals:
            known = ", ".join(f"{each:g}" for each in self.intervals)
            raise InputError(f"joint: expected a level of {known}, found {level!r}")
        steps = quantiles.shape[1]
        if steps > len(self.factors):
            raise InputError(
                f"joint: trajectories of up to {len(self.factors)} steps were calibrated, found {steps}"
            )
        factor = self.factors[steps - 1][self.intervals.index(level)]
        median = quantiles[..., levels.index(0.5)]
        low, high = (quantiles[..., find(levels, (1 + sign * level) / 2)] for sign in (-1, 1))
        if self.multiplies:
            return median * (low / median) ** factor, median * (high / median) ** factor
        low, high = median + factor * (low - median), median + factor * (high - median)
        return (low, high) if self.lower is None else (np.maximum(low, self.lower), high)


def find(levels: tuple[float, ...], level: float) -> int:
    """Return the place of a level that is there."""
    return int(np.argmin(np.abs(np.array(levels) - level)))
