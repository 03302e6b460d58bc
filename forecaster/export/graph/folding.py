"""Folding in a graph, as in model/folding.py: the whole free run of one layer is one LSTM node."""

from forecaster.export.graph.decoder import Start
from forecaster.export.graph.recurrence import run_layer
from forecaster.export.nodes.functions import concat, full, linear, where
from forecaster.export.nodes.value import Value
from forecaster.weights.composed import folded_layer
from forecaster.weights.weights import DecoderWeights


def folded_inputs(decoder: DecoderWeights, start: Start) -> Value:
    """Return inputs in which e_k takes the place of the fed-back patch, with its mask and the features.

    Returns (batch, steps, 2 × patch + feature).
    """
    offset = linear(start.state[0], decoder.median.weight, decoder.median.bias)
    observed = start.previous.isfinite()
    # A missing first value enters the plain LSTM as 0, so here it must cancel the offset alone.
    e_1 = where(observed, start.previous, 0.0) - offset
    first_mask = observed.to_float()
    # Each step after the first: (batch, steps - 1, patch).
    sizes = concat([start.features[:, 1:].sizes(0, 2), [decoder.config.patch_width]], axis=0)
    later = full(sizes, 0.0)
    if start.highway is not None:
        later = start.highway[:, :-1]
    ones = full(sizes, 1.0)
    e = concat([e_1.unsqueeze(1), later], axis=1)
    mask = concat([first_mask.unsqueeze(1), ones], axis=1)
    return concat([e, mask, start.features], axis=2)


def unroll_folded(decoder: DecoderWeights, start: Start) -> Value:
    """Run free in one LSTM node. Returns the hidden states (batch, steps, hidden)."""
    inputs = folded_inputs(decoder, start).permute(1, 0, 2)
    h, c = start.state
    hidden, _ = run_layer(inputs, folded_layer(decoder), (h.unsqueeze(0), c.unsqueeze(0)))
    return hidden.squeeze(1).permute(1, 0, 2)
