"""The gate: graph and model mix the linear forecasts of a window by the same shares."""

from __future__ import annotations

import pytest
import torch
from numpy_state import arrays_of

from forecaster.config import ModelConfig
from forecaster.export.graph.gate import shares_of_maps
from forecaster.model.gate import Gate
from forecaster.weights.weights import Affine

SERIES, HIDDEN = 4, 5


@pytest.mark.parametrize("knows_changes", [False, True])
@pytest.mark.parametrize("size", [1, 3])
@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize(("context", "lags"), [(90, 2), (30, 1), (11, 0)])
def test_the_shares_of_the_maps_are_the_same(
    run_graph, close, context, lags, layers, size, knows_changes
) -> None:
    config = ModelConfig(
        context_length=context,
        horizon=6,
        patch_length=3,
        season=6,
        hidden_size=HIDDEN,
        decoder_layers=layers,
        highway=5,
        target_size=size,
        cycle_changes=knows_changes,
    )
    gate = Gate(config)
    assert len(gate.lags) == lags
    gate.linear.weight.normal_()
    gate.linear.bias.normal_()
    values, h = torch.randn(SERIES * size, context), torch.randn(SERIES, layers * HIDDEN)
    values[0] = 0.0  # a constant window
    weights = Affine.of(arrays_of(gate), "linear")
    (found,) = run_graph(lambda x, h: shares_of_maps(weights, x, h, config), values, h)
    close(found, gate(values, h[:, -HIDDEN:].repeat_interleave(size, dim=0)))
