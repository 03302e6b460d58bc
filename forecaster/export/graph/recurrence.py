"""LSTM nodes: where an LSTM of torch becomes one of ONNX, as model/recurrence.py for torch."""

from collections.abc import Iterable

import numpy as np

from forecaster.export.nodes.functions import concat
from forecaster.export.nodes.value import Value, ops
from forecaster.weights.weights import Layer

State = tuple[Value, Value]  # h and c, each (batch, layers × hidden)
# torch orders an LSTM's gates i, f, g, o; ONNX i, o, f, g.
ORDER = (0, 3, 1, 2)


def run_layer(
    inputs: Value, layer: Layer, state: State | None = None, lengths: Value | None = None
) -> tuple[Value, State]:
    """Run one layer over (time, batch, feature).

    state: h and c, each (1, batch, hidden), else 0; lengths: int32 (batch,), else all of the time. Returns
    the hidden states (time, 1, batch, hidden) and the last h and c, each (1, batch, hidden).
    """
    w, r, b_in, b_hidden = (
        np.concatenate([np.split(part, len(ORDER))[gate] for gate in ORDER])[None]
        for part in (layer.w_in, layer.w_hidden, layer.b_in, layer.b_hidden)
    )
    biases = np.concatenate([b_in, b_hidden], axis=1)
    hidden, h, c = ops(
        "LSTM", 3, inputs, w, r, biases, lengths, *(state or (None, None)), hidden_size=r.shape[2]
    )
    return hidden, (h, c)


def flatten_layers(states: Iterable[State]) -> State:
    """Join the h and c of each layer, each (1, batch, hidden), to (batch, layers × hidden)."""
    h, c = (concat(parts, axis=2).squeeze(0) for parts in zip(*states, strict=True))
    return h, c
