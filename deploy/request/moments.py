"""The last timestamp of a history, and the timestamps that follow from it."""

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..bundle.bundle import Manifest
from ..errors import InputError
from ..time.timestep import MISSING_TIME, Timestamps, TimeStep
from .arrays import CheckTime, no_limit, on_time, rank, refuse

# The years 1 to 9999; what lies beyond is in milliseconds, or a date without its dashes.
CALENDAR_RANGE = (-62135596800, 253402300799)
COUNT_RANGE = (-(2**62), 2**62)  # room for the steps of a forecast within int64
LOCAL_TIME = re.compile(r"\d{4}-\d{2}(-\d{2}([T ]\d{2}(:\d{2}(:\d{2}(\.\d+)?)?)?)?)?")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def check_last_timestamp(
    manifest: Manifest, last: Any, batch: int, check_time: CheckTime = no_limit
) -> Timestamps | None:
    """Return int64 (batch,): when each history was last observed; None if it was not said.

    last: datetime64, datetime, ISO text or int (seconds since 1970, or a count), or a sequence of them. Where
    the model has a time zone they are of UTC or have a UTC offset, and the result is on the model's clock.
    """
    if last is None:
        return None
    last = last[()] if isinstance(last, np.ndarray) and last.ndim == 0 else last
    several = not isinstance(last, str | date | datetime) and rank(last) != 0
    if several and len(last) != batch:
        raise InputError(f"last_timestamp: {len(last)} of them for {batch} series")
    found = _read_together(manifest, last) if type(last) is np.ndarray else None
    if found is None:
        items = on_time(last if several else [last], check_time)
        found = read_timestamps(manifest, items, "last_timestamp of series {}")
    return found if several else np.repeat(found, batch)


def _read_together(manifest: Manifest, moments: NDArray[Any]) -> Timestamps | None:
    """Return what read_timestamps does of an array; None where it may refuse one, or is left to say how."""
    is_count = moments.dtype.kind in "iu"
    is_time = moments.dtype.kind == "M" and moments.dtype != "datetime64"  # which has no unit
    if moments.ndim != 1 or not (is_count or (is_time and manifest.time_step.has_calendar)):
        return None
    seconds = moments
    if is_time:
        whole = moments.astype("datetime64[s]")
        if not (whole.astype(moments.dtype) == moments).all():  # parts of seconds, NaT, or no time of int64
            return None
        seconds = whole.astype(np.int64)
    first, last = _limits(manifest)
    if not ((seconds >= first) & (seconds <= last)).all():
        return None
    found = seconds.astype(np.int64)
    return manifest.clock.from_utc(found) if manifest.clock else found


def read_timestamps(manifest: Manifest, items: Iterable[Any], what: str) -> Timestamps:
    """Return int64 (items,) on the model's clock, of anything that check_last_timestamp takes.

    what: how an error calls an item, {} is its number. Raises InputError.
    """
    numbered = enumerate(items)
    found = np.array([_timestamp(manifest, item, what, n) for n, item in numbered], dtype=np.int64)
    return manifest.clock.from_utc(found) if manifest.clock else found


def check_grid(manifest: Manifest, items: Sequence[Any], what: str, skipped: int = 0) -> None:
    """Check that neighbouring values are a step apart, from the first of them or from the last.

    what: as in read_timestamps; skipped: items before the first. Raises InputError with the first one off.
    """
    place = first_off_grid(manifest.time_step, read_timestamps(manifest, items, what))
    if place is not None:
        raise InputError(
            f"{what.format(place + skipped)}: {items[place]!r} is not {manifest.time_step} after "
            f"{items[place - 1]!r}; give every step, with no value where none was observed"
        )


def first_off_grid(step: TimeStep, moments: Timestamps) -> int | None:
    """Return the place of the first moment that is not a step after the one before; None where all are.

    moments: (time,). Months may be counted from the first of them or from the last, as 31 days differ.
    """
    ahead = np.arange(len(moments))
    expected = step.shift(moments[:1], ahead)
    if (expected == moments).all() or (step.shift(moments[-1:], ahead - ahead[-1]) == moments).all():
        return None
    return int(np.flatnonzero(expected != moments)[0])


def check_wall_times(
    manifest: Manifest, past: Timestamps, lengths: NDArray[np.int64], future: Timestamps
) -> None:
    """Check tensors of times as check_grid does; a series may also have none at all, MISSING_TIME.

    past: (batch, context) wall-clock times, of which `lengths` count, and then the last again; future:
    (batch, horizon). Raises InputError with the first one off.
    """
    missing = (past == MISSING_TIME).all(axis=1) & (future == MISSING_TIME).all(axis=1)
    first, last = CALENDAR_RANGE
    for name, times in (("timestamps", past), ("future_timestamps", future)):
        outside = ((times < first) | (times > last)) & ~missing[:, None]
        words = "seconds since 1970 in the years 1 to 9999, of every step or of none"
        refuse(outside, times, f"inputs.{name}", words, 0)
    ends = np.where(missing, 0, past[np.arange(len(past)), lengths - 1])
    good = missing
    for on_clock in _clock_times(manifest, ends):
        expected = calendar_tensors(manifest, on_clock, lengths, future.shape[1])
        good = good | ((past == expected[0]).all(axis=1) & (future == expected[1]).all(axis=1))
    for series in np.flatnonzero(~good).tolist():
        _check_row(manifest, series, past[series, : lengths[series]], future[series])


def _clock_times(manifest: Manifest, wall: Timestamps) -> tuple[Timestamps, ...]:
    """Return wall-clock times on the clock of the model; where clocks are put back a time may be two."""
    clock = manifest.clock
    return (wall,) if clock is None or not clock.in_utc else clock.zone.to_utc(wall)


