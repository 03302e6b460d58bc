"""Per-window normalisation in a graph, as in model/normalization.py."""

import math
from dataclasses import dataclass

import numpy as np

from forecaster.config import ModelConfig
from forecaster.export.graph.patching import context_width
from forecaster.export.nodes.functions import maximum, where
from forecaster.export.nodes.registers import elementwise, row_sum
from forecaster.export.nodes.value import Value
from forecaster.weights.constants import ABSOLUTE_FLOOR, DEVIATION_FLOOR, EXPONENT_LIMIT

# As a share of the level: of a history that keeps its level, float32 can tell no more.
RELATIVE_FLOOR = 1e-4


@dataclass(frozen=True)
class Statistics:
    """Location and scale of each channel of each window; scale 0 marks a constant context.

    (batch × D, 1); once they have left the context, (batch, D).
    """

    location: Value
    scale: Value


def observe(values: Value, config: ModelConfig) -> tuple[Value, Value]:
    """Return values with gaps as 0, and the mask of what was observed; logarithms where they are asked for.

    values: (rows, encoder steps × patch), NaN = missing. Returns two of this shape.
    """
    if config.normalization == "log-last-difference":
        values = elementwise(Value.log, where(values > 0.0, values, math.nan), context_width(config))
    observed = values.isfinite()
    return where(observed, values, 0.0), observed


def statistics(values: Value, observed: Value, config: ModelConfig) -> Statistics:
    """Describe each row. values, observed: (rows, encoder steps × patch), from `observe`."""
    width = context_width(config)
    mask = observed.to_float()
    count = row_sum(mask, width).maximum(1.0)
    mean = row_sum(values, width) / count
    centred = values - mean
    deviation = (row_sum(centred * centred * mask, width) / count).sqrt()
    spread: Value | float
    if config.normalization == "none":
        location, spread = mean * 0.0, 1.0
    elif config.normalization == "mean-std":
        location, spread = mean, deviation
    else:
        location = _last(values, observed, width)
        difference = _seasonal_difference(values, mask, width, config.season)
        spread = maximum(difference, DEVIATION_FLOOR * deviation)
    scale = maximum(spread, RELATIVE_FLOOR * location.abs(), ABSOLUTE_FLOOR)
    highest = where(observed, values, -math.inf).amax(1)
    lowest = where(observed, values, math.inf).amin(1)
    constant = highest <= lowest
    return Statistics(where(constant, highest, location), where(constant, 0.0, scale))


def _last(values: Value, observed: Value, width: int) -> Value:
    last = where(observed, np.arange(width)[None], 0).amax(1)
    return values.gather(1, last)


def _seasonal_difference(values: Value, mask: Value, width: int, season: int) -> Value | float:
    """Return the mean |x_t − x_{t−m}| over the pairs that were both observed; 0 without any. (rows, 1)"""
    if season >= width:
        return 0.0
    pairs = width - season
    both = mask[:, season:width] * mask[:, :pairs]
    difference = (values[:, season:width] - values[:, :pairs]).abs() * both
    return row_sum(difference, pairs) / row_sum(both, pairs).maximum(1.0)


def normalize(values: Value, observed: Value, stats: Statistics) -> Value:
    """Return (values − location) / scale where observed, else 0; all 0 in a constant window."""
    divisor = where(stats.scale > 0.0, stats.scale, 1.0)
    return where(observed, (values - stats.location) / divisor, 0.0)


def denormalize(rows: Value, stats: Statistics, config: ModelConfig) -> Value:
    """Return normalised rows in data units. The statistics have as many axes as the rows."""
    values = rows * stats.scale + stats.location
    if config.normalization == "log-last-difference":
        return values.minimum(EXPONENT_LIMIT).exp()
    return values
