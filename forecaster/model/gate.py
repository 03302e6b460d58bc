"""The gate of a highway: shares of several linear forecasts, by what a window's history looks like."""

import torch
from torch import Tensor, nn

from forecaster.config import ModelConfig
from forecaster.weights.constants import gate_lags, level_changes


class Gate(nn.Module):
    """Shares of the maps of a highway, by the encoder's state and by features of the window.

    How strong each cycle is decides between the maps, and the encoder does not see it well: its
    autocorrelation over the context, and how much the level changed from the last but one to the last.
    """

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.lags = gate_lags(config)
        self.linear = nn.Linear(config.hidden_size + 2 * len(self.lags), config.highway)
        nn.init.zeros_(self.linear.weight)
        nn.init.zeros_(self.linear.bias)
        self.register_buffer("changes", torch.tensor(level_changes(config)), persistent=False)
        self.changes: Tensor

    def forward(self, context: Tensor, hidden: Tensor) -> Tensor:
        """Return the shares of the maps: (rows, maps).

        context: (rows, context) normalised, 0 = missing; hidden: (rows, hidden).
        """
        features = torch.cat([hidden, self.autocorrelations(context), context @ self.changes], dim=1)
        shares: Tensor = self.linear(features).softmax(1)
        return shares

    def autocorrelations(self, context: Tensor) -> Tensor:
        """Correlate the normalised context with itself, not centred again: (rows, lags); 0 where it is 0."""
        if not self.lags:  # the context is shorter than two seasons
            return context[:, :0]
        power = context.square().sum(1).clamp(min=torch.finfo(torch.float32).tiny)
        products = [(context[:, lag:] * context[:, :-lag]).sum(1) for lag in self.lags]
        return torch.stack(products, dim=1) / power.unsqueeze(1)
