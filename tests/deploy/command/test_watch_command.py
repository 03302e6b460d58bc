"""`python -m deploy watch`: coverage of the last values, and exit code 7 when the alarm rings."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from deploy import InputError, Predictor
from deploy.__main__ import main
from deploy.adaptive.alarm import DELTA
from deploy.adaptive.watching import watch
from deploy.bundle.bundle import digest_of

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
