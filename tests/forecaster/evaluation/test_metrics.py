"""Errors of forecasts, against hand-computed values and slow loops."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.metrics import mean_pinball_loss

from forecaster.evaluation.metrics import (
    absolute_loss,
    is_within,
    mase,
    mean_absolute_error,
    quantile_loss,
    seasonal_scales,
    squared_loss,
    symmetric_loss,
)

NAN = math.nan
cells = st.none() | st.floats(-1e6, 1e6)
numbers = st.floats(-1e6, 1e6)


def array(rows: list[list[float | None]]) -> np.ndarray:
    return np.array([[NAN if cell is None else cell for cell in row] for row in rows], dtype=np.float64)


def slow_error(actual: list[float | None], forecast: list[float]) -> float:
    errors = [abs(a - f) for a, f in zip(actual, forecast, strict=True) if a is not None]
    return math.fsum(errors) / len(errors) if errors else NAN


def slow_scale(history: list[float | None], season: int) -> float:
    pairs = [(history[t], history[t - season]) for t in range(season, len(history))]
    steps = [abs(now - then) for now, then in pairs if now is not None and then is not None]
    return math.fsum(steps) / len(steps) if steps else NAN


@st.composite
def random_windows(draw: st.DrawFn) -> tuple[list[list[float | None]], list[list[float]]]:
    """Actual values with gaps, and forecasts of the same shape."""
    horizon = draw(st.integers(1, 6))
    rows = draw(st.integers(1, 4))
    actual = [draw(st.lists(cells, min_size=horizon, max_size=horizon)) for _ in range(rows)]
    forecast = [draw(st.lists(numbers, min_size=horizon, max_size=horizon)) for _ in range(rows)]
    return actual, forecast


def test_the_mean_absolute_error_of_two_windows() -> None:
    actual, forecast = (
        np.array([[1.0, 2.0, 3.0], [0.0, 0.0, 6.0]]),
        np.array([[2.0, 2.0, 1.0], [3.0, -3.0, 0.0]]),
    )
    assert mean_absolute_error(actual, forecast).tolist() == [1.0, 4.0]


def test_a_missing_value_counts_neither_as_an_error_nor_in_the_mean() -> None:
    assert mean_absolute_error(np.array([[1.0, NAN, 3.0]]), np.array([[2.0, 50.0, 6.0]])).tolist() == [2.0]


def test_a_window_without_any_value_has_no_error() -> None:
    assert math.isnan(mean_absolute_error(np.array([[NAN, NAN]]), np.zeros((1, 2)))[0])


@settings(deadline=None)
@given(random_windows())
def test_the_mean_absolute_error_equals_a_slow_loop(
    windows: tuple[list[list[float | None]], list[list[float]]],
) -> None:
    actual, forecast = windows
    expected = [slow_error(a, f) for a, f in zip(actual, forecast, strict=True)]
    # Sums in another order differ in the last bits.
    np.testing.assert_allclose(
        mean_absolute_error(array(actual), array(forecast)), expected, rtol=1e-12, atol=1e-9
    )


def scales_of(history: NDArray[np.float64], season: int) -> NDArray[np.float64]:
    """The units of one series: that of MASE, that of RMSSE."""
    return seasonal_scales(history, np.array([0]), np.array([len(history)]), season)[0, 0]


def test_the_scales_of_many_series_are_those_of_each() -> None:
    generator = np.random.default_rng(0)
    values = generator.normal(size=(60, 2))
    values[generator.random(60) < 0.2] = NAN
    begins, ends = np.array([0, 20, 20, 31, 60]), np.array([20, 20, 31, 51, 60])
    found = seasonal_scales(values, begins, ends, 3)
    for series, (begin, end) in enumerate(zip(begins, ends, strict=True)):
        for channel in (0, 1):
            np.testing.assert_array_equal(found[series, channel], scales_of(values[begin:end, channel], 3))


@pytest.mark.parametrize(
    ("history", "season", "expected"),
    [
        ([1.0, 2.0, 4.0, 8.0], 1, (1 + 2 + 4) / 3),
        ([1.0, 2.0, 4.0, 8.0], 2, (3 + 6) / 2),
        ([1.0, NAN, 4.0, 8.0], 1, 4.0),
        ([3.0, 1.0, 3.0, 1.0], 2, 0.0),
    ],
)
def test_the_seasonal_scale_is_the_mean_change_over_a_season(
    history: list[float], season: int, expected: float
) -> None:
    assert scales_of(np.array(history), season)[0] == expected


@pytest.mark.parametrize("history", [[1.0, 2.0], [], [1.0, NAN, NAN, 4.0, 5.0]])
def test_a_history_without_two_values_a_season_apart_has_no_scale(history: list[float]) -> None:
    assert math.isnan(scales_of(np.array(history), 2)[0])


@given(st.lists(cells, max_size=12), st.integers(1, 5))
def test_the_seasonal_scale_equals_a_slow_loop(history: list[float | None], season: int) -> None:
    np.testing.assert_allclose(
        scales_of(array([history])[0], season)[0], slow_scale(history, season), rtol=1e-12
    )


def test_the_scaled_error_averages_over_windows_each_in_its_own_unit() -> None:
    actual, forecast = np.array([[1.0, 1.0], [10.0, 30.0]]), np.array([[2.0, 4.0], [0.0, 0.0]])
    assert mase(actual, forecast, np.array([4.0, 10.0])) == (2.0 / 4.0 + 20.0 / 10.0) / 2


@pytest.mark.parametrize("scale", [0.0, NAN])
def test_a_window_without_a_scale_does_not_count(scale: float) -> None:
    actual, forecast = np.array([[1.0], [1.0]]), np.array([[3.0], [9.0]])
    assert mase(actual, forecast, np.array([2.0, scale])) == 1.0


def test_a_window_without_a_value_does_not_count() -> None:
    assert mase(np.array([[1.0], [NAN]]), np.array([[3.0], [9.0]]), np.array([2.0, 1.0])) == 1.0


def test_without_a_window_that_counts_there_is_no_scaled_error() -> None:
    assert math.isnan(mase(np.array([[1.0]]), np.array([[2.0]]), np.array([0.0])))


def test_the_scaled_error_agrees_with_a_direct_computation() -> None:
    generator = np.random.default_rng(0)
    history, future = generator.normal(100, 10, (50, 120)), generator.normal(100, 10, (50, 24))
    forecast = generator.normal(100, 10, (50, 24))
    future[generator.random(future.shape) < 0.2] = NAN
    ratios = [
        np.nanmean(np.abs(future[row] - forecast[row]))
        / np.mean([abs(history[row, t] - history[row, t - 12]) for t in range(12, 120)])
        for row in range(50)
    ]
    rows = np.arange(50) * 120
    scales = seasonal_scales(history.ravel(), rows, rows + 120, 12)[:, 0, 0]
    # float64 sums in another order.
    assert mase(future, forecast, scales) == pytest.approx(sum(ratios) / 50, rel=1e-12)


def test_the_loss_of_a_missing_value_is_missing() -> None:
    actual, forecast = np.array([[1.0, NAN]]), np.array([[3.0, 5.0]])
    assert absolute_loss(actual, forecast)[0, 0] == 2
    assert squared_loss(actual, forecast)[0, 0] == 4
    assert symmetric_loss(actual, forecast)[0, 0] == 100
    for loss in (absolute_loss, squared_loss, symmetric_loss):
        assert math.isnan(loss(actual, forecast)[0, 1])


def test_the_symmetric_loss_of_two_zeros_is_0_and_of_other_signs_200() -> None:
    actual, forecast = np.array([[0.0, 0.0, -2.0]]), np.array([[0.0, 4.0, 3.0]])
    assert symmetric_loss(actual, forecast).tolist() == [[0.0, 200.0, 200.0]]


def test_the_quantile_loss_weighs_what_lies_above_by_its_level() -> None:
    actual, quantiles = np.array([[10.0, 10.0]]), np.array([[[4.0, 12.0], [10.0, NAN]]])
    loss = quantile_loss(actual, quantiles, np.array([0.25, 0.75]))
    assert loss[0, 0].tolist() == [0.25 * 6, 0.25 * 2]
    assert loss[0, 1, 0] == 0


@pytest.mark.parametrize("level", [0.1, 0.5, 0.9])
def test_the_quantile_loss_agrees_with_that_of_scikit_learn(level: float) -> None:
    generator = np.random.default_rng(0)
    actual, forecast = generator.normal(size=(40, 12)), generator.normal(size=(40, 12))
    expected = mean_pinball_loss(actual.ravel(), forecast.ravel(), alpha=level)
    loss = quantile_loss(actual, forecast[..., None], np.array([level])).mean()
    assert loss == pytest.approx(expected, rel=1e-12)


def test_the_borders_of_an_interval_belong_to_it() -> None:
    actual = np.array([[0.9, 1.0, 2.0, 2.1, NAN]])
    inside = is_within(actual, np.full((1, 5), 1.0), np.full((1, 5), 2.0))
    np.testing.assert_array_equal(inside, [[0, 1, 1, 0, NAN]])


def test_the_squared_scale_is_the_root_of_the_mean_squared_change() -> None:
    assert scales_of(np.array([1.0, 2.0, 4.0, NAN, 9.0]), 2)[1] == math.sqrt((9 + 25) / 2)
    assert math.isnan(scales_of(np.array([1.0, 2.0]), 2)[1])
