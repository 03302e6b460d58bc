"""Theta: the values of statsmodels where it answers, and a sensible answer wherever it does not."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecaster.evaluation.theta import theta

pytestmark = pytest.mark.slow

NAN = math.nan
HORIZON = 7


def one(*history: float) -> np.ndarray:
    return np.array([history], dtype=np.float64)


def by_statsmodels(series: np.ndarray, season: int, **settings: object) -> np.ndarray:
    """HORIZON steps by the model itself, of a series without gaps. settings: of ThetaModel."""
    from statsmodels.tsa.forecasting.theta import ThetaModel

    model = ThetaModel(series, period=season, **{"deseasonalize": season > 1, **settings})
    return np.asarray(model.fit().forecast(HORIZON))


def waves(length: int = 60, season: int = 12, level: float = 100.0, trend: float = 0.4) -> np.ndarray:
    """A season, a trend and noise."""
    time = np.arange(length)
    wave = 8 * np.sin(2 * np.pi * time / season)
    return level + trend * time + wave + np.random.default_rng(length).normal(size=length)


@pytest.mark.parametrize("season", [1, 4, 12, 24])
@pytest.mark.parametrize("length", [48, 61])
def test_values_are_those_of_statsmodels(season: int, length: int) -> None:
    series = waves(length, max(season, 4))
    np.testing.assert_array_equal(theta(series[None], HORIZON, season)[0], by_statsmodels(series, season))


def test_a_trend_is_continued_by_its_half() -> None:
    forecast = theta(np.arange(40.0)[None], 3, 1)[0]
    np.testing.assert_allclose(np.diff(forecast), 0.5, rtol=1e-6)


@pytest.mark.parametrize("level", [0.0, -100.0])
def test_a_season_of_values_that_are_not_all_positive_is_additive(level: float) -> None:
    series = waves(level=level)
    assert series.min() <= 0
    np.testing.assert_array_equal(
        theta(series[None], HORIZON, 12)[0], by_statsmodels(series, 12, method="additive")
    )


def test_a_zero_among_positive_values_makes_the_season_additive() -> None:
    series = waves()
    series[20] = 0
    forecast = theta(series[None], HORIZON, 12)[0]
    np.testing.assert_array_equal(forecast, by_statsmodels(series, 12, method="additive"))
    assert np.isfinite(forecast).all()


@pytest.mark.parametrize("length", [3, 12, 13, 23])
def test_a_season_that_is_not_there_twice_stays(length: int) -> None:
    series = waves(length)
    expected = by_statsmodels(series, 1, deseasonalize=False)
    np.testing.assert_array_equal(theta(series[None], HORIZON, 12)[0], expected)


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
    np.testing.assert_array_equal(theta(late[None], HORIZON - 3, 12)[0], by_statsmodels(series, 12)[3:])


@pytest.mark.parametrize("history", [(5.0,), (5, 7), (NAN, 7), (7, NAN), (NAN, NAN, 7, NAN, NAN)])
def test_one_or_two_values_repeat_the_last(history: tuple[float, ...]) -> None:
    assert theta(one(*history), 4, 3).tolist() == [[7.0 if 7 in history else 5.0] * 4]


def test_three_values_are_enough() -> None:
    series = np.array([5.0, 7, 6])
    np.testing.assert_array_equal(theta(series[None], HORIZON, 1)[0], by_statsmodels(series, 1))


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


@settings(max_examples=60, deadline=None)
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


@pytest.mark.parametrize("trouble", ["raises", "is not finite"])
def test_where_statsmodels_fails_the_last_value_is_repeated(
    trouble: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from statsmodels.tsa.forecasting.theta import ThetaModel, ThetaModelResults

    def fail(*_: object, **__: object) -> None:
        raise np.linalg.LinAlgError("SVD did not converge")

    if trouble == "raises":
        monkeypatch.setattr(ThetaModel, "fit", fail)
    else:
        monkeypatch.setattr(ThetaModelResults, "forecast", lambda _, steps: np.full(steps, np.inf))
    assert theta(waves()[None], 2, 12).tolist() == [[waves()[-1]] * 2]
