"""The gate of a highway: shares of several linear forecasts, by what a window's history looks like."""

import torch
from torch import Tensor, nn

from forecaster.config import ModelConfig
from forecaster.weights.constants import (
    LEAST_CHANGE,
    MOST_CHANGE,
    gate_features,
    gate_lags,
    level_changes,
)


class Gate(nn.Module):
    """Shares of the maps of a highway, by the encoder's state and by features of the window.

    How strong each cycle is decides between the maps, and the encoder does not see it well: its
    autocorrelation over the context, how much the level changed from the last but one to the last and, if the
    config says so, how much values change over it.
    """

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.lags, self.knows_changes = gate_lags(config), config.cycle_changes
        self.linear = nn.Linear(gate_features(config), config.highway)
        nn.init.zeros_(self.linear.weight)
        nn.init.zeros_(self.linear.bias)
        self.register_buffer("changes", torch.tensor(level_changes(config)), persistent=False)
        self.changes: Tensor

    def forward(self, context: Tensor, hidden: Tensor) -> Tensor:
        """Return the shares of the maps: (rows, maps).

        context: (rows, context) normalised, 0 = missing; hidden: (rows, hidden).
        """
        features = [hidden, self.autocorrelations(context), context @ self.changes]
        if self.knows_changes:
            features.append(self.cycle_changes(context))
        shares: Tensor = self.linear(torch.cat(features, dim=1)).softmax(1)
        return shares

    def autocorrelations(self, context: Tensor) -> Tensor:
        """Correlate the normalised context with itself, not centred again: (rows, lags); 0 where it is 0."""
        if not self.lags:  # the context is shorter than two seasons
            return context[:, :0]
        power = context.square().sum(1).clamp(min=torch.finfo(torch.float32).tiny)
        products = [(context[:, lag:] * context[:, :-lag]).sum(1) for lag in self.lags]
        return torch.stack(products, dim=1) / power.unsqueeze(1)

    def cycle_changes(self, context: Tensor) -> Tensor:
        """Return how much values change over each cycle, next to how far they are from their mean.

        Logarithms, within limits: (rows, lags). That cycle guides best over which they change least.
        """
        if not self.lags:
            return context[:, :0]
        spread = (context - context.mean(1, keepdim=True)).abs().mean(1)
        moved = [(context[:, lag:] - context[:, :-lag]).abs().mean(1) for lag in self.lags]
        spread = spread.clamp(min=torch.finfo(torch.float32).tiny)
        shares = torch.stack(moved, dim=1) / spread.unsqueeze(1)
        return shares.clamp(LEAST_CHANGE, MOST_CHANGE).log()
