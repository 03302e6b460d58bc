"""Intervals cover their share of what calibrated them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from fits import config_of, panel_of, waves

from forecaster.evaluation.conformal import joint_factors
from forecaster.export.manifest import calibrated as calibrated_fields
from forecaster.model.ensemble import Ensemble
from forecaster.model.network import Network
from forecaster.training import calibration as calibration_module
from forecaster.training.calibration import Calibration, calibrate, conformal_offsets
from forecaster.training.validation import batches
from forecaster.windows.runs import Runs
from forecaster.windows.split import split
from forecaster.windows.windows import WindowSet, windows_apart

LEVELS = (0.1, 0.3, 0.5, 0.7, 0.9)
MANY = [waves(240, seed) for seed in range(30)]


def drawn(windows: int = 4000, steps: int = 3) -> tuple[np.ndarray, np.ndarray]:
    """Quantiles of a standard normal, and what came: twice as wide, wider still from step to step."""
    normal = np.array([-1.2816, -0.5244, 0.0, 0.5244, 1.2816])
    quantiles = np.broadcast_to(normal, (windows, steps, len(LEVELS))).copy()
    truth = np.random.default_rng(0).standard_normal((windows, steps)) * (2 + np.arange(steps))
    return quantiles, truth


def ensemble_of(config: Any, *, width: float = 0.0, members: int = 1) -> Ensemble:
    """Untrained; the quantiles of each network stand `width` apart."""
    levels, networks = len(config.model.quantile_levels), []
    for seed in range(members):
        torch.manual_seed(seed)
        network = Network(config.model).eval()
        with torch.no_grad():
            apart = width * (torch.arange(levels) - levels // 2)
            network.decoder.next_rows.bias.copy_(apart.repeat(config.model.patch_width))
            network.decoder.next_rows.weight.zero_()
        networks.append(network)
    return Ensemble(networks)


def covered(ensemble: Ensemble, windows: WindowSet) -> np.ndarray:
    """(horizon,) the share of values between the levels 0.1 and 0.9."""
    inside = []
    for window, future in batches(windows):
        quantiles = ensemble.forecast(window)
        inside.append((future >= quantiles[..., 0]) & (future <= quantiles[..., -1]))
    return torch.cat(inside).double().mean(0).numpy()


def test_each_step_then_covers_its_share() -> None:
    quantiles, truth = drawn()
    calibrated = quantiles + conformal_offsets(quantiles, truth, LEVELS, len(truth))
    for low, high, share in ((0, 4, 0.8), (1, 3, 0.4)):
        inside = (truth >= calibrated[..., low]) & (truth <= calibrated[..., high])
        np.testing.assert_allclose(inside.mean(0), share, atol=0.001)


def test_the_ends_of_an_interval_move_alike_and_the_median_stays() -> None:
    offsets = conformal_offsets(*drawn(), LEVELS, 4000)
    np.testing.assert_array_equal(offsets, -offsets[:, ::-1])
    assert (offsets[:, 4] > 0).all()


def test_too_wide_an_interval_becomes_narrower() -> None:
    quantiles, truth = drawn()
    assert (conformal_offsets(10 * quantiles, truth, LEVELS, 4000)[:, 4] < 0).all()


def test_a_level_without_its_opposite_moves_alone() -> None:
    quantiles, truth = drawn()
    levels = (0.5, 0.9)
    offsets = conformal_offsets(quantiles[..., [2, 4]], truth, levels, len(truth))
    assert (offsets[:, 0] == 0).all()
    below = truth <= quantiles[..., 4] + offsets[:, 1]
    np.testing.assert_allclose(below.mean(0), 0.9, atol=0.001)


def test_missing_values_do_not_count_and_a_step_without_any_is_left_alone() -> None:
    quantiles, truth = drawn()
    expected = conformal_offsets(quantiles[1000:], truth[1000:], LEVELS, 4000)
    truth[:1000] = np.nan
    truth[:, 2] = np.nan
    found = conformal_offsets(quantiles, truth, LEVELS, 4000)
    np.testing.assert_array_equal(found[:2], expected[:2])
    assert (found[2] == 0).all()


def test_few_windows_ask_for_more_than_their_share() -> None:
    quantiles, truth = drawn(50)
    few, many = (conformal_offsets(quantiles, truth, LEVELS, count)[:, 4] for count in (10, 10**6))
    assert (few > many).all()


def test_windows_that_overlap_count_once() -> None:
    config = config_of().model  # a horizon of 6
    windows = split(panel_of(waves()), config).train
    chosen = WindowSet(windows.panel, 18, 6, Runs(np.zeros(4, int), np.array([20, 21, 25, 32])))
    assert windows_apart(chosen) == 3


@pytest.mark.parametrize("width", [0.01, 3.0])
@pytest.mark.parametrize("members", [1, 2])
def test_a_network_that_is_far_too_sure_or_unsure_is_set_right(width: float, members: int) -> None:
    config = config_of()
    ensemble = ensemble_of(config, width=width, members=members)
    windows = split(panel_of(*MANY), config.model).calibration
    assert (np.abs(covered(ensemble, windows) - 0.8) > 0.1).all()
    calibration = calibrate(ensemble, windows)
    assert calibration.by_step
    np.testing.assert_allclose(covered(calibration.apply(ensemble), windows), 0.8, atol=0.02)


def test_quantiles_that_float32_takes_for_0_are_far_below_in_logarithms_too() -> None:
    config = config_of({"normalization": "log-last-difference"})
    windows = split(panel_of(*map(np.exp, MANY)), config.model).calibration
    assert (calibrate(ensemble_of(config, width=1000.0), windows).offsets[:, -1] < 0).all()


class Elsewhere:
    """A tensor or window on another device: it can only be moved."""

    def __init__(self, held: Any) -> None:
        self._held = held

    def to(self, device: torch.device) -> Any:
        return self._held.to(device)


def test_windows_come_to_the_device_of_the_networks(monkeypatch: pytest.MonkeyPatch) -> None:
    config = config_of()
    windows = split(panel_of(waves()), config.model).calibration
    expected = calibrate(ensemble_of(config), windows).offsets
    apart = [tuple(map(Elsewhere, batch)) for batch in batches(windows)]
    monkeypatch.setattr(calibration_module, "batches", lambda _: apart)
    np.testing.assert_array_equal(calibrate(ensemble_of(config), windows).offsets, expected)


def test_with_few_windows_all_steps_share_their_errors() -> None:
    config = config_of()
    calibration = calibrate(ensemble_of(config), split(panel_of(waves(60)), config.model).calibration)
    assert (calibration.windows, calibration.by_step) == (1, False)
    assert (calibration.offsets == calibration.offsets[0]).all()
    assert (calibration.offsets[:, -1] > 0).all()


def test_few_windows_never_narrow_an_interval() -> None:
    config = config_of()
    unsure = ensemble_of(config, width=3.0)
    assert not calibrate(unsure, split(panel_of(waves(60)), config.model).calibration).offsets.any()


def test_without_a_window_nothing_changes() -> None:
    config = config_of()
    calibration = calibrate(ensemble_of(config), split(panel_of(waves(18)), config.model).calibration)
    assert calibration.windows == 0
    assert not calibration.offsets.any()


def test_a_calibration_is_read_as_it_was_written() -> None:
    shape = config_of({"horizon": 1, "quantile_levels": (0.1, 0.5, 0.9)}).model
    made = Calibration(np.array([[-0.5, 0.0, 0.5]]), 12, by_step=False)
    read = Calibration.from_json(made.to_json(), shape)
    np.testing.assert_array_equal(read.offsets, made.offsets)
    assert (read.windows, read.by_step) == (12, False)


def test_stretched_intervals_hold_their_share_of_trajectories() -> None:
    """Walks of 1 to 20 steps, of which each step is forecast; judged on others than those that calibrate."""
    walks = np.random.default_rng(0).standard_normal((6000, 20)).cumsum(axis=1)
    normal = np.array([-1.2816, -0.5244, 0.0, 0.5244, 1.2816])
    quantiles = np.broadcast_to(np.sqrt(np.arange(1, 21))[:, None] * normal, (6000, 20, 5))
    found = joint_factors(quantiles[:3000], walks[:3000], LEVELS, 3000)
    assert found["intervals"] == [0.8, 0.4]
    factors = np.array(found["factors"])
    assert factors.shape == (20, 2)
    assert (np.diff(factors, axis=0) >= 0).all()
    for steps in (1, 7, 20):
        for place, (end, share) in enumerate(((4, 0.8), (3, 0.4))):
            edge = factors[steps - 1, place] * quantiles[3000:, :steps, end]
            held = (np.abs(walks[3000:, :steps]) <= edge).all(axis=1).mean()
            assert abs(held - share) < 0.03


def test_trajectories_with_gaps_count_by_what_is_known() -> None:
    quantiles = np.tile(np.array([-1.0, -0.5, 0.0, 0.5, 1.0]), (5, 3, 1))
    truth = np.array([[0, 2, 0]] * 4 + [[np.nan, np.nan, 2.0]])
    assert joint_factors(quantiles, truth, LEVELS, 10**6)["factors"] == [[0, 0], [2, 4], [2, 4]]


def test_a_calibration_is_written_with_its_factors_and_an_early_one_without() -> None:
    config = config_of().model
    offsets = np.zeros((config.horizon, len(config.quantile_levels)))
    early = Calibration(offsets, 3, by_step=False)
    assert "joint" not in early.to_json()
    assert calibrated_fields(early.to_json()) == {"calibration": early.to_json()}
    joint = {"intervals": [0.8], "factors": [[1.0]] * config.horizon}
    late = Calibration(offsets, 3, by_step=False, joint=joint)
    assert Calibration.from_json(late.to_json(), config).joint == joint
    assert calibrated_fields(late.to_json()) == {"calibration": early.to_json(), "joint": joint}


def ages_and_parts(windows: WindowSet) -> tuple[np.ndarray, list[tuple[np.ndarray, np.ndarray]]]:
    origins = windows.runs.apart()
    return windows.panel.ends[origins.series] - origins.first, calibration_module._parts(windows)


def test_a_joint_factor_rests_on_offsets_of_windows_that_share_no_value_with_it() -> None:
    panel = panel_of(waves(240), waves(240, 1))
    windows = WindowSet(
        panel, 18, 6, Runs(np.repeat([0, 1], 100), np.tile(np.arange(100, 200), 2) + np.repeat([0, 240], 100))
    )
    ages, parts = ages_and_parts(windows)
    assert sum(part.astype(int) for part, _ in parts).tolist() == [1] * 200
    for part, others in parts:
        assert np.abs(ages[part][:, None] - ages[others]).min() >= 6
        assert others.mean() > 0.65


def test_where_time_is_short_the_parts_are_of_the_series() -> None:
    panel = panel_of(*(waves(60, seed) for seed in range(7)))
    windows = WindowSet(
        panel,
        18,
        6,
        Runs(np.repeat(np.arange(7), 4), panel.offsets[:-1].repeat(4) + np.tile(np.arange(40, 44), 7)),
    )
    series = windows.runs.apart().series
    _, parts = ages_and_parts(windows)
    assert len(parts) == calibration_module.PARTS
    assert all(not set(series[part]) & set(series[others]) for part, others in parts)


def test_one_short_series_is_one_part() -> None:
    windows = WindowSet(panel_of(waves(60)), 18, 6, Runs(np.zeros(4, int), np.arange(40, 44)))
    ((part, others),) = calibration_module._parts(windows)
    assert part.all()
    assert others.all()


def test_factors_are_of_windows_that_are_moved_by_the_offsets_of_others() -> None:
    config = config_of()
    ensemble, windows = ensemble_of(config, width=0.1), split(panel_of(*MANY), config.model).calibration
    found, levels = calibrate(ensemble, windows), config.model.quantile_levels
    quantiles, truth = calibration_module._normalised_forecasts(ensemble, windows)
    moved = np.full_like(quantiles, np.nan)
    for part, others in calibration_module._parts(windows):
        count = round(found.windows * others.mean())
        moved[part] = quantiles[part] + conformal_offsets(quantiles[others], truth[others], levels, count)
    assert found.joint == joint_factors(np.sort(moved, axis=-1), truth, levels, found.windows)
    same = np.sort(quantiles + found.offsets, axis=-1)
    assert found.joint != joint_factors(same, truth, levels, found.windows)


def test_the_time_that_selected_counts_for_joint_factors_alone() -> None:
    config = config_of()
    parts = split(panel_of(*MANY), config.model)
    ensemble = ensemble_of(config, width=0.1)
    without, found = (calibrate(ensemble, parts.calibration, each) for each in (None, parts.selection))
    np.testing.assert_array_equal(found.offsets, without.offsets)
    assert found.windows == without.windows
    assert found.joint != without.joint


def test_windows_weigh_as_many_as_lie_apart() -> None:
    """Three in four of the weight is on the second half, whose trajectories ask for twice as much."""
    quantiles = np.broadcast_to(np.array([-1.0, 0.0, 1.0]), (4, 1, 3))
    truth, weights = np.array([[1.0], [1.0], [2.0], [2.0]]), np.array([1.0, 1.0, 3.0, 3.0])
    found = [joint_factors(quantiles, truth, (0.4, 0.5, 0.6), 10**9, each) for each in (None, weights)]
    assert [each["factors"] for each in found] == [[[1.0]], [[1.0]]]
    found = [
        joint_factors(quantiles, truth, (0.2, 0.5, 0.8), 10**9, each) for each in (weights[::-1], weights)
    ]
    assert [each["factors"] for each in found] == [[[1.0]], [[2.0]]]
