"""What is shown of a run to people."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from forecaster.show.inspection import render


def shown(value: object) -> str:
    return render({"kind": "run", "losses": value}).splitlines()[-1].removeprefix("losses").strip()


def test_a_short_list_is_shown_whole() -> None:
    assert shown([0.1, None, 0.25]) == "0.1, -, 0.25"


def test_a_long_list_shows_its_ends_and_its_length() -> None:
    assert shown([step / 4 for step in range(300)]) == "0, 0.25, 0.5, … 74.25, 74.5, 74.75 (300)"


MANIFEST = Path(__file__).parents[1] / "run" / "every_column" / "manifest.json"


def shown_of_bundle(**changes: object) -> list[str]:
    return render({"kind": "bundle", **json.loads(MANIFEST.read_text()), **changes}).splitlines()


def test_a_bundle_is_shown_as_a_person_looks_for_it() -> None:
    lines = shown_of_bundle()
    assert [line.split()[0] for line in lines if line[0] != " "] == [
        *("kind", "model", "members", "time_step", "season", "context_length", "horizon", "max_horizon"),
        *("quantile_levels", "lower", "columns", "accuracy", "calibration", "differs_from_torch", "size"),
        *("trained_on", "versions", "digest", "--json"),
    ]
    assert f"{'  static':<26} kind (2 values), area (number)" in lines
    assert f"{'  MASE':<26} 1.04307" in lines
    assert f"{'calibration':<26} 4 held-out windows, all steps together" in lines
    assert f"{'size':<26} 161 KiB, forecast.onnx 68 KiB" in lines


@pytest.mark.parametrize("training", [{}, {"metrics": 5}, {"metrics": {"validation": []}, "config": None}])
def test_a_bundle_that_tells_little_of_its_training_is_shown(training: object) -> None:
    assert f"{'model':<26} LSTM of ? units, patches of 8, mean-std" in shown_of_bundle(training=training)


def test_a_bundle_that_was_made_without_torch_says_nothing_of_it() -> None:
    assert not any("torch" in line.split()[0] for line in shown_of_bundle(parity={}))
