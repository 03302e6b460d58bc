"""The last timestamp of a history, and the timestamps that follow from it."""

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..bundle.bundle import Manifest
from ..errors import InputError
from ..time.timestep import MISSING_TIME, Timestamps, TimeStep
from .arrays import rank

# The years 1 to 9999; what lies beyond is in milliseconds, or a date without its dashes.
CALENDAR_RANGE = (-62135596800, 253402300799)
COUNT_RANGE = (-(2**62), 2**62)  # room for the steps of a forecast within int64
LOCAL_TIME = re.compile(r"\d{4}-\d{2}(-\d{2}([T ]\d{2}(:\d{2}(:\d{2}(\.\d+)?)?)?)?)?")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def check_last_timestamp(manifest: Manifest, last: Any, batch: int) -> Timestamps | None:
    """Return int64 (batch,): when each history was last observed; None if it was not said.

    last: datetime64, datetime, ISO text or int (seconds since 1970, or a count), or a sequence of them. Where
    the model has a time zone they are of UTC or have a UTC offset, and the result is on the model's clock.
    """
    if last is None:
        return None
    several = not isinstance(last, str | date | datetime) and rank(last) != 0
    items = list(last) if several else [last] * batch
    if len(items) != batch:
        raise InputError(f"last_timestamp: {len(items)} of them for {batch} series")
    return read_timestamps(manifest, items, "last_timestamp of series {}")


def read_timestamps(manifest: Manifest, items: Sequence[Any], what: str) -> Timestamps:
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


def _timestamp(manifest: Manifest, value: Any, what: str, number: int) -> int:
    calendar, zone = manifest.time_step.has_calendar, manifest.columns.timezone
    seconds = None
    if isinstance(value, int | np.integer) and not isinstance(value, bool | np.timedelta64):
        seconds = int(value)
    elif calendar and isinstance(value, str | date | np.datetime64):
        seconds = _local_time(value) if zone is None else _moment(value)
    first, last = CALENDAR_RANGE if calendar else COUNT_RANGE
    if seconds is None or not first <= seconds <= last:
        years = "in the years 1 to 9999"
        wanted = f"an ISO date and time without a UTC offset, {years}" if calendar else "a whole number"
        if zone is not None:
            wanted = f"an ISO date and time with a UTC offset, {years}, since the model's time zone is {zone}"
        raise InputError(f"{what.format(number)}: expected {wanted}, found {value!r}")
    return seconds


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
