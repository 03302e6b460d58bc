"""The sample files are understood without an option, and their scripts write what is committed."""

from __future__ import annotations

import runpy
from pathlib import Path

import numpy as np

from deploy import TimeStep
from deploy.columns import Columns
from forecaster.config import Asked
from forecaster.data import read_data
from forecaster.data.times.timestamps import write_timestamps

SAMPLE_DATA = Path(__file__).parents[3] / "sample_data"


def test_co2_weekly_is_one_weekly_series_with_gaps() -> None:
    panel = read_data(SAMPLE_DATA / "co2_weekly.csv", Asked())
    assert panel.columns == Columns("date", "%Y-%m-%d", ("co2",), (), (), (), ())
    assert panel.step == TimeStep(1, "week")
    assert panel.lengths().tolist() == [2284]
    assert np.isnan(panel.values).sum() == 59
    ends = write_timestamps(panel.timestamps[[0, -1]], panel.columns.time_format)
    assert ends == ["1958-03-29", "2001-12-29"]


def test_stores_hourly_is_a_panel_with_a_known_future_and_a_category() -> None:
    panel = read_data(SAMPLE_DATA / "stores_hourly.csv", Asked())
    assert panel.columns == Columns(
        "time", "%Y-%m-%d %H:%M", ("sales",), ("store",), ("promo",), ("region",), ()
    )
    assert panel.step == TimeStep(1, "hour")
    assert panel.vocabularies == (("coast", "north", "south"),)
    assert panel.lengths().tolist() == [3000, 2736, 3000, 2160, 1800, 2400, 1200, 1560]


def test_every_store_knows_its_promotions_two_days_ahead() -> None:
    panel = read_data(SAMPLE_DATA / "stores_hourly.csv", Asked())
    assert (panel.offsets[1:] - panel.ends).tolist() == [48] * 8
    assert np.isin(panel.known, (0, 1)).all()


def test_the_script_writes_the_committed_stores_hourly(tmp_path: Path) -> None:
    script = runpy.run_path(str(SAMPLE_DATA / "make_stores_hourly.py"))
    script["main"](tmp_path / "stores_hourly.csv")
    assert (tmp_path / "stores_hourly.csv").read_bytes() == (SAMPLE_DATA / "stores_hourly.csv").read_bytes()
