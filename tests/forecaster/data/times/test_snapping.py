"""Rows near the grid of a calendar: where they are moved to, what is said, and what follows them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from deploy import TimeStep
from deploy.columns import Columns
from deploy.errors import DataError
from forecaster.config import Asked
from forecaster.data import Panel, read_data
from forecaster.data.columns import AskedByModel
from forecaster.data.read import read_for_model
from forecaster.data.times.timestamps import write_timestamps

SEED = np.random.default_rng(7)


def write(folder: Path, times: list[str]) -> Path:
    path = folder / "data.csv"
    path.write_text("date,y\n" + "".join(f"{time},{number}.5\n" for number, time in enumerate(times)))
    return path


def texts(moments: np.ndarray) -> list[str]:
    return [str(moment).replace("T", " ") for moment in moments]


def monthly(days: np.ndarray | list[int], begin: str = "2019-02") -> list[str]:
    """A row in each month, on these days of it, from 0."""
    months = np.datetime64(begin) + np.arange(len(days))
    return texts(months.astype("datetime64[D]") + np.asarray(days))


def every(seconds: int, off: np.ndarray | list[int], begin: str = "2021-03-01 00:00:00") -> list[str]:
    """A row every so many seconds, each some seconds off."""
    steps = np.datetime64(begin) + seconds * np.arange(len(off))
    return texts(steps + np.asarray(off))


def weekly(off: list[int], begin: str) -> list[str]:
    return texts(np.datetime64(begin) + 7 * np.arange(len(off)) + np.asarray(off))


def retail(years: int, begin: str, weeks: tuple[int, ...]) -> list[str]:
    """The ends of periods of so many weeks, after the first."""
    passed = np.concatenate([[0], np.cumsum(np.resize(weeks, 12 * years - 1))])
    return texts(np.datetime64(begin) + 7 * passed)


def business(months: int, begin: str, *, at_end: bool, every: int = 1) -> list[str]:
    first = (np.datetime64(begin, "M") + every * np.arange(months)).astype("datetime64[D]")
    last = (first.astype("datetime64[M]") + 1).astype("datetime64[D]") - 1
    return texts(np.busday_offset(last, 0, "backward") if at_end else np.busday_offset(first, 0, "forward"))


def without(times: list[str], missing: int) -> list[str]:
    return [*times[:missing], *times[missing + 1 :]]


# times; the step that is found, the first time, the last one, and the one that follows
CALENDARS: dict[str, tuple[list[str], str]] = {
    "a month's row on any day": (
        monthly(SEED.integers(0, 28, 40)),
        "1 month-end | 2019-02-28 | 2022-05-31 | 2022-06-30",
    ),
    "few months' rows on any day": (
        monthly([4, 21, 11, 25, 2]),
        "1 month-end | 2019-02-28 | 2019-06-30 | 2019-07-31",
    ),
    "months about the 15th": (
        monthly([14, 14, 15, 14, 13, 14, 14, 16, 14]),
        "1 month | 2019-02-15 | 2019-10-15 | 2019-11-15",
    ),
    "the first Friday of each month": (
        monthly([3, 6, 6, 4, 1, 5, 3, 0, 5, 2, 0, 6], "2020-01"),
        "1 month | 2020-01-07 | 2020-12-07 | 2021-01-07",
    ),
    "month starts, one of them late": (
        monthly([0, 0, 0, 1, 0, 0, 0, 0]),
        "1 month | 2019-02-01 | 2019-09-01 | 2019-10-01",
    ),
    "business month ends": (
        business(30, "1994-04", at_end=True),
        "1 business-month-end | 1994-04-29 | 1996-09-30 | 1996-10-31",
    ),
    "business month ends, and Good Friday": (
        ["2018-03-29" if time == "2018-03-30" else time for time in business(24, "2017-01", at_end=True)],
        "1 business-month-end | 2017-01-31 | 2018-12-31 | 2019-01-31",
    ),
    "business month starts": (
        business(29, "1995-01", at_end=False),
        "1 business-month-start | 1995-01-02 | 1997-05-01 | 1997-06-02",
    ),
    "business month starts and New Year": (
        [f"{time[:8]}02" if time[4:] == "-01-01" else time for time in business(36, "2018-05", at_end=False)],
        "1 business-month-start | 2018-05-01 | 2021-04-01 | 2021-05-03",
    ),
    "business quarter ends": (
        business(20, "2014-06", at_end=True, every=3),
        "3 business-month-ends | 2014-06-30 | 2019-03-29 | 2019-06-28",
    ),
    "a quarter's row on any day": (
        ["2019-02-11", "2019-04-30", "2019-08-02", "2019-12-30", "2020-02-01", "2020-05-15", "2020-07-02"],
        "3 months | 2019-01-01 | 2020-07-01 | 2020-10-01",
    ),
    "a year's row on any day": (
        ["2011-04-24", "2012-04-08", "2013-03-31", "2014-04-20", "2015-04-05", "2016-03-27", "2017-04-16"],
        "1 year | 2011-01-01 | 2017-01-01 | 2018-01-01",
    ),
    "a month without a row": (
        without(monthly(SEED.integers(0, 28, 30)), 11),
        "1 month-end | 2019-02-28 | 2021-07-31 | 2021-08-31",
    ),
    "periods of 4, 4 and 5 weeks by their last Saturday": (
        retail(8, "2010-01-30", (4, 5, 4)),
        "1 month-end | 2010-01-31 | 2017-12-31 | 2018-01-31",
    ),
    "periods of 4, 5 and 4 weeks by their first Monday": (
        retail(3, "2021-02-01", (4, 5, 4)),
        "1 month | 2021-02-01 | 2024-01-01 | 2024-02-01",
    ),
    "the 15th and the last day, or the business day before": (
        [str(np.busday_offset(day, 0, "backward")) for month in range(1, 10)
         for day in (f"2023-{month:02}-15", np.datetime64(f"2023-{month + 1:02}") - np.timedelta64(1, "D"))],
        "1 half-month-end | 2023-01-15 | 2023-09-30 | 2023-10-15",
    ),
    "thirds of months, one of them late": (
        [f"2023-{month:02}-{day:02}" for month in range(1, 9) for day in (1, 12 if month == 5 else 11, 21)],
        "1 dekad | 2023-01-01 | 2023-08-21 | 2023-09-01",
    ),
    "weeks that a holiday moves by a day": (
        weekly([0, 0, -1, 0, 0, 0, 1, 0, 0, 0], "2021-01-08"),
        "1 week | 2021-01-08 | 2021-03-12 | 2021-03-19",
    ),
    "a week's row on any day": (
        weekly([0, 4, 2, 6, 1, 3, 5, 0, 6], "2021-01-04"),
        "1 week | 2021-01-04 | 2021-03-01 | 2021-03-08",
    ),
    "a day's row at any time": (
        every(86400, SEED.integers(0, 86000, 20)),
        "1 day | 2021-03-01 00:00:00 | 2021-03-20 00:00:00 | 2021-03-21 00:00:00",
    ),
    "a business day's row about half past five": (
        [f"2024-03-{day:02} 17:{minute}:00" for day, minute in
         zip((4, 5, 6, 7, 8, 11, 12, 13), (30, 31, 29, 30, 33, 30, 30, 28), strict=True)],
        "1 business-day | 2024-03-04 17:30:00 | 2024-03-13 17:30:00 | 2024-03-14 17:30:00",
    ),
    "5 minutes, up to 3 seconds late": (
        every(300, SEED.integers(0, 4, 50)),
        "5 minutes | 2021-03-01 00:00:00 | 2021-03-01 04:05:00 | 2021-03-01 04:10:00",
    ),
    "10 minutes, up to a minute early or late": (
        every(600, SEED.integers(-60, 61, 50), "2021-03-01 12:10:00"),
        "10 minutes | 2021-03-01 12:10:00 | 2021-03-01 20:20:00 | 2021-03-01 20:30:00",
    ),
    "hours, some minutes late": (
        every(3600, 60 * SEED.integers(0, 6, 50)),
        "1 hour | 2021-03-01 00:00:00 | 2021-03-03 01:00:00 | 2021-03-03 02:00:00",
    ),
    "half past each hour, about": (
        every(3600, SEED.integers(-70, 71, 50), "2021-03-01 00:30:00"),
        "1 hour | 2021-03-01 00:30:00 | 2021-03-03 01:30:00 | 2021-03-03 02:30:00",
    ),
    "minutes with an outage": (
        [*every(60, SEED.integers(0, 3, 40)), *every(60, SEED.integers(0, 3, 40), "2021-03-01 05:00:00")],
        "1 minute | 2021-03-01 00:00:00 | 2021-03-01 05:39:00 | 2021-03-01 05:40:00",
    ),
}  # fmt: skip


def ends(panel: Panel) -> list[str]:
    """The step, the first time, the last, and the one that follows."""
    moments = panel.timestamps[[0, panel.ends[0] - 1, panel.ends[0] - 1]]
    following = panel.step.shift(moments, np.array([0, 0, 1]))
    return [str(panel.step), *write_timestamps(following, panel.columns.time_format)]


@pytest.mark.parametrize("name", CALENDARS)
def test_rows_lie_one_in_each_period_of_a_calendar(tmp_path: Path, name: str) -> None:
    times, shown = CALENDARS[name]
    panel = read_data(write(tmp_path, times))
    assert " | ".join(ends(panel)) == shown
    observed = panel.values[~np.isnan(panel.values)]
    assert observed.tolist() == [number + 0.5 for number in range(len(times))]


@pytest.mark.parametrize("name", CALENDARS)
def test_a_model_reads_the_last_rows_onto_the_grid_that_it_was_fitted_on(tmp_path: Path, name: str) -> None:
    times, _ = CALENDARS[name]
    fitted = read_data(write(tmp_path, times))
    asked = AskedByModel.of(fitted.columns, fitted.step)
    assert (read_for_model(write(tmp_path, times), asked).timestamps == fitted.timestamps).all()
    again = read_for_model(write(tmp_path, times[-4:]), asked)
    assert again.step == fitted.step
    if fitted.step.unit not in ("month", "week", "day"):  # which may begin anywhere
        assert ends(again)[2:] == ends(fitted)[2:]


def test_moved_rows_are_said_with_the_way_out(tmp_path: Path) -> None:
    path = write(tmp_path, every(300, [0, 2, 1, 0, 3, 0, 0]))
    said = (
        'column "date": 3 of 7 timestamps are not on steps of 5 minutes, but each has one of its own: '
        'read "2021-03-01 00:05:02" as "2021-03-01 00:05:00" and so on; --step 1 counts the rows instead'
    )
    assert read_data(path).notes == (said,)
    counted = read_data(path, Asked(step="1"))
    assert (counted.step, counted.columns.time, len(counted.values)) == (TimeStep(1, "index"), None, 7)


@pytest.mark.parametrize("name", ["business month ends", "business quarter ends", "business month starts"])
def test_nothing_is_said_of_rows_that_are_on_the_grid(tmp_path: Path, name: str) -> None:
    assert read_data(write(tmp_path, CALENDARS[name][0])).notes == ()


IRREGULAR = {
    "events": texts(np.datetime64("2021-03-01 00:00:00") + np.cumsum(SEED.exponential(300, 60)).astype(int)),
    "days at random": texts(np.datetime64("2021-03-01") + np.cumsum(SEED.integers(1, 40, 60))),
    "days 1 and 14": [f"2021-{month:02}-{day}" for month in range(1, 13) for day in ("01", "14")],
    "two rows in a month": [*monthly(SEED.integers(0, 20, 30)), "2021-07-27"],
    "hours that become half hours": [*every(3600, [5] * 20), *every(1800, [7] * 20, "2021-03-02 00:00:00")],
}


@pytest.mark.parametrize("name", IRREGULAR)
def test_what_no_calendar_has_is_refused_and_a_cure_reads_all_rows(tmp_path: Path, name: str) -> None:
    path = write(tmp_path, IRREGULAR[name])
    with pytest.raises(DataError, match=r"^timestamps are irregular.*\n.*\n.*; --step 1 counts the rows$"):
        read_data(path)
    panel = read_data(path, Asked(step="1"))
    assert (len(panel.values), np.isnan(panel.values).any()) == (len(IRREGULAR[name]), False)


def test_rows_to_count_have_to_be_in_order(tmp_path: Path) -> None:
    with pytest.raises(DataError, match='have to be in order of "date"'):
        read_data(write(tmp_path, IRREGULAR["events"][::-1]), Asked(step="1"))


def test_a_model_of_weeks_refuses_days(tmp_path: Path) -> None:
    asked = AskedByModel.of(Columns("date", "%Y-%m-%d", ("y",)), TimeStep(1, "week"))
    with pytest.raises(DataError, match="off the grid of 1 week"):
        read_for_model(write(tmp_path, [*weekly([0, 0, 0], "2021-01-04"), "2021-01-20"]), asked)


def test_nights_without_rows_are_said(tmp_path: Path) -> None:
    days = np.busday_offset("2016-01-04", np.arange(10))
    hours = np.datetime64("2016-01-04 09:00:00") - np.datetime64("2016-01-04") + 1800 * np.arange(14)
    panel = read_data(write(tmp_path, texts((days[:, None] + hours).ravel())))
    (said,) = panel.notes
    assert said == (
        "402 of 542 steps of 30 minutes have no row and are missing values: the rows are those of 09:00 to "
        "15:30, none at weekends; --step 1 counts the rows, without nights and other gaps"
    )
