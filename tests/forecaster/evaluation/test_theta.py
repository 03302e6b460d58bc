"""Theta, all windows at once, against statsmodels one by one, and a sensible answer where that has none."""

from __future__ import annotations

import math
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from slow_theta import slow_theta

from forecaster.evaluation import theta as module
from forecaster.evaluation.theta import theta

pytestmark = pytest.mark.slow

NAN = math.nan
HORIZON = 7
CLOSE = 2e-4  # of the range of a series: the weight of smoothing is found to 1e-4


def one(*history: float) -> np.ndarray:
    return np.array([history], dtype=np.float64)


def waves(length: int = 60, season: int = 12, level: float = 100.0, trend: float = 0.4) -> np.ndarray:
    """A season, a trend and noise."""
    steps = np.arange(length)
    wave = 8 * np.sin(2 * np.pi * steps / season)
    return level + trend * steps + wave + np.random.default_rng(length).normal(size=length)


def by_statsmodels(series: np.ndarray, season: int, **settings: object) -> np.ndarray:
    """HORIZON steps by the model itself, of a series without gaps. settings: of ThetaModel."""
    from statsmodels.tsa.forecasting.theta import ThetaModel

    model = ThetaModel(series, period=season, **{"deseasonalize": season > 1, **settings})
    return np.asarray(model.fit().forecast(HORIZON))


def assert_close(found: np.ndarray, expected: np.ndarray, series: np.ndarray) -> None:
    np.testing.assert_allclose(
        found, expected, rtol=0, atol=CLOSE * float(np.nanmax(series) - np.nanmin(series))
    )


@pytest.mark.parametrize("season", [1, 4, 7, 12, 24])
@pytest.mark.parametrize("length", [48, 61])
def test_values_are_those_of_statsmodels(season: int, length: int) -> None:
    series = waves(length, max(season, 4))
    assert_close(theta(series[None], HORIZON, season)[0], by_statsmodels(series, season), series)


def test_ragged_series_with_gaps_are_forecast_together_as_each_by_statsmodels() -> None:
    generator = np.random.default_rng(3)
    histories = np.stack(
        [waves(60, 12, level) + generator.normal(size=60) for level in (100, 5, 0, -200) * 5]
    )
    histories[generator.random(histories.shape) < 0.1] = NAN
    for row, begin in enumerate(generator.integers(0, 30, len(histories)).tolist()):
        histories[row, :begin] = NAN
    histories[::3, -2:] = NAN
    found, expected = (forecast(histories, HORIZON, 12) for forecast in (theta, slow_theta))
    for row, history in enumerate(histories):
        assert_close(found[row], expected[row], history)


def squared_errors(series: np.ndarray, weight: float) -> float:
    """Of simple exponential smoothing from the first value on, by a loop."""
    level, total = float(series[0]), 0.0
    for value in series.tolist():
        error = value - level
        total += error * error
        level += weight * error
    return total


def test_no_weight_of_smoothing_is_worse_than_that_of_statsmodels() -> None:
    from statsmodels.tsa.forecasting.theta import ThetaModel

    generator = np.random.default_rng(0)
    walks = generator.normal(size=(30, 25)).cumsum(axis=1) + 3 * generator.normal(size=(30, 25))
    levels, weights = module._smooth(walks)
    for walk, level, weight in zip(walks, levels, weights, strict=True):
        fitted = ThetaModel(walk, period=1, deseasonalize=False).fit()
        assert squared_errors(walk, weight) <= squared_errors(walk, fitted.params["alpha"]) * (1 + 1e-4)
        assert level == pytest.approx(walk[0] + smoothed(walk, weight), abs=1e-9)


def smoothed(series: np.ndarray, weight: float) -> float:
    """The last level over the first value."""
    level = 0.0
    for value in series - series[0]:
        level += weight * (value - level)
    return level


def test_a_trend_is_continued_by_its_half() -> None:
    forecast = theta(np.arange(40.0)[None], 3, 1)[0]
    np.testing.assert_allclose(np.diff(forecast), 0.5, rtol=1e-9)


@pytest.mark.parametrize("level", [0.0, -100.0])
def test_a_season_of_values_that_are_not_all_positive_is_additive(level: float) -> None:
    series = waves(level=level)
    assert series.min() <= 0
    expected = by_statsmodels(series, 12, method="additive")
    assert_close(theta(series[None], HORIZON, 12)[0], expected, series)


def test_a_zero_among_positive_values_makes_the_season_additive() -> None:
    series = waves()
    series[20] = 0
    forecast = theta(series[None], HORIZON, 12)[0]
    assert_close(forecast, by_statsmodels(series, 12, method="additive"), series)
    assert np.isfinite(forecast).all()


