"""The gate of a highway in a graph, as in model/gate.py."""

from __future__ import annotations

import numpy as np

from forecaster.config import ModelConfig
from forecaster.export.graph.channels import repeat_rows
from forecaster.export.graph.context import Context, elementwise, row_sum
from forecaster.export.graph.emitter import Emitter
from forecaster.export.graph.weights import array
from forecaster.model.gate import Gate


def emit_gate(g: Emitter, gate: Gate, context: Context, config: ModelConfig) -> str:
    """Shares of the maps: (batch × D, maps)."""
    values, span = context.scaled_context, config.context_length
    if values is None:
        raise ValueError("a gate looks at the context")
    hidden = context.h
    if config.decoder_layers > 1:
        hidden = g.op("Slice", hidden, [-config.hidden_size], [np.iinfo(np.int64).max], [1])
    power = row_sum(g, g.op("Mul", values, values), span)
    power = g.op("Max", power, float(np.finfo(np.float32).tiny))
    parts = [repeat_rows(g, hidden, config.hidden_size, config.target_size)]
    for lag in gate.lags:
        late, early = g.op("Slice", values, [lag], [span], [1]), g.op("Slice", values, [0], [span - lag], [1])
        parts.append(g.op("Div", row_sum(g, g.op("Mul", late, early), span - lag), power))
    if gate.lags:
        parts.append(g.op("MatMul", values, array(gate.changes)))
    features = g.op("Concat", *parts, axis=1)
    logits = g.op("Gemm", features, array(gate.linear.weight), array(gate.linear.bias), transB=1)
    # A softmax of our own, since that of onnxruntime has other bits in a batch.
    below = g.op("Sub", logits, g.op("ReduceMax", logits, [1]))
    weights = elementwise(g, "Exp", below, config.highway, 2)
    return g.op("Div", weights, row_sum(g, weights, config.highway))
