"""A run scored on a panel: what is scored, what a forecast may see, and how long it takes."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from untrained import CONTEXT, HORIZON, SEASON, make_panel, make_run

from deploy import InputError
from deploy.errors import DataError
from forecaster.data import Panel
from forecaster.evaluation.backtest import forecast_windows
from forecaster.evaluation.origins import Rolling, first_origins, rolling_origins
from forecaster.evaluation.scores import Evaluation
from forecaster.evaluation.theta import theta
from forecaster.files import to_json
from forecaster.run.run import Run
from forecaster.show.scoreboard import print_evaluation
from forecaster.workflows.evaluate import evaluate_panel
from forecaster.workflows.rolling import EvaluationOptions, Served, load_served

pytestmark = pytest.mark.slow

FITTED, TRAINED = [60, 50], [40, 30]


@pytest.fixture(scope="module")
def run() -> Run:
    return make_run(make_panel(FITTED), TRAINED)


@pytest.fixture(scope="module")
def served(run: Run) -> Served:
    return load_served(run)


def goes_on(by: int = 2 * HORIZON) -> Panel:
    """The series of the fit, longer."""
    return make_panel([length + by for length in FITTED])


def score(run: Run, served: Served, panel: Panel, **options: int) -> Evaluation:
    return evaluate_panel(run, panel, served, EvaluationOptions(**options), "data.csv")


def test_what_follows_the_fit_is_scored_and_nothing_before(run: Run, served: Served) -> None:
    found = score(run, served, goes_on())
    assert (found.subject.kind, found.subject.label) == ("fresh", "values that the fit never saw")
    assert [(unit.id, unit.first_origin, unit.last_target, unit.windows) for unit in found.units] == [
        (("0",), "59", "71", 2),
        (("1",), "49", "61", 2),
    ]
    assert (found.counts.windows, found.counts.forecasts, found.counts.values) == (4, 4, 4 * HORIZON)


def test_no_value_that_the_fit_saw_is_a_target(run: Run, served: Served) -> None:
    panel, changed = goes_on(), goes_on().values.copy()
    for begin, length in zip(panel.offsets[:-1], FITTED, strict=True):
        changed[begin : begin + length - CONTEXT] += 1000  # and older than any context
    before, after = (score(run, served, replace(panel, values=values)) for values in (panel.values, changed))
    assert (after.model.scores.mae, after.model.crps) == (before.model.scores.mae, before.model.crps)
    assert after.exposure_bias == before.exposure_bias


def test_the_last_windows_are_kept_where_few_are_wanted(run: Run, served: Served) -> None:
    found = score(run, served, goes_on(), windows=1)
    assert [(unit.first_origin, unit.windows) for unit in found.units] == [("65", 1), ("55", 1)]


def test_the_unit_of_scaled_errors_does_not_depend_on_how_many_windows_are_kept(
    run: Run, served: Served
) -> None:
    few, all_ = (score(run, served, goes_on(), **options).units for options in ({"windows": 1}, {}))
    assert [unit.scale for unit in few] == [unit.scale for unit in all_]
    values = goes_on().values[:60].astype(np.float64)
    assert all_[0].scale == np.abs(values[6:] - values[:-6]).mean()


def test_without_a_later_value_the_held_out_part_is_scored_and_called_so(run: Run, served: Served) -> None:
    found = score(run, served, make_panel(FITTED))
    assert found.subject.kind == "validation"
    assert found.subject.label == (
        "held-out windows, which selected the weights (no series continues after them)"
    )
    assert "in held-out windows, which selected the weights" in found.verdict
    assert [(unit.first_origin, unit.windows) for unit in found.units] == [("39", 3), ("29", 3)]


def test_fewer_later_values_than_a_horizon_are_offered(run: Run, served: Served) -> None:
    found = score(run, served, goes_on(4))
    assert "(no series continues for 6 values after them, 4 at most; a horizon of 4 scores these)" in (
        found.subject.label
    )
    assert score(run, served, goes_on(4), horizon=4).subject.kind == "fresh"


def test_a_series_that_the_fit_never_saw_is_scored_from_a_context_on(run: Run, served: Served) -> None:
    panel = make_panel([*FITTED, CONTEXT + 3 * HORIZON])
    found = score(run, served, panel)
    assert (found.subject.kind, found.counts.new_series, found.counts.left_out) == ("fresh", 1, 2)
    assert [(unit.id, unit.is_new, unit.first_origin, unit.windows) for unit in found.units] == [
        (("2",), True, "17", 3)
    ]


def test_a_file_that_begins_after_the_fit_is_scored_from_a_context_on(run: Run, served: Served) -> None:
    panel = make_panel([CONTEXT + HORIZON, CONTEXT + HORIZON])
    found = score(run, served, replace(panel, starts=panel.starts + 60))
    assert [(unit.is_new, unit.first_origin) for unit in found.units] == [(False, "77")] * 2
    assert "linear" not in found.baselines  # it has nothing to learn from


def test_nothing_to_score_says_how_much_there_is(run: Run, served: Served) -> None:
    panel = make_panel([44, 33])
    with pytest.raises(DataError, match=r"no series has 6 values .*, 4 at most; --horizon 4 scores these"):
        score(run, served, panel)


def test_changing_what_follows_an_origin_changes_no_forecast_from_it(served: Served) -> None:
    panel = goes_on()
    rolling = Rolling(CONTEXT, HORIZON, HORIZON)
    windows = rolling_origins(panel, first_origins(panel, panel.offsets[:-1] + 50, rolling), rolling)
    forecast = forecast_windows(served.predictor, windows)
    for number, (series, origin) in enumerate(zip(windows.series, windows.origins, strict=True)):
        changed = panel.values.copy()
        changed[origin : panel.offsets[series + 1]] = 1e6
        again = forecast_windows(served.predictor, replace(windows, panel=replace(panel, values=changed)))
        np.testing.assert_array_equal(again[number], forecast[number])


def test_missing_targets_are_left_out(run: Run, served: Served) -> None:
    panel = goes_on()
    values = panel.values.copy()
    values[62], values[66:71] = np.nan, np.nan
    found = score(run, served, replace(panel, values=values))
    assert [unit.values for unit in found.units] == [2 * HORIZON - 6, 2 * HORIZON]


def test_a_window_without_any_observed_target_is_left_out_and_counted(run: Run, served: Served) -> None:
    panel = goes_on(3 * HORIZON)
    values = panel.values.copy()
    values[66:72] = np.nan
    found = score(run, served, replace(panel, values=values))
    assert (found.units[0].windows, found.counts.unobserved) == (2, 1)


def test_constant_series_are_scored_without_a_unit(run: Run, served: Served) -> None:
    panel = goes_on()
    found = score(run, served, replace(panel, values=np.ones_like(panel.values)))
    assert (found.counts.unscaled, math.isnan(found.model.scores.mase)) == (2, True)
    assert found.model.scores.mae == 0  # a constant history forecasts its constant
    assert found.verdict == "0 MAE on 4 forecasts of 2 series: seasonal naive makes no error there"


def test_how_far_from_0_series_are_changes_no_error(run: Run, served: Served) -> None:
    panel = goes_on()
    far, near = score(run, served, replace(panel, values=panel.values + 1e9)), score(run, served, panel)
    assert far.model.scores.mae == pytest.approx(near.model.scores.mae, rel=1e-5)
    assert far.model.scores.smape < 1e-6 < near.model.scores.smape
    assert far.baselines["linear"].scores.mae == pytest.approx(near.baselines["linear"].scores.mae, rel=1e-5)


def test_every_baseline_is_scored_on_the_same_windows(run: Run, served: Served) -> None:
    found = score(run, served, goes_on())
    assert list(found.baselines) == [
        "seasonal naive",
        "seasonal naive with drift",
        "naive",
        "theta",
        "pretrained network",
        "linear",
    ]
    values = goes_on().values.astype(np.float64)
    actual = [values[begin : begin + HORIZON] for begin in (60, 66, 72 + 50, 72 + 56)]
    naive = [values[begin - 1] for begin in (60, 66, 72 + 50, 72 + 56)]
    expected = np.mean([np.abs(future - last) for future, last in zip(actual, naive, strict=True)])
    assert found.baselines["naive"].scores.mae == pytest.approx(expected)


def test_the_ratios_are_to_the_seasonal_naive_forecast(run: Run, served: Served) -> None:
    found = score(run, served, goes_on())
    naive = found.baselines["seasonal naive"].scores
    assert found.relative["mase_ratio"] == found.model.scores.mase / naive.mase
    assert found.overall()["rmse_ratio"] == found.model.scores.rmse / naive.rmse


def test_a_longer_horizon_than_the_trained_one_is_scored_step_by_step(run: Run, served: Served) -> None:
    found = score(run, served, goes_on(20), horizon=9)
    assert len(found.model.steps.mase) == len(found.model.intervals[0].coverage_by_step) == 9
    assert len(found.exposure_bias.free) == len(found.exposure_bias.forced) == 5


def test_a_horizon_beyond_the_bundle_is_refused(run: Run, served: Served) -> None:
    with pytest.raises(InputError, match="horizon must be between 1 and 18 steps, found 19"):
        score(run, served, goes_on(), horizon=19)


def test_the_examples_are_the_best_the_median_and_the_worst(run: Run, served: Served) -> None:
    found = score(run, served, make_panel([72, 62, 60, 48]))
    by_mase = sorted(found.units, key=lambda unit: unit.scores.mase)
    assert [(example.role, example.id) for example in found.examples] == [
        ("best", by_mase[0].id),
        ("median", by_mase[1].id),
        ("worst", by_mase[3].id),
    ]


def test_an_example_holds_what_is_drawn_of_the_last_window(run: Run, served: Served) -> None:
    found = score(run, served, goes_on())
    (example,) = (example for example in found.examples if example.id == ("0",))
    values = goes_on().values[:72].astype(np.float64)
    assert example.history == tuple(values[66 - CONTEXT : 66])
    assert example.actual == tuple(values[66:])
    assert example.history_times[-1] == "65"
    assert example.times == tuple(str(count) for count in range(66, 72))
    assert np.shape(example.quantiles) == (HORIZON, len(found.subject.quantile_levels))
    assert example.baselines["naive"] == (values[65],) * HORIZON


def test_all_of_it_is_json(run: Run, served: Served) -> None:
    found = score(run, served, goes_on())
    assert json.loads(to_json(found.to_json()))["model"]["scores"]["mase"] == found.model.scores.mase


def test_the_figures_of_a_gate_are_those_that_gates_know(run: Run, served: Served) -> None:
    from forecaster.evaluation.verdict import KNOWN

    assert set(score(run, served, goes_on()).overall()) == set(KNOWN)


def test_each_target_of_a_joint_model_is_scored_by_itself(tmp_path: Path) -> None:
    targets = ("a", "b")
    run = make_run(make_panel(FITTED, targets=targets), TRAINED, tmp_path)
    panel = make_panel([72, 62], targets=targets)
    found = score(run, load_served(run), panel)
    assert [unit.id for unit in found.units] == [("0", "a"), ("0", "b"), ("1", "a"), ("1", "b")]
    assert (found.counts.windows, found.counts.forecasts, found.counts.series) == (4, 8, 4)
    last = panel.values[:72, 1].astype(np.float64)
    naive = [np.abs(last[begin : begin + HORIZON] - last[begin - 1]).mean() for begin in (60, 66)]
    assert found.units[1].baselines_mae["naive"] == pytest.approx(np.mean(naive))


def test_a_model_of_the_median_alone_has_no_intervals(tmp_path: Path) -> None:
    run = make_run(make_panel(FITTED), TRAINED, tmp_path, quantile_levels=(0.5,))
    found = score(run, load_served(run), goes_on())
    assert (found.model.intervals, found.units[0].coverage) == ((), ())
    # The loss of the median is half of its absolute error.
    assert found.model.crps == pytest.approx(found.model.scores.mae)


def test_a_model_of_logarithms_names_the_value_that_it_cannot_take(tmp_path: Path) -> None:
    run = make_run(make_panel(FITTED), TRAINED, tmp_path, normalization="log-last-difference")
    panel = goes_on()
    values = panel.values.copy()
    values[55] = 0
    with pytest.raises(DataError, match="value 0 of series 0 at 55: expected above 0"):
        score(run, load_served(run), replace(panel, values=values))


def test_theta_is_that_of_the_history_before_each_origin(run: Run, served: Served) -> None:
    found = score(run, served, goes_on())
    values = goes_on().values.astype(np.float64)
    rows = [(begin, max(0 if begin < 72 else 72, begin - 4 * SEASON)) for begin in (60, 66, 122, 128)]
    errors = [
        values[begin : begin + HORIZON] - theta(values[None, first:begin], HORIZON, SEASON)[0]
        for begin, first in rows
    ]
    assert found.baselines["theta"].scores.mae == pytest.approx(np.abs(errors).mean())


def test_10_000_windows_are_scored_in_batches(
    run: Run, served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = []
    forecast = type(served.predictor).forecast

    def counted(self, history, *arguments, **given):
        calls.append(len(history))
        return forecast(self, history, *arguments, **given)

    monkeypatch.setattr(type(served.predictor), "forecast", counted)
    found = score(run, served, make_panel([60, 10_000 + 50 + HORIZON - 1]), stride=1)
    assert found.counts.windows == 10_000
    assert max(calls) == 512


def test_a_narrow_terminal_hides_no_figure_and_names_are_no_markup(
    run: Run, served: Served, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    panel = replace(make_panel([72, 62, 90]), ids=(("0",), ("1",), ("[red]x",)))
    print_evaluation(score(run, served, panel))
    said = capsys.readouterr().out
    assert "…" not in said
    for name in ("seasonal naive with drift", "model / it", "80 % interval covers", "OWA", "[red]x"):
        assert name in said
