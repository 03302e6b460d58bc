"""A year a row and months across, or a day a row and hours across: one series of months, or of hours."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from cases import AUTO, Understand

from deploy.errors import DataError
from forecaster.config import Asked
from forecaster.data import read_data, read_for_model
from forecaster.data.columns import AskedByModel
from forecaster.data.times.parts import write_parts
from forecaster.data.times.timestamps import write_timestamps

MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
LONG = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]


def table(names: Sequence[str], periods: Sequence[str], parts: Sequence[str], sign: str = ",") -> str:
    """A row each period, whose values count up from 1. names: of the columns before the parts."""
    cells = np.arange(1, len(periods) * len(parts) + 1).reshape(len(periods), len(parts))
    rows = [
        sign.join([period, *map(str, values)]) for period, values in zip(periods, cells.tolist(), strict=True)
    ]
    return "\n".join([sign.join([*names, *parts]), *rows]) + "\n"


def numbered(first: int, last: int, template: str = "{}") -> list[str]:
    return [template.format(number) for number in range(first, last + 1)]


YEARS = ["1999", "2000", "2001"]
DAYS = ["2024-01-30", "2024-01-31", "2024-02-01"]
MONTHLY, QUARTERLY = "month %Y-%m, 1 month", "quarter %YQ%q, 3 months"
HOURLY = "hour %Y-%m-%d %H:%M, 1 hour"
HALF_HOURS = [f"{hour:02}:{minute}" for hour in range(24) for minute in ("00", "30")]
# The column of the periods, with its cells and the columns of their parts; how the time is understood.
YEARLY: dict[str, tuple[str, list[str], str]] = {
    "months": ("year", MONTHS, f"year, {MONTHLY}"),
    "capitals": ("YEAR", [month.upper() for month in MONTHS], f"YEAR, {MONTHLY}"),
    "long names": ("Year", LONG, f"Year, {MONTHLY}"),
    "numbers": ("Year", numbered(1, 12), f"Year, {MONTHLY}"),
    "numbers with zeros": ("Jahr", numbered(1, 12, "{:02}"), f"Jahr, {MONTHLY}"),
    "numbers after M": ("year", numbered(1, 12, "M{}"), f"year, {MONTHLY}"),
    "years without a name": ("", MONTHS, f"year, {MONTHLY}"),
    "years of another name": ("Season", MONTHS, f"year, {MONTHLY}"),
    "quarters": ("year", numbered(1, 4, "Q{}"), f"year, {QUARTERLY}"),
    "quarters by name": ("year", numbered(1, 4, "Qtr {}"), f"year, {QUARTERLY}"),
    "short names with points": ("year", [f"{month}." for month in MONTHS], f"year, {MONTHLY}"),
    "Roman quarters": ("year", ["I", "II", "III", "IV"], f"year, {QUARTERLY}"),
    "weeks": ("year", numbered(1, 52, "W{}"), "year, week %G-W%V, 1 week"),
}
DAILY: dict[str, tuple[str, list[str], str]] = {
    "hours from 0": ("date", numbered(0, 23), f"date, {HOURLY}"),
    "hours from 1": ("date", numbered(1, 24), f"date, {HOURLY}"),
    "hours after H": ("Date", numbered(1, 24, "H{:02}"), f"Date, {HOURLY}"),
    "hours after a word": ("Date", numbered(0, 23, "hour_{}"), f"Date, {HOURLY}"),
    "hours of a clock": ("date", numbered(0, 23, "{:02}:00"), f"date, {HOURLY}"),
    "hours of four digits": ("date", [f"{hour:02}00" for hour in range(24)], f"date, {HOURLY}"),
    "hours from and to": ("date", [f"{h:02}:00-{h + 1:02}:00" for h in range(24)], f"date, {HOURLY}"),
    "hours by their end": ("date", numbered(1, 24, "{}:00"), f"date, {HOURLY}"),
    "half hours of a clock": ("date", HALF_HOURS, "date, hour %Y-%m-%d %H:%M, 30 minutes"),
    "quarters of an hour": ("date", numbered(1, 96), "date, period %Y-%m-%d %H:%M, 15 minutes"),
}
FIRST = {MONTHLY: "1999-01", QUARTERLY: "1999Q1", "week %G-W%V, 1 week": "1999-W01"}
FORMS = {
    **{kind: (table([name], YEARS, parts), time) for kind, (name, parts, time) in YEARLY.items()},
    **{kind: (table([name], DAYS, parts), time) for kind, (name, parts, time) in DAILY.items()},
    "semicolons": (table(["year"], YEARS, MONTHS, ";"), f"year, {MONTHLY}"),
    "days of another form": (
        table(["Datum"], ["30.01.2024", "31.01.2024", "01.02.2024"], numbered(1, 24)),
        f"Datum, {HOURLY}",
    ),
}


@pytest.mark.parametrize(("text", "time"), FORMS.values(), ids=FORMS)
def test_the_parts_of_periods_are_one_series(understand: Understand, text: str, time: str) -> None:
    first = FIRST.get(time.split(", ", 1)[1], "2024-01-30 00:00")
    columns, series, note = understand(text, AUTO).splitlines()[:3]
    count = len(text.splitlines()[0].replace(";", ",").split(",")) - 1
    assert columns == f"{time}; targets value; grid"
    assert series == f": {first} {' '.join(str(value) for value in range(1, 3 * count + 1))}"
    assert "--layout wide reads a column a series" in note


DOWN: dict[str, tuple[str, list[str], list[str], str]] = {
    # the first column and its cells, the columns after it, the time
    "months and years": ("Month", MONTHS, YEARS, "Month, year %Y-%m, 1 month"),
    "numbers of months and years": ("month", numbered(1, 12), YEARS, "month, year %Y-%m, 1 month"),
    "quarters and years": ("Quarter", numbered(1, 4, "Q{}"), YEARS, "Quarter, year %YQ%q, 3 months"),
    "hours and days": ("hour", numbered(0, 23), DAYS, f"hour, date {HOURLY.removeprefix('hour ')}"),
    "weeks and years": ("Week", numbered(1, 52), YEARS, "Week, year %G-W%V, 1 week"),
}


@pytest.mark.parametrize(("name", "parts", "periods", "time"), DOWN.values(), ids=DOWN)
def test_parts_down_and_periods_across_are_one_series_as_well(
    understand: Understand, name: str, parts: list[str], periods: list[str], time: str
) -> None:
    found = understand(table([name], parts, periods), AUTO)
    values = np.arange(1, len(parts) * len(periods) + 1).reshape(len(parts), -1).T.ravel()
    assert found.splitlines()[0] == f"{time}; targets value; grid"
    assert f" {' '.join(map(str, values))}\n" in found


def test_some_months_and_years_may_be_series_or_not(understand: Understand) -> None:
    with pytest.raises(DataError, match='every row seems to be a series: "Month" differs in each'):
        understand(table(["Month"], MONTHS[:6], YEARS), AUTO)


def test_months_to_come_are_no_values(understand: Understand) -> None:
    text = table(["year"], YEARS, MONTHS).replace("29,30,31,32,33,34,35,36", ",,,,,,,")
    assert f": 1999-01 {' '.join(map(str, range(1, 29)))}\n" in understand(text, AUTO)


def test_an_empty_cell_inside_is_missing(understand: Understand) -> None:
    text = table(["year"], YEARS, MONTHS).replace(",17,", ",,")
    assert "16 - 18" in understand(text, AUTO)


def test_texts_before_the_years_tell_series_apart(understand: Understand) -> None:
    text = table(["station", "year"], ["a,2000", "b,2000", "a,2001", "b,2001"], MONTHS)
    found = understand(text, AUTO).splitlines()
    assert found[0] == "year, month %Y-%m, 1 month; targets value; series station; grid"
    assert found[1] == f"a: 2000-01 {' '.join(map(str, [*range(1, 13), *range(25, 37)]))}"


def test_hours_after_year_month_and_day_are_one_series(understand: Understand) -> None:
    text = table(["year", "month", "day"], ["2024,1,31", "2024,2,1"], numbered(1, 24, "h{}"))
    columns, series = understand(text, AUTO).splitlines()[:2]
    assert columns == "year, month, day, hour %Y-%m-%d %H:%M, 1 hour; targets value; grid"
    assert series == f": 2024-01-31 00:00 {' '.join(map(str, range(1, 49)))}"


MONDAYS = ["2024-01-01", "2024-01-08", "2024-01-15"]
DE = ["Mo", "Di", "Mi", "Do", "Fr", "Sa", "So"]
FR = ["Lundi", "Mardi", "Mercredi", "Jeudi", "Vendredi", "Samedi", "Dimanche"]
SUNDAY_FIRST = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"]
WEEKS: dict[str, tuple[str, list[str], list[str], str]] = {
    # the columns that tell the week and their cells, the columns of weekdays, the first day
    "dates of Mondays": ("week", MONDAYS, ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"], "2024-01-01"),
    "dates of Sundays": ("Week of", ["01/07/2024", "01/14/2024", "01/21/2024"], SUNDAY_FIRST, "2024-01-07"),
    "dates of the last day": ("week_ending", ["2024-01-07", "2024-01-14"], FR, "2024-01-01"),
    "working days": ("week", MONDAYS, ["mon", "tue", "wed", "thu", "fri"], "2024-01-01"),
    "weeks of ISO 8601": ("week", ["2024-W01", "2024-W02", "2024-W03"], DE, "2024-01-01"),
    "years and weeks": ("Jahr,KW", ["2024,1", "2024,2", "2024,3"], DE, "2024-01-01"),
}


@pytest.mark.parametrize(("name", "weeks", "days", "first"), WEEKS.values(), ids=WEEKS)
def test_weekdays_across_weeks_are_days_and_are_written_back(
    tmp_path: Path, name: str, weeks: list[str], days: list[str], first: str
) -> None:
    path = tmp_path / "weeks.csv"
    path.write_text(table([name], weeks, days))
    panel = read_data(path)
    assert panel.values.tolist() == list(range(1, len(weeks) * len(days) + 1))
    assert write_timestamps(panel.timestamps[:1], "%Y-%m-%d") == [first]
    assert "are the weekdays of each" in panel.notes[0]
    written = write_parts(panel.timestamps, panel.columns.time_parts, panel.clock)
    *telling, weekday = (written[part] for part, _ in panel.columns.time_parts)
    assert [",".join(cells) for cells in zip(*telling, strict=True)] == np.repeat(weeks, len(days)).tolist()
    assert weekday == days * len(weeks)
    asked = AskedByModel.of(panel.columns, panel.step)
    assert read_for_model(path, asked).timestamps.tolist() == panel.timestamps.tolist()


def test_weekdays_of_weeks_without_a_date_are_said_to_be_series(understand: Understand) -> None:
    found = understand(table(["week"], numbered(1, 9), DE), AUTO).splitlines()
    assert found[0].startswith("week index")
    assert "may be the days of weeks whose dates no column tells (--time COLUMN names one" in found[-1]


def test_flags_of_weekdays_next_to_days_are_no_days_of_weeks(understand: Understand) -> None:
    days = [f"2024-01-{day:02}" for day in range(1, 15)]
    flags = [",".join(str(int(day % 7 == flag)) for flag in range(7)) for day in range(14)]
    rows = [f"{day},{place},{flag}" for place, (day, flag) in enumerate(zip(days, flags, strict=True))]
    found = understand("\n".join([f"date,sales,{','.join(DE)}", *rows]), AUTO)
    assert "grid" not in found


def test_the_days_of_months_that_have_fewer_are_left_out(understand: Understand) -> None:
    text = table(["year", "month"], ["2023,1", "2023,2", "2023,3"], numbered(1, 31))
    text = text.replace("60,61,62", ",,")  # 29 to 31 February
    columns, series = understand(text, AUTO).splitlines()[:2]
    assert columns == "year, month, day %Y-%m-%d, 1 day; targets value; grid"
    assert series == f": 2023-01-01 {' '.join(str(value) for value in range(1, 94) if not 60 <= value <= 62)}"


@pytest.mark.parametrize("name", ["Total", "Annual", "J-D"])
def test_what_stands_behind_the_parts_is_left_out(understand: Understand, name: str) -> None:
    text = "".join(f"{line},9\n" for line in table(["year"], YEARS, MONTHS).splitlines())
    text = text.replace("Dec,9", f"Dec,{name}")
    found = understand(text, AUTO)
    assert f": 1999-01 {' '.join(map(str, range(1, 37)))}\n" in found
    assert f'"{name}" behind the columns of months is left out' in found


def test_years_that_fall_are_sorted(understand: Understand) -> None:
    lines = table(["year"], YEARS, MONTHS).splitlines()
    found = understand("\n".join([lines[0], *lines[:0:-1]]), AUTO)
    assert f": 1999-01 {' '.join(map(str, range(1, 37)))}\n" in found


WIDE = {
    "months that were asked to be series": (table(["year"], YEARS, MONTHS), Asked(layout="wide")),
    "shops of numbers": (table(["date"], DAYS, numbered(1, 12)), AUTO),
    "months after dates": (table(["date"], DAYS, MONTHS), AUTO),
    "four columns after years": (table(["year"], YEARS, ["a", "b", "c", "d"]), AUTO),
    "quantities after years": (table(["year"], YEARS, numbered(1, 4, "x{}")), AUTO),
}


@pytest.mark.parametrize(("text", "choice"), WIDE.values(), ids=WIDE)
def test_other_columns_are_series(understand: Understand, text: str, choice: Asked) -> None:
    count = len(text.splitlines()[0].split(",")) - 1
    columns, *series = understand(text, choice).splitlines()
    assert "grid" not in columns
    assert len(series) == count
