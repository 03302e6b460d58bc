"""Timestamps of a file: their text forms and the step between them.

Timestamps are int64 seconds of local wall-clock time since 1970-01-01, or plain counts without a calendar.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from deploy.errors import ConfigError, DataError
from deploy.timestep import TimeStep

from .grid import (
    DAY,
    dates,
    day_of_month,
    differences_within,
    fixed_step,
    has_no_gap,
    is_month_end,
    months_since_1970,
    most_frequent,
)

INDEX = "index"  # the "format" of timestamps that are plain counts
EXPECTED = "expected ISO 8601, such as 2024-01-31 or 2024-01-31 13:00"
FORMATS = (
    "%Y-%m-%d",
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%d %H:%M",
    "%Y-%m-%dT%H:%M:%S",
    "%Y-%m-%dT%H:%M",
    "%Y-%m",
)
UTC_OFFSET = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)? ?(Z|UTC|[+-]\d{2}(:?\d{2})?)")
SAMPLE_CELLS = 1000  # enough to tell a column of timestamps from one of words

SHORTEST_MONTH = 28 * DAY

STEP_UNITS: dict[str, TimeStep] = {
    "": TimeStep(1, "index"),
    "s": TimeStep(1, "second"),
    "min": TimeStep(1, "minute"),
    "h": TimeStep(1, "hour"),
    "d": TimeStep(1, "day"),
    "b": TimeStep(1, "business-day"),
    "w": TimeStep(1, "week"),
    "month": TimeStep(1, "month"),
    "month-end": TimeStep(1, "month-end"),
    "quarter": TimeStep(3, "month"),
    "y": TimeStep(12, "month"),
}


@dataclass(frozen=True)
class ParsedTimestamps:
    """Timestamps that were texts, and the form to write them back in."""

    seconds: NDArray[np.int64]  # (cells,), meaningless where not valid
    valid: NDArray[np.bool_]  # (cells,)
    time_format: str


def parse_timestamps(cells: pd.Series[str]) -> ParsedTimestamps:
    """The timestamps written in `cells`; a cell that is missing or of no known form is not valid.

    A column may mix forms, such as dates without a time at midnight: the most detailed is written back.
    """
    seconds = np.zeros(len(cells), dtype=np.int64)
    valid = np.zeros(len(cells), dtype=np.bool_)
    found = []
    first = cells.dropna().iloc[:1]
    # A form that no cell has costs seconds in a long file: begin with that of the first cell.
    formats = sorted(FORMATS, key=lambda form: bool(_read_form(first, form).isna().all()))
    for time_format in formats:
        left = np.flatnonzero(~valid)
        if not left.size:
            break
        stamps = _read_form(cells.iloc[left], time_format).to_numpy().astype("datetime64[s]")
        read = ~np.isnat(stamps)
        seconds[left[read]] = stamps[read].astype(np.int64)
        valid[left[read]] = True
        if read.any():
            found.append(time_format)
    return ParsedTimestamps(seconds, valid, max(found, key=len, default=FORMATS[0]))


def _read_form(cells: pd.Series[str], time_format: str) -> pd.Series[pd.Timestamp]:
    """The cells of one form as timestamps, NaT for all others."""
    return pd.to_datetime(cells, format=time_format, errors="coerce")


def looks_like_timestamps(cells: pd.Series[str]) -> bool:
    """Whether most of the non-missing cells are timestamps, with or without a UTC offset (from a sample)."""
    present = cells.dropna()
    sample = present.iloc[:: max(1, len(present) // SAMPLE_CELLS)]
    if sample.empty:
        return False
    timed = parse_timestamps(sample).valid | has_utc_offset(sample)
    return bool(timed.mean() > 0.5)


def has_utc_offset(cells: pd.Series[str]) -> NDArray[np.bool_]:
    """(cells,): whether each is a timestamp with a UTC offset such as Z or +01:00."""
    return np.fromiter((bool(UTC_OFFSET.fullmatch(str(cell))) for cell in cells), np.bool_, len(cells))


def write_timestamps(timestamps: NDArray[np.int64], time_format: str) -> list[str]:
    """The text of each timestamp, in a strftime format or "index" for plain counts."""
    if time_format == INDEX:
        return [str(count) for count in timestamps.tolist()]
    return list(pd.DatetimeIndex(timestamps.astype("datetime64[s]")).strftime(time_format))


def parse_step(text: str) -> TimeStep:
    """The step that a text such as 1h, 15min, 1month or 1 (rows) names. Raises ConfigError."""
    match = re.fullmatch(r"(\d*) ?([a-z-]*)", text.strip().lower())
    count = int(match[1] or bool(match[2])) if match else 0
    if match is None or match[2] not in STEP_UNITS or count == 0:
        known = ", ".join(f"1{suffix}" for suffix in STEP_UNITS)
        raise ConfigError(f'--step "{text}" is not a step; known: {known}, and multiples such as 15min')
    unit = STEP_UNITS[match[2]]
    return TimeStep(count * unit.count, unit.unit)


def choose_step(
    chosen: TimeStep | None, timestamps: NDArray[np.int64], offsets: NDArray[np.int64], time_format: str
) -> TimeStep:
    """The step that the user chose, made to fit the timestamps, or the one inferred from them.

    timestamps: (rows,) rising within each series; offsets: (series + 1,). Raises ConfigError, DataError.
    """
    has_calendar = time_format != INDEX
    if chosen is None:
        return infer_step(timestamps, offsets, has_calendar=has_calendar)
    if chosen.has_calendar != has_calendar:
        found = "dates" if has_calendar else "plain counts"
        raise ConfigError(f"--step is {chosen}, but the timestamps are {found}")
    if chosen.unit == "month" and day_of_month(timestamps).max() > 28 and is_month_end(timestamps).all():
        return TimeStep(chosen.count, "month-end")
    return chosen


def infer_step(timestamps: NDArray[np.int64], offsets: NDArray[np.int64], *, has_calendar: bool) -> TimeStep:
    """The step from the most frequent difference within series, over the whole file.

    timestamps: (rows,) strictly rising within each series; offsets: (series + 1,). Raises DataError when no
    series has two rows.
    """
    common = _most_frequent_difference(timestamps, offsets)
    if not has_calendar:
        return TimeStep(common, "index")
    starts = np.repeat(timestamps[offsets[:-1]], np.diff(offsets))
    if common >= SHORTEST_MONTH and (timestamps % DAY == starts % DAY).all():
        months = most_frequent(differences_within(months_since_1970(timestamps), offsets))
        same_day = bool((day_of_month(timestamps) == day_of_month(starts)).all())
        # The 31st of every December needs no rule for month ends.
        if same_day and (int(day_of_month(starts).max()) <= 28 or months % 12 == 0):
            return TimeStep(months, "month")
        if is_month_end(timestamps).all():
            return TimeStep(months, "month-end")
        if same_day:
            return TimeStep(months, "month")
    if common == DAY and _skips_weekends(timestamps, starts):
        return TimeStep(1, "business-day")
    return fixed_step(common)


def _most_frequent_difference(timestamps: NDArray[np.int64], offsets: NDArray[np.int64]) -> int:
    """Raises DataError when no series has two rows."""
    several = np.flatnonzero(np.diff(offsets) > 1)
    if not several.size:
        raise DataError("a single row does not show the step; --step names it, such as --step 1d")
    first = offsets[several[0]]
    guess = int(timestamps[first + 1] - timestamps[first])
    if has_no_gap(timestamps, offsets, TimeStep(guess, "index")):  # the usual case
        return guess
    return most_frequent(differences_within(timestamps, offsets))


def _skips_weekends(timestamps: NDArray[np.int64], starts: NDArray[np.int64]) -> bool:
    """Whether there is no row on a Saturday or Sunday, though some series goes on after one."""
    days = dates(timestamps)
    working_days = np.busday_count(dates(starts), days)
    return bool(np.is_busday(days).all() and (working_days < (timestamps - starts) // DAY).any())
