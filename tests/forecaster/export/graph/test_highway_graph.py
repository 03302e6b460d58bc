"""The highway: one matrix in the graph is the model's maps, each rolled on its own output."""

from __future__ import annotations

import pytest
import torch
from numpy_state import arrays_of

from forecaster.config import ModelConfig
from forecaster.export.graph.highway import linear_forecast
from forecaster.model.channels import join_channels
from forecaster.model.highway import Highway
from forecaster.weights.weights import HighwayWeights

SERIES, HIDDEN = 4, 5


@pytest.mark.parametrize("size", [1, 3])
@pytest.mark.parametrize("maps", [1, 4])
def test_the_forecast_of_every_step_is_the_same(run_graph, close, maps, size) -> None:
    config = ModelConfig(
        context_length=30,
        horizon=6,
        patch_length=4,
        season=6,
        hidden_size=HIDDEN,
        highway=maps,
        target_size=size,
    )
    highway = Highway(config)
    highway.weight.mul_(0.5).add_(0.01 * torch.randn_like(highway.weight))
    highway.bias.normal_(std=0.1)
    if highway.gate is not None:
        highway.gate.linear.weight.normal_()
    context, h = torch.randn(SERIES * size, 30), torch.randn(SERIES, HIDDEN)
    rolled = highway(context, h.repeat_interleave(size, dim=0), config.max_horizon // 4)
    weights = HighwayWeights.of(config, arrays_of(highway))
    (found,) = run_graph(lambda x, h: linear_forecast(weights, x, h, config), context, h)
    close(found, join_channels(rolled, size).flatten(1))
