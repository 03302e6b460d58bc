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
        """context: (rows, context) normalised, 0 = missing. Returns (rows, steps, patch).

        Rolling is y = A x + L y + b, with x the context, y all the patches, and L strictly lower triangular:
        one solve instead of a step for each patch.
        """
        if steps == 1:  # nothing to solve
            return nn.functional.linear(context, self.linear.weight, self.linear.bias).unsqueeze(1)
        on_context, on_output = self._rolled_weight(steps).tensor_split([self.context_length], dim=1)
        given = nn.functional.linear(context, on_context, self.linear.bias.repeat(steps))
        rolled: Tensor = torch.linalg.solve_triangular(-on_output, given.T, upper=False, unitriangular=True)
        return rolled.T.reshape(-1, steps, self.patch_length)

    def _rolled_weight(self, steps: int) -> Tensor:
        """[A, L]: the weight once a step, each time a patch further right.

        (steps × patch, context + steps × patch)
        """
        patch = self.patch_length
        width = self.context_length + steps * patch
        # Copies of a row that is a patch longer than it is cut shift by a patch from cut to cut.
        padded = nn.functional.pad(self.linear.weight, (0, (steps + 1) * patch)).repeat(1, steps)
        return padded[:, : steps * width].reshape(patch, steps, width).transpose(0, 1).flatten(0, 1)

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
