"""The future's side of a graph, as in model/: decoder features, one step, free running, quantile rows."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from forecaster.config import ModelConfig
from forecaster.export.graph.channels import channel_axis
from forecaster.export.graph.context import Context, calendar
from forecaster.export.graph.covariates import patches
from forecaster.export.graph.emitter import Emitter
from forecaster.export.graph.weights import array, layer_weights, lstm
from forecaster.model.folding import folded_weights
from forecaster.model.network import Network
from forecaster.model.normalization import EXPONENT_LIMIT


@dataclass(frozen=True)
class Shape:
    """Sizes that are known only when a graph runs, each a value of shape (1,)."""

    batch: str
    steps: str


def step_features(g: Emitter, network: Network, static: str | None, shape: Shape, steps: str) -> str:
    """What the decoder is told of its steps: (batch, steps, feature), in the order of Network.start.

    steps: int64 (steps,), their numbers, from 0.
    """
    trained = g.op("Min", steps, network.config.decoder_steps - 1)
    vectors = g.op("Unsqueeze", g.op("Gather", array(network.step_vectors.weight), trained), [0])
    size = g.op("Concat", shape.batch, [1, 1], axis=0)
    covariates = covariate_features(g, network, static, shape)
    return g.op("Concat", *covariates, g.op("Expand", vectors, size), axis=2)


def covariate_features(g: Emitter, network: Network, static: str | None, shape: Shape | None) -> list[str]:
    """Those of the features that differ from series to series, each (batch, steps, feature).

    shape: needed with known covariates and what is static.
    """
    config, parts = network.config, []
    if network.calendar_width:
        parts.append(calendar(g, "future_timestamps", config))
    if config.known_size and shape is not None:
        known = _padded_known(g, config, shape)
        parts.append(patches(g, known, network.known, config.patch_length))
    if static is not None and shape is not None:
        size = g.op("Concat", shape.batch, shape.steps, [config.static_width], axis=0)
        parts.append(g.op("Expand", g.op("Unsqueeze", static, [1]), size))
    return parts


def _padded_known(g: Emitter, config: ModelConfig, shape: Shape) -> str:
    """future_known with its last patch filled up: (batch, steps × patch, C)."""
    given = g.op("Shape", "future_known", start=1, end=2)
    missing = g.op("Sub", g.op("Mul", shape.steps, config.patch_length), given)
    pads = g.op("Concat", [0, 0, 0, 0], missing, [0], axis=0)
    return g.op("Pad", "future_known", pads, math.nan)


def decoder_inputs(g: Emitter, previous: str, features: str) -> str:
    """[previous patch, its mask, features] along the last axis, as Decoder.inputs."""
    observed = g.op("Less", g.op("Abs", previous), math.inf)
    filled = g.op("Where", observed, previous, 0.0)
    return g.op("Concat", filled, g.op("Cast", observed, to=1), features, axis=-1)


def decoder_step(
    g: Emitter, network: Network, inputs: str, state: tuple[str, str]
) -> tuple[str, tuple[str, str]]:
    """One step of the plain decoder. inputs: (batch, feature); state: h and c, (batch, layers × hidden).

    Returns the last layer's h (batch, hidden) and the new state.
    """
    config = network.config
    sequence = g.op("Unsqueeze", inputs, [0])
    sizes = [config.hidden_size] * config.decoder_layers
    layers = [g.ops("Split", len(sizes), part, sizes, axis=1) if len(sizes) > 1 else [part] for part in state]
    h_parts, c_parts = [], []
    for layer, (h_in, c_in) in enumerate(zip(*layers, strict=True)):
        before = (g.op("Unsqueeze", h_in, [0]), g.op("Unsqueeze", c_in, [0]))
        _, h, c = lstm(g, sequence, layer_weights(network.decoder.lstm, layer), before)
        sequence = h
        h_parts.append(h)
        c_parts.append(c)
    hidden = g.op("Squeeze", h_parts[-1], [0])
    if len(sizes) == 1:
        return hidden, (hidden, g.op("Squeeze", c_parts[0], [0]))
    h, c = (g.op("Squeeze", g.op("Concat", *parts, axis=2), [0]) for parts in (h_parts, c_parts))
    return hidden, (h, c)


def feedback(g: Emitter, network: Network, hidden: str, highway: str | None) -> str:
    """The median row of `next`, which is fed back: (batch, hidden) -> (batch, patch × D)."""
    weight, bias = network.decoder.median_row()
    median = g.op("Gemm", hidden, array(weight), array(bias), transB=1)
    return median if highway is None else g.op("Add", median, highway)


def free_run(g: Emitter, network: Network, context: Context, features: str, highway: str | None) -> str:
    """Hidden states of the whole free run: folded into one LSTM where the decoder allows it, else a Scan.

    features: (batch, steps, feature); highway: (batch, steps, patch × D). Returns (batch, steps, hidden).
    """
    if network.config.folds:
        return _folded_run(g, network, context, features, highway)
    return _scanned_run(g, network, context, features, highway)


def _folded_run(g: Emitter, network: Network, context: Context, features: str, highway: str | None) -> str:
    """As model/folding.py: e in the place of the fed-back patch, and folded weights."""
    weight, bias = network.decoder.median_row()
    offset = g.op("Gemm", context.h, array(weight), array(bias), transB=1)
    observed = g.op("Less", g.op("Abs", context.previous), math.inf)
    e_1 = g.op("Sub", g.op("Where", observed, context.previous, 0.0), offset)
    first_mask = g.op("Cast", observed, to=1)
    # One row for each step after the first: (batch, steps - 1, patch × D).
    size = g.op("Shape", g.op("Slice", features, [1], [np.iinfo(np.int64).max], [1]), start=0, end=2)
    size = g.op("Concat", size, [network.config.patch_width], axis=0)
    later = g.op("Expand", np.zeros((1, 1, 1)), size)
    if highway is not None:
        later = g.op("Slice", highway, [0], [-1], [1])
    ones = g.op("Expand", np.ones((1, 1, 1)), size)
    e = g.op("Concat", g.op("Unsqueeze", e_1, [1]), later, axis=1)
    mask = g.op("Concat", g.op("Unsqueeze", first_mask, [1]), ones, axis=1)
    inputs = g.op("Transpose", g.op("Concat", e, mask, features, axis=2), perm=[1, 0, 2])
    state = (g.op("Unsqueeze", context.h, [0]), g.op("Unsqueeze", context.c, [0]))
    with torch.no_grad():
        weights = folded_weights(network.decoder)
    every, _, _ = lstm(g, inputs, weights, state)
    return g.op("Transpose", g.op("Squeeze", every, [1]), perm=[1, 0, 2])


def _scanned_run(g: Emitter, network: Network, context: Context, features: str, highway: str | None) -> str:
    """The plain decoder step in a Scan: state and previous patch are carried, the rest is scanned."""
    config = network.config
    width, state_size = config.patch_width, config.decoder_layers * config.hidden_size
    body = Emitter("step", parent=g)
    h = body.input("h_in", "float32", ["batch", state_size])
    c = body.input("c_in", "float32", ["batch", state_size])
    previous = body.input("previous_in", "float32", ["batch", width])
    scanned = [g.op("Transpose", features, perm=[1, 0, 2])]
    current = body.input("features_in", "float32", ["batch", "feature"])
    added = None
    if highway is not None:
        scanned.append(g.op("Transpose", highway, perm=[1, 0, 2]))
        added = body.input("highway_in", "float32", ["batch", width])
    hidden, (h, c) = decoder_step(body, network, decoder_inputs(body, previous, current), (h, c))
    body.output("h_out", h, "float32", ["batch", state_size])
    body.output("c_out", c, "float32", ["batch", state_size])
    body.output("previous_out", feedback(body, network, hidden, added), "float32", ["batch", width])
    body.output("hidden_out", hidden, "float32", ["batch", config.hidden_size])
    outputs = g.ops(
        "Scan",
        4,
        context.h,
        context.c,
        context.previous,
        *scanned,
        body=body.graph(),
        num_scan_inputs=len(scanned),
    )
    return g.op("Transpose", outputs[3], perm=[1, 0, 2])


def horizon_rows(
    g: Emitter, network: Network, biases: NDArray[np.float32], hidden: str, highway: str | None, steps: str
) -> str:
    """Calibrated rows of the `horizon` set: (batch, steps × patch × D × quantile).

    biases: of horizon_biases; hidden: (batch, steps, hidden); highway: (batch, steps, patch × D); steps:
    int64 (1,).
    """
    decoder, levels = network.decoder, len(network.config.quantile_levels)
    weight = array(decoder.next_rows.weight) + array(decoder.delta_rows.weight)
    bias = g.op("Slice", biases, [0], steps) if len(biases) > 1 else biases
    rows = g.op("Add", g.op("MatMul", hidden, weight.T), bias)
    if highway is not None:
        rows = g.op("Reshape", rows, [0, -1, levels])
        rows = g.op("Add", rows, g.op("Reshape", highway, [0, -1, 1]))
    return g.op("Reshape", rows, [0, -1])


def horizon_biases(network: Network, offsets: Tensor) -> NDArray[np.float32]:
    """What is added to the `horizon` rows of each decoder step that a bundle serves.

    (steps, patch × D × quantile); one step stands for all where nothing is calibrated. offsets: of the
    ensemble, (max_horizon, quantile).
    """
    config, decoder = network.config, network.decoder
    bias = array(decoder.next_rows.bias) + array(decoder.delta_rows.bias)
    if not offsets.any():
        return bias[None]
    every = np.repeat(array(offsets), config.target_size, axis=0).reshape(-1, len(bias))
    return bias + every


def to_data_units(g: Emitter, config: ModelConfig, rows: str, stats: tuple[str, str]) -> str:
    """Rows in data units, sorted and bounded, as Network.emit: (batch, time, quantile), joint with D.

    rows: (batch, time × D × quantile); stats: location and scale, (batch, D).
    """
    levels, channels = len(config.quantile_levels), channel_axis(config)
    if channels:
        rows = g.op("Reshape", rows, [0, -1, *channels, levels])
        stats = g.op("Unsqueeze", stats[0], [1, 3]), g.op("Unsqueeze", stats[1], [1, 3])
    location, scale = stats
    values = g.op("Add", g.op("Mul", rows, scale), location)
    if config.normalization == "log-last-difference":
        values = g.op("Exp", g.op("Min", values, EXPONENT_LIMIT))
    if not channels:
        values = g.op("Reshape", values, [0, -1, levels])
    values = g.ops("TopK", 2, values, [levels], axis=-1, largest=0, sorted=1)[0]
    return values if config.lower is None else g.op("Max", values, float(config.lower))
