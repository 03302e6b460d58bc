"""The highway: maps that roll on their own output, and the forecasts that they begin with."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from forecaster.config import ModelConfig
from forecaster.model.highway import Highway

NOTHING = torch.zeros(0)  # a highway of one map has no gate that would look at it


@pytest.mark.parametrize("patch", [1, 3])
def test_a_highway_rolls_on_its_own_output(patch: int) -> None:
    torch.manual_seed(0)
    config = ModelConfig(context_length=12, horizon=6, patch_length=patch, season=6)
    highway = Highway(config).double()
    torch.nn.init.normal_(highway.weight, std=0.2)
    torch.nn.init.normal_(highway.bias)
    context = values = torch.randn(3, 12, dtype=torch.float64)
    for _ in range(5):
        values = torch.cat([values, values[:, -12:] @ highway.weight[0].T + highway.bias[0]], dim=1)
    torch.testing.assert_close(highway(context, NOTHING, 5).flatten(1), values[:, 12:])


def test_a_bank_of_maps_is_mixed_by_the_gate_after_each_is_rolled() -> None:
    torch.manual_seed(0)
    config = ModelConfig(context_length=30, horizon=6, patch_length=3, season=2, hidden_size=4, highway=5)
    highway = Highway(config).double()
    torch.nn.init.normal_(highway.weight, std=0.1)
    assert highway.gate is not None
    torch.nn.init.normal_(highway.gate.linear.weight)
    context, hidden = torch.randn(6, 30, dtype=torch.float64), torch.randn(6, 4, dtype=torch.float64)
    shares = highway.gate(context, hidden)
    assert torch.allclose(shares.sum(1), torch.ones(6, dtype=torch.float64))
    alone = Highway(config.model_copy(update={"highway": 1})).double()
    expected = torch.zeros(6, 4, 3, dtype=torch.float64)
    for number in range(5):
        alone.weight.data, alone.bias.data = highway.weight.data[[number]], highway.bias.data[[number]]
        expected += shares[:, number, None, None] * alone(context, NOTHING, 4)
    torch.testing.assert_close(highway(context, hidden, 4), expected)


def test_the_maps_of_a_bank_begin_as_what_series_of_many_kinds_repeat() -> None:
    config = ModelConfig(context_length=56, horizon=4, patch_length=4, season=4, highway=8)
    context = torch.arange(56.0)[None]
    rows = Highway(config).roll(context, 1)[:, 0]
    assert rows[1].tolist() == [14, 15, 16, 17]  # means of 0 and 28 ...
    assert rows[2].tolist() == [50, 51, 52, 53]  # of the last two seasons
    assert rows[3].tolist() == [53.5] * 4  # the level of the last
    assert rows[4].tolist() == [28, 29, 30, 31]
    assert rows[5].tolist() == [52, 53, 54, 55]
    assert rows[6].tolist() == [55] * 4
    assert rows[7].tolist() == [27.5] * 4


def test_an_untrained_highway_repeats_the_mean_of_its_seasons() -> None:
    config = ModelConfig(context_length=23, horizon=7, patch_length=7, season=7)
    context = torch.arange(23.0)[None]
    expected = [np.mean([2 + day, 9 + day, 16 + day]) for day in range(7)]
    assert Highway(config)(context, NOTHING, 1).flatten().tolist() == pytest.approx(expected)


def test_an_untrained_highway_without_a_season_repeats_the_last_value() -> None:
    config = ModelConfig(context_length=5, horizon=3, patch_length=1, season=1)
    assert Highway(config)(torch.arange(5.0)[None], NOTHING, 3).flatten().tolist() == [4.0, 4.0, 4.0]
