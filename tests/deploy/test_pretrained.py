"""Predictor.pretrained: found where it is installed, and nothing else is run for it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

MAKER = """
from pathlib import Path
from deploy.bundle.bundle import read_bundle

def make(season, horizon, positive):
    print("asked for", season, horizon, positive)
    return read_bundle(Path({bundle!r}))

def lacking(season, horizon, positive):
    import not_installed_anywhere
"""
CALL = """
import sys
sys.path.insert(0, {place!r})
from deploy import ExtraMissingError, Predictor
try:
    predictor = Predictor.pretrained(12, 5, positive=True)
    print(predictor.forecast([1.0, 2.0, 3.0]).median.shape)
except ExtraMissingError as error:
    print(error.exit_code, error)
"""


def install(place: Path, name: str, declared: str) -> None:
    """Write the metadata of a distribution, as an installer does."""
    folder = place / f"{name.replace('-', '_')}-0.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 0\n")
    (folder / "entry_points.txt").write_text(declared)


@pytest.fixture
def place(tmp_path: Path, bundles: Path) -> Path:
    (tmp_path / "made_up_maker.py").write_text(MAKER.format(bundle=str(bundles / "plain")))
    return tmp_path


def test_it_is_made_by_what_the_distribution_declares(place: Path, run_python: Callable[..., str]) -> None:
    install(place, "lstm-forecaster", "[lstm_forecaster.pretrained]\nseason = made_up_maker:make\n")
    said = run_python(CALL.format(place=str(place))).splitlines()
    assert said[0] == "asked for 12 5 True"
    assert said[1].startswith("(1, ")


def test_another_distribution_does_not_choose_what_runs(place: Path, run_python: Callable[..., str]) -> None:
    install(place, "lstm-forecaster", "")
    install(place, "another", "[lstm_forecaster.pretrained]\nseason = made_up_maker:make\n")
    said = run_python(CALL.format(place=str(place)))
    assert said.startswith(
        "2 the pretrained network is not installed here: pip install 'lstm-forecaster[train,cpu]'"
    )


def test_a_library_that_is_missing_is_named(place: Path, run_python: Callable[..., str]) -> None:
    install(place, "lstm-forecaster", "[lstm_forecaster.pretrained]\nseason = made_up_maker:lacking\n")
    said = run_python(CALL.format(place=str(place)))
    assert said.startswith("2 the pretrained network needs not_installed_anywhere: pip install")
