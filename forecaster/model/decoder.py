"""The decoder: one definition of its arithmetic, however it is unrolled.

To a decoder a patch is one vector: the values of all channels, patch_width = p × D.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from forecaster.config import ModelConfig
from forecaster.model.recurrence import run_lstm

State = tuple[Tensor, Tensor]  # h and c, each (layers, batch, hidden)


@dataclass(frozen=True)
class Start:
    """Tensors that a decoder is given before its first step, normalised."""

    state: State
    previous: Tensor  # (batch, patch) the last patch of the history, NaN = missing
    features: Tensor  # (batch, steps, feature) what is known of each step without the previous patch
    highway: Tensor  # (batch, steps, patch) linear forecast that is added to the rows; 0 where unused

    def select(self, members: slice) -> "Start":
        """Return the start of some members of the batch."""
        h, c = self.state
        return Start(
            (h[:, members].contiguous(), c[:, members].contiguous()),
            self.previous[members],
            self.features[members],
            self.highway[members],
        )


@dataclass(frozen=True)
class Rows:
    """Quantile rows of each decoder step, raw (unsorted) and normalised: (batch, steps, patch, quantile)."""

    next: Tensor  # the coming patch given everything before it
    horizon: Tensor  # the same patch given only the history


class Decoder(nn.Module):
    """LSTM over [previous patch, its mask, features] and affine quantile rows on its hidden state.

    Nothing between the hidden state and the value that is fed back is anything but affine, so that a free
    run of one layer folds into an ordinary LSTM (folding.py).
    """

    def __init__(self, config: ModelConfig, feature_width: int) -> None:
        super().__init__()
        self.patch_width = config.patch_width
        self.median_index = config.median_index
        self.levels = len(config.quantile_levels)
        width = self.patch_width * self.levels
        self.lstm = nn.LSTM(
            2 * self.patch_width + feature_width, config.hidden_size, config.decoder_layers, batch_first=True
        )
        self.next_rows = nn.Linear(config.hidden_size, width)
        # horizon = next + delta: both start equal, and nothing moves `next` before the free pass begins.
        self.delta_rows = nn.Linear(config.hidden_size, width)
        nn.init.zeros_(self.delta_rows.weight)
        nn.init.zeros_(self.delta_rows.bias)

    def inputs(self, previous: Tensor, features: Tensor) -> Tensor:
        """Return [previous patch, its mask, features] along the last axis.

        previous: (batch, steps, patch), NaN = missing; features: (batch, steps, feature).
        """
        return torch.cat([with_mask(previous), features], dim=-1)

    def step(self, fed: Tensor, features: Tensor, state: State) -> tuple[Tensor, State]:
        """Run one step. fed: (batch, 2 × patch), a patch and its mask. Returns h (batch, hidden), state."""
        hidden, state = run_lstm(self.lstm, torch.cat([fed, features], dim=-1).unsqueeze(1), state)
        return hidden[:, 0], state

    def median(self, hidden: Tensor, highway: Tensor) -> Tensor:
        """Return the value that is fed back: the raw median row of `next`.

        hidden: (..., hidden); highway: (..., patch). Returns (..., patch).
        """
        weight, bias = self.median_row()
        return nn.functional.linear(hidden, weight, bias) + highway

    def median_row(self) -> tuple[Tensor, Tensor]:
        """Return the affine map from the hidden state to the median: V (patch, hidden) and v (patch,)."""
        weight = self.next_rows.weight.unflatten(0, (self.patch_width, self.levels))
        bias = self.next_rows.bias.unflatten(0, (self.patch_width, self.levels))
        return weight[:, self.median_index], bias[:, self.median_index]

    def rows(self, hidden: Tensor, highway: Tensor) -> Rows:
        """Return both sets of rows. hidden: (batch, steps, hidden); highway: (batch, steps, patch)."""
        shape = (self.patch_width, self.levels)
        following = self.next_rows(hidden).unflatten(-1, shape) + highway.unsqueeze(-1)
        return Rows(following, following + self.delta_rows(hidden).unflatten(-1, shape))


def with_mask(patch: Tensor) -> Tensor:
    """Return a patch as it is fed: 0 where it is missing, and its mask: (..., 2 × patch)."""
    observed = torch.isfinite(patch)
    return torch.cat([torch.where(observed, patch, 0.0), observed.to(patch.dtype)], dim=-1)
