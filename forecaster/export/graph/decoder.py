"""The decoder in a graph, as in model/decoder.py: its inputs, one step, the median and the `horizon` rows."""

from dataclasses import dataclass

from forecaster.export.graph.recurrence import State, flatten_layers, run_layer
from forecaster.export.nodes.functions import concat, linear, where
from forecaster.export.nodes.value import Operand, Value
from forecaster.weights.weights import DecoderWeights


@dataclass(frozen=True)
class Start:
    """Tensors that a decoder is given before its first step, normalised."""

    state: State
    previous: Value  # (batch, patch) the last patch of the history, NaN = missing
    features: Value  # (batch, steps, feature) what is known of each step without the previous patch
    highway: Value | None  # (batch, steps, patch) linear forecast that is added to the rows


def decoder_inputs(previous: Value, features: Value) -> Value:
    """Return [previous patch, its mask, features] along the last axis."""
    observed = previous.isfinite()
    filled = where(observed, previous, 0.0)
    return concat([filled, observed.to_float(), features], axis=-1)


def decoder_step(decoder: DecoderWeights, inputs: Value, state: State) -> tuple[Value, State]:
    """Run one step. inputs: (batch, feature).

    Returns the last layer's h (batch, hidden) and the new state.
    """
    sequence, count = inputs.unsqueeze(0), len(decoder.layers)
    parts = zip(*(part.split([decoder.config.hidden_size] * count) for part in state), strict=True)
    states = []
    for layer, (h, c) in zip(decoder.layers, parts, strict=True):
        before = (h.unsqueeze(0), c.unsqueeze(0))
        _, after = run_layer(sequence, layer, before)
        sequence = after[0]
        states.append(after)
    hidden = sequence.squeeze(0)
    if count == 1:
        return hidden, (hidden, states[0][1].squeeze(0))
    return hidden, flatten_layers(states)


def median(decoder: DecoderWeights, hidden: Value, highway: Value | None) -> Value:
    """Return the value that is fed back: the raw median row of `next`.

    hidden: (batch, hidden); highway: (batch, patch). Returns (batch, patch).
    """
    row = linear(hidden, decoder.median.weight, decoder.median.bias)
    return row if highway is None else row + highway


def horizon_rows(decoder: DecoderWeights, hidden: Value, bias: Operand, highway: Value | None) -> Value:
    """Return the `horizon` rows, calibrated by their bias: (batch, steps × patch × quantile).

    hidden: (batch, steps, hidden); bias: (steps or 1, patch × quantile); highway: (batch, steps, patch).
    """
    weight = decoder.next_rows.weight + decoder.delta_rows.weight
    rows = hidden @ weight.T + bias
    if highway is not None:
        rows = rows.reshape(0, -1, len(decoder.config.quantile_levels))
        rows = rows + highway.reshape(0, -1, 1)
    return rows.reshape(0, -1)
