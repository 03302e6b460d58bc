"""The history's side of a graph, as in model/: alignment, normalisation, covariates, encoder."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from forecaster.config import ModelConfig
from forecaster.export.graph.channels import join_channels, join_steps, repeat_channels, split_channels
from forecaster.export.graph.covariates import patches, static_state
from forecaster.export.graph.emitter import Emitter
from forecaster.export.graph.weights import array, layer_weights, lstm
from forecaster.model.calendar import MISSING_TIME, angular_frequencies
from forecaster.model.network import Network
from forecaster.model.normalization import ABSOLUTE_FLOOR, DEVIATION_FLOOR, RELATIVE_FLOOR

# 64 bytes: the widest vector register, and what onnxruntime aligns its buffers to.
ALIGNED_FLOATS = 16


@dataclass(frozen=True)
class Context:
    """Values of a graph that describe the end of the history; named as in model/network.py: Encoding."""

    h: str  # (batch, decoder layers × hidden)
    c: str
    previous: str  # (batch, patch × D), NaN = missing
    location: str  # (batch, D)
    scale: str
    scaled_context: str | None  # (batch × D, context), 0 = missing; None without a highway
    static: str | None  # (batch, width)


@dataclass(frozen=True)
class _Alignment:
    index: str
    inside: str
    steps: str


def emit_context(g: Emitter, network: Network) -> Context:
    """Everything from the raw history to the decoder's first state."""
    config = network.config
    patch, steps, size = config.patch_length, config.encoder_steps, config.target_size
    where = _align(g, config)
    values, observed = observe(g, _aligned_history(g, where, size), config)
    location, scale = _statistics(g, values, observed, config)
    scaled = _normalize(g, values, observed, (location, scale))
    shape = (steps, patch, size)
    parts = [join_channels(g, scaled, shape), join_channels(g, g.op("Cast", observed, to=1), shape)]
    if network.calendar_width:
        times = g.op("GatherElements", "timestamps", where.index, axis=1)
        parts.append(calendar(g, g.op("Where", where.inside, times, MISSING_TIME), config))
    if config.known_size:
        parts.append(patches(g, _aligned_rows(g, "known", config.known_size, where), network.known, patch))
    if config.past_size:
        parts.append(patches(g, _aligned_rows(g, "past", config.past_size, where), network.past, patch))
    static = static_state(g, network)
    if static is not None:
        parts.append(g.op("Expand", g.op("Unsqueeze", static, [1]), [1, steps, 1]))
    h, c = _encode(g, g.op("Concat", *parts, axis=2), where.steps, network)
    gaps = g.op("Where", observed, scaled, math.nan)
    counts = repeat_channels(g, where.steps, size)
    return Context(
        h=h,
        c=c,
        previous=join_steps(g, _last_patch(g, gaps, counts, patch), patch, size),
        location=join_steps(g, location, 1, size),
        scale=join_steps(g, scale, 1, size),
        scaled_context=_end_anchored(g, scaled, counts, config) if config.highway else None,
        static=static,
    )


def _align(g: Emitter, config: ModelConfig) -> _Alignment:
    patch, width = config.patch_length, config.encoder_steps * config.patch_length
    used = g.op("Min", "lengths", config.context_length)
    steps = g.op("Div", g.op("Add", used, patch - 1), patch)
    start = g.op("Unsqueeze", g.op("Sub", "lengths", g.op("Mul", steps, patch)), [1])
    index = g.op("Add", start, np.arange(width)[None])
    first = g.op("Unsqueeze", g.op("Sub", "lengths", used), [1])
    inside = g.op(
        "And",
        g.op("GreaterOrEqual", index, first),
        g.op("Less", index, g.op("Unsqueeze", "lengths", [1])),
    )
    last = g.op("Sub", g.op("Shape", "history", start=1, end=2), 1)
    clipped = g.op("Min", g.op("Max", index, 0), last)
    return _Alignment(clipped, inside, steps)


