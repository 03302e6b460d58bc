"""Folding: what the one LSTM of a free run is given."""

from __future__ import annotations

import pytest
import torch
from numpy_state import arrays_of

from forecaster.config import ModelConfig
from forecaster.export.graph import folding as graph
from forecaster.export.graph.decoder import Start
from forecaster.model import decoder as model
from forecaster.model.encoder import flatten_layers
from forecaster.model.folding import folded_inputs, unroll_folded
from forecaster.weights.weights import DecoderWeights

BATCH, FEATURES, HIDDEN, PATCH = 4, 2, 5, 3


@pytest.mark.parametrize("steps", [1, 6])
@pytest.mark.parametrize("has_highway", [True, False])
def test_folded_inputs_and_the_hidden_states_from_them_are_the_same(
    run_graph, close, has_highway, steps
) -> None:
    config = ModelConfig(context_length=9, horizon=9, patch_length=PATCH, season=1, hidden_size=HIDDEN)
    decoder = model.Decoder(config, FEATURES)
    weights = DecoderWeights.of(config, arrays_of(decoder))
    state = (torch.randn(1, BATCH, HIDDEN), torch.randn(1, BATCH, HIDDEN))
    previous = torch.randn(BATCH, PATCH)
    previous[0, 1] = torch.nan
    highway = torch.randn(BATCH, steps, PATCH) if has_highway else torch.zeros(BATCH, steps, PATCH)
    start = model.Start(state, previous, torch.randn(BATCH, steps, FEATURES), highway)

    def emit(h, c, previous, features, highway):
        begin = Start((h, c), previous, features, highway if has_highway else None)
        return graph.folded_inputs(weights, begin), graph.unroll_folded(weights, begin)

    inputs, hidden = run_graph(emit, *map(flatten_layers, state), previous, start.features, highway)
    close(inputs, folded_inputs(decoder, start))
    close(hidden, unroll_folded(decoder, start))
