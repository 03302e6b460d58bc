"""Offsets next to a bundle, which actuals of many series teach."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from deploy import BundleError, Calibrator, InputError, Predictor
from deploy.__main__ import main
from deploy.adaptive.calibrator import offsets_of
from deploy.adaptive.record import Record
from deploy.adaptive.said import Adaptation
from deploy.bundle.bundle import canonical, digest_of
from deploy.engine.deadline import Deadline
from deploy.request.covariates import Covariates
from deploy.request.inputs import check_request

SERIES, STEPS = 3, 60


@pytest.fixture
def copy(bundles: Path, tmp_path: Path) -> Path:
    shutil.copytree(bundles / "plain", tmp_path / "bundle")
    return tmp_path / "bundle"


@pytest.fixture
def values() -> list[np.ndarray]:
    generator = np.random.default_rng(0)
    return [20 * np.exp(np.cumsum(generator.normal(0, 0.4, STEPS))) for _ in range(SERIES)]


def test_it_learns_what_the_tracker_of_a_stream_does(plain: Predictor, values: list[np.ndarray]) -> None:
    """Forecasts of all series before each step, and the values of the last ten."""
    new, horizon = 10, plain.manifest.horizon
    adaptation = Adaptation.fresh(plain.manifest.quantile_levels, horizon)
    assert adaptation is not None
    for step in range(STEPS - new - horizon + 1, STEPS):
        request = check_request(plain.manifest, [each[:step] for each in values], None, Covariates())
        quantiles = plain.engine.run(request, Deadline(None))
        adaptation = adaptation.say(step, np.moveaxis(quantiles, 1, 0))
        actual = np.array([each[step] for each in values])
        adaptation = adaptation.compare(actual if step >= STEPS - new else np.full(SERIES, np.nan))
    found = Calibrator.fresh(plain.manifest).update(plain, values, new=new).tracker
    assert found.compared == new
    for name in ("offsets", "drift", "spread", "evidence"):
        expected = getattr(adaptation.tracker, name)
        np.testing.assert_allclose(getattr(found, name), expected, rtol=1e-4, atol=1e-5)


def test_without_a_file_and_with_nothing_learnt_a_forecast_is_the_models(
    copy: Path, plain: Predictor, values: list[np.ndarray]
) -> None:
    before = plain.forecast(values).quantiles
    np.testing.assert_array_equal(Predictor.load(copy).forecast(values).quantiles, before)
    Calibrator.fresh(plain.manifest).save(copy)
    np.testing.assert_array_equal(Predictor.load(copy, verify=True).forecast(values).quantiles, before)


def test_a_file_moves_forecasts_paths_and_streams_but_no_golden_cases(
    copy: Path, plain: Predictor, values: list[np.ndarray]
) -> None:
    learnt = Calibrator.fresh(plain.manifest).update(plain, values, new=20)
    learnt.save(copy)
    moved = Predictor.load(copy, verify=True)
    assert moved.calibrator is not None
    assert moved.calibrator.mark == learnt.mark != ""
    found, before = moved.forecast(values).quantiles, plain.forecast(values).quantiles
    assert not np.array_equal(found, before)
    assert (np.diff(found, axis=-1) >= 0).all()
    assert (found > 0).all()
    np.testing.assert_array_equal(moved.stream(values[0]).forecast().quantiles[0], found[0])
    paths = moved.sample_paths(values[0], paths=400)
    assert abs(np.median(paths[0, :, 0]) / found[0, 0, moved.manifest.median_index] - 1) < 0.1


def test_intervals_that_hold_too_little_become_wider(plain: Predictor, values: list[np.ndarray]) -> None:
    tracker = Calibrator.fresh(plain.manifest).update(plain, values, new=30).tracker
    assert tracker.spread > 1.5


def test_new_values_are_those_after_the_last_call(plain: Predictor, values: list[np.ndarray]) -> None:
    """Months: the first call notes the end, the next one compares what follows."""
    first = Calibrator.fresh(plain.manifest).update(
        plain, [each[:50] for each in values], last_timestamp="2020-02-01"
    )
    assert first.tracker.compared == 0
    second = first.update(plain, values, last_timestamp="2020-12-01")
    assert second.tracker.compared == 10
    assert second.update(plain, values, last_timestamp="2020-12-01") == second
    late = ["2020-12-01", "2020-11-01", "2020-12-01"]  # one ends before the others
    assert first.update(plain, values, last_timestamp=late).tracker.compared == 10
    with pytest.raises(InputError, match="new="):
        first.update(plain, values)


@pytest.mark.parametrize("model", ["covariates", "joint"])
def test_models_with_covariates_and_channels_learn(
    model: str, request: pytest.FixtureRequest, make_arguments: Callable[..., dict[str, Any]]
) -> None:
    predictor: Predictor = request.getfixturevalue(model)
    arguments = make_arguments(predictor, [90, 80])
    along = {name: arguments[name] for name in ("known", "past", "static_cat", "static") if name in arguments}
    found = Calibrator.fresh(predictor.manifest).update(
        predictor, arguments["history"], new=20, last_timestamp=arguments.get("last_timestamp"), **along
    )
    assert found.tracker.compared > 0
    assert found.tracker.counts.all()


def test_offsets_of_another_bundle_are_left_alone(copy: Path, plain: Predictor, joint: Predictor) -> None:
    Calibrator.fresh(joint.manifest).save(copy)
    assert Calibrator.load(copy, plain.manifest) is None
    assert Predictor.load(copy).calibrator is None


@pytest.mark.parametrize(
    "change", [{"version": 3}, {"tracker": {}}, {"until": "now"}, {"extra": 1}, {"record": {}}]
)
def test_damaged_offsets_are_refused(copy: Path, plain: Predictor, change: dict[str, Any]) -> None:
    path = Calibrator.fresh(plain.manifest).save(copy)
    content = {**json.loads(path.read_bytes()), **change}
    path.write_bytes(canonical({**content, "digest": digest_of(content)}))
    with pytest.raises(BundleError, match=r"offsets\.json holds no offsets.*remove it"):
        Predictor.load(copy)
    path.write_bytes(b"{")
    with pytest.raises(BundleError, match="remove it"):
        Predictor.load(copy)


def test_offsets_of_before_there_was_a_record_are_read(
    copy: Path, plain: Predictor, values: list[np.ndarray]
) -> None:
    learnt = Calibrator.fresh(plain.manifest).update(plain, values, new=20)
    path = learnt.save(copy)
    content = {**json.loads(path.read_bytes()), "version": 1}
    del content["record"]
    path.write_bytes(canonical({**content, "digest": digest_of(content)}))
    found = Calibrator.load(copy, plain.manifest)
    assert found is not None
    assert found.mark == learnt.mark
    assert found.record == Record()


def test_the_record_is_of_what_was_forecast_and_then_observed(
    copy: Path, plain: Predictor, values: list[np.ndarray]
) -> None:
    """Of the first step by the model's own quantiles; of another one as they were moved by then."""
    fresh = Calibrator.fresh(plain.manifest)
    one = fresh.update(plain, values, new=1)
    leads = np.arange(1, min(plain.manifest.horizon, len(values[0])) + 1)
    inside, losses, levels = [], [], np.array(plain.manifest.quantile_levels)
    for lead in leads:
        for each in values:
            quantiles = plain.forecast(each[: len(each) - lead], int(lead)).quantiles[0, -1]
            inside.append(quantiles[0] <= each[-1] <= quantiles[-1])
            missed = each[-1] - quantiles
            losses.append((missed * (levels - (missed < 0))).mean() / (quantiles[-1] - quantiles[0]))
    assert one.record.steps == 1
    assert one.record.coverage[0.8] == pytest.approx(np.mean(inside))
    assert one.record.loss == pytest.approx(np.mean(losses) / one.tracker.levels.loss, rel=1e-5)
    assert one.record.alarm.compared == 1
    many = fresh.update(plain, values, new=30)
    many.save(copy)
    found = Calibrator.load(copy, plain.manifest)
    assert found is not None
    assert (found.record.steps, found.record.coverage, found.record.loss) == (
        many.record.steps,
        many.record.coverage,
        many.record.loss,
    )
    assert found.record.alarm == many.record.alarm


