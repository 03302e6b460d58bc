"""The pretrained network of a season as a bundle, without data."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from importlib.metadata import EntryPoint
from pathlib import Path

import numpy as np
import pytest

from deploy import Predictor, TimeStep
from deploy.bundle.bundle import read_bundle
from deploy.errors import ConfigError
from deploy.pretrained import GROUP
from forecaster.export.for_season import SeasonModel, pack_season, season_bundle
from forecaster.export.packing import save

pytestmark = pytest.mark.slow

EXPORT = """
import sys
from forecaster.__main__ import main

sys.argv = ["forecaster", "export", "--pretrained", "12", "-o", "bundle"]
try:
    main()
except SystemExit as end:
    assert not end.code
    print(*sys.modules)
"""


@pytest.mark.parametrize("season", [1, 2, 4, 7, 12, 24, 52])
def test_any_series_of_the_season_is_forecast(season: int) -> None:
    predictor = Predictor(pack_season(SeasonModel(season)).bundle, "cpu")
    history = np.sin(2 * np.pi * np.arange(100) / season) + np.arange(100) / 50
    found = predictor.forecast([history, history[:3], history[:1]])
    assert found.quantiles.shape == (3, season * -(-12 // season), 9)
    assert np.isfinite(found.quantiles).all()
    assert (np.diff(found.quantiles, axis=2) >= 0).all()


def test_its_manifest_says_that_nothing_was_fitted_and_to_what_it_applies() -> None:
    month = SeasonModel(12, 24, positive=True, step=TimeStep(1, "month"))
    manifest = pack_season(month).bundle.manifest
    assert (manifest.season, manifest.horizon, manifest.positive, manifest.lower) == (12, 24, True, 0.0)
    assert (manifest.columns.time, manifest.columns.targets) == ("time", ("value",))
    assert manifest.training["pretrained"] is True
    assert manifest.training["data"]["file"] == "made-up series"
    assert pack_season(SeasonModel(12)).bundle.manifest.columns.time is None


@pytest.mark.parametrize(
    ("model", "said"),
    [
        (SeasonModel(37), "cannot follow a season of 37 steps"),
        (SeasonModel(1000), "cannot follow a season of 1000 steps"),
        (SeasonModel(0), "season is a number of steps, 1 or more, found 0"),
        (SeasonModel(12, 0), "horizon is a number of steps, 1 or more, found 0"),
        (SeasonModel(12, 1.5), "horizon is a number of steps, 1 or more, found 1.5"),
    ],
)
def test_what_it_cannot_be_is_refused(model: SeasonModel, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        pack_season(model)


def test_a_folder_of_it_reproduces_its_golden_cases(tmp_path: Path) -> None:
    save(pack_season(SeasonModel(7)), tmp_path / "bundle")
    assert Predictor.load(tmp_path / "bundle", verify=True).manifest.season == 7


def test_deploy_finds_it_by_what_the_distribution_declares(monkeypatch: pytest.MonkeyPatch) -> None:
    project = tomllib.loads((Path(__file__).parents[3] / "pyproject.toml").read_text())["project"]
    ((name, value),) = project["entry-points"][GROUP].items()
    found = EntryPoint(name, value, GROUP).load()
    assert found is season_bundle
    monkeypatch.setattr("deploy.pretrained.find_maker", lambda: found)
    forecast = Predictor.pretrained(12, 6, positive=True).forecast([1.0, 2.0, 3.0], method="step")
    assert forecast.quantiles.shape == (1, 6, 9)
    with pytest.raises(ConfigError, match="cannot follow a season of 37 steps"):
        Predictor.pretrained(37)


def test_the_command_writes_it_without_a_library_of_networks_or_of_tables(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", EXPORT], capture_output=True, text=True, check=True, cwd=tmp_path
    )
    assert "the pretrained network, season 12, 12 steps from the last 144" in done.stderr
    assert read_bundle(tmp_path / "bundle").manifest.season == 12
    assert set(done.stdout.split()) & {"torch", "onnx", "pandas", "sklearn", "matplotlib"} == set()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--pretrained", "12"), "name a folder with -o"),
        (("run", "--pretrained", "12", "-o", "b"), "--pretrained exports no run; leave out run"),
        (("--horizon", "3", "--positive"), "leave out --horizon and --positive, or add --pretrained"),
        (("--pretrained", "12", "-o", "b", "--step", "1x"), "--step: expected 1, 1s,"),
        (("--pretrained", "37", "-o", "b"), "cannot follow a season of 37 steps"),
    ],
)
def test_options_that_do_not_go_together_are_refused(
    options: tuple[str, ...],
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    from forecaster.__main__ import main

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["forecaster", "export", *options])
    with pytest.raises(SystemExit) as end:
        main()
    assert end.value.code == 4
    assert said in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
