"""The gate: what it knows of a window."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from forecaster.config import ModelConfig
from forecaster.model.gate import Gate
from forecaster.weights.constants import LEAST_CHANGE

WEEKS = ModelConfig(context_length=84, horizon=6, patch_length=6, season=6, hidden_size=4, highway=2)


def test_a_gate_without_a_cycle_twice_in_its_context_goes_by_the_encoder_alone() -> None:
    config = ModelConfig(context_length=11, horizon=6, patch_length=3, season=6, hidden_size=4, highway=3)
    gate, hidden = Gate(config), torch.randn(4, config.hidden_size)
    assert gate.lags == ()
    torch.nn.init.normal_(gate.linear.weight)
    one, other = (gate(torch.full((4, 11), level), hidden) for level in (0.0, 5.0))
    assert torch.equal(one, other)
    torch.testing.assert_close(one.sum(1), torch.ones(4))


def test_a_gate_knows_how_strong_each_cycle_is_and_how_the_level_moves() -> None:
    gate, time = Gate(WEEKS), torch.arange(84.0)
    assert gate.lags == (6, 42)
    wave, other = torch.sin(time * 2 * math.pi / 6), torch.sin(time * 2 * math.pi / 4)
    weekly, at_once = gate.autocorrelations(torch.stack([wave, other]))[:, 0].tolist()
    assert weekly == pytest.approx(78 / 84, abs=0.01)
    assert at_once == pytest.approx(-78 / 84, abs=0.01)
    np.testing.assert_allclose((time[None] @ gate.changes).numpy(), [[6, 42]], rtol=1e-5)
    assert not gate.autocorrelations(torch.zeros(1, 84)).any()


def test_a_gate_may_know_how_much_values_change_over_each_cycle() -> None:
    config = WEEKS.model_copy(update={"cycle_changes": True})
    gate = Gate(config)
    assert gate.linear.in_features == 4 + 2 + 2 + 2
    time, draw = torch.arange(84), np.random.default_rng(0)
    daily = torch.from_numpy(draw.standard_normal(6)).float()[time % 6]
    weekly = torch.from_numpy(draw.standard_normal(42)).float()[time % 42]
    changes = gate.cycle_changes(torch.stack([daily, weekly, 100 + 3 * weekly, torch.zeros(84)]))
    least = math.log(LEAST_CHANGE)
    torch.testing.assert_close(changes[0], torch.tensor([least, least]))
    expected = (weekly[6:] - weekly[:-6]).abs().mean() / (weekly - weekly.mean()).abs().mean()
    torch.testing.assert_close(changes[1], torch.tensor([math.log(expected), least]))
    torch.testing.assert_close(changes[2], changes[1], rtol=1e-4, atol=1e-4)  # of any level and unit
    torch.testing.assert_close(changes[3], torch.tensor([least, least]))  # a constant
