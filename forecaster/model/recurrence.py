"""One layer of an LSTM over all its steps, in one fused call."""

from __future__ import annotations

import torch
from torch import Tensor


def fused_lstm(
    inputs: Tensor, state: tuple[Tensor, Tensor], weights: list[Tensor]
) -> tuple[Tensor, Tensor, Tensor]:
    """nn.LSTM of one layer with weights that need not be parameters of their own.

    inputs: (batch, steps, feature); state: h and c, each (1, batch, hidden); weights: input (4 × hidden,
    feature), hidden (4 × hidden, hidden) and both biases (4 × hidden,). Returns the hidden states (batch,
    steps, hidden), and the last h and c.
    """
    return torch.lstm(
        inputs,
        state,
        weights,
        True,  # biases
        1,  # layers
        0.0,  # dropout
        torch.is_grad_enabled(),
        False,  # bidirectional
        True,  # batch first
    )
