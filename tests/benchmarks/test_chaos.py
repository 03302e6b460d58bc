"""The benchmark of curricula: its data, its error, and the whole of it in small."""

from __future__ import annotations

import json
from typing import Any, cast

import numpy as np
import pytest
import torch

from benchmarks import chaos
from benchmarks.systems import SYSTEMS
from forecaster.config import ModelConfig
from forecaster.model.network import Network
from forecaster.windows.window import Window

pytestmark = pytest.mark.slow

HORIZON = 4


class Constant:
    """A network that forecasts one value."""

    config = ModelConfig(context_length=chaos.CONTEXT, horizon=HORIZON, patch_length=1, season=1)

    def __init__(self, value: float) -> None:
        self.value = value

    def forecast(self, window: Window) -> torch.Tensor:
        """(batch, horizon, D, quantile)."""
        levels = len(self.config.quantile_levels)
        return torch.full((*window.history[:, :HORIZON].shape, levels), self.value)


def error_of(value: float, tests: np.ndarray[Any, Any]) -> float:
    return chaos.nrmse(cast(Network, Constant(value)), tests.astype(np.float32))


def test_the_error_is_the_root_over_channels_then_the_mean_over_steps_and_windows() -> None:
    tests = np.zeros((2, chaos.CONTEXT + HORIZON, 2))
    tests[0, chaos.CONTEXT] = [3.0, 5.0]  # one step of eight
    assert error_of(0.0, tests) == pytest.approx(np.sqrt((9 + 25) / 2) / 8)


def test_the_history_counts_in_no_error() -> None:
    tests = np.ones((1, chaos.CONTEXT + HORIZON, 2))
    tests[:, : chaos.CONTEXT] = 7.0
    assert error_of(1.0, tests) == 0.0


def test_a_trajectory_is_one_joint_series() -> None:
    values = np.arange(2 * 30 * 3).reshape(2, 30, 3) / 7
    panel = chaos.to_panel(values)
    assert panel.target_size == 3
    assert panel.lengths().tolist() == [30, 30]
    np.testing.assert_allclose(panel.values, values.reshape(60, 3), rtol=1e-6)


def test_a_system_of_one_value_is_one_series_a_trajectory() -> None:
    panel = chaos.to_panel(np.arange(60.0).reshape(2, 30, 1))
    assert (panel.target_size, panel.series_count) == (1, 2)


def test_the_data_are_in_units_of_the_attractor(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chaos, "TRAJECTORIES", 20)
    data = chaos.make_data(SYSTEMS["lorenz"])
    np.testing.assert_allclose(data.panel.values.mean(0), 0, atol=1e-4)
    np.testing.assert_allclose(data.panel.values.std(0), 1, atol=1e-4)
    assert data.tests.shape == (20 * chaos.TEST_WINDOWS, chaos.CONTEXT + 111, 3)
    np.testing.assert_allclose(data.tests.std((0, 1)), 1, atol=0.1)


@pytest.mark.parametrize("curriculum", chaos.CURRICULA)
def test_every_curriculum_trains_the_same_network_alike(curriculum: str) -> None:
    config = chaos.configure(SYSTEMS["lorenz"], 3, chaos.CURRICULA[curriculum])
    forced = chaos.configure(SYSTEMS["lorenz"], 3, chaos.CURRICULA["forced"])
    assert config.model == forced.model
    assert config.train.model_dump() == {**forced.train.model_dump(), **differing(curriculum)}


def differing(curriculum: str) -> dict[str, Any]:
    """The settings of a curriculum beside its free_from, which `forced` has as well."""
    return {"free_from": 0.5, **chaos.CURRICULA[curriculum]}


def test_the_table_has_a_row_a_curriculum_and_a_column_a_system() -> None:
    rows = [
        {"curriculum": curriculum, "system": system, "nrmse": error}
        for system, error in (("lorenz", 0.5), ("thomas", 0.25))
        for curriculum in ("forced", "linear")
    ]
    table = [{"lorenz": "0.5000", "thomas": "0.2500"}] * 2
    assert chaos.by_system(rows) == [
        {"curriculum": curriculum, **columns}
        for curriculum, columns in zip(("forced", "linear"), table, strict=True)
    ]


def test_the_command_prints_the_errors_of_all_seeds_as_json(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(chaos, "TRAJECTORIES", 2)
    monkeypatch.setattr(chaos, "LENGTH", 200)
    monkeypatch.setattr(chaos, "HIDDEN", 8)
    monkeypatch.setattr(chaos, "pin_to_one_core", lambda: None)
    options = ["--systems", "lorenz96", "--curricula", "free", "--updates", "2", "--seeds", "3", "--json"]
    monkeypatch.setattr("sys.argv", ["chaos", *options])
    chaos.main()
    result = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert result["benchmark"] == "chaos"
    (row,) = result["rows"]
    assert (row["system"], row["curriculum"], row["updates"]) == ("lorenz96", "free", 2)
    assert sorted(row["seeds"])[1] == row["nrmse"] > 0.5  # hardly trained: as bad as the mean