def _aligned_history(g: Emitter, where: _Alignment, size: int) -> str:
    """The context's patches of every channel: (batch × size, steps × patch)."""
    if size == 1:
        return g.op("Where", where.inside, g.op("GatherElements", "history", where.index, axis=1), math.nan)
    return split_channels(g, _aligned_rows(g, "history", size, where))


def _aligned_rows(g: Emitter, name: str, width: int, where: _Alignment) -> str:
    """An input of several columns at the places of the context's patches: (batch, steps × patch, width)."""
    index = g.op("Expand", g.op("Unsqueeze", where.index, [2]), [1, 1, width])
    inside = g.op("Unsqueeze", where.inside, [2])
    return g.op("Where", inside, g.op("GatherElements", name, index, axis=1), math.nan)


def observe(g: Emitter, values: str, config: ModelConfig) -> tuple[str, str]:
    """Values with gaps as 0 and what was observed, as model/normalization.py: observe."""
    if config.normalization == "log-last-difference":
        width = config.encoder_steps * config.patch_length
        positive = g.op("Where", g.op("Greater", values, 0.0), values, math.nan)
        values = elementwise(g, "Log", positive, width, 2)
    # False for NaN as well as for infinity.
    observed = g.op("Less", g.op("Abs", values), math.inf)
    return g.op("Where", observed, values, 0.0), observed


def row_sum(g: Emitter, value: str, width: int) -> str:
    """Sum of each row, (batch, width) -> (batch, 1), with the same bits in any batch."""
    return g.op("ReduceSum", whole_vectors(g, value, width, 2), [1])


def elementwise(g: Emitter, kind: str, value: str, width: int, rank: int) -> str:
    """A function of each element, with the same bits in any batch. value: (..., width) of this rank."""
    if width % ALIGNED_FLOATS == 0:
        return g.op(kind, value)
    result = g.op(kind, whole_vectors(g, value, width, rank))
    return g.op("Slice", result, [0], [width], [rank - 1])


def whole_vectors(g: Emitter, value: str, width: int, rank: int) -> str:
    """Rows filled up with 0, so that all of them begin alike in memory.

    onnxruntime computes what does not fill a vector register by other code, with other roundings, and adds in
    an order that depends on where a row begins.
    """
    padding = -width % ALIGNED_FLOATS
    return g.op("Pad", value, [*[0] * (2 * rank - 1), padding], 0.0) if padding else value


def _statistics(g: Emitter, values: str, observed: str, config: ModelConfig) -> tuple[str, str]:
    width = config.encoder_steps * config.patch_length

    def total(value: str) -> str:
        return row_sum(g, value, width)

    mask = g.op("Cast", observed, to=1)
    count = g.op("Max", total(mask), 1.0)
    mean = g.op("Div", total(values), count)
    centred = g.op("Sub", values, mean)
    deviation = g.op("Sqrt", g.op("Div", total(g.op("Mul", g.op("Mul", centred, centred), mask)), count))
    spread: str | float
    if config.normalization == "none":
        location, spread = g.op("Mul", mean, 0.0), 1.0
    elif config.normalization == "mean-std":
        location, spread = mean, deviation
    else:
        last = g.op("ReduceMax", g.op("Where", observed, np.arange(width)[None], 0), [1])
        location = g.op("GatherElements", values, last, axis=1)
        difference = _seasonal_difference(g, values, mask, config)
        spread = g.op("Max", difference, g.op("Mul", deviation, DEVIATION_FLOOR))
    floor = g.op("Mul", g.op("Abs", location), RELATIVE_FLOOR)
    scale = g.op("Max", spread, floor, ABSOLUTE_FLOOR)
    highest = g.op("ReduceMax", g.op("Where", observed, values, -math.inf), [1])
    lowest = g.op("ReduceMin", g.op("Where", observed, values, math.inf), [1])
    constant = g.op("LessOrEqual", highest, lowest)
    return g.op("Where", constant, highest, location), g.op("Where", constant, 0.0, scale)


