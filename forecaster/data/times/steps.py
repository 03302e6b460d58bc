"""The step between timestamps: the one asked for where it fits them, or inferred from them.

Timestamps are int64 seconds of local wall-clock time since 1970-01-01, or plain counts without a calendar.
"""

import numpy as np
from numpy.typing import NDArray

from deploy import TimeStep
from deploy.time.timestep import MONTH_PARTS
from forecaster.data.complaints import Complaint, Misfit, Option
from forecaster.data.row_times import BLOCK_ROWS, Moments, all_times
from forecaster.data.times.forms import INDEX
from forecaster.data.times.grid import (
    DAY,
    dates,
    day_of_month,
    differences_within,
    fixed_step,
    grid_positions,
    has_no_gap,
    is_month_end,
    is_on_day,
    months_since_1970,
    most_frequent,
)

SHORTEST_MONTH = 28 * DAY
SHORTEST_PART, LONGEST_PART = 8 * DAY, 17 * DAY
# Numbers that split a series at random leave many of its steps out; weekends and holidays leave out a few.
STEPS_KEPT = 0.7
LONGEST_STEP = 1.5  # of the usual difference between timestamps: months differ
REGULAR_SHARE = 0.8  # of rows that keep their day of the month: the others are mistakes to be named


def choose_step(
    chosen: TimeStep | None, times: Moments, offsets: NDArray[np.int64], time_format: str
) -> TimeStep:
    """Return the step that the user chose, made to fit the times, or the one inferred from them.

    times: (rows,) rising within each series; offsets: (series + 1,). Raises a Misfit or a Complaint.
    """
    has_calendar = time_format != INDEX
    if chosen is None:
        return infer_step(times, offsets, has_calendar=has_calendar)
    if chosen.has_calendar != has_calendar:
        found = "dates" if has_calendar else "plain counts"
        raise Misfit((Option("step"), f" is {chosen}, but the timestamps are {found}"))
    if chosen.unit == "month":
        timestamps = all_times(times)
        if day_of_month(timestamps).max() > 28 and is_month_end(timestamps).all():
            return TimeStep(chosen.count, "month-end")
    return chosen


def infer_step(times: Moments, offsets: NDArray[np.int64], *, has_calendar: bool) -> TimeStep:
    """Return the step from the most frequent difference within series, over the whole file.

    times: (rows,) strictly rising within each series; offsets: (series + 1,). Raises a Complaint when
    no series has two rows.
    """
    common = _most_frequent_difference(times, offsets)
    if not has_calendar:
        return TimeStep(common, "index")
    if common >= SHORTEST_MONTH:
        timestamps = all_times(times)
        starts = np.repeat(timestamps[offsets[:-1]], np.diff(offsets))
        if (timestamps % DAY == starts % DAY).all():
            months = most_frequent(differences_within(months_since_1970(timestamps), offsets))
            unit = _monthly_unit(timestamps, starts, months)
            if unit is not None:
                return TimeStep(months, unit)
    if SHORTEST_PART <= common <= LONGEST_PART:
        timestamps = all_times(times)
        for part in MONTH_PARTS:  # the first and the 15th are half months, too, but of their own
            if is_on_day(timestamps, part).all() and not has_no_gap(timestamps, offsets, fixed_step(common)):
                return TimeStep(1, part)
    if common == DAY and _skips_weekends(times, offsets):
        return TimeStep(1, "business-day")
    return fixed_step(common)


def is_even(differences: NDArray[np.int64]) -> bool:
    """Return whether most differences between timestamps are alike; months differ by days.

    differences: (steps,) above 0.
    """
    if not differences.size:
        return True
    ratio = differences / np.median(differences)
    return bool(((ratio <= LONGEST_STEP) & (ratio >= 1 / LONGEST_STEP)).mean() >= STEPS_KEPT)


def is_regular(seconds: NDArray[np.int64]) -> bool:
    """Return whether the moments follow each other by one step, without gaps; two or fewer always do."""
    moments = np.unique(seconds)
    if len(moments) < 3:
        return True
    ends = np.array([0, len(moments)])
    step = infer_step(moments, ends, has_calendar=True)
    positions, on_grid = grid_positions(moments, ends, step)
    return bool(on_grid.all() and (np.diff(positions) == 1).all())


def _most_frequent_difference(times: Moments, offsets: NDArray[np.int64]) -> int:
    """Return the difference between neighbours of a series. Raises a Complaint where none has two rows."""
    several = np.flatnonzero(np.diff(offsets) > 1)
    if not several.size:
        names_it = (Option("step"), " names it, such as ", Option("step", "1d"))
        raise Complaint(("a single row does not show the step; ", *names_it))
    first = offsets[several[0]]
    guess = int(times[first + 1] - times[first])
    if has_no_gap(times, offsets, TimeStep(guess, "index")):  # the usual case
        return guess
    return most_frequent(differences_within(all_times(times), offsets))


def _monthly_unit(timestamps: NDArray[np.int64], starts: NDArray[np.int64], months: int) -> str | None:
    """Return the unit of months whose day nearly all rows keep; None where they do not.

    timestamps, and the first of their series, starts: (rows,).
    """
    days = day_of_month(starts)
    same_days, ends = day_of_month(timestamps) == days, is_month_end(timestamps)
    if not (same_days.all() or ends.all()):
        for unit in ("business-month-end", "business-month-start"):
            if is_on_day(timestamps, unit).all():
                return unit
    same_day, month_ends = same_days.mean() >= REGULAR_SHARE, ends.mean() >= REGULAR_SHARE
    latest = int(days.max())
    if month_ends and latest == 28:  # years to 28 February end on the 29th in leap years
        return "month-end"
    # The 31st of every December needs no rule for month ends.
    if same_day and (latest <= 28 or months % 12 == 0):
        return "month"
    if month_ends:
        return "month-end"
    return "month" if same_day else None


def _skips_weekends(times: Moments, offsets: NDArray[np.int64]) -> bool:
    """Return whether there is no row on a Saturday or Sunday, though some series continues after one."""
    for begin in range(0, len(times), BLOCK_ROWS):  # nearly all series have a weekend in the first
        if not np.is_busday(dates(times[begin : begin + BLOCK_ROWS])).all():
            return False
    timestamps = all_times(times)
    days = dates(timestamps)
    starts = np.repeat(timestamps[offsets[:-1]], np.diff(offsets))
    working_days = np.busday_count(dates(starts), days)
    return bool((working_days < (timestamps - starts) // DAY).any())
