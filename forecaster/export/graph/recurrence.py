"""LSTM nodes: where an LSTM of torch becomes one of ONNX, as model/recurrence.py for torch."""

from collections.abc import Iterable

import torch
from torch import Tensor, nn

from forecaster.export.nodes.functions import concat
from forecaster.export.nodes.value import Value, ops

State = tuple[Value, Value]  # h and c, each (batch, layers × hidden)
# torch orders an LSTM's gates i, f, g, o; ONNX i, o, f, g.
GATES = (0, 3, 1, 2)


def run_layer(
    inputs: Value, weights: list[Tensor], state: State | None = None, lengths: Value | None = None
) -> tuple[Value, State]:
    """Run one layer over (time, batch, feature). weights: torch's W, R, b_in, b_hidden of the layer.

    state: h and c, each (1, batch, hidden), else 0; lengths: int32 (batch,), else all of the time. Returns
    the hidden states (time, 1, batch, hidden) and the last h and c, each (1, batch, hidden).
    """
    w, r, b_in, b_hidden = (
        torch.cat([part.chunk(4)[gate] for gate in GATES]).unsqueeze(0) for part in weights
    )
    biases = torch.cat([b_in, b_hidden], dim=1)
    hidden, h, c = ops(
        "LSTM", 3, inputs, w, r, biases, lengths, *(state or (None, None)), hidden_size=r.shape[2]
    )
    return hidden, (h, c)


def layer_weights(lstm: nn.LSTM, layer: int) -> list[Tensor]:
    """Return torch's W, R, b_in, b_hidden of one layer."""
    return [
        lstm.get_parameter(f"{name}_l{layer}") for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    ]


def flatten_layers(states: Iterable[State]) -> State:
    """Join the h and c of each layer, each (1, batch, hidden), to (batch, layers × hidden)."""
    h, c = (concat(parts, axis=2).squeeze(0) for parts in zip(*states, strict=True))
    return h, c
