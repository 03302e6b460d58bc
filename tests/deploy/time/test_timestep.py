"""Steps of time: where the neighbours of a timestamp lie."""

from __future__ import annotations

import numpy as np
import pytest

from deploy import InputError, TimeStep


def seconds(texts: list[str]) -> np.ndarray:
    return np.array(texts, dtype="datetime64[s]").astype(np.int64)


# step, timestamp, {steps: where they lead}
SHIFTS = {
    "seconds": (TimeStep(30, "second"), "2024-01-01T00:00:00", {1: "2024-01-01T00:00:30"}),
    "minutes over midnight": (TimeStep(15, "minute"), "2024-01-01T23:50", {1: "2024-01-02T00:05"}),
    "hours into a leap day": (TimeStep(1, "hour"), "2024-02-28T23:00", {1: "2024-02-29", 25: "2024-03-01"}),
    "hours before 1970": (TimeStep(6, "hour"), "1969-12-31T20:00", {1: "1970-01-01T02", -1: "1969-12-31T14"}),
    "days": (TimeStep(1, "day"), "2023-02-28T06:00", {1: "2023-03-01T06", -28: "2023-01-31T06"}),
    "weeks": (TimeStep(2, "week"), "2024-12-23", {1: "2025-01-06", -1: "2024-12-09"}),
    "business days over a weekend": (
        TimeStep(1, "business-day"),
        "2024-03-01T17:30",
        {1: "2024-03-04T17:30", 6: "2024-03-11T17:30", 0: "2024-03-01T17:30", -5: "2024-02-23T17:30"},
    ),
    "business days from a Saturday": (
        TimeStep(1, "business-day"),
        "2024-03-02",
        {1: "2024-03-04", -1: "2024-02-29"},
    ),
    "business days before 1970": (
        TimeStep(1, "business-day"),
        "1969-12-26",
        {1: "1969-12-29", -1: "1969-12-25"},
    ),
    "months from the 31st": (
        TimeStep(1, "month"),
        "2024-01-31",
        {1: "2024-02-29", 2: "2024-03-31", 3: "2024-04-30", 13: "2025-02-28", -1: "2023-12-31"},
    ),
    "months in a common year": (TimeStep(1, "month"), "2023-01-31", {1: "2023-02-28"}),
    "months with a time of day": (TimeStep(1, "month"), "2024-05-15T08:30", {1: "2024-06-15T08:30"}),
    "months before 1970": (
        TimeStep(1, "month"),
        "1970-01-31T01:00",
        {-1: "1969-12-31T01", -2: "1969-11-30T01"},
    ),
    "month ends": (
        TimeStep(1, "month-end"),
        "2023-02-28",
        {1: "2023-03-31", 2: "2023-04-30", 12: "2024-02-29", -1: "2023-01-31"},
    ),
    "month ends from within a month": (
        TimeStep(1, "month-end"),
        "2024-01-10",
        {0: "2024-01-31", 1: "2024-02-29"},
    ),
    "quarters": (TimeStep(3, "month"), "2023-11-30", {1: "2024-02-29", 2: "2024-05-30", -1: "2023-08-30"}),
    "quarter ends": (TimeStep(3, "month-end"), "2023-12-31", {1: "2024-03-31", 2: "2024-06-30"}),
    "business month ends": (
        TimeStep(1, "business-month-end"),
        "2024-05-31",
        {0: "2024-05-31", 1: "2024-06-28", 3: "2024-08-30", -1: "2024-04-30", -2: "2024-03-29"},
    ),
    "business month starts at a time of day": (
        TimeStep(1, "business-month-start"),
        "2024-05-01T16:00",
        {1: "2024-06-03T16:00", 4: "2024-09-02T16:00", -2: "2024-03-01T16:00"},
    ),
    "business quarter ends before 1970": (
        TimeStep(3, "business-month-end"),
        "1969-12-31",
        {-1: "1969-09-30", -3: "1969-03-31", 5: "1971-03-31"},
    ),
    "half months": (
        TimeStep(1, "half-month"),
        "2024-02-16",
        {1: "2024-03-01", 2: "2024-03-16", -3: "2024-01-01"},
    ),
    "half months by their ends": (
        TimeStep(1, "half-month-end"),
        "2024-02-15T06:00",
        {0: "2024-02-15T06:00", 1: "2024-02-29T06:00", 3: "2024-03-31T06:00", -1: "2024-01-31T06:00"},
    ),
    "the first and the 15th": (TimeStep(1, "semi-month"), "2024-02-15", {1: "2024-03-01", -4: "2023-12-15"}),
    "dekads": (TimeStep(1, "dekad"), "2024-02-21", {1: "2024-03-01", 2: "2024-03-11", -3: "2024-01-21"}),
    "dekads by their ends before 1970": (
        TimeStep(1, "dekad-end"),
        "1969-12-31",
        {-1: "1969-12-20", -2: "1969-12-10", -3: "1969-11-30", 1: "1970-01-10", 36: "1970-12-31"},
    ),
    "years": (TimeStep(12, "month"), "2024-02-29", {1: "2025-02-28", 4: "2028-02-29", -124: "1900-02-28"}),
}


