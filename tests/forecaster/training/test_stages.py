"""After the selection the weights go on twice: without the held-out values and with them."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from fits import Recorder, config_of, panel_of, waves

from forecaster.data import Panel
from forecaster.model.network import Network
from forecaster.training.fit_network import fit
from forecaster.training.members.members import fit_members
from forecaster.training.stages import continuations, selection
from forecaster.training.validation import Validation
from forecaster.windows.split import split

pytestmark = pytest.mark.slow

REFIT = {"refit": 0.5, "averaging": 0.9}


def weights(network: Network) -> torch.Tensor:
    return torch.cat([tensor.flatten() for tensor in network.state_dict().values()])


def changed_at_the_end(panel: Panel, values: int) -> Panel:
    """The last values moved by a step, which no statistic before sees."""
    moved = panel.values.copy()
    moved[-values:] += 2.0
    return Panel(**{**vars(panel), "values": moved})


def test_a_refit_goes_on_for_its_share_of_the_updates_without_and_with_what_was_held_out() -> None:
    listener = Recorder()
    fitted = fit(panel_of(waves()), config_of(**REFIT, updates=120, epochs=1), listener)
    assert listener.stages == ["backtest", "refit"]
    assert len(listener.losses) == 120 + 60 + 60
    assert not torch.equal(weights(fitted.ensemble.first), weights(fitted.backtest.first))


def test_held_out_values_train_the_served_network_and_not_its_twin() -> None:
    config = config_of(**REFIT, epochs=1)  # one validation, so that it chooses nothing
    panel = panel_of(waves())
    one, other = (fit(given, config, Recorder()) for given in (panel, changed_at_the_end(panel, 40)))
    assert torch.equal(weights(one.backtest.first), weights(other.backtest.first))
    assert not torch.equal(weights(one.ensemble.first), weights(other.ensemble.first))


def test_without_a_refit_the_selected_weights_are_served() -> None:
    listener = Recorder()
    fitted = fit(panel_of(waves()), config_of(refit=0.0), listener)
    assert fitted.backtest is None
    assert fitted.held_back is fitted.ensemble
    assert listener.stages == []


def test_the_stages_share_the_time_as_they_share_the_updates() -> None:
    config = config_of(refit=0.25, max_seconds=60.0, updates=1000)
    parts = split(panel_of(waves()), config.model)
    stages = selection(config, Validation(parts, 6)), *continuations(config, parts, 800)
    assert [stage.name for stage in stages] == ["selection", "backtest", "refit"]
    assert [stage.config.train.max_seconds for stage in stages] == [40.0, 10.0, 10.0]
    assert [stage.config.train.updates for stage in stages] == [1000, 200, 200]


@pytest.mark.parametrize(("updates", "expected"), [(1000, 50), (20, 20)])
def test_weights_selected_early_are_refitted_for_a_while_nevertheless(updates: int, expected: int) -> None:
    config = config_of(refit=0.25, updates=updates)
    stages = continuations(config, split(panel_of(waves()), config.model), 10)
    assert [stage.config.train.updates for stage in stages] == [expected, expected]


@pytest.mark.parametrize(("calibrate", "is_moved"), [(True, True), (False, False)])
def test_both_networks_of_a_calibrated_fit_have_the_offsets(*, calibrate: bool, is_moved: bool) -> None:
    panel = panel_of(*[waves(120, seed) for seed in range(4)])
    fitted = fit_members(panel, config_of(**REFIT, calibrate=calibrate), Recorder())
    assert torch.equal(fitted.ensemble.offsets, fitted.backtest.offsets)
    assert bool(fitted.ensemble.offsets.any()) is is_moved
    assert (fitted.calibration is not None) is calibrate
    if fitted.calibration is not None:
        np.testing.assert_allclose(fitted.ensemble.offsets.numpy(), fitted.calibration.offsets, rtol=1e-6)
