"""The decoder: inputs, a step, the median and the `horizon` rows."""

from __future__ import annotations

import pytest
import torch
from numpy_state import arrays_of

from forecaster.config import ModelConfig
from forecaster.export.graph import decoder as graph
from forecaster.model.decoder import Decoder, with_mask
from forecaster.model.encoder import flatten_layers
from forecaster.weights.weights import DecoderWeights

BATCH, STEPS, FEATURES, HIDDEN, PATCH = 3, 4, 2, 5, 3


def config_of(layers: int = 1) -> ModelConfig:
    return ModelConfig(
        context_length=9, horizon=9, patch_length=PATCH, season=1, hidden_size=HIDDEN, decoder_layers=layers
    )


def make_decoder(layers: int = 1) -> tuple[Decoder, DecoderWeights]:
    """A decoder in torch, and its weights."""
    decoder = Decoder(config_of(layers), FEATURES)
    decoder.delta_rows.weight.normal_(std=0.3)
    decoder.delta_rows.bias.normal_(std=0.3)
    return decoder, DecoderWeights.of(config_of(layers), arrays_of(decoder))


def with_gaps(*shape: int) -> torch.Tensor:
    values = torch.randn(*shape)
    values[torch.rand(shape) < 0.3] = torch.nan
    return values


def test_its_inputs_are_the_same(run_graph, same) -> None:
    previous, features = with_gaps(BATCH, PATCH), torch.randn(BATCH, FEATURES)
    decoder, _ = make_decoder()
    same(*run_graph(graph.decoder_inputs, previous, features), decoder.inputs(previous, features))


@pytest.mark.parametrize("layers", [1, 2])
def test_a_step_is_the_same(run_graph, close, layers) -> None:
    decoder, weights = make_decoder(layers)
    previous, features = with_gaps(BATCH, PATCH), torch.randn(BATCH, FEATURES)
    state = (torch.randn(layers, BATCH, HIDDEN), torch.randn(layers, BATCH, HIDDEN))

    def emit(previous, features, h, c):
        hidden, (h, c) = graph.decoder_step(weights, graph.decoder_inputs(previous, features), (h, c))
        return hidden, h, c

    found = run_graph(emit, previous, features, *(flatten_layers(part) for part in state))
    hidden, after = decoder.step(with_mask(previous), features, state)
    for one, expected in zip(found, (hidden, *(flatten_layers(part) for part in after)), strict=True):
        close(one, expected)


def test_the_median_that_is_fed_back_is_the_same(run_graph, close) -> None:
    decoder, weights = make_decoder()
    hidden, highway = torch.randn(BATCH, HIDDEN), torch.randn(BATCH, PATCH)
    (found,) = run_graph(lambda h, z: graph.median(weights, h, z), hidden, highway)
    close(found, decoder.median(hidden, highway))
    (alone,) = run_graph(lambda h: graph.median(weights, h, None), hidden)
    close(alone, decoder.median(hidden, torch.zeros_like(highway)))


@pytest.mark.parametrize("has_highway", [True, False])
def test_the_horizon_rows_are_the_same(run_graph, close, has_highway) -> None:
    decoder, weights = make_decoder()
    hidden = torch.randn(BATCH, STEPS, HIDDEN)
    highway = torch.randn(BATCH, STEPS, PATCH) if has_highway else torch.zeros(BATCH, STEPS, PATCH)
    bias = weights.next_rows.bias + weights.delta_rows.bias

    def emit(hidden, highway):
        return graph.horizon_rows(weights, hidden, bias, highway if has_highway else None)

    (found,) = run_graph(emit, hidden, highway)
    close(found, decoder.rows(hidden, highway).horizon.flatten(1))
