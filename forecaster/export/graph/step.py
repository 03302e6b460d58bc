"""The graph of one decoder step, in as few nodes as it takes: a loop runs it again and again."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from forecaster.config import ModelConfig
from forecaster.export.graph.channels import channel_axis
from forecaster.export.graph.emitter import Emitter
from forecaster.export.graph.future import (
    Shape,
    covariate_features,
    decoder_step,
    horizon_biases,
    to_data_units,
)
from forecaster.export.graph.weights import array
from forecaster.model.network import Network


def emit_step(g: Emitter, network: Network, offsets: Tensor) -> None:
    """From the inputs of decoder_step.onnx, declared already, to its outputs. offsets: as horizon_biases."""
    config = network.config
    hidden, (h, c) = decoder_step(g, network, _inputs(g, network), ("h", "c"))
    weight, bias = _rows(network), _biases(network, offsets)
    if config.highway:
        hidden = g.op("Concat", hidden, _highway_patch(g, config), axis=1)
    width, levels = config.patch_width, len(config.quantile_levels)
    both = 2 * width * levels
    added = g.op("Gather", bias, "step") if len(bias) > 1 else bias
    rows, feedback = g.ops("Split", 2, g.op("Gemm", hidden, weight, added), [both, width], axis=1)
    values = to_data_units(g, config, rows, ("location", "scale"))
    sets = g.ops("Split", 2, values, [config.patch_length] * 2, axis=1)
    shape: list[str | int] = ["batch", config.patch_length, *channel_axis(config), levels]
    for name, value in zip(("quantiles", "next_quantiles"), sets, strict=True):
        g.output(name, value, "float32", shape)
    g.output("feedback", feedback, "float32", ["batch", width])
    state_size = config.decoder_layers * config.hidden_size
    g.output("next_h", h, "float32", ["batch", state_size])
    g.output("next_c", c, "float32", ["batch", state_size])


def _inputs(g: Emitter, network: Network) -> str:
    """What the LSTM takes: (batch, feature), as Decoder.inputs.

    The step's vector is the same for the whole batch, so it is added by a product with the identity, as is
    the 1 of a mask that is 1 - missing. Products with 0 and 1 are exact.
    """
    config = network.config
    missing = g.op("IsNaN", "previous")
    parts = [g.op("Where", missing, 0.0, "previous"), g.op("Cast", missing, to=1)]
    static = "static_state" if config.static_width else None
    shape = Shape(g.op("Shape", "h", start=0, end=1), g.value([1])) if config.known_size or static else None
    covariates = covariate_features(g, network, static, shape)
    if covariates:
        parts.append(g.op("Squeeze", g.op("Concat", *covariates, axis=2), [1]))
    trained = array(network.step_vectors.weight)
    beyond = np.repeat(trained[-1:], config.max_horizon // config.patch_length - len(trained), axis=0)
    vectors = np.concatenate([trained, beyond])
    size = network.decoder.lstm.input_size
    constant = np.zeros((len(vectors), size), np.float32)
    constant[:, config.patch_width : 2 * config.patch_width] = 1.0
    constant[:, size - vectors.shape[1] :] = vectors
    place = np.eye(size - vectors.shape[1], size, dtype=np.float32)
    place[config.patch_width : 2 * config.patch_width] *= -1.0
    return g.op("Gemm", g.op("Concat", *parts, axis=1), place, g.op("Gather", constant, "step"))


def _highway_patch(g: Emitter, config: ModelConfig) -> str:
    """The step's part of the highway: (batch, patch × D)."""
    if config.patch_width == 1:
        return g.op("Gather", "highway", "step", axis=1)
    begin = g.op("Mul", "step", config.patch_width)
    return g.op("Slice", "highway", begin, g.op("Add", begin, config.patch_width), [1])


def _rows(network: Network) -> NDArray[np.float32]:
    """One linear map from the hidden state, and the highway's patch beside it, to all rows of the step.

    Columns: the `horizon` rows, the `next` rows, each (patch × D, quantile), and the median to feed back.
    """
    decoder, config = network.decoder, network.config
    following, delta = array(decoder.next_rows.weight), array(decoder.delta_rows.weight)
    weight = np.concatenate([following + delta, following, array(decoder.median_row()[0])]).T
    if not config.highway:
        return weight
    each = np.eye(config.patch_width, dtype=np.float32)
    every = np.repeat(each, len(config.quantile_levels), axis=1)
    return np.concatenate([weight, np.concatenate([every, every, each], axis=1)])


def _biases(network: Network, offsets: Tensor) -> NDArray[np.float32]:
    """What is added to them in each step, in the same columns; one step for all where it is the same."""
    horizon = horizon_biases(network, offsets)
    others = np.concatenate([array(network.decoder.next_rows.bias), array(network.decoder.median_row()[1])])
    return np.concatenate([horizon, np.broadcast_to(others, (len(horizon), len(others)))], axis=1)
