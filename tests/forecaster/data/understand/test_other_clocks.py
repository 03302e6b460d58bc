"""Times finer than a second, parts of another clock, and numbers that may be hours and minutes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pandas as pd
import pytest

from forecaster.data import Panel, read_data

BEGIN = datetime(2024, 3, 1, tzinfo=UTC)


def panel_of(**columns: list[object]) -> Panel:
    return read_data(pd.DataFrame(columns))


def moments(milliseconds: list[int]) -> list[object]:
    times = (BEGIN + timedelta(milliseconds=passed) for passed in milliseconds)
    return [time.replace(tzinfo=None).isoformat(sep=" ", timespec="milliseconds") for time in times]


@pytest.mark.parametrize("jitter", [3, 400, -400])
def test_times_that_are_not_whole_seconds_are_rounded(jitter: int) -> None:
    times = moments([60_000 * row + jitter * (row % 2) for row in range(30)])
    panel = panel_of(time=times, y=list(range(30)))
    assert (str(panel.step), panel.columns.time_format) == ("1 minute", "%Y-%m-%d %H:%M:%S")
    (note,) = panel.notes
    assert "rounded to whole seconds" in note
    assert "--step 1" in note


@pytest.mark.parametrize("as_datetimes", [False, True])
def test_rows_less_than_a_second_apart_are_counted(as_datetimes: bool) -> None:
    texts = moments([16 * row + row % 3 for row in range(100)])
    times = list(pd.to_datetime(texts)) if as_datetimes else texts
    panel = panel_of(time=times, y=[row % 7 for row in range(100)])
    assert (panel.columns.time, len(panel.values)) == (None, 100)
    (note,) = panel.notes
    assert "less than a second apart" in note
    assert "--aggregate mean with --step 1s" in note


def test_rows_of_a_panel_less_than_a_second_apart_are_counted_within_their_series() -> None:
    times = moments([20 * row for row in range(50)])
    panel = panel_of(time=[*times, *times], sensor=["a"] * 50 + ["b"] * 50, y=[row % 7 for row in range(100)])
    assert (panel.columns.series, panel.lengths().tolist()) == (("sensor",), [50, 50])


def test_sensors_that_are_read_shortly_after_each_other_keep_their_times() -> None:
    times = moments([60_000 * row + 100 * sensor for row in range(20) for sensor in range(5)])
    panel = panel_of(time=times, sensor=list("abcde") * 20, y=[row % 7 for row in range(100)])
    assert (str(panel.step), panel.columns.series) == ("1 minute", ("sensor",))


def test_parts_of_a_local_time_next_to_one_of_utc_are_no_targets() -> None:
    hours = [BEGIN + timedelta(hours=row) for row in range(24 * 20)]  # clocks change on 10 March
    local = [hour.astimezone(ZoneInfo("America/New_York")) for hour in hours]
    panel = panel_of(
        time=[hour.strftime("%Y-%m-%dT%H:%M:%SZ") for hour in hours],
        month=[hour.month for hour in local],
        day=[hour.day for hour in local],
        hour=[hour.hour for hour in local],
        y=[row % 13 for row in range(len(hours))],
    )
    assert panel.columns.targets == ("y",)
    assert panel.reasons["hour"] == "hour of another clock"


def test_a_column_called_hour_that_is_none_of_the_time_is_a_target() -> None:
    hours = [BEGIN + timedelta(hours=row) for row in range(48)]
    panel = panel_of(
        time=[f"{hour:%Y-%m-%d %H:%M}" for hour in hours],
        hour=[row * 7 % 24 for row in range(48)],
        y=[row % 13 for row in range(48)],
    )
    assert panel.columns.targets == ("hour", "y")


def test_hours_and_minutes_of_no_day_are_counts_of_which_one_is_warned() -> None:
    clock = [row // 6 * 100 + row % 6 * 10 for row in range(60)]
    (note,) = panel_of(time=clock, y=[row % 13 for row in range(60)]).notes
    assert "950 may be hours and minutes" in note
    assert not panel_of(time=[10 * row for row in range(60)], y=[row % 13 for row in range(60)]).notes


def test_decades_say_what_years_do() -> None:
    years = list(range(1900, 1960))
    panel = panel_of(year=years, decade=[year // 10 * 10 for year in years], y=[year % 7 for year in years])
    assert panel.reasons == {"decade": "decade of the time"}


def test_seconds_since_the_begin_are_nothing_to_forecast() -> None:
    panel = panel_of(time_s=[round(row / 60, 3) for row in range(60)], y=[row % 13 for row in range(60)])
    assert panel.columns.targets == ("y",)
    uneven = panel_of(time_s=[row**1.1 for row in range(60)], y=[row % 13 for row in range(60)])
    assert uneven.columns.targets == ("time_s", "y")


def test_names_of_rows_in_a_column_without_a_name_are_nothing_to_forecast() -> None:
    rows = [(series, day) for series in range(1, 9) for day in range(1, 7)]
    panel = read_data(
        pd.DataFrame(
            {
                "": [float(f"{series}.{day}") for series, day in rows],
                "day": [day for _, day in rows],
                "id": [series for series, _ in rows],
                "y": [series * day % 7 for series, day in rows],
            }
        )
    )
    assert panel.columns.targets == ("y",)


def test_a_year_and_its_day_and_hour_as_one_number_are_a_time() -> None:
    hours = [BEGIN + timedelta(hours=row) for row in range(60)]
    panel = panel_of(time=[int(f"{hour:%Y%j%H}") for hour in hours], y=[row % 13 for row in range(60)])
    assert (panel.columns.time_format, str(panel.step)) == ("%Y%j%H", "1 hour")


def test_ids_of_which_some_have_one_row_are_series() -> None:
    rows = [(person, 2000 + year) for person in range(1, 20) for year in range(1 + person % 4)]
    panel = panel_of(
        id=[person for person, _ in rows], year=[year for _, year in rows], y=[sum(row) % 7 for row in rows]
    )
    assert (panel.columns.series, panel.series_count) == (("id",), 19)


def test_an_even_step_that_no_hour_has_keeps_its_minutes() -> None:
    times = [
        datetime(2024, 1, 1, 17, 51) + timedelta(minutes=16 * row, seconds=row % 9 == 5) for row in range(40)
    ]
    panel = panel_of(time=[str(time) for time in times], y=list(range(40)))
    assert pd.to_datetime(panel.timestamps[:1], unit="s")[0] == times[0]


def test_the_column_of_days_gives_way_to_the_one_that_also_has_their_hours() -> None:
    hours = [BEGIN + timedelta(hours=row) for row in range(60)]
    texts = [f"{hour:%Y-%m-%d %H:%M:%S}" for hour in hours]
    panel = panel_of(date=[text[:10] for text in texts], ts=texts, y=[row % 13 for row in range(60)])
    assert (panel.columns.time, str(panel.step)) == ("ts", "1 hour")


@pytest.mark.parametrize("text", ["0 days 00:{:02}:00", "00:{:02}:00", "1 days, 00:{:02}:00.5"])
def test_times_that_passed_are_counted_of_which_one_is_warned(text: str) -> None:
    panel = panel_of(time=[text.format(row) for row in range(50)], y=[row % 13 for row in range(50)])
    assert (panel.columns.time, panel.columns.targets) == (None, ("y",))
    assert 'column "time" is called like time' in panel.notes[0]


def test_a_sensor_of_a_letter_and_a_number_looks_like_no_time() -> None:
    panel = panel_of(sensor=["s0", "s1", "s2"] * 20, y=[row % 13 for row in range(60)])
    assert panel.columns.series == ("sensor",)
    assert not any("looks like time" in note for note in panel.notes)


def test_a_year_and_its_day_are_no_months_and_days_of_many_years() -> None:
    days = [BEGIN + timedelta(days=row) for row in range(60)]
    panel = panel_of(yyyyddd=[int(f"{day:%Y%j}") for day in days], y=[row % 13 for row in range(60)])
    assert (panel.columns.time_format, str(panel.step)) == ("%Y%j", "1 day")
