"""Columns of numbers that are nothing to forecast, each with its reason, and those that are all the same."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from forecaster.config import Asked
from forecaster.data import Panel, read_data
from forecaster.data.understand.targets.told_by_time import told_by_time

GENERATOR = np.random.default_rng(0)
DAYS = pd.date_range("2023-11-20", periods=500, freq="D")
HOURS = pd.date_range("2023-12-20", periods=700, freq="h")
MONTHS = pd.date_range("2015-03-01", periods=60, freq="MS")
HALF_HOURS = pd.date_range("2023-12-30", periods=300, freq="30min")
ISO = DAYS.isocalendar()

# The times, numbers that they tell, and what of them these are.
TOLD: dict[str, tuple[pd.DatetimeIndex, object, str]] = {
    "year": (DAYS, DAYS.year, "year"),
    "two digits of a year": (DAYS, DAYS.year % 100, "year"),
    "first and second year": (DAYS, DAYS.year - DAYS.year[0], "year"),
    "decimal year": (MONTHS, (MONTHS.year + (MONTHS.month - 0.5) / 12).to_numpy().round(4), "year"),
    "month": (DAYS, DAYS.month, "month"),
    "month from 0": (MONTHS, MONTHS.month - 1, "month"),
    "month of a year from April": (MONTHS, (MONTHS.month - 4) % 12 + 1, "month"),
    "year and month": (DAYS, DAYS.year * 100 + DAYS.month, "month"),
    "quarter": (MONTHS, MONTHS.quarter, "quarter"),
    "season": (MONTHS, MONTHS.month % 12 // 3 + 1, "season"),
    "week": (DAYS, ISO.week, "week"),
    "week from Sunday": (DAYS, DAYS.strftime("%U").astype(int), "week"),
    "week from the first of January": (DAYS, (DAYS.day_of_year - 1) // 7 + 1, "week"),
    "weekday from 0": (DAYS, DAYS.day_of_week, "weekday"),
    "weekday from 1": (DAYS, DAYS.day_of_week + 1, "weekday"),
    "weekday from Sunday": (DAYS, (DAYS.day_of_week + 1) % 7, "weekday"),
    "weekday from Sunday as 1": (DAYS, (DAYS.day_of_week + 1) % 7 + 1, "weekday"),
    "day of the month": (DAYS, DAYS.day, "day of month"),
    "day of the year": (DAYS, DAYS.day_of_year, "day of year"),
    "date as digits": (DAYS, DAYS.strftime("%Y%m%d").astype(int), "day"),
    "date as Excel counts": (MONTHS, (MONTHS - pd.Timestamp("1899-12-30")).days, "day"),
    "weekend": (DAYS, DAYS.day_of_week >= 5, "weekend"),
    "no weekend": (DAYS, DAYS.day_of_week < 5, "weekend"),
    "first day of the month": (DAYS, DAYS.is_month_start, "begin of the month"),
    "last day of the month": (DAYS, DAYS.is_month_end, "end of the month"),
    "hour": (HOURS, HOURS.hour, "hour"),
    "hour from 1": (HOURS, HOURS.hour + 1, "hour"),
    "hour with 24 for midnight": (HOURS, (HOURS.hour - 1) % 24 + 1, "hour"),
    "hour of another zone": (HOURS, (HOURS.hour + 5) % 24, "hour"),
    "hour of half hours": (HALF_HOURS, HALF_HOURS.hour, "hour"),
    "minute": (HALF_HOURS, HALF_HOURS.minute, "minute"),
    "half hour from 1": (HALF_HOURS, HALF_HOURS.hour * 2 + HALF_HOURS.minute // 30 + 1, "half hour"),
    "seconds since 1970": (HALF_HOURS, np.arange(300) * 1800 + 1703894400, "second"),
    "hour with missing cells": (HOURS, np.where(np.arange(700) % 5 == 0, np.nan, HOURS.hour), "hour"),
}
NOT_TOLD: dict[str, tuple[pd.DatetimeIndex, object]] = {
    "noise": (DAYS, GENERATOR.normal(size=500)),
    "small counts": (DAYS, GENERATOR.integers(0, 7, 500)),
    "weekdays of which one is wrong": (DAYS, np.where(np.arange(500) == 8, 0, DAYS.day_of_week)),
    "flags": (DAYS, GENERATOR.integers(0, 2, 500)),
    "about a year": (MONTHS, MONTHS.year + GENERATOR.integers(-2, 3, 60)),
    "ten times the month": (MONTHS, MONTHS.month * 10),
    "too few rows": (DAYS[:6], DAYS.day[:6]),
    "too few cells": (DAYS, np.where(np.arange(500) < 6, DAYS.day, np.nan)),
    "one value": (DAYS, np.full(500, 3)),
}


def tell(times: pd.DatetimeIndex, numbers: object) -> dict[str, str]:
    return told_by_time(
        {"x": np.asarray(numbers, np.float64)}, times.to_numpy("datetime64[s]").astype(np.int64)
    )


@pytest.mark.parametrize(("times", "numbers", "part"), TOLD.values(), ids=TOLD)
def test_a_part_of_the_time_is_told_by_it(times: pd.DatetimeIndex, numbers: object, part: str) -> None:
    assert tell(times, numbers) == {"x": part}


@pytest.mark.parametrize(("times", "numbers"), NOT_TOLD.values(), ids=NOT_TOLD)
def test_other_numbers_are_not_told_by_the_time(times: pd.DatetimeIndex, numbers: object) -> None:
    assert tell(times, numbers) == {}


def read(folder: Path, frame: pd.DataFrame, **choice: object) -> Panel:
    path = folder / "data.csv"
    frame.to_csv(path, index=False)
    return read_data(path, Asked(**choice))  # type: ignore[arg-type]


def sales(rows: int = 60, **columns: object) -> pd.DataFrame:
    days = pd.date_range("2024-01-01", periods=rows)
    return pd.DataFrame({**columns, "date": days, "sales": GENERATOR.normal(50, 5, rows).round(2)})


def shops(**columns: object) -> pd.DataFrame:
    """A file of two shops of 30 days each, one after the other."""
    frame = sales(60, shop=np.repeat(["a", "b"], 30), **columns)
    return frame.assign(date=[*frame.date[:30], *frame.date[:30]])


COUNT = np.arange(60)
IGNORED: dict[str, tuple[pd.DataFrame, dict[str, str]]] = {
    "No": (sales(No=COUNT + 1), {"No": "row numbers"}),
    "index": (sales(index=COUNT), {"index": "row numbers"}),
    "instant from 1000": (sales(instant=COUNT + 1000), {"instant": "row numbers"}),
    "of a nameless column": (sales(**{"Unnamed: 0": COUNT}), {"Unnamed: 0": "row numbers"}),
    "falling": (sales(rank=60 - COUNT), {"rank": "row numbers"}),
    "of a file in falling order": (sales(n=COUNT[::-1])[::-1], {"n": "row numbers"}),
    "over all shops": (shops(id=COUNT), {"id": "row numbers"}),
    "within each shop": (shops(t=COUNT % 30 + 1), {"t": "row numbers"}),
    "of shops in turn": (
        shops().sort_values(["date", "shop"], kind="stable").assign(row=COUNT), {"row": "row numbers"},
    ),
    "of rows of which some were deleted": (
        sales(No=COUNT + 1, gone=0.5 * COUNT).drop([30, 40]).drop(columns="gone"), {"No": "row numbers"},
    ),
    "a constant": (sales(scale_id=1), {"scale_id": "constant"}),
    "a constant of zeros": (shops(scale=0.0), {"scale": "constant"}),
    "a constant with missing cells": (sales(unit=np.where(COUNT % 3 == 0, np.nan, 7)), {"unit": "constant"}),
    "year and weekday": (
        sales(400, year=np.arange(400) // 366, weekday=(np.arange(400) + 1) % 7),
        {"year": "year of the time", "weekday": "weekday of the time"},
    ),
    "a holiday flag": (sales(holiday=COUNT % 13 == 3), {"holiday": "flag of the calendar: --known uses it"}),
    "kinds of holidays": (
        sales(StateHoliday=COUNT % 11 % 4), {"StateHoliday": "flag of the calendar: --known uses it"},
    ),
    "a working day": (
        sales(workingday=((COUNT % 7 < 5) & (COUNT != 21)).astype(int)),
        {"workingday": "flag of the calendar: --known uses it"},
    ),
    "ids in no order": (sales(order_id=GENERATOR.permutation(60) + 9000), {"order_id": "ids"}),
    "codes that change": (sales(weatherId=GENERATOR.integers(800, 805, 60)), {"weatherId": "ids"}),
}  # fmt: skip
KEPT: dict[str, tuple[pd.DataFrame, set[str]]] = {
    "the only column": (sales().assign(sales=COUNT), {"sales"}),
    "a constant that is the only column": (sales().assign(sales=7), {"sales"}),
    "a constant next to row numbers": (sales(No=COUNT).assign(sales=7), {"sales"}),
    "all of one kind": (sales(a=COUNT).assign(sales=COUNT * 2 + 1, a=COUNT), {"sales"}),
    "a count that grows": (sales(total=GENERATOR.poisson(1.5, 60).cumsum()), {"total", "sales"}),
    "a flag of no calendar": (sales(is_open=GENERATOR.integers(0, 2, 60)), {"is_open", "sales"}),
    "an amount called holiday": (sales(holiday_sales=GENERATOR.normal(size=60)), {"holiday_sales", "sales"}),
    "what sounds like an id": (sales(humid=GENERATOR.integers(40, 90, 60)), {"humid", "sales"}),
    "few rows": (sales(5, No=np.arange(5)), {"No", "sales"}),
}


@pytest.mark.parametrize(("frame", "reasons"), IGNORED.values(), ids=IGNORED)
def test_what_is_nothing_to_forecast_is_ignored(
    tmp_path: Path, frame: pd.DataFrame, reasons: dict[str, str]
) -> None:
    panel = read(tmp_path, frame)
    assert panel.columns.targets == ("sales",)
    assert panel.columns.unused_numbers == ()
    assert panel.reasons == reasons


@pytest.mark.parametrize(("frame", "targets"), KEPT.values(), ids=KEPT)
def test_all_else_is_a_target(tmp_path: Path, frame: pd.DataFrame, targets: set[str]) -> None:
    assert {*read(tmp_path, frame).columns.targets} == targets


def test_a_named_target_may_be_anything(tmp_path: Path) -> None:
    panel = read(tmp_path, sales(No=COUNT, visits=GENERATOR.normal(size=60)), target=("No",))
    assert (panel.columns.targets, panel.columns.unused_numbers) == (("No",), ("visits", "sales"))


def test_next_to_a_named_target_row_numbers_have_their_reason(tmp_path: Path) -> None:
    panel = read(tmp_path, sales(No=COUNT, visits=GENERATOR.normal(size=60)), target=("sales",))
    assert (panel.reasons, panel.columns.unused_numbers) == ({"No": "row numbers"}, ("visits",))


def test_a_flag_that_is_filled_in_ahead_is_known(tmp_path: Path) -> None:
    frame = sales(holiday=COUNT % 13 == 3, No=COUNT)
    frame.loc[50:, "sales"] = np.nan
    panel = read(tmp_path, frame)
    assert (panel.columns.known, panel.columns.targets) == (("holiday",), ("sales",))
    assert panel.reasons == {"No": "row numbers"}


def test_the_hour_of_a_zone_is_told_by_its_clock(tmp_path: Path) -> None:
    times = pd.date_range("2024-03-30", periods=72, freq="h", tz="Europe/Berlin")
    columns = {"hour": times.hour, "sales": GENERATOR.normal(size=72)}
    frame = pd.DataFrame({"time": times.tz_convert("UTC").strftime("%Y-%m-%d %H:%M+00:00"), **columns})
    assert read(tmp_path, frame, timezone="Europe/Berlin").reasons == {"hour": "hour of the time"}
