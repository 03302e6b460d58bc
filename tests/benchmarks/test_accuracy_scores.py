"""The scores of accuracy against figures worked out by hand and against scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import mean_absolute_error, mean_squared_error

from benchmarks.accuracy_scores import NAIVE2, Forecasts, StepSums, m4_scores, mase, seasonal_scales, smape


def random_forecasts(windows: int, horizon: int) -> tuple[np.ndarray, Forecasts]:
    actual, median, below, above = np.random.default_rng(0).normal(size=(4, windows, horizon))
    return actual, Forecasts(median, median - np.abs(below), median + np.abs(above))


def test_the_symmetric_error_is_in_percent_of_the_mean_of_both() -> None:
    actual, forecast = np.array([[10.0, 20.0], [3.0, 3.0]]), np.array([[10.0, 30.0], [1.0, 3.0]])
    np.testing.assert_allclose(smape(actual, forecast), [(0 + 200 * 10 / 50) / 2, (200 * 2 / 4 + 0) / 2])


def test_the_unit_of_mase_is_the_mean_change_over_a_season() -> None:
    histories = [np.array([1.0, 5.0, 2.0, 9.0]), np.array([0.0, 0.0, 6.0])]
    assert seasonal_scales(histories, season=2).tolist() == [(1 + 4) / 2, 6.0]


def test_scaled_errors_are_those_of_each_window_in_its_unit() -> None:
    actual, forecast = np.array([[1.0, 2.0], [4.0, 4.0]]), np.array([[2.0, 4.0], [4.0, 1.0]])
    assert mase(actual, forecast, np.array([0.5, 3.0])).tolist() == [3.0, 0.5]


def test_the_naive_forecast_of_the_competition_has_an_owa_of_1() -> None:
    # One value: sMAPE s needs |y − f| / (|y| + |f|) = s / 200, and its unit makes MASE what it is to be.
    share = NAIVE2["smape"] / 200
    actual, forecast = np.array([[1 + share]]), np.array([[1 - share]])
    scores = m4_scores(actual, forecast, np.array([2 * share / NAIVE2["mase"]]))
    assert scores == pytest.approx({**NAIVE2, "owa": 1.0})


def test_a_half_of_each_of_the_naive_scores_is_half_an_owa() -> None:
    share = NAIVE2["smape"] / 400
    actual, forecast = np.array([[1 + share]]), np.array([[1 - share]])
    assert m4_scores(actual, forecast, np.array([4 * share / NAIVE2["mase"]]))["owa"] == pytest.approx(0.5)


def test_errors_over_everything_are_those_of_scikit_learn() -> None:
    actual, made = random_forecasts(50, 7)
    expected = {
        "mse": mean_squared_error(actual.ravel(), made.median.ravel()),
        "mae": mean_absolute_error(actual.ravel(), made.median.ravel()),
    }
    assert StepSums.of(actual, made).errors() == pytest.approx(expected)


def test_sums_of_uneven_batches_give_the_figures_of_the_whole() -> None:
    actual, made = random_forecasts(50, 7)

    def part(rows: slice) -> StepSums:
        return StepSums.of(actual[rows], made.of(rows))

    added, whole = part(slice(0, 3)) + part(slice(3, 50)), StepSums.of(actual, made)
    assert added.errors() == pytest.approx(whole.errors())
    assert added.interval() == pytest.approx(whole.interval())


def test_the_worst_step_is_the_one_whose_coverage_is_furthest_from_nominal() -> None:
    actual = np.zeros((4, 3))
    lower, upper = np.full((4, 3), -1.0), np.full((4, 3), 2.0)
    lower[:1, 0] = 0.5  # covers 3 of 4
    lower[:2, 2] = 0.5  # covers 2 of 4, borders included
    lower[2, 2] = 0.0
    found = StepSums.of(actual, Forecasts(actual, lower, upper)).interval()
    assert found["coverage"] == pytest.approx((3 + 4 + 2) / 12)
    assert (found["worst_step"], found["worst_coverage"]) == (3, 0.5)
    assert found["width"] == pytest.approx(3 - (3 * 1.5 + 1.0) / 12)


def test_units_change_errors_and_widths_and_no_coverage() -> None:
    actual, made = random_forecasts(20, 4)
    scale, location = np.array(4.0), 3.0
    sums = StepSums.of((actual - location) / scale, made.in_units(scale, location))
    plain = StepSums.of(actual, made)
    assert sums.errors() == pytest.approx(
        {"mse": plain.errors()["mse"] / 16, "mae": plain.errors()["mae"] / 4}
    )
    assert sums.interval() == pytest.approx({**plain.interval(), "width": plain.interval()["width"] / 4})
