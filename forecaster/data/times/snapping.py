"""Timestamps near the grid of a calendar, moved onto it: one in nearly every period, and never two in one.

Timestamps are int64 seconds of local wall-clock time since 1970-01-01.
"""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from deploy import TimeStep
from deploy.time.timestep import MONTH_PARTS, MONTH_UNITS, SECONDS
from forecaster.data.times.grid import (
    DAY,
    differences_within,
    grid_positions,
    is_on_day,
    most_frequent,
)
from forecaster.data.times.steps import LONGEST_PART, SHORTEST_PART, infer_step

Moved = tuple[NDArray[np.int64], TimeStep]
Candidate = tuple[NDArray[np.int64], TimeStep | None]  # timestamps, and the step if it is not to be inferred

WEEK = SECONDS["week"]
MONDAY = 4 * DAY  # 1970-01-05
FEWEST_STEPS = 4  # fewer may be regular by chance
NEXT_SHARE = 0.8  # of rows that are one step after the row before
FARTHEST = 0.25  # of a step: what lies farther from the grid is no jitter
HOUR = 3600
ROUNDINGS = (DAY, HOUR, 900, 300, 60, 10, 5, 1)  # seconds: steps and their phases are whole ones of these
ROUND_PHASE, FULL_PHASE = 1 / 20, 1 / 8  # of a step: how far the rows' phase may be from a rounder one
MEAN_MONTH = 30.44 * DAY
MONTHS, WEEKS = (1, 2, 3, 4, 6, 12), (1, 2)
MONTHS_APART = 0.3  # how far the usual difference of rows on any day may be from that of their months
# Days by which rows are late for their month: months of 4 or 5 weeks end days before or after the calendar's.
SHIFTS = (0, 15, 8, 22)
WIDEST = 18  # days between the earliest row and the latest, where some are in another month
USUAL_DAY_SHARE = 0.8  # of rows on a day that has a unit of its own, such as the last business day
SHORTEST_MONTH = 28
NARROWEST = 8  # days of a month: rows within so many keep their usual day


def snap(
    timestamps: NDArray[np.int64], offsets: NDArray[np.int64], asked: TimeStep | None, *, exactly: bool
) -> Moved | None:
    """Return the timestamps on the nearest grid of a calendar, and its step; None where there is none.

    timestamps: (rows,) strictly rising within each series; offsets: (series + 1,); asked: the only step;
    exactly: months are on the day of the unit asked for, and not on that of the rows.
    """
    differences = differences_within(timestamps, offsets)
    if len(differences) < (FEWEST_STEPS if asked is None else 1):
        return None
    usual = int(np.median(differences))
    best, most = None, NEXT_SHARE
    for moved, known in _candidates(timestamps, offsets, asked, usual, exactly):
        if not (differences_within(moved, offsets) > 0).all():
            continue
        step = known or asked or infer_step(moved, offsets, has_calendar=True)
        positions, on_grid = grid_positions(moved, offsets, step)
        share = float((differences_within(positions, offsets) == 1).mean())
        if on_grid.all() and (share > most or (share == most and best is None)):
            best, most = (moved, step), share
    return best


def _candidates(
    timestamps: NDArray[np.int64],
    offsets: NDArray[np.int64],
    asked: TimeStep | None,
    usual: int,
    exactly: bool,
) -> Iterator[Candidate]:
    """Give the timestamps moved in each way that may fit, the likeliest first."""
    if asked is None:
        for rounding in ROUNDINGS:
            seconds = round(usual / rounding) * rounding
            if abs(seconds - usual) <= FARTHEST * seconds and seconds < WEEK:
                yield from _to_fixed(timestamps, offsets, seconds)
        weeks = round(usual / WEEK)
        if weeks in WEEKS and abs(weeks * WEEK - usual) <= WEEK // 2:
            yield from _to_fixed(timestamps, offsets, weeks * WEEK)
        if SHORTEST_PART <= usual <= LONGEST_PART:
            for part in sorted(MONTH_PARTS, key=lambda unit: -is_on_day(timestamps, unit).mean()):
                yield TimeStep(1, part).shift(timestamps, np.array(0)), TimeStep(1, part)
        for months in MONTHS:
            if abs(months * MEAN_MONTH - usual) <= MONTHS_APART * usual:
                yield from _to_months(timestamps, months, None)
    elif asked.unit in MONTH_UNITS:
        is_free = asked.unit == "month" and not exactly
        yield from _to_months(timestamps, asked.count, None if is_free else asked.unit)
    elif asked.unit in MONTH_PARTS:
        yield asked.shift(timestamps, np.array(0)), asked
    elif asked.has_calendar:
        size = DAY if asked.unit == "business-day" else SECONDS[asked.unit]
        yield from _to_fixed(timestamps, offsets, asked.count * size)