def test_right_quantiles_have_the_loss_that_their_intervals_promise() -> None:
    """Normal errors, forecast one step ahead, and from the half on four times as wide."""
    adaptation, generator = Adaptation.fresh((0.1, 0.3, 0.5, 0.7, 0.9), 1), np.random.default_rng(0)
    assert adaptation is not None
    tracker, record = adaptation.tracker, Record()
    quantiles = np.tile(tracker.levels.scores, (1, 20, 1))
    for width in (1, 4):
        for _ in range(200):
            record = record.after(tracker, np.array([1]), quantiles, width * generator.standard_normal(20))
        assert record.loss == pytest.approx(1, abs=0.05) if width == 1 else record.loss > 3
        assert abs(record.coverage[0.8] - 0.8) < 0.03 if width == 1 else record.coverage[0.8] < 0.3
        assert bool(record.alarm) == (width == 4)


def test_the_command_writes_offsets_and_says_what_it_compared(
    copy: Path, values: list[np.ndarray], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    history = tmp_path / "values.csv"
    months = [f"{2016 + month // 12}-{month % 12 + 1:02}-01" for month in range(STEPS)]

    def write(steps: int) -> None:
        rows = [
            f"{number},{month},{value:.4f}"
            for number, each in enumerate(values)
            for month, value in zip(months[:steps], each[:steps], strict=True)
        ]
        history.write_text("\n".join(["series,time,value", *rows]) + "\n")

    write(48)
    assert main(["calibrate", str(copy), "--history", str(history)]) == 0
    assert "values that follow are compared" in capfd.readouterr().out
    write(STEPS)
    assert main(["calibrate", str(copy), "--history", str(history)]) == 0
    assert "12 steps compared, 12 in all" in capfd.readouterr().out
    assert offsets_of(copy).exists()
    assert main(["calibrate", str(copy), "--history", str(history), "--new", "-1"]) == 3
