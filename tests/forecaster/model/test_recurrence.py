"""LSTMs in one fused call, in either precision."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from forecaster.model.recurrence import recurrent_dtype, run_lstm
from forecaster.training.machine.device import computes_bfloat16

BATCH, STEPS, HIDDEN = 3, 5, 8
needs_bf16 = pytest.mark.skipif(
    not computes_bfloat16(torch.device("cpu")), reason="this processor does not compute in bfloat16"
)
BFLOAT16_ULPS = 4 * 2**-8  # of values up to 1


@needs_bf16
@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("width", [1, 4, 7])
def test_bfloat16_gives_what_float32_gives_for_any_number_of_features(width: int, layers: int) -> None:
    torch.manual_seed(0)
    lstm = nn.LSTM(width, HIDDEN, layers, batch_first=True)
    inputs = torch.randn(BATCH, STEPS, width)
    state = (torch.randn(layers, BATCH, HIDDEN), torch.randn(layers, BATCH, HIDDEN))
    expected, (h, c) = lstm(inputs, state)
    with recurrent_dtype(torch.bfloat16):
        hidden, (last_h, last_c) = run_lstm(lstm, inputs, state)
    for found, wanted in ((hidden, expected), (last_h, h), (last_c, c)):
        assert found.dtype == torch.float32
        torch.testing.assert_close(found, wanted, rtol=0, atol=BFLOAT16_ULPS)


@needs_bf16
def test_bfloat16_trains_every_weight_of_an_odd_number_of_features() -> None:
    torch.manual_seed(0)
    lstm = nn.LSTM(7, HIDDEN, batch_first=True)
    zeros = torch.zeros(1, BATCH, HIDDEN)
    with recurrent_dtype(torch.bfloat16):
        hidden, _ = run_lstm(lstm, torch.randn(BATCH, STEPS, 7), (zeros, zeros))
    hidden.sum().backward()
    for weight in lstm.parameters():
        assert weight.grad is not None
        assert weight.grad.shape == weight.shape
        assert (weight.grad != 0).all()
