"""forecaster serve --pretrained: a service before there is any bundle."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from deploy import Predictor
from deploy.server.arguments import read_settings
from forecaster.workflows.serve import SERVED, with_pretrained

pytestmark = pytest.mark.slow


def test_a_bundle_for_each_usual_step_is_there_while_it_is_served(capsys: pytest.CaptureFixture[str]) -> None:
    with with_pretrained(["own=run/bundle", "--pretrained", "--port", "0"]) as arguments:
        settings = read_settings(arguments, "serve", "run/bundle")
        assert list(settings.bundles) == ["own", *SERVED]
        assert settings.port == 0
        for name, model in SERVED.items():
            manifest = Predictor.load(settings.bundles[name], verify=True).manifest
            assert (manifest.season, manifest.time_step) == (model.season, model.step)
            assert manifest.training["pretrained"] is True
    assert not any(settings.bundles[name].exists() for name in SERVED)
    assert "it learned from made-up series, and nothing is fitted" in capsys.readouterr().err


def test_seasons_are_those_that_a_fit_takes_for_these_steps() -> None:
    from forecaster.workflows.recipes.recipe import season_of

    assert {name: season_of(model.step) for name, model in SERVED.items()} == {
        name: model.season for name, model in SERVED.items()
    }


@pytest.mark.parametrize("arguments", [["a", "--port", "1"], ["--health", "--pretrained"], []])
def test_nothing_is_made_that_nobody_asks_for(arguments: list[str]) -> None:
    with with_pretrained(arguments) as given:
        assert given == [argument for argument in arguments if argument != "--pretrained"]


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ([], 5, "before any fit, serve --pretrained"),
        (["--help"], 0, "serve the pretrained network"),
        (["--pretrained", "--port", "99999"], 4, "--port must be from 0 to 65535"),
    ],
)
def test_the_command_says_how_it_is_asked_for(
    arguments: list[str], code: int, said: str, tmp_path: Path
) -> None:
    command = [sys.executable, "-m", "forecaster", "serve", *arguments]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == code
    assert said in done.stdout + done.stderr
