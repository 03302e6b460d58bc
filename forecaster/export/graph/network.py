"""The network in a graph, as in model/network.py: raw histories in, quantiles in data units out."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from deploy.time.timestep import MISSING_TIME
from forecaster.export.graph.calendar import calendar_features
from forecaster.export.graph.channels import channel_axis, join_channels, join_times, repeat_channels
from forecaster.export.graph.covariates import patches, standardize
from forecaster.export.graph.decoder import Start, horizon_rows
from forecaster.export.graph.encoder import bridge_state, encode_patches
from forecaster.export.graph.highway import linear_forecast
from forecaster.export.graph.normalization import Statistics, denormalize, normalize, observe, statistics
from forecaster.export.graph.patching import (
    align,
    aligned_channels,
    aligned_rows,
    end_anchored,
    last_patch,
    whole_patches,
)
from forecaster.export.graph.recurrence import State
from forecaster.export.graph.unrolling import unroll_free
from forecaster.export.nodes.functions import arange, concat, look_up, where
from forecaster.export.nodes.value import Value, op
from forecaster.weights.weights import Array, Weights


@dataclass(frozen=True)
class History:
    """Inputs of encoder.onnx; named and shaped as in windows/window.py, None where the model has none."""

    history: Value
    lengths: Value
    timestamps: Value | None
    known: Value | None
    past: Value | None
    static_cat: Value | None
    static: Value | None


@dataclass(frozen=True)
class Future:
    """Inputs that describe the steps to forecast; shaped as in windows/window.py, None as in History."""

    timestamps: Value | None  # future_timestamps
    known: Value | None  # future_known


@dataclass(frozen=True)
class Shape:
    """Sizes that are known only when a graph runs, each int64 (1,)."""

    batch: Value
    steps: Value  # of the decoder


@dataclass(frozen=True)
class Encoding:
    """Knowledge of the encoder at the end of the history; the outputs of encoder.onnx."""

    state: State  # of the decoder
    previous: Value  # (batch, patch × D) normalised, NaN = missing
    stats: Statistics  # each (batch, D)
    context: Value | None  # (batch × D, context) normalised, end-anchored, 0 = missing; for the highway
    static: Value | None  # (batch, width) embedded categories and static numbers


def forecast(
    network: Weights, offsets: NDArray[np.float32], history: History, future: Future, horizon: Value
) -> Value:
    """Return free-running, calibrated quantiles, sorted, bounded, in data units: (batch, horizon, quantile).

    For a joint series (batch, horizon, D, quantile). offsets: as in horizon_bias; horizon: int64 (1,).
    """
    patch = network.config.patch_length
    encoding = encode(network, history)
    steps = (horizon + (patch - 1)) // patch
    shape = Shape(history.history.sizes(0, 1), steps)
    start = start_decoder(network, encoding, future, shape)
    hidden = unroll_free(network.decoder, start)
    every = horizon_bias(network, offsets)
    bias = op("Slice", every, [0], steps) if len(every) > 1 else every
    rows = horizon_rows(network.decoder, hidden, bias, start.highway)
    call_parts(network, encoding, start, rows)
    return emit(network, rows, encoding.stats)[:, :horizon]


def call_parts(network: Weights, encoding: Encoding, start: Start, rows: Value) -> None:
    """Name what a forecast is made of: its units, the linear part, and the raw rows, which contain it."""
    takes_logs = network.config.normalization == "log-last-difference"
    encoding.stats.location.call("log_location" if takes_logs else "location")
    encoding.stats.scale.call("scale")
    rows.call("rows")
    if start.highway is not None and encoding.context is not None:
        start.highway.call("linear")
        encoding.context.call("context")


def encode(network: Weights, window: History) -> Encoding:
    """Return the decoder's first state, and all else that it needs of the histories."""
    config, patch, size = network.config, network.config.patch_length, network.config.target_size
    place = align(window.lengths, window.history, config)
    values, observed = observe(aligned_channels(window.history, size, place), config)
    stats = statistics(values, observed, config)
    scaled = normalize(values, observed, stats)  # (batch × D, encoder steps × patch)
    parts = [join_channels(scaled, config.encoder_steps, patch, size)]
    parts.append(join_channels(observed.to_float(), config.encoder_steps, patch, size))
    if window.timestamps is not None:
        times = window.timestamps.gather(1, place.index)
        parts.append(calendar(network, where(place.inside, times, MISSING_TIME)))
    kinds = {"known": (network.known, window.known), "past": (network.past, window.past)}
    for kind, (standard, given) in kinds.items():
        if given is not None:
            rows = aligned_rows(given, len(standard.location), place)
            parts.append(patches(standard, rows, patch, kind))
    static = describe(network, window)
    if static is not None:
        parts.append(static.unsqueeze(1).expand([1, config.encoder_steps, 1]))
    state = encode_patches(network.encoder, concat(parts, axis=2), place.steps)
    state = bridge_state(network.bridge, state)
    gaps = where(observed, scaled, math.nan)
    counts = repeat_channels(place.steps, size)
    return Encoding(
        state=state,
        previous=join_times(last_patch(gaps, counts, patch), patch, size),
        stats=Statistics(join_times(stats.location, 1, size), join_times(stats.scale, 1, size)),
        context=end_anchored(scaled, counts, config) if config.highway else None,
        static=static,
    )


