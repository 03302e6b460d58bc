"""The linear highway: a linear forecast of the coming values from the context, added to every row."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from forecaster.config import ModelConfig


class Highway(nn.Module):
    """One affine map context -> next patch, rolled on its OWN output, never on the network's.

    So it is known before the decoder starts, and free running still folds. The channels of a joint series
    share it: what couples them is the LSTMs' to learn. On the Lorenz system (4 runs of 1500 steps, 2 seeds)
    a map for each channel errs by a fifth more, and one from all channels to all by a tenth more.
    """

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.context_length, self.patch_length = config.context_length, config.patch_length
        self.linear = nn.Linear(config.context_length, config.patch_length)
        with torch.no_grad():
            self.linear.weight.copy_(_seasonal_mean(config))
            self.linear.bias.zero_()

    def forward(self, context: Tensor, steps: int) -> Tensor:
        """context: (rows, context) normalised, 0 = missing. Returns (rows, steps, patch)."""
        patches = []
        for _ in range(steps):
            patches.append(self.linear(context))
            context = torch.cat([context[:, self.patch_length :], patches[-1]], dim=1)
        return torch.stack(patches, dim=1)

    def as_matrix(self, steps: int) -> tuple[Tensor, Tensor]:
        """The rolled map as one affine map: weight (context, steps × patch), bias (steps × patch,)."""
        identity = torch.eye(self.context_length, dtype=self.linear.weight.dtype)
        bias = self(torch.zeros_like(identity[:1]), steps).flatten(1)
        return self(identity, steps).flatten(1) - bias, bias[0]


def _seasonal_mean(config: ModelConfig) -> Tensor:
    """Weights of the mean over the context's whole seasons; the last value without one: (patch, context).

    The last season alone carries its noise into the forecast, which training on few windows does not unlearn.
    """
    season = min(config.season, config.context_length)
    seasons = config.context_length // season if season > 1 else 1
    weight = torch.zeros(config.patch_length, config.context_length)
    row = torch.arange(config.patch_length)
    for back in range(1, seasons + 1):
        weight[row, config.context_length - back * season + row % season] = 1 / seasons
    return weight
