"""Forecaster.pretrained: a forecaster that is fitted without a fit."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

from deploy import InputError, Predictor, TimeStep
from deploy.errors import ConfigError, RunError
from forecaster import Forecaster
from forecaster.__main__ import main

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def monthly() -> pd.DataFrame:
    months = pd.date_range("2015-01-01", periods=60, freq="MS")
    return pd.DataFrame({"month": months, "sold": 10 + np.arange(60) % 12 + np.arange(60) / 10})


def test_it_predicts_what_the_command_does(
    monthly: pd.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monthly.to_csv("data.csv", index=False)
    monkeypatch.setattr(sys, "argv", ["forecaster", "forecast", "data.csv", "--pretrained", "--quiet"])
    with pytest.raises(SystemExit) as end:
        main()
    assert not end.value.code
    found, written = Forecaster.pretrained().predict(monthly), pd.read_csv("forecast.csv")
    assert list(found) == list(written)
    np.testing.assert_allclose(found["q0.1"], written["q0.1"], rtol=1e-3)
    assert list(found["month"]) == list(pd.date_range("2020-01-01", periods=12, freq="MS"))


def test_parameters_are_those_of_the_constructor(monthly: pd.DataFrame) -> None:
    made = Forecaster.pretrained(5, season=4, target="sold", settings={"data": {"time": "month"}})
    assert len(made.predict(monthly)) == 5
    assert len(made.predict(monthly, horizon=2)) == 2
    assert made.get_params()["season"] == 4


def test_paths_and_a_score(monthly: pd.DataFrame) -> None:
    made = Forecaster.pretrained(6)
    assert len(made.sample_paths(monthly, paths=3)) == 18
    assert -1 < made.score(monthly) < 0


def test_it_tells_what_it_does_where_it_is_asked_to(
    monthly: pd.DataFrame, capsys: pytest.CaptureFixture[str]
) -> None:
    Forecaster.pretrained(verbose=True).predict(monthly)
    assert "by the pretrained network: it learned from made-up series" in capsys.readouterr().err
    Forecaster.pretrained().predict(monthly)
    assert capsys.readouterr().err == ""


def test_a_bundle_of_it_needs_its_season(tmp_path: Path) -> None:
    place = Forecaster.pretrained(6, season=12, step="1month").export(tmp_path / "bundle")
    manifest = Predictor.load(place, verify=True).manifest
    assert (manifest.season, manifest.horizon, manifest.time_step) == (12, 6, TimeStep(1, "month"))
    with pytest.raises(ConfigError, match="say season=12, or 1 for none"):
        Forecaster.pretrained().export(tmp_path / "other")


def test_what_a_fit_alone_has_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="knows no series: say which data to forecast"):
        Forecaster.pretrained().predict()
    with pytest.raises(RunError, match="no run to save"):
        Forecaster.pretrained().save(tmp_path / "run")
    for parameter, value in {"context": 24, "seed": 3, "max_time": "5m", "levels": (0.1, 0.9)}.items():
        with pytest.raises(ConfigError, match=f"nothing is fitted: leave out {parameter}=, or fit"):
            Forecaster.pretrained(**{parameter: value})
    with pytest.raises(TypeError):
        Forecaster.pretrained(seasons=12)


def test_covariates_of_the_coming_steps_are_refused(monthly: pd.DataFrame) -> None:
    with pytest.raises(ConfigError, match="knows no covariates; leave out future=, or fit"):
        Forecaster.pretrained().predict(monthly, future=monthly)


def test_joint_targets_are_refused(monthly: pd.DataFrame) -> None:
    both = monthly.assign(lost=monthly["sold"] * 2)
    with pytest.raises(ConfigError, match="leave out joint=, or fit"):
        Forecaster.pretrained(joint=True, target=["sold", "lost"]).predict(both)


def test_copies_forecast_and_a_clone_is_to_be_fitted(monthly: pd.DataFrame) -> None:
    made = Forecaster.pretrained(4)
    for other in (copy.deepcopy(made), pickle.loads(pickle.dumps(made))):
        pd.testing.assert_frame_equal(other.predict(monthly), made.predict(monthly))
    with pytest.raises(NotFittedError):
        clone(made).predict(monthly)


def test_it_forecasts_without_torch(monthly: pd.DataFrame, tmp_path: Path) -> None:
    monthly.to_csv(tmp_path / "data.csv", index=False)
    code = (
        "import sys; from forecaster import Forecaster; made = Forecaster.pretrained(3, season=12);"
        "made.predict('data.csv'); made.export('bundle'); print(*sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=tmp_path
    )
    assert set(done.stdout.split()) & {"torch", "onnx", "matplotlib"} == set()