def _seasonal_difference(g: Emitter, values: str, mask: str, config: ModelConfig) -> str | float:
    width, season = config.encoder_steps * config.patch_length, config.season
    if season >= width:
        return 0.0
    late, early = ([season], [width], [1]), ([0], [width - season], [1])
    both = g.op("Mul", g.op("Slice", mask, *late), g.op("Slice", mask, *early))
    change = g.op("Abs", g.op("Sub", g.op("Slice", values, *late), g.op("Slice", values, *early)))
    total = row_sum(g, g.op("Mul", change, both), width - season)
    return g.op("Div", total, g.op("Max", row_sum(g, both, width - season), 1.0))


def _normalize(g: Emitter, values: str, observed: str, stats: tuple[str, str]) -> str:
    location, scale = stats
    divisor = g.op("Where", g.op("Greater", scale, 0.0), scale, 1.0)
    return g.op("Where", observed, g.op("Div", g.op("Sub", values, location), divisor), 0.0)


def calendar(g: Emitter, timestamps: str, config: ModelConfig) -> str:
    """Features of the first timestamp of each patch: (batch, time) -> (batch, steps, feature)."""
    patch = config.patch_length
    if patch > 1:
        timestamps = g.op("Slice", timestamps, [0], [np.iinfo(np.int64).max], [1], [patch])
    timestamps = g.op("Unsqueeze", timestamps, [2])
    known = g.op("Cast", g.op("Not", g.op("Equal", timestamps, MISSING_TIME)), to=1)
    columns = []
    for period in config.calendar_periods:
        within = g.op("Div", g.op("Cast", g.op("Mod", timestamps, period), to=1), float(period))
        waves = np.array(angular_frequencies(period, config.step_seconds))
        angle = g.op("Mul", within, waves[None, None])
        columns += [elementwise(g, kind, angle, len(waves), 3) for kind in ("Sin", "Cos")]
    return g.op("Mul", g.op("Concat", *columns, axis=2), known)


def _encode(g: Emitter, inputs: str, steps: str, network: Network) -> tuple[str, str]:
    sequence = g.op("Transpose", inputs, perm=[1, 0, 2])
    lengths = g.op("Cast", steps, to=6)  # int32, as the LSTM wants it
    h_parts, c_parts = [], []
    for layer in range(network.config.encoder_layers):
        weights = layer_weights(network.encoder.lstm, layer)
        hiddens, h, c = lstm(g, sequence, weights, lengths=lengths)
        sequence = g.op("Squeeze", hiddens, [1])
        h_parts.append(h)
        c_parts.append(c)
    h, c = (g.op("Squeeze", g.op("Concat", *parts, axis=2), [0]) for parts in (h_parts, c_parts))
    if network.bridge.maps is None:
        return h, c
    bridged = [
        g.op("Gemm", part, array(bridge.weight), array(bridge.bias), transB=1)
        for part, bridge in zip((h, c), network.bridge.maps, strict=True)
    ]
    return bridged[0], bridged[1]


def _last_patch(g: Emitter, values: str, steps: str, patch: int) -> str:
    start = g.op("Mul", g.op("Sub", steps, 1), patch)
    index = g.op("Add", g.op("Unsqueeze", start, [1]), np.arange(patch)[None])
    return g.op("GatherElements", values, index, axis=1)


def _end_anchored(g: Emitter, values: str, steps: str, config: ModelConfig) -> str:
    end = g.op("Unsqueeze", g.op("Mul", steps, config.patch_length), [1])
    index = g.op("Add", end, np.arange(config.context_length)[None] - config.context_length)
    gathered = g.op("GatherElements", values, g.op("Max", index, 0), axis=1)
    return g.op("Where", g.op("GreaterOrEqual", index, 0), gathered, 0.0)
