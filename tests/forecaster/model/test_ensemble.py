"""An ensemble: the calibrated mean of its members."""

from __future__ import annotations

import copy
from collections.abc import Callable

import pytest
import torch

from forecaster.model.ensemble import Ensemble
from forecaster.model.network import Network

pytestmark = pytest.mark.slow

LEVELS = 9
MakeNetworks = Callable[..., list[Network]]


@pytest.fixture
def members(network) -> MakeNetworks:
    """So many networks of other weights."""

    def make(count: int, **changes: object) -> list[Network]:
        networks = [network(**changes) for _ in range(count)]
        for seed, member in enumerate(networks):
            torch.manual_seed(seed)
            with torch.no_grad():
                for parameter in member.parameters():
                    parameter.add_(0.1 * torch.randn_like(parameter))
        return networks

    return make


@torch.inference_mode()
@pytest.mark.parametrize("changes", [{}, {"target_size": 3}, {"lower": 15.0}], ids=str)
def test_without_offsets_one_network_forecasts_as_it_does_alone(network, window, changes) -> None:
    alone = network(**changes)
    histories = window(alone, [26, 9, 40], 9)
    assert torch.equal(Ensemble([alone]).forecast(histories), alone.forecast(histories))


@torch.inference_mode()
@pytest.mark.parametrize("changes", [{}, {"target_size": 3}], ids=str)
def test_the_forecast_is_the_mean_of_the_members_level_by_level(members, window, changes) -> None:
    networks = members(3, **changes)
    histories = window(networks[0], [26, 9, 40], 9)
    expected = torch.stack([member.forecast(histories) for member in networks]).mean(0)
    assert torch.equal(Ensemble(networks).forecast(histories), expected)


@torch.inference_mode()
def test_an_offset_moves_its_step_alone_in_units_of_the_scale(network, window) -> None:
    alone = network()
    histories = window(alone, [26, 9], 12)
    offsets = torch.zeros(12, LEVELS)
    offsets[3, -1] = 2.0
    moved = Ensemble([alone], offsets).forecast(histories) - alone.forecast(histories)
    scale = alone.encode(histories).stats.scale[:, 0]
    # Quantiles are sorted, so the levels of the step share it; differences of float32 forecasts near 20.
    torch.testing.assert_close(moved[:, 3].sum(-1), 2 * scale, rtol=1e-4, atol=1e-4)
    moved[:, 3] = 0.0
    assert not moved.any()


@torch.inference_mode()
def test_the_first_alone_keeps_the_offsets_of_all(members, window) -> None:
    networks, offsets = members(2), torch.linspace(-1, 1, LEVELS).expand(12, LEVELS)
    histories = window(networks[0], [26, 9], 12)
    alone = Ensemble(networks, offsets).first_alone
    assert torch.equal(alone.forecast(histories), Ensemble(networks[:1], offsets).forecast(histories))


@torch.inference_mode()
def test_a_copy_in_float64_is_wholly_so_and_leaves_the_original(members, window) -> None:
    ensemble = Ensemble(members(2), torch.ones(12, LEVELS))
    exact = copy.deepcopy(ensemble).double()
    histories = window(exact.first, [26, 9], 12).double()
    assert exact.forecast(histories).dtype == exact.offsets.dtype == torch.float64
    assert ensemble.offsets.dtype == ensemble.first.levels.dtype == torch.float32


def test_beyond_the_horizon_offsets_grow_with_the_root_of_the_step(network) -> None:
    ensemble = Ensemble([network()], torch.arange(1.0, 13.0).unsqueeze(1).expand(12, LEVELS))
    found = ensemble.offsets_of(48)[:, 0]
    torch.testing.assert_close(found[[0, 11, 47]], torch.tensor([1.0, 12.0, 24.0]))
    torch.testing.assert_close(ensemble.offsets_of(2)[:, 0], torch.tensor([1.0, 2.0]))
