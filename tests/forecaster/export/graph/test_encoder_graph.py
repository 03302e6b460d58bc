"""The encoder: padding behind in the graph is padding in front in the model."""

from __future__ import annotations

import pytest
import torch
from numpy_state import arrays_of

from forecaster.config import ModelConfig
from forecaster.export.graph.encoder import bridge_state, encode_patches
from forecaster.model.encoder import Encoder, StateBridge, flatten_layers
from forecaster.weights.weights import Affine, layers_of

STEPS, FEATURES, HIDDEN = 7, 4, 5


def config_of(encoder_layers: int, decoder_layers: int = 1) -> ModelConfig:
    return ModelConfig(
        context_length=STEPS,
        horizon=1,
        patch_length=1,
        season=1,
        hidden_size=HIDDEN,
        encoder_layers=encoder_layers,
        decoder_layers=decoder_layers,
    )


@pytest.mark.parametrize("layers", [1, 2, 3])
def test_the_state_behind_the_last_patch_is_the_same(run_graph, close, layers) -> None:
    encoder, steps = Encoder(config_of(layers), FEATURES), torch.tensor([7, 1, 4, 6])
    inputs = torch.randn(len(steps), STEPS, FEATURES)
    padding = torch.arange(STEPS) < (STEPS - steps).unsqueeze(1)
    left = torch.stack([row.roll(int(n), 0) for row, n in zip(inputs, steps, strict=True)])
    weights = layers_of(arrays_of(encoder), layers)
    found = run_graph(lambda x, n: encode_patches(weights, x, n), left, steps)
    for one, expected in zip(found, encoder(inputs, padding), strict=True):
        close(one, flatten_layers(expected))


@pytest.mark.parametrize(("encoder_layers", "decoder_layers"), [(2, 2), (3, 2), (1, 2)])
def test_the_state_of_the_decoder_is_the_same(run_graph, close, encoder_layers, decoder_layers) -> None:
    bridge = StateBridge(config_of(encoder_layers, decoder_layers))
    state = (torch.randn(encoder_layers, 4, HIDDEN), torch.randn(encoder_layers, 4, HIDDEN))
    flat, arrays = [flatten_layers(part) for part in state], arrays_of(bridge)
    maps = [Affine.of(arrays, name) for name in ("maps.0", "maps.1") if arrays]
    found = run_graph(lambda h, c: bridge_state(maps, (h, c)), *flat)
    for one, expected in zip(found, bridge(state), strict=True):
        close(one, flatten_layers(expected))
