"""A run of an earlier release with every kind of column: read, written, exported and forecast as then."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from deploy import Predictor
from deploy.columns import Columns
from forecaster.export.bundle import write_bundle
from forecaster.forecasts.forecast_table import forecast_table, series_apart
from forecaster.forecasts.through_predictor import forecast_panel
from forecaster.run.folder import RunFolder
from forecaster.run.places import CONFIG, DATA
from forecaster.run.record import DataRecord
from forecaster.run.run import load_run, write_run
from forecaster.workflows.forecast import read_for

pytestmark = pytest.mark.slow

BEFORE = Path(__file__).parent / "every_column"
FOUND = Columns(
    time="moment",
    time_format="%Y-%m-%dT%H:%M:%S%:z",
    targets=("sales", "visitors"),
    series=("shop",),
    known=("promo",),
    static=("kind", "area"),
    ignored=("remark",),
    past=("stock",),
    static_numbers=("area",),
    timezone="Europe/Amsterdam",
    joint=True,
)
# What early releases did not write, and what it then is.
LACKING = {
    "timezone": None,
    "joint": False,
    "past": (),
    "ignored": (),
    "unused_numbers": (),
    "layout": "auto",
}


def test_its_columns_are_read_as_one_value() -> None:
    assert load_run(BEFORE / "run").data.columns == FOUND


@pytest.mark.parametrize("name", [DATA, CONFIG])
def test_it_is_written_again_byte_for_byte(tmp_path: Path, name: str) -> None:
    write_run(RunFolder(tmp_path / "run"), load_run(BEFORE / "run"))
    assert (tmp_path / "run" / name).read_bytes() == (BEFORE / "run" / name).read_bytes()


def test_the_record_of_an_early_release_lacks_fields() -> None:
    content: dict[str, Any] = json.loads((BEFORE / "run" / DATA).read_text())
    lacking = {*LACKING, "known_ahead", "last_timestamps", "reasons", "notes"}
    record = DataRecord.model_validate({name: content[name] for name in content if name not in lacking})
    assert {name: getattr(record.columns, name) for name in LACKING} == LACKING
    assert (record.known_ahead, record.last_timestamps) == (0, ())
    assert (record.columns.categories, record.columns.static_numbers) == (("kind",), ("area",))


def test_its_bundle_has_the_manifest_and_the_forecasts_of_then(tmp_path: Path) -> None:
    write_bundle(load_run(BEFORE / "run"), tmp_path / "bundle")
    predictor = Predictor.load(tmp_path / "bundle")
    then: dict[str, Any] = json.loads((BEFORE / "manifest.json").read_text())
    now: dict[str, Any] = json.loads((tmp_path / "bundle" / "manifest.json").read_text())
    ended = datetime.fromisoformat(load_run(BEFORE / "run").data.last)
    assert now["training"]["data"].pop("until") == ended.timestamp()  # new since then
    for name in ("columns", "vocabularies", "time_step", "calibration", "patch_ranks", "training"):
        assert json.dumps(now[name]) == json.dumps(then[name]), name
    panel = read_for(BEFORE / "data.csv", predictor.manifest)
    made = forecast_table(*series_apart(panel, forecast_panel(predictor, panel, None, None)), ())
    before = pd.read_csv(BEFORE / "forecast.csv")
    assert list(made.columns) == list(before.columns)
    assert made.iloc[:, :3].astype(str).equals(before.iloc[:, :3].astype(str))
    # Another processor adds in another order: float32 has 7 digits.
    np.testing.assert_allclose(made.iloc[:, 3:], before.iloc[:, 3:], rtol=1e-5)
