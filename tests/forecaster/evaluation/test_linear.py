"""The linear baseline."""

from __future__ import annotations

import numpy as np
import pytest
from untrained import make_panel

from forecaster.evaluation import linear
from forecaster.evaluation.linear import fit_linear

LENGTHS = (12, 4)


def test_it_learns_a_wave_that_a_linear_map_can_continue(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(linear, "PENALTY", 1e-6)
    wave = (20 + 5 * np.sin(2 * np.pi * np.arange(120) / 12)).astype(np.float32)
    found = fit_linear(make_panel([120], values=wave), np.array([100]), LENGTHS)
    assert found is not None
    np.testing.assert_allclose(
        found.forecast(wave[None, 88:100].astype(np.float64))[0], wave[100:104], rtol=1e-3
    )


def test_it_learns_nothing_of_what_comes_after_the_training_rows() -> None:
    panel = make_panel([80, 60])
    ends = panel.offsets[:-1] + np.array([50, 40])
    changed = panel.values.copy()
    changed[50:80], changed[80 + 40 :] = 1e6, -1e6
    maps = [
        fit_linear(make_panel([80, 60], values=values), ends, LENGTHS) for values in (panel.values, changed)
    ]
    assert maps[0] is not None
    assert maps[1] is not None
    np.testing.assert_array_equal(maps[0].weights, maps[1].weights)


def test_it_forecasts_in_the_units_of_each_history() -> None:
    found = fit_linear(make_panel([80]), np.array([80]), LENGTHS)
    history = make_panel([12], seed=1).values[None].astype(np.float64)
    assert found is not None
    np.testing.assert_allclose(found.forecast(100 * history + 7), 100 * found.forecast(history) + 7)


def test_a_constant_history_goes_on() -> None:
    found = fit_linear(make_panel([80]), np.array([80]), LENGTHS)
    assert found is not None
    assert found.forecast(np.full((1, 12), 3.0)).tolist() == [[3.0] * 4]


def test_a_missing_value_is_the_mean_of_its_history() -> None:
    found = fit_linear(make_panel([80]), np.array([80]), LENGTHS)
    history = np.array([[1.0, 5] * 6])
    gap = np.concatenate([history, history]).reshape(2, 12)
    gap[0, 3], gap[1, 3] = np.nan, np.nan
    assert found is not None
    assert np.isfinite(found.forecast(gap)).all()


@pytest.mark.parametrize("ends", [[0], [4], [3]])
def test_without_training_rows_there_is_none(ends: list[int]) -> None:
    assert fit_linear(make_panel([80]), np.array(ends), LENGTHS) is None


def test_constant_series_teach_nothing() -> None:
    assert fit_linear(make_panel([80], values=np.ones(80, dtype=np.float32)), np.array([80]), LENGTHS) is None


def test_many_windows_are_thinned_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(linear, "MOST_WINDOWS", 10)
    windows = linear._training_windows(make_panel([80, 60]), np.array([80, 140]), LENGTHS)
    assert len(windows) == 10
    assert (windows.origins[0], windows.origins[-1]) == (12, 136)
