"""`python -m deploy watch`: coverage of the last values, and exit code 7 when the alarm rings."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from deploy import InputError, Predictor
from deploy.__main__ import main
from deploy.adaptive.alarm import DELTA
from deploy.adaptive.watching import watch
from deploy.bundle.bundle import digest_of
from deploy.request.covariates import Covariates
from deploy.request.moments import check_last_timestamp

NEW = 150


def series_of(change: float, count: int = 2) -> list[np.ndarray]:
    """White noise about 100, that grows by `change` a step over the last 40 values."""
    made = []
    for seed in range(count):
        values = 100 + np.random.default_rng(seed).normal(0, 5, 40 + NEW)
        values[-40:] *= np.exp(change * np.arange(1, 41))
        made.append(values)
    return made


def test_a_change_rings_and_none_does_not(plain: Predictor) -> None:
    silent, rung = (watch(plain.engine, series_of(change), NEW) for change in (0.0, 0.5))
    assert not silent.rings
    assert silent.p_value > DELTA
    assert rung.rings
    assert rung.rang is not None
    assert NEW - 40 < rung.rang <= NEW
    assert (silent.series, silent.steps, silent.values) == (2, NEW, 2 * NEW)
    assert silent.interval == 0.8


def test_coverage_and_loss_are_those_of_forecasts_a_horizon_apart(plain: Predictor) -> None:
    values, horizon = series_of(0.0), plain.manifest.horizon
    new, found = 2 * horizon + 1, []
    for begin in range(0, new, horizon):
        steps = min(horizon, new - begin)
        for each in values:
            start = len(each) - new + begin
            quantiles = plain.forecast(each[:start], steps).quantiles[0]
            for row, actual in zip(quantiles, each[start : start + steps], strict=True):
                levels = plain.manifest.quantile_levels
                losses = [
                    max(level * (actual - q), (level - 1) * (actual - q))
                    for level, q in zip(levels, row, strict=True)
                ]
                found.append((row[0] <= actual <= row[-1], np.mean(losses) / (row[-1] - row[0])))
    watched = watch(plain.engine, values, new)
    assert watched.values == len(found) == 2 * new
    assert watched.coverage == pytest.approx(np.mean([inside for inside, _ in found]))
    assert watched.pinball == pytest.approx(np.mean([loss for _, loss in found]), rel=1e-4)


def test_too_short_a_file_is_refused(plain: Predictor) -> None:
    with pytest.raises(InputError, match="no series has values before its last 500"):
        watch(plain.engine, series_of(0.0), 500)


@pytest.mark.parametrize(("change", "code"), [(0.0, 0), (0.5, 7)])
def test_the_command_ends_with_seven_when_it_rings(
    bundles: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str], change: float, code: int
) -> None:
    rows = [
        f"{n},{1990 + month // 12}-{month % 12 + 1:02}-01,{value}"
        for n, each in enumerate(series_of(change))
        for month, value in enumerate(each)
    ]
    (tmp_path / "values.csv").write_text("\n".join(["series,time,value", *rows]) + "\n")
    asked = ["watch", str(tmp_path / "values.csv"), "--bundle", str(bundles / "plain"), "--new", str(NEW)]
    assert main(asked) == code
    said = capfd.readouterr()
    assert f"watched   {NEW} steps of 2 series" in said.out
    assert ("fit again" in said.err) == (code == 7)
    assert main([*asked, "--json"]) == code
    assert json.loads(capfd.readouterr().out)["steps"] == NEW


def test_new_values_are_those_that_the_fit_did_not_see(
    bundles: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Months: the fit saw those up to December 2004, or does not say."""
    rows = [
        f"{1990 + month // 12}-{month % 12 + 1:02}-01,{value}"
        for month, value in enumerate(series_of(0.0)[0])
    ]
    (tmp_path / "values.csv").write_text("\n".join(["time,value", *rows]) + "\n")
    shutil.copytree(bundles / "plain", tmp_path / "bundle")
    asked = ["watch", str(tmp_path / "values.csv"), "--bundle", str(tmp_path / "bundle"), "--json"]
    assert main(asked) == 4
    assert "--new" in capfd.readouterr().err
    path = tmp_path / "bundle" / "manifest.json"
    manifest = json.loads(path.read_bytes())
    for until, code in (("2004-12-01", 0), ("2010-01-01", 3)):
        seconds = int(np.datetime64(until, "s").astype(np.int64))
        manifest["training"] = {"data": {"until": seconds}}
        manifest["digest"] = digest_of(manifest)
        path.write_text(json.dumps(manifest))
        assert main(asked) == code
        if not code:
            assert json.loads(capfd.readouterr().out)["steps"] == 40 + NEW - 180


def with_covariates(path: Path, predictor: Predictor, arguments: dict[str, Any], without: str = "") -> Path:
    """A file of hourly series that end together, with a column for each covariate of the model but one."""
    manifest, rows = predictor.manifest, []
    static = [*manifest.static, *manifest.vocabularies]
    names = ["series", "time", "value", *manifest.known, *manifest.past, *static]
    for n, values in enumerate(arguments["history"]):
        end = np.datetime64("2024-03-01T00", "h")
        along = np.hstack([values[:, None], arguments["known"][n], arguments["past"][n]])
        fixed = [*arguments["static"][n], *arguments["static_cat"][n]]
        for step, row in enumerate(along):
            rows.append(
                [
                    f"s{n}",
                    str(end - len(values) + 1 + step) + ":00",
                    *map(repr, row.tolist()),
                    *map(str, fixed),
                ]
            )
    kept = [place for place, name in enumerate(names) if name != without]
    lines = [",".join(row[place] for place in kept) for row in [names, *rows]]
    path.write_text("\n".join(lines).replace("nan", "") + "\n")
    return path


def test_a_file_with_covariates_is_watched_as_its_arrays_are(
    bundles: Path,
    tmp_path: Path,
    covariates: Predictor,
    make_arguments: Callable[..., dict[str, Any]],
    capfd: pytest.CaptureFixture[str],
) -> None:
    arguments, new = make_arguments(covariates, [60, 80]), 15
    path = with_covariates(tmp_path / "values.csv", covariates, arguments)
    assert (
        main(["watch", str(path), "--bundle", str(bundles / "covariates"), "--new", str(new), "--json"]) == 0
    )
    found = json.loads(capfd.readouterr().out)
    last = check_last_timestamp(covariates.manifest, ["2024-03-01T00:00"] * 2, 2)
    given = Covariates(**{name: arguments[name] for name in ("known", "past", "static", "static_cat")})
    series = [values.astype(np.float64) for values in arguments["history"]]
    assert found == asdict(watch(covariates.engine, series, new, last, given))
    none = replace(given, known=[np.zeros_like(rows) for rows in arguments["known"]])
    assert found != asdict(watch(covariates.engine, series, new, last, none))


def test_a_file_without_a_covariate_names_it(
    bundles: Path,
    tmp_path: Path,
    covariates: Predictor,
    make_arguments: Callable[..., dict[str, Any]],
    capfd: pytest.CaptureFixture[str],
) -> None:
    missing, optional = covariates.manifest.known[0], covariates.manifest.static[0]
    for without, code in ((missing, 3), (optional, 0)):
        path = with_covariates(tmp_path / "values.csv", covariates, make_arguments(covariates, [60]), without)
        assert main(["watch", str(path), "--bundle", str(bundles / "covariates"), "--new", "3"]) == code
        assert (f"expected value, {missing}" in capfd.readouterr().err) == (code == 3)
