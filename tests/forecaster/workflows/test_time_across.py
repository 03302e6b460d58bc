"""Files with time across their columns, from fit over export to forecasts in both shapes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from forecaster import Forecaster
from forecaster.cli import cli

pytestmark = pytest.mark.slow

COUNT = 48
MONTHS = "JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC".split()  # noqa: SIM905


def row(*before: object, first: int = 0, count: int = COUNT) -> list[object]:
    values = 50 + 10 * np.sin(np.arange(first, first + count) * np.pi / 6) + len(str(before))
    return [*before, *values.round(2).tolist()]


def across(times: list[str], count: int = COUNT) -> pd.DataFrame:
    rows = [row("007", "east", 0.5, count=count), row("012", "west", 1.5, count=count)]
    return pd.DataFrame(rows, columns=["store", "region", "size", *times[:count]])


def months(last: int) -> pd.DataFrame:
    """Years and months up to a month of 2004."""
    rows = [row(year, first=12 * (year - 2000), count=12) for year in range(2000, 2005)]
    table = pd.DataFrame(rows, columns=["YEAR", *MONTHS])
    table.iloc[-1, last + 1 :] = np.nan
    return table


def with_signs(table: pd.DataFrame) -> pd.DataFrame:
    """Two columns with a sign that Eurostat writes for no number, one of them with nothing else."""
    cells = table.astype("object")
    cells.iloc[0, 9] = cells.iloc[:, 10] = ":"
    return cells


DATES = [f"{day.month}/{day.day}/{day:%y}" for day in pd.date_range("2020-01-22", periods=COUNT + 9)]
DAYS = [f"d_{number}" for number in range(1, COUNT + 9)]
FILES = {
    # what is fitted, what is forecast, the columns of time in the long shape with the first row's, the header
    # of the wide shape
    "dates": (across(DATES), across(DATES, 44), {"time": DATES[44]}, ["store", *DATES[44:48]]),
    "numbered days": (across(DAYS), across(DAYS, 44), {"d": 45}, ["store", *DAYS[44:48]]),
    "signs": (across(DATES), with_signs(across(DATES, 44)), {"time": DATES[44]}, ["store", *DATES[44:48]]),
    "months": (months(12), months(5), {"YEAR": 2004, "month": "JUN"}, ["YEAR", *MONTHS]),
}  # fmt: skip


@pytest.mark.parametrize(("fitted", "new", "time", "header"), FILES.values(), ids=FILES)
def test_forecasts_have_the_times_of_the_header_and_its_shape(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    fitted: pd.DataFrame,
    new: pd.DataFrame,
    time: dict[str, object],
    header: list[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    fitted.to_csv("fitted.csv", index=False)
    new.to_csv("new.csv", index=False)
    sizes = ["--horizon", "4", "--context", "12", "--patch", "2", "--quiet"]
    quick = ["--set", "hidden_size=8", "--set", "updates=4", "--set", "epochs=2"]
    wide = ["forecast", "new.csv", "--shape", "wide", "-o", "wide.csv"]
    for command in (["fit", "fitted.csv", *sizes, *quick], ["export"], ["forecast", "new.csv"], wide):
        assert CliRunner().invoke(cli, command, catch_exceptions=False).exit_code == 0
    long, flat = pd.read_csv("forecast.csv", dtype={"store": "str"}), pd.read_csv("wide.csv")
    assert {name: long[name][0] for name in time} == time
    assert list(flat.columns) == header
    cells = flat[header[1:]].to_numpy().ravel()
    assert cells[~np.isnan(cells)].tolist() == long["forecast"].tolist()
    if "store" in long:
        assert list(dict.fromkeys(long["store"])) == ["007", "012"]


def test_a_frame_with_times_across_is_forecast_in_its_shape() -> None:
    quick = {"hidden_size": 8, "updates": 4, "epochs": 2}
    model = Forecaster(4, context=12, patch=2, settings=quick).fit(across(DATES))
    assert model.predict()["time"].tolist() == DATES[COUNT : COUNT + 4] * 2
    assert list(model.predict(shape="wide").columns) == ["store", *DATES[COUNT : COUNT + 4]]
