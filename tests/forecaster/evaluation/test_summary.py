"""Scores over windows of several series, against other libraries and by hand."""

from __future__ import annotations

import math
from dataclasses import astuple
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import (
    mean_absolute_error,
    mean_pinball_loss,
    mean_squared_error,
    root_mean_squared_error,
)

from forecaster.evaluation.accumulators import (
    Losses,
    Totals,
    Truth,
    Units,
    central_intervals,
    point_losses,
    quantile_losses,
)
from forecaster.evaluation.metrics import seasonal_scales
from forecaster.evaluation.summary import (
    model_scores,
    point_scores,
    point_scores_by_unit,
    relative_scores,
    step_scores,
)
from forecaster.evaluation.unit_table import PointScores

NAN = math.nan
LEVELS = (0.1, 0.25, 0.5, 0.75, 0.9)
SEASON, HORIZON = 4, 6
PER_UNIT = (3, 1, 2)  # windows
# Sums in another order.
EQUAL = {"rel": 1e-9}


class Case:
    """Windows of three units, a tenth of the values missing."""

    def __init__(self, seed: int = 0) -> None:
        generator = np.random.default_rng(seed)
        self.history = generator.normal(50, 10, (len(PER_UNIT), 40)) * np.array([[1], [10], [0.1]])
        unit = np.repeat(np.arange(len(PER_UNIT)), PER_UNIT)
        size = np.array([1, 10, 0.1])[unit][:, None]
        actual = generator.normal(50, 10, (len(unit), HORIZON)) * size
        actual[generator.random(actual.shape) < 0.1] = NAN
        noise = generator.normal(0, 8, (*actual.shape, len(LEVELS)))
        self.quantiles = np.sort(50 + noise, axis=2) * size[..., None]
        rows = np.arange(len(PER_UNIT)) * 40
        self.units = Units(
            *seasonal_scales(self.history.ravel(), rows, rows + 40, SEASON)[:, 0].T,
            np.array(PER_UNIT),
        )
        self.truth = Truth(actual, unit, self.units)

    @property
    def median(self) -> np.ndarray:
        return self.quantiles[..., 2]

    def sums(self) -> Losses:
        return point_losses(self.truth, self.median) | quantile_losses(self.truth, self.quantiles, LEVELS)

    def long(self) -> pd.DataFrame:
        """A row a value, without the missing ones."""
        windows, horizon = self.truth.actual.shape
        columns = {
            "unique_id": np.repeat(self.truth.unit, horizon),
            "ds": np.arange(windows * horizon),
            "y": self.truth.actual.ravel(),
            "model": self.median.ravel(),
        }
        return pd.DataFrame(columns).dropna(ignore_index=True)

    def training(self) -> pd.DataFrame:
        units, length = self.history.shape
        columns = {"unique_id": np.repeat(np.arange(units), length), "ds": np.tile(np.arange(length), units)}
        return pd.DataFrame({**columns, "y": self.history.ravel()})


def truth_of(actual: list[list[float]], unit: list[int], scale: list[float]) -> Truth:
    counts = np.bincount(unit, minlength=len(scale))
    units = Units(np.array(scale), np.array(scale), counts)
    return Truth(np.array(actual, dtype=np.float64), np.array(unit), units)


def test_absolute_and_squared_errors_agree_with_those_of_scikit_learn() -> None:
    case = Case()
    scores, table = point_scores(case.sums(), case.units), case.long()
    assert scores.mae == pytest.approx(mean_absolute_error(table["y"], table["model"]), **EQUAL)
    assert scores.mse == pytest.approx(mean_squared_error(table["y"], table["model"]), **EQUAL)
    assert scores.rmse == pytest.approx(root_mean_squared_error(table["y"], table["model"]), **EQUAL)


def test_quantile_losses_agree_with_those_of_scikit_learn() -> None:
    case = Case()
    model = model_scores(case.sums(), case.units, LEVELS, point_scores(case.sums(), case.units))
    observed = ~np.isnan(case.truth.actual)
    losses = [
        mean_pinball_loss(case.truth.actual[observed], case.quantiles[..., index][observed], alpha=level)
        for index, level in enumerate(LEVELS)
    ]
    assert [quantile.loss for quantile in model.quantiles] == pytest.approx(losses, **EQUAL)
    assert model.crps == pytest.approx(2 * np.mean(losses), **EQUAL)
    size = np.abs(case.truth.actual[observed]).mean()
    assert model.wql == pytest.approx(2 * np.mean(losses) / size, **EQUAL)


def test_scaled_errors_agree_with_those_of_utilsforecast() -> None:
    losses: Any = pytest.importorskip("utilsforecast.losses")
    case = Case()
    arguments = {"models": ["model"], "seasonality": SEASON, "train_df": case.training()}
    ours = point_scores_by_unit(case.sums(), case.units)
    by_name = dict(zip(PointScores.__dataclass_fields__, ours.T, strict=True))
    expected = {
        "mase": losses.mase(case.long(), **arguments),
        "rmsse": losses.rmsse(case.long(), **arguments),
        "smape": losses.smape(case.long(), models=["model"]).assign(model=lambda table: 200 * table["model"]),
        "mae": losses.mae(case.long(), models=["model"]),
        "rmse": losses.rmse(case.long(), models=["model"]),
    }
    for name, table in expected.items():
        assert by_name[name].tolist() == pytest.approx(table["model"].tolist(), **EQUAL), name


