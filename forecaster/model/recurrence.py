"""LSTMs over all their steps in one fused call, and the precision they compute in."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import torch
from torch import Tensor, nn

_dtype: ContextVar[torch.dtype | None] = ContextVar("dtype of recurrent layers", default=None)


@contextmanager
def recurrent_dtype(dtype: torch.dtype | None) -> Iterator[None]:
    """Let LSTMs compute in `dtype`, such as bfloat16, within this context; None: as their weights are.

    They are nearly all of the work. All else keeps its digits: statistics, the highway, the quantile rows.
    """
    token = _dtype.set(dtype)
    try:
        yield
    finally:
        _dtype.reset(token)


def fused_lstm(
    inputs: Tensor, state: tuple[Tensor, Tensor], weights: list[Tensor]
) -> tuple[Tensor, Tensor, Tensor]:
    """Run an LSTM with weights that need not be parameters of their own.

    inputs: (batch, steps, feature); state: h and c, each (layers, batch, hidden); weights, of each layer:
    input (4 × hidden, feature), hidden (4 × hidden, hidden) and both biases (4 × hidden,). Returns the hidden
    states (batch, steps, hidden) in the precision of the context, and the last h and c in that of the inputs.
    """
    dropout = 0.0
    with _autocast(inputs):
        hidden, h, c = torch.lstm(
            *_even(inputs, state, weights),
            True,  # biases
            len(weights) // 4,  # layers
            dropout,
            torch.is_grad_enabled(),
            False,  # bidirectional
            True,  # batch first
        )
    return hidden, h.to(inputs.dtype), c.to(inputs.dtype)


def run_lstm(
    lstm: nn.LSTM, inputs: Tensor, state: tuple[Tensor, Tensor]
) -> tuple[Tensor, tuple[Tensor, Tensor]]:
    """Run nn.LSTM in the precision of the context; results in that of the inputs, shapes as fused_lstm's."""
    hidden, h, c = fused_lstm(inputs, state, list(lstm.parameters()))
    return hidden.to(inputs.dtype), (h, c)


def _even(
    inputs: Tensor, state: tuple[Tensor, Tensor], weights: list[Tensor]
) -> tuple[Tensor, tuple[Tensor, Tensor], list[Tensor]]:
    """Add a column of zeros where bfloat16 would meet an odd number of features.

    It is multiplied in pairs; for odd ones oneDNN falls back to kernels that take two to three times as long.
    """
    if _dtype.get() is None or inputs.device.type != "cpu" or inputs.shape[2] % 2 == 0:
        return inputs, state, weights
    pad = nn.functional.pad
    return pad(inputs, (0, 1)), state, [pad(weights[0], (0, 1)), *weights[1:]]


def _autocast(inputs: Tensor) -> torch.autocast:
    dtype = _dtype.get()
    return torch.autocast(inputs.device.type, dtype or torch.bfloat16, enabled=dtype is not None)
