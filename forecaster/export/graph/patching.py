"""Patches of the context in a graph, as in model/patching.py, but left-aligned.

Patches that hold nothing come last, where an LSTM of ONNX stops by itself; in torch they come first.
"""

import math
from dataclasses import dataclass

import numpy as np

from forecaster.config import ModelConfig
from forecaster.export.graph.channels import split_channels
from forecaster.export.nodes.functions import concat, where
from forecaster.export.nodes.value import Operand, Value


@dataclass(frozen=True)
class Alignment:
    """Places of the values of each context patch in a left-aligned history."""

    index: Value  # int64 (batch, encoder steps × patch), clipped to the history
    inside: Value  # bool, the same shape: within the history and within the context
    steps: Value  # int64 (batch,), patches that hold anything


def context_width(config: ModelConfig) -> int:
    """Return the time steps of all patches of the context: encoder steps × patch."""
    return config.encoder_steps * config.patch_length


def align(lengths: Value, history: Value, config: ModelConfig) -> Alignment:
    """Place the patches. lengths: int64 (batch,), at least 1; history: (batch, time, ...)."""
    patch = config.patch_length
    used = lengths.minimum(config.context_length)
    steps = (used + (patch - 1)) // patch
    begin = (lengths - steps * patch).unsqueeze(1)
    index = begin + np.arange(context_width(config))[None]
    first = (lengths - used).unsqueeze(1)
    inside = (index >= first) & (index < lengths.unsqueeze(1))
    last = history.sizes(1, 2) - 1
    return Alignment(index.maximum(0).minimum(last), inside, steps)


def aligned_rows(values: Value, width: int, place: Alignment) -> Value:
    """Return values at the places of the context's patches: (batch, time, C) -> (batch, steps × patch, C)."""
    index = place.index.unsqueeze(2).expand([1, 1, width])
    inside = place.inside.unsqueeze(2)
    return where(inside, values.gather(1, index), math.nan)


def aligned_channels(history: Value, size: int, place: Alignment) -> Value:
    """Return the patches of every channel: (batch, time), joint with D -> (batch × D, steps × patch)."""
    if size == 1:
        return where(place.inside, history.gather(1, place.index), math.nan)
    return split_channels(aligned_rows(history, size, place))


def whole_patches(values: Value, steps: Value, patch: int) -> Value:
    """Fill the last patch up with NaN: (batch, time, C) -> (batch, steps × patch, C). steps: int64 (1,)."""
    given = values.sizes(1, 2)
    missing = steps * patch - given
    pads: list[Operand] = [[0, 0, 0, 0], missing, [0]]
    return values.pad(concat(pads, axis=0), math.nan)


def last_patch(values: Value, steps: Value, patch: int) -> Value:
    """Return the last patch that holds anything: (rows, steps × patch) -> (rows, patch). steps: (rows,)."""
    begin = (steps - 1) * patch
    return values.gather(1, begin.unsqueeze(1) + np.arange(patch)[None])


def end_anchored(values: Value, steps: Value, config: ModelConfig) -> Value:
    """Shift the context to the end, after 0: (rows, steps × patch) -> (rows, context). steps: (rows,)."""
    end = (steps * config.patch_length).unsqueeze(1)
    index = end + (np.arange(config.context_length)[None] - config.context_length)
    gathered = values.gather(1, index.maximum(0))
    return where(index >= 0, gathered, 0.0)