def _check_row(manifest: Manifest, series: int, past: Timestamps, future: Timestamps) -> None:
    """Raise InputError for the first time that is not a step after the one before. past: (time,)."""
    wall, step = np.concatenate([past, future]), manifest.time_step
    place = _first_off_wall(manifest, wall)
    if place is None:
        return
    name, position = ("timestamps", place) if place < len(past) else ("future_timestamps", place - len(past))
    before, found = wall[place - 1 : place + 1].astype("datetime64[s]")
    raise InputError(
        f"inputs.{name}, series {series}, position {position}: {found} is not {step} after {before}; give "
        "every step, with no value where none was observed"
    )


def _first_off_wall(manifest: Manifest, wall: Timestamps) -> int | None:
    """Return what first_off_grid does of wall-clock times, of which an hour may be missing or there twice."""
    step, clock = manifest.time_step, manifest.clock
    if clock is None or not clock.in_utc:
        return first_off_grid(step, wall)
    ahead = np.arange(len(wall))
    shown = [clock.to_wall(step.shift(first, ahead)) for first in _clock_times(manifest, wall[:1])]
    off = [np.flatnonzero(expected != wall) for expected in shown]
    return max(int(places[0]) for places in off) if all(map(len, off)) else None


def _limits(manifest: Manifest) -> tuple[int, int]:
    """Return the first and the last timestamp that a model takes."""
    return CALENDAR_RANGE if manifest.time_step.has_calendar else COUNT_RANGE


def _timestamp(manifest: Manifest, value: Any, what: str, number: int) -> int:
    calendar, zone = manifest.time_step.has_calendar, manifest.columns.timezone
    seconds = None
    if _is_missing(value):
        remedy = "leave out the last timestamps where they are not known"
        raise InputError(f"{what.format(number)}: found {value!r}, which is no time; {remedy}")
    if isinstance(value, int | np.integer) and not isinstance(value, bool | np.timedelta64):
        seconds = int(value)
    elif calendar and isinstance(value, str | date | np.datetime64):
        seconds = _local_time(value) if zone is None else _moment(value)
    first, last = _limits(manifest)
    if seconds is None or not first <= seconds <= last:
        years = "in the years 1 to 9999"
        wanted = f"an ISO date and time without a UTC offset, {years}" if calendar else "a whole number"
        if zone is not None:
            wanted = f"an ISO date and time with a UTC offset, {years}, since the model's time zone is {zone}"
        is_float = isinstance(value, float | np.floating)
        cast = " (a count of seconds or of rows is an int, not a float)" if is_float else ""
        raise InputError(f"{what.format(number)}: expected {wanted}, found {value!r}{cast}")
    return seconds


def _is_missing(value: Any) -> bool:
    """Return whether a value says that there is none: None, NaN, NaT of numpy and pandas, or pandas' NA."""
    if isinstance(value, float | np.floating):
        return bool(np.isnan(value))
    if isinstance(value, np.datetime64):
        return bool(np.isnat(value))
    return value is None or type(value).__name__ in ("NaTType", "NAType")  # pandas may not be installed


def _local_time(value: str | date | np.datetime64) -> int | None:
    """Return seconds since 1970; None for what is not a local date and time."""
    has_offset = isinstance(value, datetime) and value.tzinfo is not None
    if has_offset or (isinstance(value, str) and not LOCAL_TIME.fullmatch(value)):
        return None
    try:
        moment = np.array(value, dtype="datetime64[s]")
    except ValueError:
        return None
    return None if np.isnat(moment) else int(moment.astype(np.int64))


def _moment(value: str | date | np.datetime64) -> int | None:
    """Return seconds of UTC since 1970; None for what is no moment. A datetime64 is of UTC."""
    if isinstance(value, np.datetime64):
        return _local_time(value)
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return None
    if not isinstance(value, datetime) or value.utcoffset() is None:
        return None
    return int((value - _EPOCH) // timedelta(seconds=1))


def calendar_tensors(
    manifest: Manifest, last: Timestamps | None, lengths: NDArray[np.int64], horizon: int
) -> tuple[Timestamps, Timestamps]:
    """Return wall-clock times: left-aligned (batch, context) and, of the future, (batch, horizon)."""
    shape = (len(lengths), manifest.context_length)
    if last is None:
        return np.full(shape, MISSING_TIME), np.full((len(lengths), horizon), MISSING_TIME)
    steps_back = np.arange(manifest.context_length) - (lengths[:, None] - 1)
    past = manifest.time_step.shift(last[:, None], np.minimum(steps_back, 0))
    future = _coming(manifest, last, horizon)
    clock = manifest.clock
    return (past, future) if clock is None else (clock.to_wall(past), clock.to_wall(future))


def forecast_timestamps(manifest: Manifest, last: Timestamps | None, horizon: int) -> NDArray[Any] | None:
    """Return the times of the steps: (batch, horizon) datetime64[s], of UTC in a time zone.

    Without a calendar counts; None if `last` is None.
    """
    if last is None:
        return None
    future, clock = _coming(manifest, last, horizon), manifest.clock
    moments = future if clock is None else clock.to_utc(future)
    return moments.astype("datetime64[s]") if manifest.time_step.has_calendar else moments


def _coming(manifest: Manifest, last: Timestamps, horizon: int) -> Timestamps:
    """Return the steps after each `last`, on the clock of the model: (batch, horizon)."""
    return manifest.time_step.shift(last[:, None], np.arange(1, horizon + 1)[None])
