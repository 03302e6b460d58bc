"""A time that is split over columns: it is joined where one column is not enough, and written back alike."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from cases import Understand

from deploy import TimeStep
from deploy.errors import ConfigError, DataError
from forecaster.config import Asked
from forecaster.data import read_data
from forecaster.data.columns import AskedByModel
from forecaster.data.times.parts import write_parts

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
Write = Callable[[datetime], str]


def months(count: int) -> list[datetime]:
    return [datetime(1999 + month // 12, month % 12 + 1, 1) for month in range(count)]


def every(step: timedelta, count: int, first: datetime = datetime(2019, 2, 26)) -> list[datetime]:
    return [first + step * number for number in range(count)]


HOURS, DAYS, WEEKS = every(HOUR, 150), every(DAY, 400), every(7 * DAY, 200, datetime(2015, 1, 5))
QUARTERS, HALVES = every(timedelta(minutes=15), 300), every(timedelta(minutes=30), 150)
ENDING: Write = lambda time: f"{time:%m/%d/%Y},{time.hour + 1}"  # noqa: E731

# Names of the columns, times, how a row of them is written, the form of the joined time, its step.
SPLIT: dict[str, tuple[str, list[datetime], Write, str]] = {
    "Japanese": ("年,月,日", DAYS, lambda time: f"{time.year},{time.month},{time.day}", "1 day"),
    "Russian": ("Дата,Час", HOURS, lambda time: f"{time:%d.%m.%Y},{time.hour}", "1 hour"),
    "Turkish": ("Yıl,Ay", months(60), lambda time: f"{time.year},{time.month}", "1 month"),
    "Korean": ("연도,월", months(60), lambda time: f"{time.year},{time.month}", "1 month"),
    "Swedish": ("År,Månad", months(60), lambda time: f"{time.year},{time.month}", "1 month"),
    "date and hour": ("Date,Hour", HOURS, lambda time: f"{time:%Y-%m-%d},{time.hour}", "1 hour"),
    "date as a number": ("DATE,HR", HOURS, lambda time: f"{time:%Y%m%d},{time.hour:02}", "1 hour"),
    "hour, then date": ("Stunde,Datum", HOURS, lambda time: f"{time.hour},{time:%d.%m.%Y}", "1 hour"),
    "date at midnight": ("Date,Hour", HOURS, lambda time: f"{time:%Y-%m-%d} 00:00:00,{time.hour}", "1 hour"),
    "time of day": ("Datum,Uhrzeit", HOURS, lambda time: f"{time:%d.%m.%Y},{time:%H:%M}", "1 hour"),
    "seconds": ("Date,Time", HOURS, lambda time: f"{time.day}/{time.month}/{time.year},{time:%X}", "1 hour"),
    "dots": ("Date,Time", HOURS, lambda time: f"{time:%d/%m/%Y},{time:%H.%M.%S}", "1 hour"),
    "half days": ("fecha,hora", HOURS, lambda time: f"{time:%Y-%m-%d},{time:%I:%M %p}", "1 hour"),
    "a sign": ("date,heure", HOURS, lambda time: f"{time:%d/%m/%Y},{time.hour:02}h", "1 hour"),
    "930": (
        "date,hhmm",
        HALVES,
        lambda time: f"{time:%Y-%m-%d},{time.hour * 100 + time.minute}",
        "30 minutes",
    ),
    "0930": ("date,time", HALVES, lambda time: f"{time:%Y-%m-%d},{time:%H%M}", "30 minutes"),
    "hour ending": ("Date,Hour Ending", HOURS, ENDING, "1 hour"),
    "1 to 24": ("Fecha,Hora", HOURS, ENDING, "1 hour"),
    "01:00 to 24:00": ("Date,HE", HOURS, lambda time: f"{time:%Y-%m-%d},{time.hour + 1:02}:00", "1 hour"),
    "100 to 2400": ("Date,Hour", HOURS, lambda time: f"{time:%Y-%m-%d},{time.hour + 1}00", "1 hour"),
    "HE01": ("date,hour_ending", HOURS, lambda time: f"{time:%Y-%m-%d},HE{time.hour + 1:02}", "1 hour"),
    "half hours": (
        "SETTLEMENT_DATE,SETTLEMENT_PERIOD",
        HALVES,
        lambda time: f"{time:%d-%b-%Y},{time.hour * 2 + time.minute // 30 + 1}",
        "30 minutes",
    ),
    "quarters of a day": (
        "Tag,Viertelstunde",
        QUARTERS,
        lambda time: f"{time:%d.%m.%Y},{time.hour * 4 + time.minute // 15 + 1}",
        "15 minutes",
    ),
    "quarters from 0": (
        "date,interval",
        QUARTERS,
        lambda time: f"{time:%Y-%m-%d},{time.hour * 4 + time.minute // 15}",
        "15 minutes",
    ),
    "quarters of an hour": (
        "DeliveryDate,DeliveryHour,DeliveryInterval",
        QUARTERS,
        lambda time: f"{time:%m/%d/%Y},{time.hour + 1},{time.minute // 15 + 1}",
        "15 minutes",
    ),
    "minutes": (
        "date,hour,minute",
        QUARTERS,
        lambda time: f"{time:%Y-%m-%d},{time.hour},{time.minute}",
        "15 minutes",
    ),
    "four parts": (
        "Ano,Mês,Dia,Hora",
        HOURS,
        lambda time: f"{time.year},{time.month},{time.day},{time.hour}",
        "1 hour",
    ),
    "five parts": (
        "YY,MM,DD,hh,mm",
        QUARTERS,
        lambda time: f"{time.year},{time:%m},{time:%d},{time:%H},{time:%M}",
        "15 minutes",
    ),
    "day": ("anno,mese,giorno", DAYS, lambda time: f"{time.year},{time.month},{time.day}", "1 day"),
    "month and day": ("yearmonth,day", DAYS, lambda time: f"{time:%Y%m},{time.day}", "1 day"),
    "day of the year": ("year,doy", DAYS, lambda time: f"{time.year},{int(f'{time:%j}')}", "1 day"),
    "day above 31": ("year,day", DAYS, lambda time: f"{time.year},{time:%j}", "1 day"),
    "month": ("Jahr,Monat", months(120), lambda time: f"{time.year},{time.month}", "1 month"),
    "month with zeros": ("année,mois", months(120), lambda time: f"{time.year},{time:%m}", "1 month"),
    "month, then year": ("mes,año", months(120), lambda time: f"{time.month},{time.year}", "1 month"),
    "year of two digits": ("yr,mon", months(120), lambda time: f"{time:%y},{time.month}", "1 month"),
    "name of a month": ("Year,Month", months(120), lambda time: f"{time.year},{time:%B}", "1 month"),
    "short name": ("month_name,year", months(120), lambda time: f"{time:%b},{time.year}", "1 month"),
    "period of a year": ("year,period", months(120), lambda time: f"{time.year},{time.month}", "1 month"),
    "M01": ("year,period", months(120), lambda time: f"{time.year},M{time:%m}", "1 month"),
    "quarter": (
        "Year,QTR",
        months(120)[::3],
        lambda time: f"{time.year},{time.month // 3 + 1}",
        "3 months",
    ),
    "Q1": ("quarter,year", months(120)[::3], lambda time: f"Q{time.month // 3 + 1},{time.year}", "3 months"),
    "week": ("Jahr,KW", WEEKS, lambda time: f"{time:%G},{int(f'{time:%V}')}", "1 week"),
    "week from Sunday": (
        "YEAR,WEEK",
        every(7 * DAY, 200, datetime(2013, 9, 29)),
        lambda time: f"{(time + 3 * DAY).year},{(int(f'{time + 3 * DAY:%j}') - 1) // 7 + 1}",
        "1 week",
    ),
}


def write(names: str, times: list[datetime], row: Write, keys: tuple[str, ...] = ()) -> str:
    """A file with a column of values, then the times, and a column of texts if there are keys."""
    lines = [f"load,{names}" + ",region" * bool(keys)]
    for key in keys or ("",):
        lines += [f"{place % 7}.5,{row(time)}" + f",{key}" * bool(key) for place, time in enumerate(times)]
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("name", SPLIT)
@pytest.mark.parametrize("keys", [(), ("north", "south")], ids=["one series", "panel"])
def test_a_split_time_is_joined_and_written_as_it_was_read(
    tmp_path: Path, name: str, keys: tuple[str, ...]
) -> None:
    names, times, row, step = SPLIT[name]
    content = write(names, times, row, keys)
    path = tmp_path / "data.csv"
    path.write_text(content)
    panel = read_data(path)
    columns = panel.columns
    assert (columns.time, str(panel.step)) == (", ".join(names.split(",")), step)
    assert (columns.targets, columns.series, columns.ignored) == (("load",), ("region",) * bool(keys), ())
    assert panel.lengths().tolist() == [len(times)] * max(1, len(keys))
    expected = np.array(times, dtype="datetime64[s]").astype(np.int64)
    np.testing.assert_array_equal(panel.timestamps[: len(times)], expected)
    listed = ", ".join(f'"{part}"' for part in names.split(","))
    assert panel.notes == (f"columns {listed} together are the time; --time COLUMN names one column",)
    written = write_parts(panel.timestamps, columns.time_parts, panel.clock)
    read = list(csv.DictReader(io.StringIO(content)))
    assert written == {part: [record[part] for record in read] for part in names.split(",")}


@pytest.mark.parametrize("name", SPLIT)
def test_a_model_reads_a_few_later_rows_the_same_way(tmp_path: Path, name: str) -> None:
    names, times, row, _ = SPLIT[name]
    path = tmp_path / "data.csv"
    path.write_text(write(names, times, row))
    fitted = read_data(path)
    path.write_text(write(names, times[-5:], row))
    again = read_data(path, AskedByModel.of(fitted.columns, fitted.step))
    assert again.timestamps.tolist() == fitted.timestamps[-5:].tolist()
    assert again.notes == ()
    later = write_parts(again.timestamps, again.columns.time_parts, None)
    assert later == write_parts(again.timestamps, fitted.columns.time_parts, None)


ONE_COLUMN = {
    "parts of a timestamp": (
        "time,year,month,day,hour,y",
        [f"{time:%Y-%m-%d %H:%M},{time.year},{time.month},{time.day},{time.hour},1" for time in HOURS],
        "time",
    ),
    "the month of a date": ("date,month,y", [f"{time:%Y-%m-%d},{time.month},1" for time in DAYS], "date"),
    "a month of years": (
        "country,year,month,y",
        [f"{name},{year},12,1" for name in "ab" for year in range(2000, 2020)],
        "year",
    ),
    "opening hours of shops": (
        "date,shop_id,hour,y",
        [f"{time:%Y-%m-%d},{shop},{8 + shop % 3},1" for time in DAYS for shop in (11, 12, 14)],
        "date",
    ),
}


@pytest.mark.parametrize(("header", "rows", "time"), ONE_COLUMN.values(), ids=ONE_COLUMN)
def test_one_column_is_the_time_where_it_is_enough(
    tmp_path: Path, header: str, rows: list[str], time: str
) -> None:
    path = tmp_path / "data.csv"
    path.write_text("\n".join([header, *rows]) + "\n")
    columns = read_data(path).columns
    assert (columns.time, columns.time_parts) == (time, ())


@pytest.mark.parametrize(
    "name", ["four parts", "day", "month", "half hours", "date as a number", "quarters of a day"]
)
def test_a_few_rows_are_enough(tmp_path: Path, name: str) -> None:
    names, times, row, step = SPLIT[name]
    path = tmp_path / "data.csv"
    path.write_text(write(names, times[:11], row))
    panel = read_data(path)
    assert (panel.columns.time, str(panel.step)) == (", ".join(names.split(",")), step)
    np.testing.assert_array_equal(panel.timestamps, np.array(times[:11], "datetime64[s]").astype(np.int64))


def test_the_step_decides_between_day_and_month(understand: Understand) -> None:
    times = every(HOUR, 100, datetime(2020, 3, 1))
    content = write("Date,Hour", times, lambda time: f"{time:%m/%d/%Y},{time.hour}")
    assert understand(content, Asked()).splitlines()[0] == "Date, Hour %Y-%m-%d %H:%M, 1 hour; targets load"


def test_numbers_of_a_panel_are_its_keys(understand: Understand) -> None:
    content = "shop,year,month,y\n" + "".join(
        f"{shop},{time.year},{time.month},1\n" for shop in (21, 22) for time in months(24)
    )
    said = understand(content, Asked()).splitlines()[0]
    assert said == "year, month %Y-%m, 1 month; targets y; series shop"


def test_whole_numbers_that_recur_are_keys_where_nothing_else_is(understand: Understand) -> None:
    content = "region,jahr,monat,y\n" + "".join(
        f"{region},{time.year},{time.month},1\n" for region in (7, 8) for time in months(24)
    )
    said = understand(content, Asked()).splitlines()[0]
    assert said == "jahr, monat %Y-%m, 1 month; targets y; series region"


def test_events_are_aggregated_by_their_joined_times(understand: Understand) -> None:
    content = "date,hour,y\n" + "".join(f"{time:%Y-%m-%d},{time.hour},1\n" for time in [*HOURS, *HOURS[5:40]])
    said = understand(content, Asked(aggregate="sum", target=("y",), step="1d")).splitlines()
    assert said[:2] == [
        "date, hour %Y-%m-%d %H:%M, 1 day; targets y",
        ": 2019-02-26 00:00 43 40 24 24 24 24 6",
    ]


@pytest.mark.parametrize(
    ("zone", "minutes", "first", "last"),
    [
        ("Europe/London", 30, "2020-03-20", "2020-04-10"),
        ("Europe/London", 30, "2020-10-01", "2020-11-10"),
        ("America/New_York", 60, "2021-10-20", "2021-11-20"),
        ("America/New_York", 15, "2021-03-01", "2021-12-01"),
    ],
    ids=["46 half hours", "50 half hours", "25 hours", "92 and 100 quarters"],
)
def test_days_of_clock_changes_have_an_hour_more_or_less(
    tmp_path: Path, zone: str, minutes: int, first: str, last: str
) -> None:
    moments = pd.date_range(first, last, freq=f"{minutes}min", tz=zone, inclusive="left")
    numbers = (moments - moments.normalize()) // pd.Timedelta(minutes=minutes) + 1
    rows = [f"{moment:%d/%m/%Y},{number}" for moment, number in zip(moments, numbers, strict=True)]
    path = tmp_path / "data.csv"
    path.write_text("date,period,y\n" + "".join(f"{row},{place % 9}\n" for place, row in enumerate(rows)))
    panel = read_data(path)
    expected = moments.tz_convert(None).to_numpy().astype("datetime64[s]").astype(np.int64)
    np.testing.assert_array_equal(panel.timestamps, expected)
    assert (panel.columns.timezone, panel.step.mean_seconds) == (zone, 60 * minutes)
    assert f"as where clocks change: read as {zone}; --timezone ZONE names another" in panel.notes[1]
    written = write_parts(panel.timestamps, panel.columns.time_parts, panel.clock)
    assert [",".join(row) for row in zip(*written.values(), strict=True)] == rows
    path.write_text("date,period,y\n" + "".join(f"{row},1\n" for row in rows[-20:]))
    again = read_data(path, AskedByModel.of(panel.columns, panel.step))
    assert again.timestamps.tolist() == panel.timestamps[-20:].tolist()


@pytest.mark.parametrize("time", ["day, clock", ["day", "clock"]])
def test_columns_may_be_named(understand: Understand, time: Any) -> None:
    content = "v,day,clock\n" + "".join(f"1,{time:%d/%m/%Y},{time:%H:%M}\n" for time in HOURS)
    said = understand(content, Asked(time=time)).splitlines()
    assert said[0] == "day, clock %Y-%m-%d %H:%M, 1 hour; targets v"
    assert len(said) == 2  # nothing is noted of what was asked for


def test_columns_that_are_named_and_are_no_time_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "data.csv"
    path.write_text("date,shift,y\n2024-01-01,x,1\n2024-01-01,y,2\n")
    with pytest.raises(ConfigError, match=r'^--time "date, shift": "shift" is no part of a time'):
        read_data(path, Asked(time="date, shift"))
    with pytest.raises(ConfigError, match=r'^--time "hour": no such column'):
        read_data(path, Asked(time="date, hour"))


def test_an_error_of_a_cell_names_its_line_and_its_text(tmp_path: Path) -> None:
    path = tmp_path / "data.csv"
    path.write_text("date,hour,y\n2024-01-01,0,1\n2024-01-01,1,x\n2024-01-01,2,3\n2024-01-01,3,4\n")
    with pytest.raises(
        DataError, match=r'^column "y": "x" is not a number\n  --> data.csv:3    2024-01-01,1,x'
    ):
        read_data(path, Asked(target="y"))


def test_frames_have_parts_too() -> None:
    frame = pd.DataFrame({"year": [2020, 2020, 2021], "month": [11, 12, 1], "y": [1.0, 2.0, 3.0]})
    panel = read_data(frame)
    assert (panel.columns.time_parts, panel.step) == (
        (("year", "%Y"), ("month", "%-m")),
        TimeStep(1, "month"),
    )