def start_decoder(network: Weights, encoding: Encoding, future: Future, shape: Shape) -> Start:
    """Return what the decoder is given: the encoding and what is known of the future."""
    config = network.config
    # Beyond the trained steps the last vector repeats.
    trained = arange(shape.steps.squeeze(0)).minimum(config.decoder_steps - 1)
    vectors = look_up(network.step_vectors, trained).unsqueeze(0)
    sizes = concat([shape.batch, [1, 1]], axis=0)
    parts = covariate_features(network, future, encoding.static, shape)
    features = concat([*parts, vectors.expand(sizes)], axis=2)
    highway = long_highway(network, encoding)
    if highway is not None:
        coming = highway[:, : shape.steps * config.patch_width]
        highway = coming.reshape(0, -1, config.patch_width)
    return Start(encoding.state, encoding.previous, features, highway)


def covariate_features(
    network: Weights, future: Future, static: Value | None, shape: Shape | None
) -> list[Value]:
    """Return the features of steps that differ from series to series, each (batch, steps, feature).

    shape: needed with known covariates and with static columns.
    """
    config, parts = network.config, []
    if future.timestamps is not None:
        parts.append(calendar(network, future.timestamps))
    if future.known is not None and shape is not None:
        known = whole_patches(future.known, shape.steps, config.patch_length)
        parts.append(patches(network.known, known, config.patch_length))
    if static is not None and shape is not None:
        sizes = concat([shape.batch, shape.steps, [config.static_width]], axis=0)
        parts.append(static.unsqueeze(1).expand(sizes))
    return parts


def long_highway(network: Weights, encoding: Encoding) -> Value | None:
    """Return the linear forecast of every step that a bundle serves: (batch, max_horizon × D)."""
    if network.highway is None or encoding.context is None:
        return None
    return linear_forecast(network.highway, encoding.context, encoding.state[0], network.config)


def describe(network: Weights, window: History) -> Value | None:
    """Return the static vector of each series: (batch, width); None where nothing is static.

    Embedded categories, then numbers and their masks. A code without training is 0, the unknown one.
    """
    columns = []
    if window.static_cat is not None:
        sizes = network.config.category_sizes
        for number, (embedding, size) in enumerate(zip(network.embeddings, sizes, strict=True)):
            code = window.static_cat.column(number)
            trained = (code >= 0) & (code < size)
            columns.append(look_up(embedding, where(trained, code, 0)))
    if window.static is not None:
        columns += standardize(network.static, window.static, "static")
    return concat(columns, axis=1) if columns else None


def calendar(network: Weights, timestamps: Value) -> Value:
    """Return features of the first timestamp of each patch. (batch, time) -> (batch, steps, feature)."""
    config = network.config
    first = timestamps[:, :: config.patch_length] if config.patch_length > 1 else timestamps
    return calendar_features(first, config.calendar_periods, config.step_seconds)


def horizon_bias(network: Weights, offsets: NDArray[np.float32]) -> Array:
    """Return what is added to the `horizon` rows of each decoder step: biases and offsets of the calibration.

    offsets: (max_horizon, quantile). Returns (steps, patch × D × quantile); one step for all without offsets.
    """
    bias: Array = network.decoder.next_rows.bias + network.decoder.delta_rows.bias
    if not offsets.any():
        return bias[None]
    # The D values of a time stand together.
    every = offsets.repeat(network.config.target_size, axis=0)
    return bias + every.reshape(-1, len(bias))


def emit(network: Weights, rows: Value, stats: Statistics) -> Value:
    """Return rows as data: sorted (Chernozhukov et al., 2010), bounded.

    rows: (batch, time × D × quantile); stats: each (batch, D). Returns (batch, time, quantile), of a joint
    series (batch, time, D, quantile).
    """
    config = network.config
    levels, channels = len(config.quantile_levels), channel_axis(config)
    if channels:
        rows = rows.reshape(0, -1, *channels, levels)
        stats = Statistics(stats.location.unsqueeze(1, 3), stats.scale.unsqueeze(1, 3))
    values = denormalize(rows, stats, config)
    if not channels:
        values = values.reshape(0, -1, levels)
    ordered = values.sort(levels)
    return ordered if config.lower is None else ordered.maximum(float(config.lower))
