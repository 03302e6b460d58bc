"""The highway: linear forecasts of the coming values from the context, added to every row."""

from collections.abc import Iterable
from itertools import cycle

import torch
from torch import Tensor, nn

from forecaster.config import ModelConfig
from forecaster.model.gate import Gate
from forecaster.weights.constants import LONGER


class Highway(nn.Module):
    """Affine maps context -> next patch, each rolled on its OWN output, never on the network's.

    So their forecast is known before the decoder starts, and free running still folds. A gate mixes several
    of them for each window. The channels of a joint series share them: coupling these is for the LSTMs to
    learn. On the Lorenz system (4 runs of 1500 steps, 2 seeds) a map for each channel errs by a fifth more,
    and one from all channels to all by a tenth more.
    """

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.context_length, self.patch_length = config.context_length, config.patch_length
        self.weight = nn.Parameter(first_maps(config))  # (maps, patch, context)
        self.bias = nn.Parameter(torch.zeros(self.weight.shape[:2]))
        self.gate = Gate(config) if config.highway > 1 else None

    def forward(self, context: Tensor, hidden: Tensor, steps: int) -> Tensor:
        """Forecast linearly: (rows, steps, patch).

        context: (rows, context) normalised, 0 = missing; hidden: (rows, hidden) of the encoder.
        """
        every = self.roll(context, steps)
        mixed = every[0]
        if self.gate is not None:
            mixed = torch.einsum("mrs,rm->rs", every, self.gate(context, hidden))
        return mixed.reshape(-1, steps, self.patch_length)

    def roll(self, context: Tensor, steps: int) -> Tensor:
        """Roll each map on its own output: (maps, rows, steps × patch).

        Rolling is y = A x + L y + b, with x the context, y all the patches, and L strictly lower triangular:
        one solve instead of a step for each patch.
        """
        if steps == 1:  # nothing to solve
            return context @ self.weight.transpose(1, 2) + self.bias.unsqueeze(1)
        on_context, on_output = self._rolled_weight(steps).tensor_split([self.context_length], dim=2)
        given = on_context @ context.T + self.bias.repeat(1, steps).unsqueeze(2)
        rolled: Tensor = torch.linalg.solve_triangular(-on_output, given, upper=False, unitriangular=True)
        return rolled.transpose(1, 2)

    def _rolled_weight(self, steps: int) -> Tensor:
        """Return [A, L] of each map: its weight once a step, each time a patch further right.

        Returns (maps, steps × patch, context + steps × patch).
        """
        patch = self.patch_length
        width = self.context_length + steps * patch
        # Copies of a row that is a patch longer than it is cut shift by a patch from cut to cut.
        padded = nn.functional.pad(self.weight, (0, (steps + 1) * patch)).repeat(1, 1, steps)
        cut = padded[..., : steps * width].reshape(-1, patch, steps, width)
        return cut.transpose(1, 2).flatten(1, 2)


def first_maps(config: ModelConfig) -> Tensor:
    """Return the maps before training: (maps, patch, context).

    The first is the mean over the context's whole seasons: the last season alone carries its noise into the
    forecast, which training on few windows does not unlearn. The others are what series of other kinds need.
    """
    span = config.context_length
    season = min(config.season, span)
    longer = min(LONGER * season, span)
    kinds: list[tuple[Iterable[int], int]] = [  # the mean of some lags, or the level of some last values
        (range(season, span + 1, season) if season > 1 else [1], 0),
        (range(longer, span + 1, longer), 0),
        (range(season, min(2 * season, span) + 1, season), 0),
        ((), season),
        ([longer], 0),
        ([season], 0),
        ([1], 0),
        ((), span),
    ]
    maps = torch.zeros(config.highway, config.patch_length, span)
    place = torch.arange(config.patch_length)
    for weight, (back, level) in zip(maps, cycle(kinds), strict=False):
        lags = list(back)
        for lag in lags:
            weight[place, span - lag + place % lag] += 1 / len(lags)
        if level:
            weight[:, span - level :] = 1 / level
    return maps
