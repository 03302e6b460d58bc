"""Folding: a free-running decoder of one layer is an ordinary LSTM with other weights.

With fed-back patch y_k = V h_k + v + z_k (z the highway, known from the context) the gates of step k are

    a_k = W_y y_{k-1} + W_c c_k + R h_{k-1} + b
        = W_c c_k + (R + W_y V) h_{k-1} + (b + W_y v) + W_y e_k
    e_1 = y_0 − (V h_0 + v),   e_k = z_{k-1} for k > 1

so one fused call with R' = R + W_y V and b' = b + W_y v replaces the loop, exactly, gradients included.

Fed a mixture of the truth and its own median, α x_{k-1} + (1 − α) y_{k-1}, it folds as well, for any share α:
with R + (1 − α) W_y V, b + (1 − α) W_y v and

    e_1 = y_0 − (1 − α)(V h_0 + v),   e_k = α x_{k-1} + (1 − α) z_{k-1} for k > 1

α = 0 is the free run, α = 1 teacher forcing. The mask is mixed as the value is: 1 − α where x is missing.
"""

import torch
from torch import Tensor

from forecaster.model.decoder import Decoder, Start, with_mask
from forecaster.model.recurrence import fused_lstm


def folded_weights(decoder: Decoder, own: float = 1.0) -> list[Tensor]:
    """Return W, R', b' and the unchanged second bias of torch's LSTM; gradients reach the decoder.

    own: the share of the median in what is fed back, 1 − α.
    """
    names = ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0")
    w_in, w_hidden, b_in, b_hidden = (getattr(decoder.lstm, name) for name in names)
    weight, bias = decoder.median_row()
    w_previous = own * w_in[:, : decoder.patch_width]  # (4 × hidden, patch)
    return [w_in, w_hidden + w_previous @ weight, b_in + w_previous @ bias, b_hidden]


def folded_inputs(decoder: Decoder, start: Start, truth: Tensor | None = None, own: float = 1.0) -> Tensor:
    """Return inputs in which e_k takes the place of the fed-back patch, with its mask and the features.

    Returns (batch, steps, 2 × patch + feature).
    """
    h_0 = start.state[0][-1]
    weight, bias = decoder.median_row()
    offset = own * torch.nn.functional.linear(h_0, weight, bias)  # (batch, patch)
    # A missing first value enters the plain LSTM as 0, so here it must cancel the offset alone.
    first = with_mask(start.previous) - torch.cat([offset, torch.zeros_like(offset)], dim=-1)
    highway = start.highway[:, :-1]
    later = torch.cat([highway, torch.ones_like(highway)], dim=-1)
    if truth is not None:
        later = torch.lerp(with_mask(truth[:, :-1]), later, own)
    fed = torch.cat([first.unsqueeze(1), later], dim=1)
    return torch.cat([fed, start.features], dim=-1)


def unroll_folded(decoder: Decoder, start: Start, truth: Tensor | None = None, share: float = 0.0) -> Tensor:
    """Run free, or on a share of the truth (batch, steps, patch), in one LSTM call.

    Returns the hidden states (batch, steps, hidden).
    """
    inputs = folded_inputs(decoder, start, truth, 1.0 - share)
    hidden, _, _ = fused_lstm(inputs, start.state, folded_weights(decoder, 1.0 - share))
    return hidden.to(inputs.dtype)
