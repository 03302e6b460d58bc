"""The graph of one decoder step, in as few nodes as it takes: a loop runs it again and again.

All that is affine in the hidden state is one product: both sets of rows, the median that is fed back, and the
step's part of the highway.
"""

import numpy as np
from numpy.typing import NDArray

from forecaster.config import ModelConfig
from forecaster.export.graph.channels import channel_axis
from forecaster.export.graph.decoder import decoder_step
from forecaster.export.graph.network import Future, Shape, covariate_features, emit, horizon_bias
from forecaster.export.graph.normalization import Statistics
from forecaster.export.nodes.functions import concat, look_up, where
from forecaster.export.nodes.protobuf import Sizes
from forecaster.export.nodes.value import Value, constant, op
from forecaster.weights.weights import Array, Weights


def emit_step(
    network: Weights, offsets: NDArray[np.float32], state: dict[str, Value], step: Value, future: Future
) -> None:
    """Emit the graph, from its inputs to its outputs.

    offsets: (max_horizon, quantile); state: the outputs of encoder.onnx; step: int64 (1,), its number from 0;
    future: of one patch.
    """
    config = network.config
    inputs = lstm_inputs(network, state, step, future)
    hidden, (h, c) = decoder_step(network.decoder, inputs, (state["h"], state["c"]))
    every = rows_bias(network, offsets)
    if config.highway:
        hidden = concat([hidden, highway_patch(state["highway"], step, config)], axis=1)
    width, levels = config.patch_width, len(config.quantile_levels)
    bias = look_up(every, step) if len(every) > 1 else every
    rows, feedback = op("Gemm", hidden, rows_weight(network), bias).split([2 * width * levels, width])
    values = emit(network, rows, Statistics(state["location"], state["scale"]))
    horizon, following = values.split([config.patch_length] * 2)
    sizes: Sizes = ["batch", config.patch_length, *channel_axis(config), levels]
    horizon.to_output("quantiles", sizes)
    following.to_output("next_quantiles", sizes)
    feedback.to_output("feedback", ["batch", width])
    for name, part in (("next_h", h), ("next_c", c)):
        part.to_output(name, ["batch", config.decoder_layers * config.hidden_size])


def lstm_inputs(network: Weights, state: dict[str, Value], step: Value, future: Future) -> Value:
    """Return what the LSTM takes: (batch, feature), as Decoder.inputs.

    The step's vector is the same for the whole batch, so it is added by a product with the identity, as is
    the 1 of a mask that is 1 - missing. Products with 0 and 1 are exact.
    """
    config = network.config
    missing = state["previous"].isnan()
    parts = [where(missing, 0.0, state["previous"]), missing.to_float()]
    shape = None
    if config.known_size or config.static_width:
        shape = Shape(state["h"].sizes(0, 1), constant(step.graph, [1]))
    covariates = covariate_features(network, future, state.get("static_state"), shape)
    if covariates:
        parts.append(concat(covariates, axis=2).squeeze(1))
    vectors = network.step_vectors[trained_steps(config)]
    size, own = network.decoder.layers[0].w_in.shape[1], vectors.shape[1]
    mask = slice(config.patch_width, 2 * config.patch_width)
    added = np.zeros((len(vectors), size), np.float32)
    added[:, mask] = 1.0
    added[:, size - own :] = vectors
    place = np.eye(size - own, size, dtype=np.float32)
    place[mask] *= -1.0
    return op("Gemm", concat(parts, axis=1), place, look_up(added, step))


def trained_steps(config: ModelConfig) -> NDArray[np.int64]:
    """Return the number of the vector of each step that a bundle serves: beyond the trained ones the last."""
    return np.minimum(np.arange(config.max_horizon // config.patch_length), config.decoder_steps - 1)


def highway_patch(highway: Value, step: Value, config: ModelConfig) -> Value:
    """Return the step's part of the highway: (batch, patch × D)."""
    if config.patch_width == 1:
        return highway.column(step)
    begin = step * config.patch_width
    return highway[:, begin : begin + config.patch_width]


def rows_weight(network: Weights) -> Array:
    """Map the hidden state, and the highway's patch after it, to all rows of the step in one product.

    Columns: the `horizon` rows, the `next` rows, each (patch × D, quantile), and the median to feed back.
    """
    decoder, config = network.decoder, network.config
    following, delta = decoder.next_rows.weight, decoder.delta_rows.weight
    weight: Array = np.concatenate([following + delta, following, decoder.median.weight]).T
    if not config.highway:
        return weight
    each = np.eye(config.patch_width, dtype=weight.dtype)
    every = each.repeat(len(config.quantile_levels), axis=1)
    return np.concatenate([weight, np.concatenate([every, every, each], axis=1)])


def rows_bias(network: Weights, offsets: NDArray[np.float32]) -> Array:
    """Return the bias of these rows in each step, in the same columns; one step for all if they are equal."""
    horizon = horizon_bias(network, offsets)
    others = np.concatenate([network.decoder.next_rows.bias, network.decoder.median.bias])
    return np.concatenate([horizon, np.tile(others, (len(horizon), 1))], axis=1)