def test_scaled_errors_are_means_over_units_however_many_windows_these_have() -> None:
    truth = truth_of([[1, 1], [1, 1], [10, 10]], [0, 0, 1], [2.0, 4.0])
    scores = point_scores(point_losses(truth, np.array([[2.0, 2], [4, 4], [2, 2]])), truth.units)
    assert scores.mase == ((1 + 3) / 2 / 2 + 8 / 4) / 2
    assert scores.mae == (1 + 3 + 8) / 3


def test_a_unit_that_never_changes_divides_by_nothing_and_counts_in_no_scaled_error() -> None:
    truth = truth_of([[1, 1], [5, 5]], [0, 1], [0.0, 2.0])
    sums = point_losses(truth, np.array([[9.0, 9], [6, 6]]))
    scores, by_unit = point_scores(sums, truth.units), point_scores_by_unit(sums, truth.units)
    constant = PointScores(*by_unit[0].tolist())
    assert (scores.mase, scores.rmsse, scores.mae) == (0.5, 0.5, 4.5)
    assert (math.isnan(constant.mase), constant.mae) == (True, 8.0)


def test_missing_values_count_nowhere() -> None:
    truth = truth_of([[1, NAN], [NAN, NAN]], [0, 1], [1.0, 1.0])
    scores = point_scores(point_losses(truth, np.array([[3.0, 99], [99, 99]])), truth.units)
    assert astuple(scores) == (2, 100, 2, 2, 2, 4)


def test_the_error_of_each_step_has_the_overall_one_as_its_mean() -> None:
    truth = truth_of([[1, 2], [3, 4], [10, 30]], [0, 0, 1], [2.0, 4.0])
    sums = point_losses(truth, np.array([[2.0, 5], [4, 4], [2, 2]]))
    steps, scores = step_scores(sums), point_scores(sums, truth.units)
    assert steps.mase == ((0.5 + 2) / 2, (0.75 + 7) / 2)
    assert np.mean(steps.mase) == scores.mase
    assert steps.mae == ((1 + 1 + 8) / 3, (3 + 0 + 28) / 3)


def test_an_interval_counts_what_lies_within_and_how_wide_it_is() -> None:
    truth = truth_of([[1, 5], [NAN, 2]], [0, 0], [2.0])
    quantiles = np.array([[[0.0, 1, 2], [0, 1, 4]], [[0, 0, 9], [1, 1.5, 2]]])
    sums = point_losses(truth, quantiles[..., 1]) | quantile_losses(truth, quantiles, (0.1, 0.5, 0.9))
    (interval,) = model_scores(sums, truth.units, (0.1, 0.5, 0.9), point_scores(sums, truth.units)).intervals
    assert (interval.nominal, interval.coverage, interval.width) == (0.8, 2 / 3, (2 + 4 + 1) / 3)
    assert (interval.coverage_by_step, interval.width_by_step) == ((1.0, 0.5), (2.0, 2.5))
    assert interval.scaled_width == interval.width / 2


def test_a_quantile_says_what_share_lies_at_or_below_it() -> None:
    truth = truth_of([[1, 2, 3, NAN]], [0], [1.0])
    sums = point_losses(truth, np.full((1, 4), 2.0)) | quantile_losses(truth, np.full((1, 4, 1), 2.0), (0.5,))
    (quantile,) = model_scores(sums, truth.units, (0.5,), point_scores(sums, truth.units)).quantiles
    assert quantile.share_below == 2 / 3


def test_levels_without_a_counterpart_make_no_interval() -> None:
    assert central_intervals((0.05, 0.1, 0.5, 0.9)) == [(0.1, 0.9)]
    assert central_intervals((0.1, 0.2, 0.3, 0.5, 0.7, 0.8, 0.9)) == [(0.1, 0.9), (0.2, 0.8), (0.3, 0.7)]


def test_the_weighted_average_is_1_for_the_seasonal_naive_forecast_itself() -> None:
    case = Case()
    naive = point_scores(case.sums(), case.units)
    assert model_scores(case.sums(), case.units, LEVELS, naive).owa == 1
    assert set(relative_scores(naive, naive).values()) == {1.0}


def test_without_an_error_of_the_seasonal_naive_forecast_nothing_is_relative_to_it() -> None:
    case = Case()
    scores = point_scores(case.sums(), case.units)
    perfect = PointScores(0, 0, 0, 0, 0, 0)
    assert all(math.isnan(ratio) for ratio in relative_scores(scores, perfect).values())
    assert math.isnan(model_scores(case.sums(), case.units, LEVELS, perfect).owa)


def test_batches_add_up_to_what_all_windows_lose_at_once() -> None:
    case = Case()
    totals = Totals(len(PER_UNIT))
    for part in (slice(0, 2), slice(2, None)):
        truth = Truth(case.truth.actual[part], case.truth.unit[part], case.units)
        totals.add(
            point_losses(truth, case.median[part]) | quantile_losses(truth, case.quantiles[part], LEVELS)
        )
    whole, added = case.sums(), totals.losses
    for name, sums in whole.items():
        np.testing.assert_allclose(added[name].unit, sums.unit, rtol=1e-12)
        np.testing.assert_allclose(added[name].even, sums.even, rtol=1e-12)
