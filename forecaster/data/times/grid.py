"""The grid that timestamps lie on: positions, differences, and the calendar arithmetic under them.

Timestamps are int64 seconds of local wall-clock time since 1970-01-01, or plain counts without a calendar.
"""

import numpy as np
from numpy.typing import NDArray

from deploy import TimeStep
from deploy.time.timestep import MONTH_PARTS, MONTH_UNITS, SECONDS, parts_since_1970
from forecaster.data.row_times import Moments, all_differences

DAY = SECONDS["day"]
# A grid of which fewer steps have a row is an accident, not a grid.
LEAST_FILLED = 0.4
_TIMES = {1: "once", 2: "twice"}
_SUFFIX = {
    **{"second": "s", "minute": "min", "hour": "h", "day": "d", "week": "w", "index": ""},
    **{"month": "month", "month-end": "month-end", "business-day": "b"},
}


def grid_positions(
    timestamps: NDArray[np.int64], offsets: NDArray[np.int64], step: TimeStep
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Return how many steps each timestamp lies after the first of its series, and whether on the grid.

    timestamps: (rows,) rising within each series; offsets: (series + 1,). Returns (rows,) int64 and bool.
    """
    lengths = np.diff(offsets)
    starts = np.repeat(timestamps[offsets[:-1]], lengths)
    if step.unit in MONTH_UNITS:
        units = months_since_1970(timestamps) - months_since_1970(starts)
    elif step.unit in MONTH_PARTS:
        units = parts_since_1970(dates(timestamps), step.unit) - parts_since_1970(dates(starts), step.unit)
    elif step.unit == "business-day":
        units = np.busday_count(dates(starts), dates(timestamps)).astype(np.int64)
    else:
        units = (timestamps - starts) // SECONDS.get(step.unit, 1)
    positions = units // step.count
    return positions, step.shift(starts, positions) == timestamps


def has_no_gap(times: Moments, offsets: NDArray[np.int64], step: TimeStep) -> bool:
    """Return whether every row lies a step after the one before in its series.

    False for steps of the calendar.
    """
    if step.unit not in SECONDS and step.unit != "index":
        return False
    size = step.count * SECONDS.get(step.unit, 1)
    return all_differences(times, offsets, lambda differences: differences == size)


def describe_differences(
    timestamps: NDArray[np.int64], offsets: NDArray[np.int64], *, has_calendar: bool
) -> str:
    """Return the two most frequent steps and how often each occurs: "1 hour 312 times, 90 minutes once"."""
    steps, counts = np.unique(differences_within(timestamps, offsets), return_counts=True)
    most = np.argsort(-counts, kind="stable")[:2]
    pairs = zip(steps[most].tolist(), counts[most].tolist(), strict=True)
    return ", ".join(
        f"{fixed_step(step) if has_calendar else step} {_TIMES.get(count, f'{count} times')}"
        for step, count in pairs
    )


def suggest_step(
    timestamps: NDArray[np.int64], offsets: NDArray[np.int64], *, has_calendar: bool
) -> str | None:
    """Return the text for --step of a grid on which every timestamp lies.

    None if there is none of which a good part has rows.
    """
    differences = differences_within(timestamps, offsets)
    divisor = int(np.gcd.reduce(differences))
    if divisor < LEAST_FILLED * differences.mean():
        return None
    return name_step(fixed_step(divisor) if has_calendar else TimeStep(divisor, "index"))


def name_step(step: TimeStep) -> str:
    """Return the text for --step that names a step."""
    return f"{step.count}{_SUFFIX[step.unit]}"


def fixed_step(seconds: int) -> TimeStep:
    """Return seconds as a step, in the largest unit that divides them."""
    unit = next(unit for unit in ("week", "day", "hour", "minute", "second") if seconds % SECONDS[unit] == 0)
    return TimeStep(seconds // SECONDS[unit], unit)


def differences_within(values: NDArray[np.int64], offsets: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return differences between neighbours of the same series: (rows - series,)."""
    within = np.ones(len(values) - 1, dtype=np.bool_)
    within[offsets[1:-1] - 1] = False
    return (values[1:] - values[:-1])[within]


def most_frequent(values: NDArray[np.int64]) -> int:
    """Return the most frequent value, the smallest of several."""
    distinct, counts = np.unique(values, return_counts=True)
    return int(distinct[counts.argmax()])


def dates(timestamps: NDArray[np.int64]) -> NDArray[np.datetime64]:
    """Return the day of each timestamp."""
    return (timestamps // DAY).astype("datetime64[D]")


def months_since_1970(timestamps: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return months since January 1970."""
    return dates(timestamps).astype("datetime64[M]").astype(np.int64)


def day_of_month(timestamps: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the day of the month of each, 1 to 31."""
    days = dates(timestamps)
    first = days.astype("datetime64[M]").astype("datetime64[D]")
    since: NDArray[np.int64] = (days - first).astype(np.int64)
    return since + 1


def is_month_end(timestamps: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return whether each timestamp lies on the last day of a month."""
    last: NDArray[np.bool_] = day_of_month(timestamps + DAY) == 1
    return last


def is_on_day(timestamps: NDArray[np.int64], unit: str) -> NDArray[np.bool_]:
    """Return whether each timestamp lies on the day of a month that a unit other than "month" leads to."""
    on_day: NDArray[np.bool_] = TimeStep(1, unit).shift(timestamps, np.array(0)) == timestamps
    return on_day
