"""Networks whose forecasts are averaged, and the offsets that calibrate them: model/ensemble.py in numpy."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forecaster.config import ModelConfig
from forecaster.weights.constants import offset_growth
from forecaster.weights.weights import State, Weights


@dataclass(frozen=True)
class Calibrated:
    """The weights of an ensemble."""

    members: tuple[Weights, ...]  # of one shape, but for their normalisation
    offsets: NDArray[np.float32]  # (horizon, quantile) in scale units, 0 where nothing is calibrated

    @classmethod
    def of(
        cls, config: ModelConfig, states: Sequence[State], offsets: NDArray[np.floating] | None = None
    ) -> "Calibrated":
        """Take the state dict of each member. Raises ValueError for arrays of another shape."""
        members = tuple(Weights.of(config, state) for state in states)
        shape = (config.horizon, len(config.quantile_levels))
        given = np.zeros(shape) if offsets is None else np.asarray(offsets)
        if given.shape != shape:
            raise ValueError(f"the offsets have shape {given.shape}, expected {shape}")
        return cls(members, given.astype(np.float32))

    @property
    def first(self) -> Weights:
        """The network of the first seed."""
        return self.members[0]

    @property
    def config(self) -> ModelConfig:
        """The shape that all networks have."""
        return self.first.config

    def offsets_of(self, steps: int) -> NDArray[np.float32]:
        """Return the offsets of so many steps: (steps, quantile), as Ensemble.offsets_of."""
        trained = len(self.offsets)
        nearest = self.offsets[np.minimum(np.arange(steps), trained - 1)]
        offsets: NDArray[np.float32] = nearest * offset_growth(steps, trained)[:, None]
        return offsets
