"""The encoder: from patches of the history to the decoder's first state."""

import torch
from torch import Tensor, nn

from forecaster.config import ModelConfig
from forecaster.model.decoder import State
from forecaster.model.recurrence import fused_lstm

# Added to what opens an input gate, this closes it to exactly 0 in every floating point format.
CLOSED = -1e4


class Encoder(nn.Module):
    """LSTM over the context's patches; padding before them never touches the state.

    Padding comes first and finds the state 0. There an input gate is held shut, by one more input column
    with a fixed weight, so the state stays 0: what packed sequences do, in the one fused call that they do
    not have on the CPU.
    """

    def __init__(self, config: ModelConfig, input_width: int) -> None:
        super().__init__()
        self.lstm = nn.LSTM(input_width, config.hidden_size, config.encoder_layers, batch_first=True)

    def forward(self, inputs: Tensor, padding: Tensor) -> State:
        """Return the last state.

        inputs: (batch, encoder steps, feature); padding: bool (batch, encoder steps), in front.
        """
        size = self.lstm.hidden_size
        shut = padding.to(inputs.dtype).unsqueeze(2)
        gates = inputs.new_zeros(4 * size, 1)  # torch's order: input, forget, cell, output
        gates[:size] = CLOSED
        zeros = inputs.new_zeros(1, len(inputs), size)
        states = []
        for layer in range(self.lstm.num_layers):
            names = (f"{kind}_l{layer}" for kind in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"))
            w_in, w_hidden, b_in, b_hidden = (getattr(self.lstm, name) for name in names)
            weights = [torch.cat([w_in, gates], dim=1), w_hidden, b_in, b_hidden]
            inputs, h, c = fused_lstm(torch.cat([inputs, shut], dim=2), (zeros, zeros), weights)
            states.append((h, c))
        h, c = (torch.cat(parts) for parts in zip(*states, strict=True))
        return h, c


class StateBridge(nn.Module):
    """Map of the encoder's layers to the decoder's: identity where both have as many, else affine."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.decoder_layers, self.hidden_size = config.decoder_layers, config.hidden_size
        self.maps: nn.ModuleList | None = None
        if config.encoder_layers != config.decoder_layers:
            width_in = config.encoder_layers * config.hidden_size
            width_out = config.decoder_layers * config.hidden_size
            self.maps = nn.ModuleList([nn.Linear(width_in, width_out) for _ in ("h", "c")])

    def forward(self, state: State) -> State:
        """Map h and c: each (encoder layers, batch, hidden) -> (decoder layers, batch, hidden)."""
        if self.maps is None:
            return state
        h, c = (
            bridge(flatten_layers(part)).unflatten(1, (self.decoder_layers, self.hidden_size)).transpose(0, 1)
            for bridge, part in zip(self.maps, state, strict=True)
        )
        return h.contiguous(), c.contiguous()


def flatten_layers(part: Tensor) -> Tensor:
    """Join the layers of h or c: (layers, batch, hidden) -> (batch, layers × hidden)."""
    return torch.cat(list(part), dim=1)
