"""Files and frames of a time zone: the skipped hour, the doubled hour, days of 23 hours; back to texts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from deploy import TimeStep
from deploy.errors import ConfigError, DataError
from forecaster.config import Asked
from forecaster.data import Panel, read_data
from forecaster.data.times import zones
from forecaster.data.times.timestamps import write_timestamps

pytestmark = pytest.mark.slow

BERLIN = "Europe/Berlin"
HOUR = 3600
Reader = Callable[..., Panel]


@pytest.fixture
def read(tmp_path: Path) -> Reader:
    """read(times, **choice): the panel of a file with a row for each time."""

    def read_times(times: list[str] | list[int], **choice: Any) -> Panel:
        path = tmp_path / "data.csv"
        path.write_text("time,y\n" + "".join(f"{time},{row}\n" for row, time in enumerate(times)))
        return read_data(path, Asked(**choice))

    return read_times


def texts(panel: Panel) -> list[str]:
    return write_timestamps(panel.timestamps, panel.columns.time_format, panel.clock)


def following(panel: Panel, steps: int) -> list[str]:
    coming = panel.step.shift(panel.timestamps[-1], np.arange(1, steps + 1))
    return write_timestamps(coming, panel.columns.time_format, panel.clock)


def local(start: str, end: str, step: str, zone: str = BERLIN) -> pd.DatetimeIndex:
    return pd.date_range(start, end, freq=step, tz=zone)


def iso(moments: pd.DatetimeIndex) -> list[str]:
    return [moment.isoformat() for moment in moments]


def naive(moments: pd.DatetimeIndex) -> list[str]:
    return moments.strftime("%Y-%m-%d %H:%M").tolist()


def utc(moments: pd.DatetimeIndex) -> list[int]:
    return [int(moment.timestamp()) for moment in moments]


# A clock that goes forward and one that goes back, in both hemispheres; Lord Howe's by half an hour.
CHANGES = [
    (BERLIN, "2024-03-30", "2024-04-01"),
    (BERLIN, "2024-10-26", "2024-10-28"),
    ("America/New_York", "2024-03-09", "2024-03-11"),
    ("America/New_York", "2024-11-02", "2024-11-04"),
    ("Australia/Lord_Howe", "2024-04-06", "2024-04-08"),
    ("Australia/Lord_Howe", "2024-10-05", "2024-10-07"),
]
changes = pytest.mark.parametrize(("zone", "start", "end"), CHANGES)


@changes
@pytest.mark.parametrize("step", ["15min", "30min"])
@pytest.mark.parametrize("write", [iso, naive])
def test_times_across_a_change_are_regular_and_written_back(
    read: Reader, zone: str, start: str, end: str, step: str, write: Callable[[pd.DatetimeIndex], list[str]]
) -> None:
    moments = local(start, end, step, zone)
    panel = read(write(moments), timezone=zone)
    assert panel.timestamps.tolist() == utc(moments)
    assert texts(panel) == write(moments)
    assert panel.columns.timezone == zone


@changes
def test_hours_across_a_change_are_regular_and_written_back(
    read: Reader, zone: str, start: str, end: str
) -> None:
    moments = local(start, end, "1h", zone)
    panel = read(iso(moments), timezone=zone)
    assert panel.timestamps.tolist() == utc(moments)
    assert texts(panel) == iso(moments)


@changes
def test_the_calendar_of_every_moment_is_that_of_the_wall_clock(
    read: Reader, zone: str, start: str, end: str
) -> None:
    moments = local(start, end, "1h", zone)
    panel = read(iso(moments), timezone=zone)
    assert panel.clock is not None
    wall = panel.clock.to_wall(panel.timestamps).astype("datetime64[s]")
    np.testing.assert_array_equal(wall, moments.tz_localize(None).to_numpy())


@changes
def test_days_across_a_change_are_days_at_local_midnight(
    read: Reader, zone: str, start: str, end: str
) -> None:
    days = local(start, end, "D", zone)
    panel = read(iso(days), timezone=zone)
    assert panel.step == TimeStep(1, "day")
    assert texts(panel) == iso(days)
    assert (panel.timestamps % 86400 == 0).all()


def test_dates_alone_are_days_of_the_zone(read: Reader) -> None:
    panel = read(["2024-03-30", "2024-03-31", "2024-04-01"], timezone=BERLIN)
    assert (panel.step, following(panel, 1)) == (TimeStep(1, "day"), ["2024-04-02"])


def test_a_day_whose_midnight_is_skipped_is_a_day(read: Reader) -> None:
    days = ["2018-11-03T00:00-03:00", "2018-11-04T01:00-02:00", "2018-11-05T00:00-02:00"]
    panel = read(days, timezone="America/Sao_Paulo")
    assert (panel.step, texts(panel)) == (TimeStep(1, "day"), days)


def test_months_keep_their_local_midnight(read: Reader) -> None:
    months = ["2024-01-01T00:00+01:00", "2024-02-01T00:00+01:00", "2024-03-01T00:00+01:00"]
    panel = read(months, timezone=BERLIN)
    assert panel.step == TimeStep(1, "month")
    assert following(panel, 2) == ["2024-04-01T00:00+02:00", "2024-05-01T00:00+02:00"]


def test_seconds_since_1970_are_moments(read: Reader) -> None:
    moments = local("2024-10-26", "2024-10-28", "1h")
    panel = read([second * 1000 for second in utc(moments)], timezone=BERLIN)
    assert panel.timestamps.tolist() == utc(moments)
    assert texts(panel) == [str(second * 1000) for second in utc(moments)]


def test_days_since_1970_at_local_midnight_stay_days(read: Reader) -> None:
    days = local("2024-10-20", "2024-11-20", "D")
    panel = read(utc(days), timezone=BERLIN)
    assert (panel.step, texts(panel)) == (TimeStep(1, "day"), [str(second) for second in utc(days)])


def test_z_stays_z(read: Reader) -> None:
    panel = read(["2024-03-31T00:00Z", "2024-03-31T01:00Z"], timezone=BERLIN)
    assert panel.clock is not None
    assert following(panel, 2) == ["2024-03-31T02:00Z", "2024-03-31T03:00Z"]
    assert panel.clock.to_wall(panel.timestamps).tolist() == [
        int(np.datetime64(time, "s").astype(int)) for time in ("2024-03-31T01:00", "2024-03-31T03:00")
    ]


def test_one_offset_of_a_zone_goes_on_with_the_next(read: Reader) -> None:
    panel = read(["2024-03-31 00:00 +0100", "2024-03-31 01:00 +0100"], timezone=BERLIN)
    assert following(panel, 1) == ["2024-03-31 03:00 +0200"]


def test_one_offset_that_is_not_the_zones_is_kept(read: Reader) -> None:
    panel = read(["2024-03-31 00:00+00:00", "2024-03-31 01:00+00:00"], timezone=BERLIN)
    assert following(panel, 1) == ["2024-03-31 02:00+00:00"]


def test_without_a_zone_one_offset_stays_local_time(read: Reader) -> None:
    panel = read(["2024-03-31 00:00+01:00", "2024-03-31 01:00+01:00"])
    assert (panel.clock, following(panel, 1)) == (None, ["2024-03-31 02:00+01:00"])


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ("%Y-%m-%d %H:%M:%S%z", "2024-03-31 03:00:00+0200"),
        ("%d.%m.%Y %H:%M %z", "31.03.2024 03:00 +0200"),
    ],
)
@pytest.mark.parametrize("is_named", [True, False])
def test_offsets_are_read_and_written_in_their_form(
    read: Reader, form: str, expected: str, is_named: bool
) -> None:
    times = local("2024-03-30", "2024-03-31 03:00", "1h").strftime(form).tolist()
    panel = read(times, timezone=BERLIN, time_format=form if is_named else None)
    assert (texts(panel), texts(panel)[-1]) == (times, expected)


def test_offsets_of_whole_hours_may_be_short(read: Reader) -> None:
    times = [f"{time[:-2]}" for time in local("2024-03-31", "2024-03-31 05:00", "1h").strftime("%F %T%z")]
    panel = read(times, timezone=BERLIN)
    assert texts(panel) == times
    assert panel.columns.time_format == "%Y-%m-%d %H:%M:%S%:::z"


def test_the_offsets_tell_the_zone(read: Reader, caplog: pytest.LogCaptureFixture) -> None:
    times = iso(local("2024-03-01", "2024-04-20", "1h", "Australia/Lord_Howe"))
    panel = read(times)
    assert (panel.columns.timezone, texts(panel)) == ("Australia/Lord_Howe", times)
    assert caplog.messages == [
        'column "time": 2 time zones have its UTC offsets, and are alike until 2026; '
        "took Australia/Lord_Howe, --timezone names another"
    ]


@pytest.mark.parametrize(
    ("written", "taken"),
    [
        ("Europe/Amsterdam", "Europe/Berlin"),
        ("Europe/Lisbon", "Europe/London"),
        ("America/Detroit", "America/New_York"),
        ("America/Vancouver", "America/Los_Angeles"),
        ("Australia/Hobart", "Australia/Sydney"),
        ("Europe/Sofia", "Europe/Kyiv"),
    ],
)
def test_of_zones_that_are_alike_the_most_used_is_taken(read: Reader, written: str, taken: str) -> None:
    panel = read(iso(local("2024-03-01", "2024-11-20", "1h", written)))
    assert panel.columns.timezone == taken


def test_of_zones_that_are_little_used_one_in_the_area_of_most_is_taken() -> None:
    alike = ["Africa/Ceuta", "Atlantic/Jan_Mayen", "Europe/Oslo", "Europe/Vaduz"]
    assert zones._choose(alike) == "Europe/Oslo"


def test_offsets_of_zones_that_differ_later_are_ambiguous(read: Reader) -> None:
    with pytest.raises(DataError) as error:
        read(iso(local("2009-03-01", "2010-12-31", "D", "Europe/Kaliningrad")))
    message = str(error.value)
    assert message.startswith(
        'column "time": its UTC offsets are those of several time zones that differ later: '
    )
    assert message.endswith("\n  --timezone ZONE decides")


def test_a_zone_that_was_named_needs_no_evidence(read: Reader) -> None:
    moments = local("2024-03-30", "2024-04-01", "1h")
    panel = read(iso(moments), timezone="America/New_York")
    assert panel.timestamps.tolist() == utc(moments)
    assert texts(panel) == iso(moments.tz_convert("America/New_York"))


@pytest.mark.parametrize("step", ["15min", "1h"])
def test_a_doubled_hour_is_told_apart_in_each_series(tmp_path: Path, step: str) -> None:
    moments = local("2024-10-27", "2024-10-27 06:00", step)
    rows = [f"{time},{shop},{n}" for n, time in enumerate(naive(moments)) for shop in "ab"]
    path = tmp_path / "data.csv"
    path.write_text("time,shop,y\n" + "\n".join(rows))
    panel = read_data(path, Asked(timezone=BERLIN))
    assert panel.ids == (("a",), ("b",))
    assert panel.timestamps.tolist() == 2 * utc(moments)
    assert not np.isnan(panel.values).any()


def test_a_doubled_hour_is_told_apart_where_time_falls(read: Reader) -> None:
    moments = local("2024-10-26", "2024-10-28", "30min")
    panel = read(naive(moments)[::-1], timezone=BERLIN)
    assert panel.timestamps.tolist() == utc(moments)
    assert panel.values.tolist() == list(range(len(moments)))[::-1]


def test_a_gap_in_the_doubled_hour_is_a_gap(read: Reader) -> None:
    moments = local("2024-10-27", "2024-10-27 06:00", "15min").delete([9, 12])  # 02:15 and 02:00 again
    panel = read(naive(moments), timezone=BERLIN)
    assert panel.timestamps[~np.isnan(panel.values)].tolist() == utc(moments)


def test_a_remark_does_not_tell_a_doubled_hour_apart(tmp_path: Path) -> None:
    rows = [f"{time},w{n % 4},{n}" for n, time in enumerate(naive(local("2024-10-26", "2024-10-28", "1h")))]
    path = tmp_path / "data.csv"
    path.write_text("time,weather,y\n" + "\n".join(rows))
    assert read_data(path, Asked(timezone=BERLIN)).series_count == 1


def test_rows_out_of_order_do_not_tell_a_doubled_hour_apart(read: Reader) -> None:
    times = naive(local("2024-10-27", "2024-10-27 06:00", "1h"))
    with pytest.raises(DataError) as error:
        read(times[4:] + times[:4], timezone=BERLIN)
    assert str(error.value) == (
        'column "time": the clocks of Europe/Berlin show this time twice, and the rows are not in order of '
        "time, which would tell which it is\n"
        "  --> data.csv:8    2024-10-27 02:00,6\n"
        "  sort the rows by time, or write the UTC offset of each"
    )


def test_a_time_that_the_clock_skips_is_refused(read: Reader) -> None:
    with pytest.raises(DataError) as error:
        read(["2024-03-31 01:00", "2024-03-31 02:00", "2024-03-31 03:00"], timezone=BERLIN)
    assert str(error.value) == (
        'column "time": "2024-03-31 02:00" is a time that the clocks of Europe/Berlin skip\n'
        "  --> data.csv:3    2024-03-31 02:00,1\n"
        "  1 such cell (line 3); correct it, or name the zone that the file is in with --timezone"
    )


def test_a_doubled_hour_without_a_zone_names_the_option(read: Reader) -> None:
    with pytest.raises(DataError, match=r"; where the clock was put back, --timezone ZONE reads both$"):
        read(naive(local("2024-10-26", "2024-10-28", "1h")))


def test_a_date_twice_is_no_matter_of_zones(read: Reader) -> None:
    with pytest.raises(
        DataError, match=r"; keep one row of each, or --aggregate mean takes the mean of each step$"
    ):
        read(["2024-01-01", "2024-01-01", "2024-01-02"])


def test_days_of_utc_are_no_days_of_a_zone_that_changes(read: Reader) -> None:
    times = local("2024-03-25", "2024-04-05", "D", "UTC").strftime("%Y-%m-%dT%H:%MZ").tolist()
    with pytest.raises(DataError, match=r"days are those of Europe/Berlin, and a --step of 24h is of UTC$"):
        read(times, timezone=BERLIN)
    assert texts(read(times, timezone=BERLIN, step="24h")) == times


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("Berlin", 'did you mean "Europe/Berlin"?'),
        ("america/new york", 'did you mean "America/New_York"?'),
        ("?", "expected an IANA name such as Europe/Berlin"),
    ],
)
def test_an_unknown_zone_names_one_like_it(read: Reader, name: str, hint: str) -> None:
    with pytest.raises(ConfigError) as error:
        read(["2024-01-01", "2024-01-02"], timezone=name)
    assert str(error.value) == f'--timezone "{name}": no such time zone; {hint}'


@pytest.mark.parametrize("times", [["1", "2", "3"], ["5", "7", "9"]])
def test_counts_have_no_zone(read: Reader, times: list[str]) -> None:
    with pytest.raises(ConfigError, match=r"^--timezone is Europe/Berlin, but .* plain counts$"):
        read(times, time="time", timezone=BERLIN)


def frame_of(moments: Any) -> pd.DataFrame:
    return pd.DataFrame({"time": moments, "y": np.arange(len(moments))})


FRAMES: dict[str, Callable[[pd.DataFrame], Any]] = {
    "pandas": lambda frame: frame,
    "seconds": lambda frame: frame.astype({"time": "datetime64[s, Europe/Berlin]"}),
    "an index": lambda frame: frame.set_index("time"),
    "objects": lambda frame: frame.astype({"time": object}),
    "polars": lambda frame: (
        pytest.importorskip("polars")
        .from_dicts(
            [
                {"time": time.to_pydatetime(), "y": y}
                for time, y in zip(frame["time"], frame["y"], strict=True)
            ]
        )
        .with_columns(pytest.importorskip("polars").col("time").dt.convert_time_zone(BERLIN))
    ),
    "arrow": lambda frame: pytest.importorskip("pyarrow").Table.from_pandas(frame),
}


@pytest.mark.parametrize("convert", FRAMES.values(), ids=FRAMES)
def test_the_zone_of_a_frame_is_kept(convert: Callable[[pd.DataFrame], Any]) -> None:
    moments = local("2024-10-26", "2024-10-28", "1h")
    choice = Asked(timezone=BERLIN) if convert is FRAMES["objects"] else Asked()
    panel = read_data(convert(frame_of(moments)), choice)
    assert (panel.columns.timezone, panel.timestamps.tolist()) == (BERLIN, utc(moments))
    assert texts(panel) == [str(moment) for moment in moments]


def test_days_of_a_frame_are_at_local_midnight() -> None:
    days = local("2024-03-20", "2024-04-10", "D")
    panel = read_data(frame_of(days))
    assert (panel.step, texts(panel)) == (TimeStep(1, "day"), [str(day) for day in days])


@pytest.mark.parametrize(
    ("zone", "offset"), [("UTC", "+00:00"), ("+05:30", "+05:30"), ("UTC-03:00", "-03:00")]
)
def test_a_frame_of_one_offset_keeps_it(zone: str, offset: str) -> None:
    panel = read_data(frame_of(pd.date_range("2024-03-30", periods=4, freq="h", tz=zone)))
    assert (panel.columns.timezone, following(panel, 1)) == (None, [f"2024-03-30 04:00:00{offset}"])


def test_a_zone_that_was_named_goes_before_that_of_a_frame() -> None:
    moments = local("2024-03-30", "2024-04-01", "1h")
    panel = read_data(frame_of(moments), Asked(timezone="America/New_York"))
    assert (panel.columns.timezone, panel.timestamps.tolist()) == ("America/New_York", utc(moments))


def test_a_parquet_file_keeps_its_zone(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    moments = local("2024-03-30", "2024-04-01", "1h")
    frame_of(moments).to_parquet(tmp_path / "data")
    panel = read_data(tmp_path / "data", Asked())
    assert (panel.columns.timezone, panel.timestamps.tolist()) == (BERLIN, utc(moments))


def test_a_local_datetime_is_in_the_zone_that_was_named() -> None:
    frame = frame_of([datetime(2024, 3, 31, 1), datetime(2024, 3, 31, 3)])
    assert np.diff(read_data(frame, Asked(timezone=BERLIN)).timestamps).tolist() == [HOUR]
