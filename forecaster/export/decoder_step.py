"""The graph of one decoder step, in as few nodes as it takes: a loop runs it again and again.

All that is affine in the hidden state is one product: both sets of rows, the median that is fed back, and the
step's part of the highway.
"""

import torch
from torch import Tensor

from forecaster.config import ModelConfig
from forecaster.export.graph.channels import channel_axis
from forecaster.export.graph.decoder import decoder_step
from forecaster.export.graph.network import Future, Shape, covariate_features, emit, horizon_bias
from forecaster.export.graph.normalization import Statistics
from forecaster.export.nodes.emitter import Sizes
from forecaster.export.nodes.functions import concat, look_up, where
from forecaster.export.nodes.value import Value, constant, op
from forecaster.model.network import Network


def emit_step(
    network: Network, offsets: Tensor, state: dict[str, Value], step: Value, future: Future
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


def lstm_inputs(network: Network, state: dict[str, Value], step: Value, future: Future) -> Value:
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
    vectors = network.step_vectors(trained_steps(config))
    size, own = network.decoder.lstm.input_size, vectors.shape[1]
    mask = slice(config.patch_width, 2 * config.patch_width)
    added = torch.zeros(len(vectors), size)
    added[:, mask] = 1.0
    added[:, size - own :] = vectors
    place = torch.eye(size - own, size)
    place[mask] *= -1.0
    return op("Gemm", concat(parts, axis=1), place, look_up(added, step))


def trained_steps(config: ModelConfig) -> Tensor:
    """Return the number of the vector of each step that a bundle serves: beyond the trained ones the last."""
    return torch.arange(config.max_horizon // config.patch_length).clamp(max=config.decoder_steps - 1)


def highway_patch(highway: Value, step: Value, config: ModelConfig) -> Value:
    """Return the step's part of the highway: (batch, patch × D)."""
    if config.patch_width == 1:
        return highway.column(step)
    begin = step * config.patch_width
    return highway[:, begin : begin + config.patch_width]


def rows_weight(network: Network) -> Tensor:
    """Map the hidden state, and the highway's patch after it, to all rows of the step in one product.

    Columns: the `horizon` rows, the `next` rows, each (patch × D, quantile), and the median to feed back.
    """
    decoder, config = network.decoder, network.config
    following, delta = decoder.next_rows.weight, decoder.delta_rows.weight
    weight = torch.cat([following + delta, following, decoder.median_row()[0]]).T
    if not config.highway:
        return weight
    each = torch.eye(config.patch_width)
    every = each.repeat_interleave(len(config.quantile_levels), dim=1)
    return torch.cat([weight, torch.cat([every, every, each], dim=1)])


def rows_bias(network: Network, offsets: Tensor) -> Tensor:
    """Return the bias of these rows in each step, in the same columns; one step for all if they are equal."""
    horizon = horizon_bias(network, offsets)
    others = torch.cat([network.decoder.next_rows.bias, network.decoder.median_row()[1]])
    return torch.cat([horizon, others.expand(len(horizon), -1)], dim=1)
