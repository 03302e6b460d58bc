"""The gate of a highway in a graph, as in model/gate.py: shares of the linear forecasts in each window."""

import numpy as np

from forecaster.config import ModelConfig
from forecaster.export.graph.channels import repeat_channels
from forecaster.export.nodes.functions import concat, linear
from forecaster.export.nodes.registers import elementwise, row_sum
from forecaster.export.nodes.value import Value
from forecaster.weights.constants import LEAST_CHANGE, MOST_CHANGE, gate_lags, level_changes
from forecaster.weights.weights import Affine


def shares_of_maps(gate: Affine, context: Value, h: Value, config: ModelConfig) -> Value:
    """Return the shares of the maps: (batch × D, maps).

    context: (batch × D, context) normalised, 0 = missing; h: (batch, decoder layers × hidden).
    """
    span, lags = config.context_length, gate_lags(config)
    hidden = h[:, -config.hidden_size :] if config.decoder_layers > 1 else h
    power = row_sum(context * context, span).maximum(float(np.finfo(np.float32).tiny))
    parts = [repeat_channels(hidden, config.target_size, config.hidden_size)]
    for lag in lags:
        late, early = context[:, lag:span], context[:, : span - lag]
        parts.append(row_sum(late * early, span - lag) / power)
    if lags:
        parts.append(context @ level_changes(config))
    if lags and config.cycle_changes:
        parts.append(cycle_changes(context, config))
    logits = linear(concat(parts, axis=1), gate.weight, gate.bias)
    # A softmax of our own, since that of onnxruntime has other bits in a batch.
    weights = elementwise(Value.exp, logits - logits.amax(1), config.highway)
    return weights / row_sum(weights, config.highway)


def cycle_changes(context: Value, config: ModelConfig) -> Value:
    """Return how much values change over each cycle, as logarithms: (batch × D, lags)."""
    span, lags = config.context_length, gate_lags(config)
    away = (context - row_sum(context, span) / float(span)).abs()
    spread = (row_sum(away, span) / float(span)).maximum(float(np.finfo(np.float32).tiny))
    parts = []
    for lag in lags:
        moved = (context[:, lag:span] - context[:, : span - lag]).abs()
        parts.append(row_sum(moved, span - lag) / float(span - lag) / spread)
    shares = concat(parts, axis=1).maximum(LEAST_CHANGE).minimum(MOST_CHANGE)
    return elementwise(Value.log, shares, len(lags))
