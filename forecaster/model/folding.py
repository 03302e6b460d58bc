"""Folding: a free-running decoder of one layer is an ordinary LSTM with other weights.

With fed-back patch y_k = V h_k + v + z_k (z the highway, known from the context) the gates of step k are

    a_k = W_y y_{k-1} + W_c c_k + R h_{k-1} + b
        = W_c c_k + (R + W_y V) h_{k-1} + (b + W_y v) + W_y e_k
    e_1 = y_0 − (V h_0 + v),   e_k = z_{k-1} for k > 1

so one fused call with R' = R + W_y V and b' = b + W_y v replaces the loop, exactly, gradients included.
"""

import torch
from torch import Tensor

from forecaster.model.decoder import Decoder, Start
from forecaster.model.recurrence import fused_lstm


def folded_weights(decoder: Decoder) -> list[Tensor]:
    """Return W, R', b' and the unchanged second bias of torch's LSTM; gradients reach the decoder."""
    names = ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0")
    w_in, w_hidden, b_in, b_hidden = (getattr(decoder.lstm, name) for name in names)
    weight, bias = decoder.median_row()
    w_previous = w_in[:, : decoder.patch_width]  # (4 × hidden, patch)
    return [w_in, w_hidden + w_previous @ weight, b_in + w_previous @ bias, b_hidden]


def folded_inputs(decoder: Decoder, start: Start) -> Tensor:
    """Return inputs in which e_k takes the place of the fed-back patch, with its mask and the features.

    Returns (batch, steps, 2 × patch + feature).
    """
    h_0 = start.state[0][-1]
    weight, bias = decoder.median_row()
    offset = torch.nn.functional.linear(h_0, weight, bias)  # (batch, patch)
    observed = torch.isfinite(start.previous)
    # A missing first value enters the plain LSTM as 0, so here it must cancel the offset alone.
    e_1 = torch.where(observed, start.previous, 0.0) - offset
    e = torch.cat([e_1.unsqueeze(1), start.highway[:, :-1]], dim=1)
    mask = torch.ones_like(e)
    mask[:, 0] = observed.to(e.dtype)
    return torch.cat([e, mask, start.features], dim=-1)


def unroll_folded(decoder: Decoder, start: Start) -> Tensor:
    """Run free in one LSTM call. Returns the hidden states (batch, steps, hidden)."""
    inputs = folded_inputs(decoder, start)
    hidden, _, _ = fused_lstm(inputs, start.state, folded_weights(decoder))
    return hidden.to(inputs.dtype)