@pytest.mark.parametrize(("step", "start", "expected"), SHIFTS.values(), ids=SHIFTS)
def test_a_timestamp_moves_by_steps(step: TimeStep, start: str, expected: dict[int, str]) -> None:
    found = step.shift(seconds([start]), np.array(list(expected)))
    np.testing.assert_array_equal(found, seconds(list(expected.values())))


def test_without_a_calendar_steps_are_counts() -> None:
    np.testing.assert_array_equal(
        TimeStep(10, "index").shift(np.array([7]), np.array([-1, 0, 2])), [-3, 7, 27]
    )


@pytest.mark.parametrize("unit", ["hour", "business-day", "month", "month-end", "index"])
def test_a_batch_moves_by_several_steps_at_once(unit: str) -> None:
    step, starts = TimeStep(1, unit), seconds(["2024-01-31", "1969-12-31", "2023-02-28"])
    steps = np.arange(-3, 4)
    together = step.shift(starts[:, None], steps[None])  # (batch, steps)
    one_by_one = [[int(step.shift(np.array([t]), np.array([n]))[0]) for n in steps] for t in starts]
    np.testing.assert_array_equal(together, one_by_one)


@pytest.mark.parametrize("unit", ["second", "hour", "week", "business-day", "month", "month-end", "index"])
def test_moved_timestamps_are_int64(unit: str) -> None:
    assert TimeStep(1, unit).shift(np.array([0]), np.array([1])).dtype == np.int64


def test_moving_leaves_the_timestamps_as_they_were() -> None:
    starts = seconds(["2024-01-31"])
    TimeStep(1, "month").shift(starts, np.array([1]))
    np.testing.assert_array_equal(starts, seconds(["2024-01-31"]))


@pytest.mark.parametrize(
    ("step", "text"),
    [
        (TimeStep(1, "hour"), "1 hour"),
        (TimeStep(3, "month"), "3 months"),
        (TimeStep(5, "business-day"), "5 business-days"),
        (TimeStep(1, "index"), "1 row"),
        (TimeStep(2, "index"), "2 rows"),
    ],
    ids=str,
)
def test_a_step_reads_as_words(step: TimeStep, text: str) -> None:
    assert str(step) == text


@pytest.mark.parametrize(
    ("step", "mean"),
    [
        (TimeStep(2, "hour"), 7200.0),
        (TimeStep(1, "week"), 604800.0),
        (TimeStep(5, "business-day"), 604800.0),
        (TimeStep(12, "month"), 31556952.0),
        (TimeStep(12, "month-end"), 31556952.0),
        (TimeStep(1, "index"), 0.0),
    ],
    ids=str,
)
def test_a_step_lasts_this_long_on_average(step: TimeStep, mean: float) -> None:
    assert step.mean_seconds == mean


@pytest.mark.parametrize(("unit", "expected"), [("hour", True), ("month-end", True), ("index", False)])
def test_only_counts_have_no_calendar(unit: str, expected: bool) -> None:
    assert TimeStep(1, unit).has_calendar is expected


def test_an_unknown_unit_is_refused_with_those_known() -> None:
    with pytest.raises(InputError) as error:
        TimeStep(1, "fortnight")
    known = "second, minute, hour, day, week, business-day, month, month-end, business-month-start, "
    known += "business-month-end, half-month, half-month-end, semi-month, dekad, dekad-end, index"
    assert str(error.value) == f"unknown time unit 'fortnight'; known: {known}"


@pytest.mark.parametrize("count", [0, -1])
def test_a_step_of_nothing_is_refused(count: int) -> None:
    with pytest.raises(InputError) as error:
        TimeStep(count, "hour")
    assert str(error.value) == f"a time step is at least 1 hour, found {count}"
