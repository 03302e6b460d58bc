"""The three graphs of a bundle. Tensor names and shapes are a contract; see docs/bundle.md."""

import numpy as np

from forecaster.config import ModelConfig
from forecaster.export.decoder_step import emit_step
from forecaster.export.graph.channels import channel_axis
from forecaster.export.graph.ensemble import mean_forecast
from forecaster.export.graph.network import Future, History, encode, forecast, long_highway
from forecaster.export.nodes.emitter import Emitter, Model
from forecaster.export.nodes.protobuf import Sizes
from forecaster.export.nodes.value import Value, from_input
from forecaster.weights.calibrated import Calibrated
from forecaster.weights.weights import Weights

Metadata = dict[str, str]


def emit_graphs(ensemble: Calibrated, metadata: Metadata) -> dict[str, Model]:
    """Return the models by file name. The loop over decoder_step.onnx is the first member's alone."""
    with np.errstate(all="ignore"):  # weights that are not finite show in the golden cases
        graphs = {
            "forecast.onnx": emit_forecast(ensemble),
            "encoder.onnx": emit_encoder(ensemble.first),
            "decoder_step.onnx": emit_decoder_step(ensemble),
        }
    return {name: graph.model(metadata) for name, graph in graphs.items()}


def emit_forecast(ensemble: Calibrated) -> Emitter:
    """Emit history to quantiles (batch, horizon, quantile) in data units, the mean of the members."""
    config, graph = ensemble.config, Emitter("forecast")
    history = history_inputs(graph, config)
    horizon = from_input(graph, "horizon", "int64", [1])
    future = future_inputs(graph, config, "horizon")
    offsets = ensemble.offsets_of(config.max_horizon)
    each = []
    for number, network in enumerate(ensemble.members):
        graph.scope = f"member_{number}"  # deploy/engine/named_parts.py asks for the parts by these names
        each.append(forecast(network, offsets, history, future, horizon))
    sizes: Sizes = ["batch", "horizon", *channel_axis(config), len(config.quantile_levels)]
    mean_forecast(each, config.lower).to_output("quantiles", sizes)
    return graph


def emit_encoder(network: Weights) -> Emitter:
    """Emit history to the decoder's first state."""
    graph = Emitter("encoder")
    encoding = encode(network, history_inputs(graph, network.config))
    h, c = encoding.state
    values = {
        "h": h,
        "c": c,
        "previous": encoding.previous,
        "location": encoding.stats.location,
        "scale": encoding.stats.scale,
        "highway": long_highway(network, encoding),
        "static_state": encoding.static,
    }
    for name, width in state_widths(network.config).items():
        value = values[name]
        if value is not None:
            value.to_output(name, ["batch", width])
    return graph


def emit_decoder_step(ensemble: Calibrated) -> Emitter:
    """Emit state and previous patch to the quantiles of the next patch, its median, and the new state."""
    config, graph = ensemble.config, Emitter("decoder_step")
    state = {
        name: from_input(graph, name, "float32", ["batch", width])
        for name, width in state_widths(config).items()
    }
    step = from_input(graph, "step", "int64", [1])
    future = future_inputs(graph, config, config.patch_length)
    emit_step(ensemble.first, ensemble.offsets_of(config.max_horizon), state, step, future)
    return graph


def state_widths(config: ModelConfig) -> dict[str, int]:
    """Return the outputs of the encoder, in their order, and how wide each is."""
    hidden = config.decoder_layers * config.hidden_size
    size = config.target_size
    widths = {"h": hidden, "c": hidden, "previous": config.patch_width, "location": size, "scale": size}
    if config.highway:
        widths["highway"] = config.max_horizon * size
    if config.static_width:
        widths["static_state"] = config.static_width
    return widths


def history_inputs(graph: Emitter, config: ModelConfig) -> History:
    """Declare the inputs that describe the history."""
    timed: Sizes = ["batch", "time"]
    return History(
        history=from_input(graph, "history", "float32", [*timed, *channel_axis(config)]),
        lengths=from_input(graph, "lengths", "int64", ["batch"]),
        timestamps=from_input(graph, "timestamps", "int64", timed) if config.calendar_periods else None,
        known=columns(graph, "known", "float32", [*timed, config.known_size]),
        past=columns(graph, "past", "float32", [*timed, config.past_size]),
        static_cat=columns(graph, "static_cat", "int64", ["batch", len(config.category_sizes)]),
        static=columns(graph, "static", "float32", ["batch", config.static_size]),
    )


def future_inputs(graph: Emitter, config: ModelConfig, steps: str | int) -> Future:
    """Declare the inputs that describe so many steps to forecast."""
    timestamps = None
    if config.calendar_periods:
        timestamps = from_input(graph, "future_timestamps", "int64", ["batch", steps])
    return Future(timestamps, columns(graph, "future_known", "float32", ["batch", steps, config.known_size]))


def columns(graph: Emitter, name: str, dtype: str, sizes: Sizes) -> Value | None:
    """Declare an input of some columns, the last axis; None where the model has none of them."""
    return from_input(graph, name, dtype, sizes) if sizes[-1] else None
