"""The three graphs of a bundle. Tensor names and shapes are a contract; see docs/architecture.md."""

from __future__ import annotations

import onnx
from torch import Tensor

from forecaster.config import ModelConfig
from forecaster.export.graph.channels import channel_axis, join_steps
from forecaster.export.graph.context import Context, emit_context
from forecaster.export.graph.emitter import Emitter
from forecaster.export.graph.future import (
    Shape,
    free_run,
    horizon_biases,
    horizon_rows,
    step_features,
    to_data_units,
)
from forecaster.export.graph.gate import emit_gate
from forecaster.export.graph.step import emit_step
from forecaster.export.graph.weights import array
from forecaster.model.ensemble import Ensemble
from forecaster.model.network import Network

Metadata = dict[str, str]


def emit_graphs(ensemble: Ensemble, metadata: Metadata) -> dict[str, onnx.ModelProto]:
    """Return file name -> model, checked by onnx.checker. The loop is the first member's alone."""
    return {
        "forecast.onnx": emit_forecast(ensemble).model(metadata),
        "encoder.onnx": emit_encoder(ensemble.first).model(metadata),
        "decoder_step.onnx": emit_decoder_step(ensemble).model(metadata),
    }


def emit_forecast(ensemble: Ensemble) -> Emitter:
    """History to quantiles (batch, horizon, quantile) in data units, in one graph."""
    config, g = ensemble.config, Emitter("forecast")
    _history_inputs(g, config)
    g.input("horizon", "int64", [1])
    _future_inputs(g, config, "horizon")
    offsets = ensemble.offsets_of(config.max_horizon)
    quantiles = mean(g, config, [_quantiles(g, network, offsets) for network in ensemble.networks])
    levels = [*channel_axis(config), len(config.quantile_levels)]
    g.output("quantiles", quantiles, "float32", ["batch", "horizon", *levels])
    return g


def mean(g: Emitter, config: ModelConfig, each: list[str]) -> str:
    """The mean of some forecasts, as model/ensemble.py: Ensemble.forecast."""
    total, *others = each
    if not others:
        return total
    for other in others:
        total = g.op("Add", total, other)
    average = g.op("Div", total, float(len(each)))
    return average if config.lower is None else g.op("Max", average, float(config.lower))


def _quantiles(g: Emitter, network: Network, offsets: Tensor) -> str:
    """One network's forecast; inputs are those of the graph. offsets: (max_horizon, quantile)."""
    config = network.config
    context = emit_context(g, network)
    patch = config.patch_length
    steps = g.op("Div", g.op("Add", "horizon", patch - 1), patch)
    shape = Shape(g.op("Shape", "history", start=0, end=1), steps)
    numbers = g.op("Range", 0, g.op("Squeeze", steps, [0]), 1)
    features = step_features(g, network, context.static, shape, numbers)
    highway = _highway(g, network, context)
    if highway is not None:
        coming = g.op("Slice", highway, [0], g.op("Mul", steps, config.patch_width), [1])
        highway = g.op("Reshape", coming, [0, -1, config.patch_width])
    hidden = free_run(g, network, context, features, highway)
    rows = horizon_rows(g, network, horizon_biases(network, offsets), hidden, highway, steps)
    values = to_data_units(g, config, rows, (context.location, context.scale))
    return g.op("Slice", values, [0], "horizon", [1])


def emit_encoder(network: Network) -> Emitter:
    """History to the decoder's first state."""
    config, g = network.config, Emitter("encoder")
    _history_inputs(g, config)
    context = emit_context(g, network)
    values = {
        "h": context.h,
        "c": context.c,
        "previous": context.previous,
        "location": context.location,
        "scale": context.scale,
        "highway": _highway(g, network, context),
        "static_state": context.static,
    }
    for name, width in state_widths(config).items():
        value = values[name]
        if value is not None:
            g.output(name, value, "float32", ["batch", width])
    return g


def emit_decoder_step(ensemble: Ensemble) -> Emitter:
    """State and previous patch to the quantiles of the next patch, the value to feed back, the new state."""
    config, g = ensemble.config, Emitter("decoder_step")
    for name, width in state_widths(config).items():
        g.input(name, "float32", ["batch", width])
    g.input("step", "int64", [1])
    _future_inputs(g, config, config.patch_length)
    emit_step(g, ensemble.first, ensemble.offsets_of(config.max_horizon))
    return g


def state_widths(config: ModelConfig) -> dict[str, int]:
    """Outputs of the encoder, in their order, and how wide each is."""
    hidden = config.decoder_layers * config.hidden_size
    size = config.target_size
    widths = {"h": hidden, "c": hidden, "previous": config.patch_width, "location": size, "scale": size}
    if config.highway:
        widths["highway"] = config.max_horizon * size
    if config.static_width:
        widths["static_state"] = config.static_width
    return widths


def _history_inputs(g: Emitter, config: ModelConfig) -> None:
    g.input("history", "float32", ["batch", "time", *channel_axis(config)])
    g.input("lengths", "int64", ["batch"])
    if config.calendar_periods:
        g.input("timestamps", "int64", ["batch", "time"])
    if config.known_size:
        g.input("known", "float32", ["batch", "time", config.known_size])
    if config.past_size:
        g.input("past", "float32", ["batch", "time", config.past_size])
    if config.category_sizes:
        g.input("static_cat", "int64", ["batch", len(config.category_sizes)])
    if config.static_size:
        g.input("static", "float32", ["batch", config.static_size])


def _future_inputs(g: Emitter, config: ModelConfig, steps: str | int) -> None:
    if config.calendar_periods:
        g.input("future_timestamps", "int64", ["batch", steps])
    if config.known_size:
        g.input("future_known", "float32", ["batch", steps, config.known_size])


def _highway(g: Emitter, network: Network, context: Context) -> str | None:
    """The linear forecast of every step that a bundle serves: (batch, max_horizon × D).

    The D values of a step stand together.
    """
    if network.highway is None or context.scaled_context is None:
        return None
    config = network.config
    weight, bias = network.highway.as_matrix(config.max_horizon // config.patch_length)
    rows = g.op("Add", g.op("MatMul", context.scaled_context, array(weight)), array(bias))
    if network.highway.gate is not None:
        shares = emit_gate(g, network.highway.gate, context, config)
        rows = g.op("Reshape", rows, [-1, config.highway, config.max_horizon])
        rows = g.op("Squeeze", g.op("MatMul", g.op("Unsqueeze", shares, [1]), rows), [1])
    return join_steps(g, rows, config.max_horizon, config.target_size)
