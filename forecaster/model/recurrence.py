"""LSTMs over all their steps in one fused call, and the precision they compute in."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import torch
from torch import Tensor, nn

_dtype: ContextVar[torch.dtype | None] = ContextVar("dtype of recurrent layers", default=None)


@contextmanager
def recurrent_dtype(dtype: torch.dtype | None) -> Iterator[None]:
    """Within this context LSTMs compute in `dtype`, such as bfloat16; None: as their weights are.

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
    """nn.LSTM of one layer with weights that need not be parameters of their own.

    inputs: (batch, steps, feature); state: h and c, each (1, batch, hidden); weights: input (4 × hidden,
    feature), hidden (4 × hidden, hidden) and both biases (4 × hidden,). Returns the hidden states (batch,
    steps, hidden), and the last h and c.
    """
    layers, dropout = 1, 0.0
    with _autocast(inputs):
        hidden, h, c = torch.lstm(
            inputs,
            state,
            weights,
            True,  # biases
            layers,
            dropout,
            torch.is_grad_enabled(),
            False,  # bidirectional
            True,  # batch first
        )
    return hidden.to(inputs.dtype), h.to(inputs.dtype), c.to(inputs.dtype)


def run_lstm(
    lstm: nn.LSTM, inputs: Tensor, state: tuple[Tensor, Tensor]
) -> tuple[Tensor, tuple[Tensor, Tensor]]:
    """nn.LSTM in the precision of the context. Shapes as fused_lstm's; state: (layers, batch, hidden)."""
    with _autocast(inputs):
        hidden, (h, c) = lstm(inputs, state)
    return hidden.to(inputs.dtype), (h.to(inputs.dtype), c.to(inputs.dtype))


def _autocast(inputs: Tensor) -> torch.autocast:
    dtype = _dtype.get()
    return torch.autocast(inputs.device.type, dtype or torch.bfloat16, enabled=dtype is not None)
