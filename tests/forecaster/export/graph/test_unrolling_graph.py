"""Unrolling: a graph's free run, folded or in a Scan, is the model's."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from numpy_state import arrays_of

from forecaster.config import ModelConfig
from forecaster.export.graph import decoder as graph
from forecaster.export.graph import unrolling
from forecaster.model import decoder as model
from forecaster.model.encoder import flatten_layers
from forecaster.model.unrolling import unroll_steps
from forecaster.weights.weights import DecoderWeights

BATCH, FEATURES, HIDDEN, PATCH = 4, 2, 5, 3


def free_run(
    config: ModelConfig, decoder: model.Decoder, steps: int, has_highway: bool
) -> tuple[model.Start, Any, list[torch.Tensor]]:
    """A start with gaps in the previous patch; the same start emitted; and what the graph is given of it."""
    layers = decoder.lstm.num_layers
    state = (torch.randn(layers, BATCH, HIDDEN), torch.randn(layers, BATCH, HIDDEN))
    previous = torch.randn(BATCH, PATCH)
    previous[0, 1] = torch.nan
    highway = torch.randn(BATCH, steps, PATCH) if has_highway else torch.zeros(BATCH, steps, PATCH)
    start = model.Start(state, previous, torch.randn(BATCH, steps, FEATURES), highway)
    weights = DecoderWeights.of(config, arrays_of(decoder))

    def emit(h, c, previous, features, highway):
        begin = graph.Start((h, c), previous, features, highway if has_highway else None)
        return unrolling.unroll_free(weights, begin)

    return start, emit, [*map(flatten_layers, state), previous, start.features, highway]


@pytest.mark.parametrize("steps", [1, 6])
@pytest.mark.parametrize("has_highway", [True, False])
@pytest.mark.parametrize("layers", [1, 2])
def test_the_hidden_states_of_a_free_run_are_those_of_the_step_loop(
    run_graph, close, layers, has_highway, steps
) -> None:
    config = ModelConfig(
        context_length=9, horizon=9, patch_length=PATCH, season=1, hidden_size=HIDDEN, decoder_layers=layers
    )
    decoder = model.Decoder(config, FEATURES)
    start, emit, inputs = free_run(config, decoder, steps, has_highway)
    close(*run_graph(emit, *inputs), unroll_steps(decoder, start))
