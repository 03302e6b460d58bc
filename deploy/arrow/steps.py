"""Rows on the steps of their series, where steps have no row or the calendar says how long they are."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ..time.timestep import MISSING_TIME, SECONDS, Timestamps, TimeStep

Integers = NDArray[np.int64]
OFF = np.iinfo(np.int64).max  # steps behind of a row that is on no step
# Steps by which the calendar may differ from mean lengths: weekends, months.
_NEAR = (0, -1, 1, -2, 2)


@dataclass(frozen=True)
class Spans:
    """The rows of each series that count: from its first observed value to its last, and those after it."""

    first: Integers  # (series,)
    end: Integers  # (series,) row after the last observed value
    stop: Integers  # (series,) row after the last of all

    def __getitem__(self, series: Integers) -> "Spans":
        return Spans(self.first[series], self.end[series], self.stop[series])


@dataclass(frozen=True)
class Placed:
    """Rows of some series by the step on which they stand."""

    row: Integers  # (rows,)
    series: Integers  # (rows,)
    behind: Integers  # (rows,) steps before the last observed value; below 0 after it
    wrong: dict[int, str] = field(default_factory=dict)  # why the rows of a series stand on no steps


def uneven_series(step: TimeStep, times: Timestamps, offsets: Integers) -> Integers:
    """Return the series whose rows do not stand a step apart; all where a step differs by the calendar."""
    length = fixed_length(step)
    if length is None:
        return np.arange(len(offsets) - 1)
    uneven = times[1:] - times[:-1] != length
    uneven[offsets[1:-1] - 1] = False  # from one series to the next
    alone = offsets[:-1][times[offsets[:-1]] == MISSING_TIME]
    places = np.concatenate([np.flatnonzero(uneven), alone])
    return np.unique(np.searchsorted(offsets, places, side="right") - 1)


def place_rows(
    step: TimeStep,
    times: Timestamps,
    series: Integers,
    spans: Spans,
    reach: tuple[int, int],
    say: Callable[[int], str],
) -> Placed:
    """Place the rows of series, of which `spans` are, on the steps around their last observed values.

    reach: steps up to the last value, and after it, that count; say: how an error calls a time.
    """
    width, horizon = reach
    begin, stop = np.maximum(spans.first, spans.end - width), np.minimum(spans.stop, spans.end + horizon)
    counts = stop - begin
    of = np.repeat(np.arange(len(series)), counts)
    row = np.arange(counts.sum()) + np.repeat(begin - (np.cumsum(counts) - counts), counts)
    shown, last, first = times[row], times[spans.end - 1][of], times[begin][of]
    is_missing = shown == MISSING_TIME
    unknown = is_missing | (last == MISSING_TIME) | (first == MISSING_TIME)
    behind = np.full(len(row), OFF)
    known = np.flatnonzero(~unknown)
    behind[known] = _steps_behind(step, shown[known], first[known], last[known])
    wrong: dict[int, str] = {}
    for place in np.flatnonzero(is_missing).tolist():
        wrong.setdefault(int(series[of[place]]), "one of its rows has no time")
    apart = np.flatnonzero((behind == OFF) & ~unknown)
    inside = apart[shown[apart] > step.shift(last[apart], np.full(len(apart), -width))]
    for place in inside.tolist():
        text = f"{say(int(shown[place]))} is no whole number of steps ({step}) from {say(int(last[place]))}"
        wrong.setdefault(int(series[of[place]]), text)
    again = np.flatnonzero((of[1:] == of[:-1]) & (behind[1:] == behind[:-1]) & (behind[1:] != OFF))
    for place in again.tolist():
        wrong.setdefault(int(series[of[place]]), f"it has two rows at {say(int(shown[place]))}")
    good = np.flatnonzero((behind < width) & (behind >= -horizon))
    return Placed(row[good], series[of[good]], behind[good], wrong)


def _steps_behind(step: TimeStep, times: Timestamps, first: Timestamps, last: Timestamps) -> Integers:
    """Return how many steps each time lies before the last of its series, OFF where on none: (rows,).

    first, last: (rows,) both ends of the series of each row: months may be counted from either, as 31 days
    differ.
    """
    found = _steps_back(step, times, last)
    off = np.flatnonzero(found == OFF)
    if len(off) and fixed_length(step) is None:
        length, ahead = (-_steps_back(step, ends[off], first[off]) for ends in (last, times))
        good = (length != -OFF) & (ahead != -OFF)
        found[off[good]] = (length - ahead)[good]
    return found


def _steps_back(step: TimeStep, times: Timestamps, origin: Timestamps) -> Integers:
    """Return n where step.shift(origin, -n) is the time, OFF where there is none."""
    apart = origin - times
    length = fixed_length(step)
    if length is not None:
        steps, left = np.divmod(apart, length)
        return np.where(left == 0, steps, OFF)
    about = np.rint(apart / step.mean_seconds).astype(np.int64)
    found = np.full(len(times), OFF)
    for near in _NEAR:
        left = np.flatnonzero(found == OFF)
        guess = about[left] + near
        hit = step.shift(origin[left], -guess) == times[left]
        found[left[hit]] = guess[hit]
    return found


def fixed_length(step: TimeStep) -> int | None:
    """Return the length of a step in seconds or counts; None where the calendar decides it."""
    if not step.has_calendar:
        return step.count
    return step.count * SECONDS[step.unit] if step.unit in SECONDS else None
