"""Seasonal ARIMA series: poles inside the unit circle, so nothing grows that is not integrated."""

from __future__ import annotations

import numpy as np
import pytest
from made_up import autocorrelation, growth, seeded

from forecaster.pretraining.prior.arima import draw_poles, seasonal_arima, seasonal_filter, second_order


def test_all_poles_are_inside_the_unit_circle_and_some_are_pairs() -> None:
    total, product = draw_poles(seeded(), 20_000)
    root = np.sqrt((total**2 - 4 * product).astype(complex))
    first, second = (total + root) / 2, (total - root) / 2
    assert max(np.abs(first).max(), np.abs(second).max()) <= 0.98
    assert np.mean(root.imag != 0) == pytest.approx(0.3, abs=0.02)
    real = root.imag == 0
    assert np.mean(np.minimum(np.abs(first), np.abs(second))[real] < 1e-9) == pytest.approx(0.5, abs=0.03)


def test_filters_equal_their_definition() -> None:
    shocks, (total, product) = seeded().standard_normal((40, 6)), draw_poles(seeded(), 6)
    kept, season = np.linspace(0, 1, 6), 7
    values, seasonal = np.zeros((42, 6)), np.zeros((40 + season, 6))
    for time, shock in enumerate(shocks):
        values[time + 2] = total * values[time + 1] - product * values[time] + shock
        seasonal[time + season] = kept * seasonal[time] + shock
    np.testing.assert_allclose(second_order(shocks, total, product), values[2:])
    np.testing.assert_allclose(seasonal_filter(shocks, kept, season), seasonal[season:])


def test_the_variance_does_not_grow_before_integration() -> None:
    shocks = seeded().standard_normal((2000, 800))
    values = second_order(shocks, *draw_poles(seeded(1), 800))[200:]
    assert growth(values.T) == pytest.approx(0, abs=0.03)
    kept = seeded(2).uniform(0.2, 0.98, 800)
    assert growth(seasonal_filter(shocks, kept, 4)[400:].T) == pytest.approx(0, abs=0.03)


@pytest.mark.parametrize("season", [1, 4, 12, 24])
def test_nothing_is_left_to_grow_after_one_difference_and_a_seasonal_one(season: int) -> None:
    steps = np.diff(seasonal_arima(seeded(), 1500, 30 * season + 60, season), axis=1)
    twice = steps[:, season:] - steps[:, :-season]
    assert growth(twice) == pytest.approx(0, abs=0.05)
    # As they are, most do grow.
    series = seasonal_arima(seeded(), 1500, 30 * season + 60, season)
    assert growth(series - series[:, :1]) > 0.8


def test_two_thirds_are_integrated_once() -> None:
    series = seasonal_arima(seeded(), 700, 1000, 1)
    time = np.linspace(-1, 1, 1000)
    straight = np.c_[np.ones(1000), time]
    away = series - series @ np.linalg.pinv(straight).T @ straight.T  # without a drift
    # Without a pole at 1 few are more than five steps wide; with one most are, but for opposite averages.
    wide = away.std(1) / np.diff(series, axis=1).std(1)
    assert np.mean(wide > 5) == pytest.approx(0.43, abs=0.06)


@pytest.mark.parametrize("season", [4, 12])
def test_a_third_is_integrated_seasonally(season: int) -> None:
    steps = np.diff(seasonal_arima(seeded(), 1000, 60 * season, season), axis=1)
    later = autocorrelation(steps, 15 * season)  # of a pole of 0.98, 0.98^15 = 0.7, but there are few
    assert np.mean(later > 0.3) == pytest.approx(0.29, abs=0.07)


@pytest.mark.parametrize("season", [1, 12])
def test_differences_of_a_step_have_deviations_of_5_thousandths_to_3_tenths(season: int) -> None:
    sizes = np.diff(seasonal_arima(seeded(), 3000, 200, season), axis=1).std(1)
    assert 0.005 <= sizes.min() < 0.0055
    assert 0.27 < sizes.max() <= 0.3
    assert np.exp(np.log(sizes).mean()) == pytest.approx((0.005 * 0.3) ** 0.5, rel=0.1)


@pytest.mark.parametrize("season", [4, 7, 12, 24])
def test_what_is_integrated_seasonally_repeats_its_season(season: int) -> None:
    steps = np.diff(seasonal_arima(seeded(), 1500, 40 * season, season), axis=1)
    again = autocorrelation(steps, season)
    assert np.mean(again > 0.6) > 0.2
    other = autocorrelation(steps, season + season // 2)
    assert np.mean(again > other) > 0.6


def test_without_a_season_nothing_repeats() -> None:
    steps = np.diff(seasonal_arima(seeded(), 1500, 480, 1), axis=1)
    assert np.mean(autocorrelation(steps, 12) > 0.6) < 0.05