def _to_fixed(timestamps: NDArray[np.int64], offsets: NDArray[np.int64], step: int) -> Iterator[Candidate]:
    """Give the nearest steps of so many seconds, with one phase and with one a series; then days or weeks."""
    phases = [np.full_like(timestamps, _phase(timestamps, step))]
    if len(offsets) > 2:
        each = [_phase(timestamps[begin:end], step) for begin, end in pairwise(offsets)]
        phases.append(np.repeat(np.array(each, dtype=np.int64), np.diff(offsets)))
    for phase in phases:
        moved = (timestamps - phase + step // 2) // step * step + phase
        limit = 3 * DAY if step % WEEK == 0 else FARTHEST * step  # a holiday moves a week by days
        if (np.abs(moved - timestamps) <= limit).all():
            yield moved, None
    for period, begin in ((DAY, 0), (WEEK, MONDAY), (WEEK, MONDAY - DAY)):
        if step == period:
            yield (timestamps - begin) // period * period + begin, None


def _phase(timestamps: NDArray[np.int64], step: int) -> int:
    """Return how many seconds after a whole step the rows usually lie: a round number where one is near."""
    first = int(timestamps[0])
    apart = (timestamps - first + step // 2) % step - step // 2
    usual = (first + int(np.sort(apart)[len(apart) // 2])) % step
    is_of_clock = step < DAY and (HOUR if step <= HOUR else DAY) % step == 0
    roundings = [(step, FULL_PHASE * step)] if is_of_clock else []
    roundings += [(size, min(ROUND_PHASE * step, size / 4)) for size in ROUNDINGS if size < step]
    for rounding, far in roundings:
        rounded = round(usual / rounding) * rounding
        if abs(rounded - usual) <= far:
            return rounded
    return usual


def _to_months(timestamps: NDArray[np.int64], count: int, unit: str | None) -> Iterator[Candidate]:
    """Give months, of which each row has one of its own, and then periods of several, such as quarters."""
    days = timestamps // DAY
    times = timestamps - days * DAY
    times = times if (times == times[0]).all() else np.zeros_like(times)
    for late in SHIFTS:
        first = _first_of_month(days - late, 1)
        following = _first_of_month(first + 31, 1)
        if late and np.ptp(days - following) > WIDEST:
            continue
        # Weeks begin on Sundays or Mondays, and periods of weeks, too.
        of_weeks = "month" if most_frequent((days + 3) % 7) in (0, 6) else "month-end"
        chosen = unit or (of_weeks if late else _unit_of_days(days, first))
        if late and chosen in ("month", "business-month-start"):
            first = following
        if chosen == "month":
            yield (first + (0 if late else _usual_day(days - first))) * DAY + times, TimeStep(count, chosen)
        else:
            yield TimeStep(1, chosen).shift(first * DAY, np.array(0)) + times, TimeStep(count, chosen)
    if count > 1 and unit in (None, "month"):
        yield _first_of_month(days, count) * DAY, TimeStep(count, "month")


def _first_of_month(days: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    """Return the first day of the month of each day, or of its period of so many months: (rows,)."""
    months = days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    return (months // count * count).astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)


def _unit_of_days(days: NDArray[np.int64], first: NDArray[np.int64]) -> str:
    """Return the unit of months whose day most rows are on: the last one where they are on any.

    days, and the first of their months: (rows,).
    """
    for unit in ("business-month-end", "business-month-start", "month-end"):
        if is_on_day(days * DAY, unit).mean() >= USUAL_DAY_SHARE:
            return unit
    after = days - first
    return "month" if _has_usual_day(after) and after.max() < SHORTEST_MONTH else "month-end"


def _has_usual_day(after: NDArray[np.int64]) -> bool:
    """Return whether rows lie on or near one day of the month. after: (rows,) days since the first."""
    return bool(np.ptp(after) <= NARROWEST or (after == most_frequent(after)).mean() >= USUAL_DAY_SHARE)


def _usual_day(after: NDArray[np.int64]) -> int:
    """Return the day of the month that most rows are on, the first where they are on any: from 0."""
    return min(most_frequent(after), SHORTEST_MONTH - 1) if _has_usual_day(after) else 0
