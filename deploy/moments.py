"""When a history ends, and the timestamps that follow from it."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .arrays import rank
from .bundle import Manifest
from .errors import InputError
from .timestep import Timestamps

# A timestamp that is not known; the graphs then leave the calendar out of that series.
MISSING_TIME = np.iinfo(np.int64).min
# The years 1 to 9999; what lies beyond is in milliseconds, or a date without its dashes.
_CALENDAR_RANGE = (-62135596800, 253402300799)
_COUNT_RANGE = (-(2**62), 2**62)  # room for the steps of a forecast within int64
_LOCAL_TIME = re.compile(r"\d{4}-\d{2}(-\d{2}([T ]\d{2}(:\d{2}(:\d{2}(\.\d+)?)?)?)?)?")


def check_last_timestamp(manifest: Manifest, last: Any, batch: int) -> Timestamps | None:
    """int64 (batch,): when the last value of each history was observed; None if it was not said.

    last: datetime64, datetime, ISO text or int (seconds since 1970, or a count), or a sequence of them.
    """
    if last is None:
        return None
    several = not isinstance(last, str | date | datetime) and rank(last) != 0
    items = list(last) if several else [last] * batch
    if len(items) != batch:
        raise InputError(f"last_timestamp: {len(items)} of them for {batch} series")
    return np.array([_timestamp(manifest, item, n) for n, item in enumerate(items)], dtype=np.int64)


def _timestamp(manifest: Manifest, value: Any, number: int) -> int:
    calendar, seconds = manifest.time_step.has_calendar, None
    if isinstance(value, int | np.integer) and not isinstance(value, bool | np.timedelta64):
        seconds = int(value)
    elif calendar and isinstance(value, str | date | np.datetime64):
        seconds = _moment(value)
    first, last = _CALENDAR_RANGE if calendar else _COUNT_RANGE
    if seconds is None or not first <= seconds <= last:
        moment = "an ISO date and time without a UTC offset, in the years 1 to 9999"
        wanted = moment if calendar else "a whole number"
        raise InputError(f"last_timestamp of series {number}: expected {wanted}, found {value!r}")
    return seconds


def _moment(value: str | date | np.datetime64) -> int | None:
    """Seconds since 1970; None for what is not a local date and time."""
    has_offset = isinstance(value, datetime) and value.tzinfo is not None
    if has_offset or (isinstance(value, str) and not _LOCAL_TIME.fullmatch(value)):
        return None
    try:
        moment = np.array(value, dtype="datetime64[s]")
    except ValueError:
        return None
    return None if np.isnat(moment) else int(moment.astype(np.int64))


def calendar_tensors(
    manifest: Manifest, last: Timestamps | None, lengths: NDArray[np.int64], horizon: int
) -> tuple[Timestamps, Timestamps]:
    """Timestamps of the history, left-aligned (batch, context), and of the future (batch, horizon)."""
    shape = (len(lengths), manifest.context_length)
    if last is None:
        return np.full(shape, MISSING_TIME), np.full((len(lengths), horizon), MISSING_TIME)
    steps_back = np.arange(manifest.context_length) - (lengths[:, None] - 1)
    past = manifest.time_step.shift(last[:, None], np.minimum(steps_back, 0))
    return past, manifest.time_step.shift(last[:, None], np.arange(1, horizon + 1)[None])


def forecast_timestamps(manifest: Manifest, last: Timestamps | None, horizon: int) -> NDArray[Any] | None:
    """(batch, horizon) datetime64[s], or counts where there is no calendar; None if `last` is."""
    if last is None:
        return None
    future = manifest.time_step.shift(last[:, None], np.arange(1, horizon + 1)[None])
    return future.astype("datetime64[s]") if manifest.time_step.has_calendar else future