@pytest.mark.parametrize("length", [3, 12, 13, 23])
def test_a_season_that_is_not_there_twice_stays(length: int) -> None:
    series = waves(length)
    expected = by_statsmodels(series, 1, deseasonalize=False)
    assert_close(theta(series[None], HORIZON, 12)[0], expected, series)


def test_gaps_are_filled_by_straight_lines() -> None:
    filled = waves()
    filled[[10, 11, 30]] = filled[9] + (filled[12] - filled[9]) / 3, NAN, (filled[29] + filled[31]) / 2
    filled[11] = filled[10] + (filled[12] - filled[9]) / 3
    gappy = filled.copy()
    gappy[[10, 11, 30]] = NAN
    np.testing.assert_allclose(theta(gappy[None], HORIZON, 12), theta(filled[None], HORIZON, 12), rtol=1e-6)


def test_values_that_are_missing_at_the_end_are_forecast_too() -> None:
    series = waves()
    late = np.concatenate([[NAN, NAN], series, [NAN, NAN, NAN]])
    assert_close(theta(late[None], HORIZON - 3, 12)[0], by_statsmodels(series, 12)[3:], series)


@pytest.mark.parametrize("history", [(5.0,), (5, 7), (NAN, 7), (7, NAN), (NAN, NAN, 7, NAN, NAN)])
def test_one_or_two_values_repeat_the_last(history: tuple[float, ...]) -> None:
    assert theta(one(*history), 4, 3).tolist() == [[7.0 if 7 in history else 5.0] * 4]


def test_three_values_are_enough() -> None:
    series = np.array([5.0, 7, 6])
    assert_close(theta(series[None], HORIZON, 1)[0], by_statsmodels(series, 1), series)


@pytest.mark.parametrize("value", [5.0, 0.0, -3.0, 1e12])
@pytest.mark.parametrize("season", [1, 4])
def test_a_constant_repeats_itself(value: float, season: int) -> None:
    assert theta(np.full((1, 20), value), 4, season).tolist() == [[value] * 4]


@pytest.mark.parametrize("pattern", [(1.0, 2, 3, 4), (0, 0, 0, 4), (-1, 1, -1, 5)])
def test_a_season_without_noise_repeats_itself(pattern: tuple[float, ...]) -> None:
    history = np.tile(pattern, 6)[None, 1:]
    np.testing.assert_allclose(theta(history, 6, 4)[0], (*pattern, *pattern[:2]), atol=1e-12)


def test_a_history_without_a_value_has_no_forecast() -> None:
    forecast = theta(np.array([[NAN, NAN], [1, 2]]), 2, 1)
    assert np.isnan(forecast[0]).all()
    assert forecast[1].tolist() == [2, 2]
    assert theta(np.empty((0, 4)), 2, 1).shape == (0, 2)


@settings(deadline=None)
@given(
    st.lists(st.just(NAN) | st.floats(-1e9, 1e9), min_size=1, max_size=30),
    st.integers(1, 5),
    st.integers(1, 12),
)
def test_any_history_with_a_value_has_a_forecast_and_no_warning(
    values: list[float], horizon: int, season: int
) -> None:
    forecast = theta(one(*values), horizon, season)
    assert forecast.shape == (1, horizon)
    assert np.isfinite(forecast).all() or np.isnan(values).all()


def test_series_of_a_batch_do_not_touch_each_other_nor_change() -> None:
    histories = np.stack([waves(), waves(level=0), np.r_[np.full(50, NAN), waves()[:10]]])
    before = histories.copy()
    together = theta(histories, HORIZON, 12)
    np.testing.assert_array_equal(together, [theta(row[None], HORIZON, 12)[0] for row in histories])
    np.testing.assert_array_equal(histories, before)


@pytest.mark.parametrize("most", [1, 200])
def test_how_many_are_computed_at_once_changes_nothing(most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    histories = np.stack([waves(level=level) for level in range(0, 100, 10)])
    together = theta(histories, HORIZON, 12)
    monkeypatch.setattr(module, "VALUES_AT_ONCE", most)
    np.testing.assert_array_equal(theta(histories, HORIZON, 12), together)


def test_numbers_too_large_to_square_repeat_the_last() -> None:
    series = np.where(np.arange(30) % 2, 1e308, -1e308)
    assert theta(series[None], 2, 1).tolist() == [[series[-1]] * 2]


def test_a_thousand_series_take_a_fifth_of_a_second() -> None:
    histories = np.stack([waves()] * 1000)
    theta(histories[:2], 12, 12)
    began = time.process_time()
    theta(histories, 12, 12)
    assert time.process_time() - began < 0.2
