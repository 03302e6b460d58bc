"""When a history ends: every way to say it, and the words with which others are refused."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta, timezone
from typing import Any

import numpy as np
import pytest

from deploy import InputError, Predictor, TimeStep

Arguments = dict[str, Any]


def complaint(predictor: Predictor, arguments: Arguments) -> str:
    """The message of the error that forecasting raises."""
    with pytest.raises(InputError) as error:
        predictor.forecast(**arguments)
    return str(error.value)


# Every way to say 31 January 2024, 10:00.
SAME_MOMENT = {
    "ISO text": "2024-01-31T10:00:00",
    "ISO text with a space": "2024-01-31 10:00",
    "numpy text": np.str_("2024-01-31T10"),
    "datetime": datetime(2024, 1, 31, 10),
    "datetime with a fraction": datetime(2024, 1, 31, 10, 0, 0, 999),
    "datetime64 in hours": np.datetime64("2024-01-31T10", "h"),
    "datetime64 in seconds": np.datetime64("2024-01-31T10", "s"),
    "datetime64 in milliseconds": np.datetime64("2024-01-31T10", "ms"),
    "datetime64 in microseconds": np.datetime64("2024-01-31T10", "us"),
    "datetime64 in nanoseconds": np.datetime64("2024-01-31T10", "ns"),
    "seconds since 1970": 1706695200,
    "numpy seconds since 1970": np.int64(1706695200),
    "a list of one": ["2024-01-31T10:00:00"],
    "an array of one": np.array(["2024-01-31T10"], dtype="datetime64[ns]"),
    "an array of texts": np.array(["2024-01-31T10"]),
    "an array of seconds": np.array([1706695200]),
}


@pytest.mark.parametrize("last", SAME_MOMENT.values(), ids=SAME_MOMENT)
def test_a_moment_may_be_said_in_many_ways(plain: Predictor, last: Any) -> None:
    found = plain.forecast([1.0, 2.0], 1, last_timestamp=last).timestamps
    np.testing.assert_array_equal(found, np.array([["2024-02-29T10"]], dtype="datetime64[s]"))


@pytest.mark.parametrize(
    "last",
    ["2024-01-31", date(2024, 1, 31), np.datetime64("2024-01-31"), np.datetime64("2024-01-31", "D")],
    ids=["text", "date", "datetime64", "datetime64 in days"],
)
def test_a_date_is_its_midnight(plain: Predictor, last: Any) -> None:
    found = plain.forecast([1.0, 2.0], 1, last_timestamp=last).timestamps
    np.testing.assert_array_equal(found, np.array([["2024-02-29T00"]], dtype="datetime64[s]"))


def test_one_moment_holds_for_every_series(plain: Predictor) -> None:
    found = plain.forecast([[1.0], [2.0]], 1, last_timestamp="2024-01-31").timestamps
    np.testing.assert_array_equal(found, np.array([["2024-02-29"]] * 2, dtype="datetime64[s]"))


def test_each_series_may_say_its_moment_in_its_own_way(plain: Predictor) -> None:
    last = ["2024-01-31", date(2023, 1, 31), np.datetime64("1969-12-01"), 0]
    found = plain.forecast([[1.0]] * 4, 1, last_timestamp=last).timestamps
    expected = [["2024-02-29"], ["2023-02-28"], ["1970-01-01"], ["1970-02-01"]]
    np.testing.assert_array_equal(found, np.array(expected, dtype="datetime64[s]"))


BERLIN = timezone(timedelta(hours=1))
# Each is refused with its series and its repr; timestamps are local wall-clock time.
REFUSED_MOMENTS: dict[str, Any] = {
    "a text that is no date": "yesterday",
    "an impossible date": "2024-02-30",
    "an empty text": "",
    "NaT as text": "NaT",
    "a boolean": True,
    "bytes": b"2024-01-31",
    "a duration": np.timedelta64(5, "s"),
    "a text in UTC": "2024-01-31T10:00Z",
    "a text with a UTC offset": "2024-01-31T10:00+01:00",
    "a datetime with a UTC offset": datetime(2024, 1, 31, 10, tzinfo=BERLIN),
    "the moment of the call": "now",
    "the day of the call": "today",
    "a date without dashes, to numpy the year 20240131": "20240131",
    "milliseconds since 1970": 1706695200000,
    "beyond 64 bits": 2**63,
    "the smallest of 64 bits": -(2**63),
}


@pytest.mark.parametrize("last", REFUSED_MOMENTS.values(), ids=REFUSED_MOMENTS)
def test_a_moment_that_cannot_be_used_is_refused(plain: Predictor, last: Any) -> None:
    message = complaint(plain, {"history": [[1.0], [2.0]], "last_timestamp": ["2024-01-31", last]})
    assert message.startswith("last_timestamp of series 1: expected an ISO date and time")
    assert message.endswith(f"found {last!r}")


NO_TIME = "which is no time; leave out the last timestamps where they are not known"
FLOAT = " (a count of seconds or of rows is an int, not a float)"


@pytest.mark.parametrize("last", [1.5, np.float64(1706695200), np.float32(0)], ids=repr)
def test_a_float_is_refused_with_what_to_write(plain: Predictor, last: Any) -> None:
    message = complaint(plain, {"history": [1.0], "last_timestamp": last})
    assert message.startswith("last_timestamp of series 0: expected an ISO date and time")
    assert message.endswith(f"found {last!r}{FLOAT}")


@pytest.mark.parametrize(
    "missing", [np.nan, np.float32("nan"), np.datetime64("NaT"), np.datetime64("NaT", "s")], ids=repr
)
def test_a_moment_that_is_none_is_refused_with_what_to_do(plain: Predictor, missing: Any) -> None:
    for last in (missing, [missing]):
        message = complaint(plain, {"history": [1.0], "last_timestamp": last})
        assert message == f"last_timestamp of series 0: found {missing!r}, {NO_TIME}"


def test_none_among_moments_is_refused(plain: Predictor) -> None:
    message = complaint(plain, {"history": [[1.0]] * 2, "last_timestamp": ["2024-01-31", None]})
    assert message.startswith("last_timestamp of series 1: found None, which is no time")


@pytest.mark.parametrize("last", [np.array("2024-01-31"), np.array(np.datetime64("2024-01-31"))], ids=repr)
def test_an_array_without_axes_is_the_moment_in_it(plain: Predictor, last: Any) -> None:
    found = plain.forecast([1.0, 2.0], 1, last_timestamp=last).timestamps
    np.testing.assert_array_equal(found, np.array([["2024-02-29"]], dtype="datetime64[s]"))


@pytest.mark.parametrize(
    "last",
    ["2024-01-31", np.datetime64("2024-01-31"), True, 2**63],
    ids=["text", "datetime64", "boolean", "beyond 64 bits"],
)
def test_without_a_calendar_a_moment_is_a_whole_number(
    with_step: Callable[[TimeStep], Predictor], last: Any
) -> None:
    message = complaint(with_step(TimeStep(1, "index")), {"history": [1.0], "last_timestamp": last})
    assert message == f"last_timestamp of series 0: expected a whole number, found {last!r}"


@pytest.mark.parametrize("count", [0, 1, 3])
def test_a_wrong_number_of_moments_is_refused(plain: Predictor, count: int) -> None:
    message = complaint(plain, {"history": [[1.0], [2.0]], "last_timestamp": ["2024-01-31"] * count})
    assert message == f"last_timestamp: {count} of them for 2 series"


@pytest.mark.parametrize("last", [[["2024-01-31"]], [["2024-01-31", 0]]], ids=["one", "two"])
def test_moments_of_two_dimensions_are_refused(plain: Predictor, last: Any) -> None:
    message = complaint(plain, {"history": [1.0], "last_timestamp": last})
    assert message.startswith("last_timestamp of series 0: expected an ISO date and time")


def test_ragged_moments_are_refused(plain: Predictor) -> None:
    message = complaint(plain, {"history": [[1.0], [2.0]], "last_timestamp": [0, [1, 2]]})
    assert message.startswith("last_timestamp of series 1: expected an ISO date and time")


# step: (a last timestamp that no regular series of that step has, the two that follow)
OFF_THE_GRID = {
    TimeStep(1, "hour"): ("2024-06-13T10:17:05", ["2024-06-13T11:17:05", "2024-06-13T12:17:05"]),
    TimeStep(1, "week"): ("2024-06-13", ["2024-06-20", "2024-06-27"]),
    TimeStep(1, "business-day"): ("2024-06-01", ["2024-06-03", "2024-06-04"]),
    TimeStep(1, "month-end"): ("2024-06-13", ["2024-07-31", "2024-08-31"]),
}


@pytest.mark.parametrize(("step", "dates"), OFF_THE_GRID.items(), ids=map(str, OFF_THE_GRID))
def test_a_moment_off_the_grid_begins_a_grid_or_goes_back_to_the_last_of_the_calendar(
    with_step: Callable[[TimeStep], Predictor], step: TimeStep, dates: tuple[str, list[str]]
) -> None:
    last, following = dates
    found = with_step(step).forecast([1.0, 2.0], 2, last_timestamp=last).timestamps
    np.testing.assert_array_equal(found, np.array([following], dtype="datetime64[s]"))
