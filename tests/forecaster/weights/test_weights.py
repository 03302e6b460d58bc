"""Weights as arrays: the names and shapes are those of torch's state dict, and nothing else is taken."""

from __future__ import annotations

import numpy as np
import pytest
from network_shapes import EVERYTHING, LENGTHS
from numpy_state import arrays_of

from forecaster.config import ModelConfig
from forecaster.model.network import Network
from forecaster.weights.weights import Weights, shapes_of

GATED = {**EVERYTHING, "highway": 3}
SHAPES = {
    "plain": LENGTHS,
    "everything": GATED,
    "no highway": {**LENGTHS, "highway": 0},
    "layers": {**GATED, "encoder_layers": 3, "decoder_layers": 2},
    "channels": {**GATED, "target_size": 3},
    "a gate without cycles": {**LENGTHS, "highway": 8, "context_length": 11},
}


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_names_shapes_and_their_order_are_those_of_the_networks_state_dict(shape) -> None:
    config = ModelConfig(**shape)
    state = Network(config).state_dict()
    assert list(shapes_of(config).items()) == [(name, tuple(tensor.shape)) for name, tensor in state.items()]


def test_every_array_is_in_the_part_of_its_name() -> None:
    config = ModelConfig(**{**GATED, "encoder_layers": 2})
    state = arrays_of(Network(config))
    weights = Weights.of(config, state)
    assert weights.highway is not None
    assert weights.highway.gate is not None
    named = {
        "past.scale": weights.past.scale,
        "embeddings.1.weight": weights.embeddings[1],
        "encoder.lstm.weight_hh_l1": weights.encoder[1].w_hidden,
        "bridge.maps.1.bias": weights.bridge[1].bias,
        "step_vectors.weight": weights.step_vectors,
        "decoder.lstm.bias_ih_l0": weights.decoder.layers[0].b_in,
        "decoder.delta_rows.weight": weights.decoder.delta_rows.weight,
        "highway.bias": weights.highway.maps.bias,
        "highway.gate.linear.weight": weights.highway.gate.weight,
    }
    for name, array in named.items():
        assert array is state[name], name


@pytest.mark.parametrize(
    ("name", "array", "complaint"),
    [
        ("decoder.next_rows.bias", None, "decoder.next_rows.bias is missing, expected of 45 numbers"),
        (
            "highway.weight",
            np.zeros((1, 2)),
            "highway.weight is of 1 × 2 numbers, expected of 1 × 5 × 26 numbers",
        ),
        ("more", np.zeros(()), "more is of 1 numbers, expected missing"),
    ],
    ids=["missing", "of another shape", "unexpected"],
)
def test_arrays_of_another_network_are_refused(name, array, complaint) -> None:
    config = ModelConfig(**LENGTHS)
    state = {**arrays_of(Network(config)), name: array}
    with pytest.raises(ValueError, match="^" + complaint + "$"):
        Weights.of(config, {key: value for key, value in state.items() if value is not None})


def test_a_network_hands_over_a_copy() -> None:
    network = Network(ModelConfig(**LENGTHS))
    weights = network.weights()
    weights.decoder.next_rows.bias[:] = 7.0
    assert not (network.decoder.next_rows.bias == 7.0).any()
