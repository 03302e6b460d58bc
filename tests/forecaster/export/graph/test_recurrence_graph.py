"""Recurrence: an LSTM node computes torch's LSTM, gates in the order that each wants."""

from __future__ import annotations

import torch
from numpy_state import arrays_of
from torch import nn

from forecaster.export.graph.recurrence import flatten_layers, run_layer
from forecaster.model.recurrence import run_lstm
from forecaster.weights.weights import Layer

BATCH, STEPS, FEATURES, HIDDEN = 3, 6, 4, 5


def test_a_layer_runs_from_its_state(run_graph, close) -> None:
    lstm = nn.LSTM(FEATURES, HIDDEN, batch_first=True)
    layer = Layer(*arrays_of(lstm).values())
    inputs, h, c = (
        torch.randn(BATCH, STEPS, FEATURES),
        torch.randn(1, BATCH, HIDDEN),
        torch.randn(1, BATCH, HIDDEN),
    )

    def emit(inputs, h, c):
        hidden, (h, c) = run_layer(inputs.permute(1, 0, 2), layer, (h, c))
        return hidden.squeeze(1).permute(1, 0, 2), h, c

    expected, state = run_lstm(lstm, inputs, (h, c))
    for found, wanted in zip(run_graph(emit, inputs, h, c), (expected, *state), strict=True):
        close(found, wanted)


def test_a_layer_without_a_state_starts_at_0_and_stops_at_each_length(run_graph, close) -> None:
    lstm = nn.LSTM(FEATURES, HIDDEN, batch_first=True)
    layer = Layer(*arrays_of(lstm).values())
    inputs, lengths = torch.randn(BATCH, STEPS, FEATURES), torch.tensor([6, 1, 4])

    def emit(inputs, lengths):
        _, state = run_layer(inputs.permute(1, 0, 2), layer, lengths=lengths.to_int32())
        return state

    h, c = run_graph(emit, inputs, lengths)
    for n, length in enumerate(lengths):
        _, (expected_h, expected_c) = lstm(inputs[n : n + 1, :length])
        close(h[:, n : n + 1], expected_h)
        close(c[:, n : n + 1], expected_c)


def test_the_states_of_all_layers_are_flattened_layer_by_layer(run_graph, same) -> None:
    h, c = torch.randn(2, 1, BATCH, HIDDEN), torch.randn(2, 1, BATCH, HIDDEN)

    def emit(h_1, c_1, h_2, c_2):
        return flatten_layers([(h_1, c_1), (h_2, c_2)])

    found = run_graph(emit, h[0], c[0], h[1], c[1])
    for one, state in zip(found, (h, c), strict=True):
        same(one, torch.cat([state[0, 0], state[1, 0]], dim=1))
