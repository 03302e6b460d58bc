"""Numbers that are dates: each form is found by the texts, read as the right moments and written back."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from deploy.errors import ConfigError, DataError
from forecaster.config import Asked
from forecaster.data import Panel, read_data, read_for_model
from forecaster.data.columns import AskedByModel
from forecaster.data.spelling.measures import compile_measure
from forecaster.data.times.number_dates import is_number_date
from forecaster.data.times.timestamps import read_timestamps, write_timestamps

DAYS = pd.date_range("2018-06-29", periods=120)
LONG = pd.date_range("2019-11-01", periods=420)
EARLY = pd.date_range("2003-03-05", periods=100)
WEEKS = pd.date_range("2018-01-01", periods=150, freq="W-MON")
MONTHS = pd.date_range("2010-01-01", periods=96, freq="MS")
QUARTERS = pd.date_range("2000-01-01", periods=80, freq="QS")
HOURS = pd.date_range("2010-01-01", periods=200, freq="h")
Moments = pd.DatetimeIndex
Write = Callable[[pd.Timestamp], str]


def weeks(form: str) -> Write:
    return lambda time: form.format(time.isocalendar().year, time.isocalendar().week)


def quarters(form: str) -> Write:
    return lambda time: form.format(time.year, time.quarter)


def months(form: str) -> Write:
    return lambda time: form.format(time.year, time.month)


def year_in(parts: int, shift: float, digits: str) -> Write:
    return lambda time: format(time.year + ((time.month - 1) * parts // 12 + shift) / parts, digits)


def year_in_days(shift: float, digits: str) -> Write:
    return lambda time: format(
        time.year + (time.day_of_year - 1 + shift) / (366 if time.is_leap_year else 365), digits
    )


def middle(time: pd.Timestamp) -> str:
    days = time.day_of_year - 1 + time.days_in_month / 2
    return f"{time.year + days / (366 if time.is_leap_year else 365):.3f}"


def serial(origin: float, digits: str) -> Write:
    return lambda time: format((time - pd.Timestamp("1970-01-01")) / pd.Timedelta("1D") + origin, digits)


def dated(form: str) -> Write:
    return lambda time: time.strftime(form)


def bare(form: str) -> Write:
    return lambda time: time.strftime(form).lstrip("0")


def comma(write: Write) -> Write:
    return lambda time: write(time).replace(".", ",")


MIDDLE = year_in(12, 0.5, ".4f")
YEARS = pd.date_range("1900-01-01", periods=80, freq="YS")
CASES: dict[str, tuple[str, Moments, Write, str]] = {
    "month, day, year": ("date", DAYS, dated("%m%d%Y"), "%m%d%Y"),
    "month, day, year without zeros": ("date", DAYS, bare("%m%d%Y"), "%-m%d%Y"),
    "day, month, year": ("Datum", DAYS, dated("%d%m%Y"), "%d%m%Y"),
    "day, month, year without zeros": ("fecha", DAYS, bare("%d%m%Y"), "%-d%m%Y"),
    "two-digit year, month, day": ("date", DAYS, dated("%y%m%d"), "%y%m%d"),
    "two-digit year without its zero": ("date", EARLY, bare("%y%m%d"), "%-y%m%d"),
    "day, month, two-digit year": ("date", DAYS, dated("%d%m%y"), "%d%m%y"),
    "month, day, two-digit year": ("saleDate", DAYS, bare("%m%d%y"), "%-m%d%y"),
    "month, day, year, hour": ("datetime", HOURS, dated("%m%d%Y%H"), "%m%d%Y%H"),
    "day of the year": ("date", LONG, dated("%Y%j"), "%Y%j"),
    "day of the year after a dash": ("date", LONG, dated("%Y-%j"), "%Y-%j"),
    "day of a two-digit year": ("date", LONG, dated("%y%j"), "%y%j"),
    "day of the year in a first column": ("x", LONG, dated("%Y%j"), "%Y%j"),
    "weeks": ("YEAR_WEEK", WEEKS, weeks("{}{:02}"), "%G%V"),
    "weeks by another name": ("period", WEEKS, weeks("{}{:02}"), "%G%V"),
    "weeks in a first column": ("V1", WEEKS, weeks("{}{:02}"), "%G%V"),
    "twelve weeks by name": ("Woche", WEEKS[:12], weeks("{}{:02}"), "%G%V"),
    "weeks after a dash": ("yearweek", WEEKS, weeks("{}-{:02}"), "%G-%V"),
    "weeks after a slash": ("week", WEEKS, weeks("{}/{:02}"), "%G/%V"),
    "weeks without zeros": ("week", WEEKS, weeks("{}{}"), "%G%-V"),
    "weeks after a dash without zeros": ("semana", WEEKS, weeks("{}-{}"), "%G-%-V"),
    "weeks after a point": ("week", WEEKS, weeks("{}.{:02}"), "%G.%V"),
    "weeks that lost a zero": ("week", WEEKS, lambda t: weeks("{}.{:02}")(t).rstrip("0"), "%[year.week]"),
    "months without zeros": ("month", MONTHS, months("{}{}"), "%Y%-m"),
    "months after a point": ("month", MONTHS, months("{}.{:02}"), "%Y.%m"),
    "months after a comma": ("Monat", MONTHS, months("{},{:02}"), "%Y,%m"),
    "months that lost a zero": ("date", MONTHS, lambda t: months("{}.{:02}")(t).rstrip("0"), "%[year.month]"),
    "months after a point without zeros": ("date", MONTHS, months("{}.{}"), "%Y.%-m"),
    "quarters": ("quarter", QUARTERS, quarters("{}{}"), "%Y%q"),
    "quarters in a first column": ("p", QUARTERS, quarters("{}{}"), "%Y%q"),
    "quarters after a dash": ("quarter", QUARTERS, quarters("{}-{}"), "%Y-%q"),
    "quarters by another name": ("date", QUARTERS, quarters("{}-{}"), "%Y-%q"),
    "quarters after a point": ("time", QUARTERS, quarters("{}.{}"), "%Y.%q"),
    "months of a year": ("time", MONTHS, year_in(12, 0, ".3f"), "%[year.3 month]"),
    "middles of months": ("time", MONTHS, year_in(12, 0.5, ".4f"), "%[year.4 mid-month]"),
    "middles of months in two digits": ("date", MONTHS, year_in(12, 0.5, ".2f"), "%[year.2 mid-month]"),
    "months of a year as R has them": ("time", MONTHS, year_in(12, 0, ".9g"), "%[year.0-5 month]"),
    "middles of months after a comma": (
        "Jahr",
        MONTHS,
        comma(MIDDLE),
        "%[year,4 mid-month]",
    ),
    "middles of months by their days": ("decimal date", MONTHS, middle, "%[year.3 middle-of-month]"),
    "middles of years": ("year", YEARS, year_in(1, 0.5, ".1f"), "%[year.1 mid-year]"),
    "quarters of a year": ("time", QUARTERS, year_in(4, 0, ".2f"), "%[year.2 month]"),
    "quarters of a year without zeros": ("time", QUARTERS, year_in(4, 0, "g"), "%[year.0-2 month]"),
    "middles of quarters": ("date", QUARTERS, year_in(4, 0.5, ".3f"), "%[year.3 mid-quarter]"),
    "days of a year": ("date", LONG, year_in_days(0, ".4f"), "%[year.4 day]"),
    "middles of days": ("date", LONG, year_in_days(0.5, ".3f"), "%[year.3 mid-day]"),
    "weeks of a year": ("decimal", WEEKS, year_in_days(0.5, ".4f"), "%[year.4 mid-day]"),
    "days of a spreadsheet": ("Date", DAYS, serial(25569, ".0f"), "%[excel]"),
    "months of a spreadsheet": ("Date", MONTHS, serial(25569, ".0f"), "%[excel]"),
    "days of a spreadsheet as decimals": ("Date", DAYS, serial(25569, ".1f"), "%[excel.1 day]"),
    "hours of a spreadsheet": ("time", HOURS, serial(25569, ".5f"), "%[excel.5 hour]"),
    "hours of a spreadsheet as floats": ("DateTime", HOURS, serial(25569, ""), "%[excel.* hour]"),
    "hours of a spreadsheet after a comma": ("Datum", HOURS, comma(serial(25569, ".6f")), "%[excel,6 hour]"),
    "days of MATLAB": ("datenum", DAYS, serial(719529, ".0f"), "%[matlab]"),
    "days since 1970": ("date", DAYS[:20] - pd.Timedelta("3000D"), serial(0, ".0f"), "%[unix-days]"),
    "Julian days": ("jd", DAYS, serial(2440587.5, ".1f"), "%[julian.1 day]"),
}
each_case = pytest.mark.parametrize(("name", "moments", "write", "form"), CASES.values(), ids=CASES)


def write_file(path: Path, name: str, texts: Iterable[str]) -> Path:
    separator = ";" if any("," in text for text in texts) else ","
    rows = [f"{text}{separator}{50 + number % 7}\n" for number, text in enumerate(texts)]
    path.write_text(f"{name}{separator}v\n" + "".join(rows))
    return path


def seconds_of(moments: Moments) -> list[int]:
    return [int(moment.timestamp()) for moment in moments]


@each_case
def test_it_is_found_and_written_back(
    tmp_path: Path, name: str, moments: Moments, write: Write, form: str
) -> None:
    texts = [write(moment) for moment in moments]
    panel = read_data(write_file(tmp_path / "data.csv", name, texts))
    assert (panel.columns.time, panel.columns.time_format, panel.columns.targets) == (name, form, ("v",))
    assert panel.timestamps.tolist() == seconds_of(moments)
    assert write_timestamps(panel.timestamps, form) == texts
    np.testing.assert_array_equal(read_timestamps(texts, form), panel.timestamps)
    assert is_number_date(form)
    assert len(panel.notes) == 1
    assert panel.notes[0].startswith(f'column "{name}": "{texts[0]}" is read as ')


@each_case
def test_a_model_reads_two_rows_in_its_form(
    tmp_path: Path, name: str, moments: Moments, write: Write, form: str
) -> None:
    texts = [write(moment) for moment in moments]
    fitted = read_data(write_file(tmp_path / "data.csv", name, texts))
    asked = AskedByModel.of(fitted.columns, fitted.step)
    panel = read_for_model(write_file(tmp_path / "new.csv", name, texts[-2:]), asked)
    assert panel.columns.time_format == form
    assert panel.timestamps.tolist() == seconds_of(moments[-2:])


@each_case
def test_its_form_can_be_named(tmp_path: Path, name: str, moments: Moments, write: Write, form: str) -> None:
    path = write_file(tmp_path / "data.csv", name.upper(), [write(moment) for moment in moments])
    assert read_data(path, Asked(time_format=form)).timestamps.tolist() == seconds_of(moments)


NUMBERS = np.random.default_rng(0)
AMOUNTS: dict[str, tuple[str, Iterable[float]]] = {
    "prices about 2000": ("price", np.round(NUMBERS.normal(2000, 5, 60), 2)),
    "amounts about 40000": ("sold", NUMBERS.integers(40000, 41000, 60)),
    "ids that rise": ("id", range(40179, 40239)),
    "an index": ("index", range(40179, 40239)),
    "counted time": ("time", range(40179, 40239)),
    "counts of five digits": ("step", range(10000, 70000, 1000)),
    "years": ("year", range(1950, 2010)),
    "rising decimals": ("x", np.arange(60) * 0.25 + 1900),
    "codes": ("code", range(10101, 10161)),
}


@pytest.mark.parametrize(("name", "numbers"), AMOUNTS.values(), ids=AMOUNTS)
def test_amounts_and_counts_are_no_dates(tmp_path: Path, name: str, numbers: Iterable[float]) -> None:
    path = write_file(tmp_path / "data.csv", name, [str(number) for number in numbers])
    assert read_data(path, Asked(target=("v",))).columns.time_format == "index"


def read(tmp_path: Path, name: str, texts: list[str], **asked: str) -> Panel:
    return read_data(write_file(tmp_path / "data.csv", name, texts), Asked.model_validate(asked))


def test_days_and_months_that_nothing_tells_apart_are_refused(tmp_path: Path) -> None:
    texts = ["01012018", "02012018", "03012018", "04012018"]
    with pytest.raises(DataError, match=r'is 2018-02-01 .*\n.*\n  --time-format "%m%d%Y" or ') as error:
        read(tmp_path, "date", texts)
    assert "data.csv:3" in str(error.value)
    assert str(read(tmp_path, "date", texts, time_format="%d%m%Y").step) == "1 day"
    assert str(read(tmp_path, "date", texts, time_format="%m%d%Y").step) == "1 month"


def test_weeks_that_no_calendar_has_are_refused(tmp_path: Path) -> None:
    texts = [f"{year}{week:02}" for year in (2018, 2019) for week in range(1, 54)]
    with pytest.raises(DataError, match=r'"201853" is a week that the calendar of ISO 8601 does not have'):
        read(tmp_path, "week", texts)


def test_decimal_years_without_a_step_are_refused(tmp_path: Path) -> None:
    texts = [f"{year:.3f}" for year in np.sort(np.random.default_rng(1).uniform(1980, 1990, 50))]
    with pytest.raises(DataError, match=r"looks like a decimal year, but these follow no month"):
        read(tmp_path, "date", texts)


def test_four_months_stay_months_and_quarters_need_a_name(tmp_path: Path) -> None:
    texts = ["2010-1", "2010-2", "2010-3", "2010-4"]
    assert read(tmp_path, "date", texts).columns.time_format == "%Y-%-m"
    assert read(tmp_path, "quarter", texts).columns.time_format == "%Y-%q"


def test_a_named_form_sees_the_zeros_of_a_number(tmp_path: Path) -> None:
    texts = ["06292018", "07292018", "08292018"]
    panel = read(tmp_path, "x", texts, time_format="%m%d%Y")
    assert write_timestamps(panel.timestamps, panel.columns.time_format) == texts


@pytest.mark.parametrize("form", ["%[", "%[year]x", "%[year.4 hour]", "%[excel.2 month]", "%[lotus.2 day]"])
def test_an_unknown_form_names_those_that_are_known(form: str) -> None:
    with pytest.raises(ConfigError, match=r"is not known; known: %\[year.4 PART\]"):
        compile_measure(form)


def test_a_frame_has_the_shortest_texts() -> None:
    numbers = [float(f"{month.year}.{month.month:02}") for month in MONTHS]
    panel = read_data(pd.DataFrame({"date": numbers, "v": np.arange(96) % 7}))
    assert panel.columns.time_format == "%[year.month]"
    assert panel.timestamps.tolist() == seconds_of(MONTHS)
