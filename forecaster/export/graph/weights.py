"""Parameters of torch as ONNX wants them: numpy arrays, and the gates of an LSTM in its order."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import nn

from forecaster.export.graph.emitter import Emitter

# torch orders an LSTM's gates i, f, g, o; ONNX i, o, f, g.
_GATES = (0, 3, 1, 2)


def array(tensor: Any) -> NDArray[np.float32]:
    """A parameter as numpy."""
    result: NDArray[np.float32] = tensor.detach().cpu().float().numpy()
    return result


def lstm(
    g: Emitter,
    inputs: str,
    weights: list[Any],
    state: tuple[str, str] | None = None,
    lengths: str | None = None,
) -> list[str]:
    """One layer over (time, batch, feature). weights: torch's W, R, b_in, b_hidden of the layer.

    state: h and c, each (1, batch, hidden). Returns all hidden states (time, 1, batch, hidden) and the last
    h and c, each (1, batch, hidden).
    """
    w, r, b_in, b_hidden = (
        np.concatenate([np.split(array(part), 4)[gate] for gate in _GATES])[None] for part in weights
    )
    bias = np.concatenate([b_in, b_hidden], axis=1)
    h, c = state or (None, None)
    return g.ops("LSTM", 3, inputs, w, r, bias, lengths, h, c, hidden_size=r.shape[2])


def layer_weights(module: nn.LSTM, layer: int) -> list[Any]:
    """torch's W, R, b_in, b_hidden of one layer."""
    return [
        module.get_parameter(f"{name}_l{layer}") for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    ]
