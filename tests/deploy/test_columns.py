"""The columns of a manifest: one value, in the form of JSON that every release has written."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from deploy.columns import Columns
from deploy.predictor import Predictor

NAMES = ["time", "time_format", "targets", "series", "known", "past", "static", "layout", "timezone", "joint"]
EARLY = ("past", "static", "layout", "timezone", "joint", "time_format")  # what early releases did not write


def test_json_has_the_roles_that_a_model_takes_in_this_order() -> None:
    columns = Columns("t", "%Y", ("x", "y"), static=("kind", "area"), static_numbers=("area",), joint=True)
    assert list(columns.to_json()) == NAMES
    assert Columns.from_json(json.loads(json.dumps(columns.to_json())), ("kind",)) == columns
    assert (columns.categories, columns.channels) == (("kind",), ("x", "y"))


def test_json_says_how_a_split_time_is_written_where_it_is_split() -> None:
    columns = Columns(
        "Date, Hour", "%Y-%m-%d %H:%M", ("x",), time_parts=(("Date", "%d.%m.%Y"), ("Hour", "%-H"))
    )
    written = columns.to_json()
    assert list(written) == [*NAMES, "time_parts"]
    assert written["time_parts"] == {"Date": "%d.%m.%Y", "Hour": "%-H"}
    assert Columns.from_json(json.loads(json.dumps(written)), ()) == columns


@pytest.mark.parametrize("name", ["covariates", "joint", "plain"])
def test_a_bundle_comes_back_as_it_was_written(bundles: Path, name: str) -> None:
    written: dict[str, Any] = json.loads((bundles / name / "manifest.json").read_text())
    columns = Columns.from_json(written["columns"], written["vocabularies"])
    assert json.dumps(columns.to_json()) == json.dumps(written["columns"])


def test_a_bundle_of_an_early_release_forecasts_the_same(
    bundles: Path, tmp_path: Path, change_manifest: Callable[..., None]
) -> None:
    folder = tmp_path / "early"
    shutil.copytree(bundles / "plain", folder)
    change_manifest(folder, lambda manifest: [manifest["columns"].pop(name) for name in EARLY])
    early, now = Predictor.load(folder), Predictor.load(bundles / "plain")
    columns = early.manifest.columns
    assert (columns.past, columns.static, columns.layout, columns.time_format) == ((), (), "auto", "")
    assert (columns.timezone, columns.joint, early.manifest.channels) == (None, False, ())
    history = np.linspace(1, 2, 30, dtype=np.float32)
    assert np.array_equal(early.forecast(history).quantiles, now.forecast(history).quantiles)


def test_a_decimal_sign_is_written_only_where_it_decides() -> None:
    columns = Columns("date", "%Y-%m-%d", ("sales",), decimal=",")
    assert columns.to_json()["decimal"] == ","
    assert Columns.from_json(json.loads(json.dumps(columns.to_json())), ()) == columns
