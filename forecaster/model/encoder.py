"""The encoder: patches of the history into the decoder's first state."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence

from forecaster.config import ModelConfig
from forecaster.model.decoder import State


class Encoder(nn.Module):
    """LSTM over the context's patches, packed, so that padding never touches the state."""

    def __init__(self, config: ModelConfig, input_width: int) -> None:
        super().__init__()
        self.lstm = nn.LSTM(input_width, config.hidden_size, config.encoder_layers, batch_first=True)

    def forward(self, inputs: Tensor, steps: Tensor) -> State:
        """inputs: (batch, encoder steps, feature) left-aligned; steps: int64 (batch,), those that count."""
        if bool((steps == inputs.shape[1]).all()):
            _, state = self.lstm(inputs)
        else:
            packed = pack_padded_sequence(inputs, steps.cpu(), batch_first=True, enforce_sorted=False)
            _, state = self.lstm(packed)
        return state  # type: ignore[no-any-return]


class StateBridge(nn.Module):
    """The encoder's layers into the decoder's: as they are where both have as many, else an affine map."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.decoder_layers, self.hidden_size = config.decoder_layers, config.hidden_size
        self.maps: nn.ModuleList | None = None
        if config.encoder_layers != config.decoder_layers:
            width_in = config.encoder_layers * config.hidden_size
            width_out = config.decoder_layers * config.hidden_size
            self.maps = nn.ModuleList([nn.Linear(width_in, width_out) for _ in ("h", "c")])

    def forward(self, state: State) -> State:
        """Each (encoder layers, batch, hidden) -> each (decoder layers, batch, hidden)."""
        if self.maps is None:
            return state
        h, c = (
            bridge(flatten_layers(part)).unflatten(1, (self.decoder_layers, self.hidden_size)).transpose(0, 1)
            for bridge, part in zip(self.maps, state, strict=True)
        )
        return h.contiguous(), c.contiguous()


def flatten_layers(part: Tensor) -> Tensor:
    """(layers, batch, hidden) -> (batch, layers × hidden)."""
    return torch.cat(list(part), dim=1)
