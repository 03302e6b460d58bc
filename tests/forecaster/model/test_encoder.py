"""The encoder on padded batches, beside torch's packed sequences."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor
from torch.nn.utils.rnn import pack_padded_sequence

from forecaster.config import ModelConfig
from forecaster.model.encoder import Encoder

STEPS, FEATURES = 9, 4


def make_encoder(layers: int, dtype: torch.dtype) -> Encoder:
    torch.manual_seed(layers)
    config = ModelConfig(
        context_length=STEPS, horizon=1, patch_length=1, season=1, hidden_size=5, encoder_layers=layers
    )
    return Encoder(config, FEATURES).to(dtype)


def padded(lengths: Tensor, dtype: torch.dtype) -> tuple[Tensor, Tensor]:
    """Random inputs and where they are padding, before the last `lengths` steps."""
    inputs = torch.randn(
        len(lengths), STEPS, FEATURES, dtype=dtype, generator=torch.Generator().manual_seed(1)
    )
    return inputs, torch.arange(STEPS) < (STEPS - lengths).unsqueeze(1)


@pytest.mark.parametrize("layers", [1, 2, 3])
def test_padding_is_what_packing_does_gradients_included(layers: int) -> None:
    encoder, lengths = make_encoder(layers, torch.float64), torch.tensor([9, 1, 4, 8])
    inputs, padding = padded(lengths, torch.float64)
    left = torch.stack([row.roll(int(length), 0) for row, length in zip(inputs, lengths, strict=True)])
    packed = pack_padded_sequence(left, lengths, batch_first=True, enforce_sorted=False)
    _, (h, c) = encoder.lstm(packed)
    found = encoder(inputs, padding)
    torch.testing.assert_close(found, (h, c), rtol=0, atol=1e-14)
    weights = list(encoder.parameters())
    expected = torch.autograd.grad(h.square().sum() + c.sum(), weights)
    torch.testing.assert_close(
        torch.autograd.grad(found[0].square().sum() + found[1].sum(), weights), expected, rtol=0, atol=1e-12
    )


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_what_stands_in_the_padding_changes_no_bit(dtype: torch.dtype) -> None:
    encoder, lengths = make_encoder(2, dtype), torch.tensor([2, 5])
    inputs, padding = padded(lengths, dtype)
    other = torch.where(padding.unsqueeze(2), 50 * torch.randn_like(inputs), inputs)
    for found, expected in zip(encoder(other, padding), encoder(inputs, padding), strict=True):
        assert torch.equal(found, expected)
