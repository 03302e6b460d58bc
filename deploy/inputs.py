"""From what a caller hands over to the tensors of the graphs; everything is checked here, once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .bundle import Manifest
from .errors import InputError
from .timestep import Timestamps

# A timestamp that is not known; the graphs then leave the calendar out of that series.
MISSING_TIME = np.iinfo(np.int64).min

Tensors = dict[str, NDArray[Any]]


@dataclass(frozen=True)
class Request:
    """A checked batch: tensors of the history and of the future, named as the graphs' inputs."""

    horizon: int
    history: Tensors
    future: Tensors
    timestamps: NDArray[Any] | None  # (batch, horizon) of the forecast

    def __len__(self) -> int:
        return len(self.history["lengths"])

    def chunk(self, part: slice) -> Request:
        """Some of the series."""
        history = {name: tensor[part] for name, tensor in self.history.items()}
        future = {name: tensor[part] for name, tensor in self.future.items()}
        return Request(self.horizon, history, future, None)


@dataclass(frozen=True)
class Covariates:
    """What a caller may give beside the history; None = nothing."""

    last_timestamp: Any = None
    known: Any = None
    future_known: Any = None
    static_cat: Any = None


def check_request(manifest: Manifest, history: Any, horizon: int | None, given: Covariates) -> Request:
    """Tensors for the graphs. Raises InputError with the series, the position, and what was expected."""
    steps = check_horizon(manifest, horizon)
    series = check_histories(manifest, history)
    context = manifest.context_length
    lengths = np.array([len(values) for values in series], dtype=np.int64)
    past: Tensors = {"history": pad(series, context), "lengths": np.minimum(lengths, context)}
    future: Tensors = {}
    last = check_last_timestamp(manifest, given.last_timestamp, len(series))
    if manifest.uses_calendar:
        past["timestamps"], future["future_timestamps"] = _calendar(manifest, last, past["lengths"], steps)
    if manifest.known:
        known = check_known(manifest, given.known, lengths)
        past["known"] = pad(known, context)
        future["future_known"] = check_future_known(manifest, given.future_known, (len(series), steps))
    elif given.known is not None or given.future_known is not None:
        raise InputError("this model has no known-future covariates; leave out known and future_known")
    if manifest.vocabularies:
        past["static_cat"] = encode_categories(manifest, given.static_cat, len(series))
    return Request(steps, past, future, _forecast_timestamps(manifest, last, steps))


def check_horizon(manifest: Manifest, horizon: int | None) -> int:
    """The steps to forecast; the trained horizon if nothing is said."""
    if horizon is None:
        return manifest.horizon
    if isinstance(horizon, bool) or not isinstance(horizon, int | np.integer):
        raise InputError(f"horizon must be a whole number of steps, found {horizon!r}")
    if not 1 <= horizon <= manifest.max_horizon:
        raise InputError(f"horizon must be between 1 and {manifest.max_horizon} steps, found {horizon}")
    return int(horizon)


def check_histories(manifest: Manifest, history: Any) -> list[NDArray[np.float32]]:
    """One float32 array per series, NaN = missing, cut to the context.

    history: (time,) one series, (batch, time), or a sequence of ragged (time,).
    """
    if isinstance(history, np.ndarray):
        if history.ndim not in (1, 2):
            raise InputError(f"history must have 1 or 2 dimensions, found shape {history.shape}")
        rows: list[Any] = [history] if history.ndim == 1 else list(history)
    elif isinstance(history, Sequence) and not isinstance(history, str | bytes):
        rows = list(history)
        if rows and all(np.ndim(row) == 0 for row in rows):
            rows = [rows]
    else:
        raise InputError(f"history must be an array or a sequence of arrays, found {type(history).__name__}")
    if not rows:
        raise InputError("history holds no series")
    return [_check_history(manifest, row, number) for number, row in enumerate(rows)]


def _check_history(manifest: Manifest, row: Any, number: int) -> NDArray[np.float32]:
    values = _numbers(row, f"series {number}")
    if values.ndim != 1:
        raise InputError(f"series {number}: expected one value a step, found shape {values.shape}")
    if len(values) == 0:
        raise InputError(f"series {number} is empty; expected at least 1 value")
    kept = values[-manifest.context_length :]
    skipped = len(values) - len(kept)
    _refuse(np.isinf(kept), kept, f"series {number}", "a finite number, or NaN where missing", skipped)
    if np.isnan(kept).all():
        raise InputError(
            f"series {number}: its last {len(kept)} values are all NaN; expected at least 1 observed "
            f"value in the context of {manifest.context_length} steps"
        )
    if manifest.positive:
        _refuse(kept <= 0, kept, f"series {number}", "above 0 (this model takes logarithms)", skipped)
    return kept


def _numbers(values: Any, what: str) -> NDArray[np.float32]:
    """float32 of anything numeric. Raises InputError for text, objects, and what float32 cannot hold."""
    try:
        array = np.asarray(values)
    except ValueError as error:
        raise InputError(f"{what}: not a regular array: {error}") from None
    if array.dtype.kind not in "iuf":
        raise InputError(f"{what}: expected numbers, found dtype {array.dtype}")
    with np.errstate(over="ignore"):
        result = array.astype(np.float32)
    _refuse(np.isinf(result) & np.isfinite(array), array, what, "within float32, below 3.4e38", 0)
    return result


def _refuse(bad: NDArray[np.bool_], values: NDArray[Any], what: str, expected: str, skipped: int) -> None:
    if not bad.any():
        return
    first = tuple(int(i) for i in np.argwhere(bad)[0])
    place = first[0] + skipped if len(first) == 1 else first
    more = f" ({int(bad.sum())} such values)" if bad.sum() > 1 else ""
    raise InputError(f"{what}, position {place}: found {values[first]}, expected {expected}{more}")


def pad(series: Sequence[NDArray[np.float32]], context: int) -> NDArray[np.float32]:
    """The last `context` values of each, left-aligned in one array, the rest NaN: (batch, context, ...).

    Always as wide as the context, so that a series gives the same bits in any batch.
    """
    padded = np.full((len(series), context, *series[0].shape[1:]), np.nan, dtype=np.float32)
    for row, values in zip(padded, series, strict=True):
        kept = values[-context:]
        row[: len(kept)] = kept
    return padded


def check_last_timestamp(manifest: Manifest, last: Any, batch: int) -> Timestamps | None:
    """int64 (batch,): when the last value of each history was observed; None if it was not said.

    last: datetime64, datetime, ISO text or int (seconds since 1970, or a count), or a sequence of them.
    """
    if last is None:
        return None
    several = not isinstance(last, str | date | datetime) and np.ndim(last) > 0
    items = list(last) if several else [last] * batch
    if len(items) != batch:
        raise InputError(f"last_timestamp: {len(items)} of them for {batch} series")
    return np.array([_timestamp(manifest, item, n) for n, item in enumerate(items)], dtype=np.int64)


def _timestamp(manifest: Manifest, value: Any, number: int) -> int:
    if isinstance(value, int | np.integer) and not isinstance(value, bool | np.timedelta64):
        return int(value)
    if manifest.time_step.has_calendar and isinstance(value, str | date | datetime | np.datetime64):
        try:
            moment = np.array(value, dtype="datetime64[s]")
        except ValueError:
            moment = np.array("NaT", dtype="datetime64[s]")
        if not np.isnat(moment):
            return int(moment.astype(np.int64))
    wanted = "an ISO date and time" if manifest.time_step.has_calendar else "a whole number"
    raise InputError(f"last_timestamp of series {number}: expected {wanted}, found {value!r}")


def _calendar(
    manifest: Manifest, last: Timestamps | None, lengths: NDArray[np.int64], horizon: int
) -> tuple[Timestamps, Timestamps]:
    """Timestamps of the history, left-aligned (batch, context), and of the future (batch, horizon)."""
    shape = (len(lengths), manifest.context_length)
    if last is None:
        return np.full(shape, MISSING_TIME), np.full((len(lengths), horizon), MISSING_TIME)
    steps_back = np.arange(manifest.context_length) - (lengths[:, None] - 1)
    past = manifest.time_step.shift(last[:, None], np.minimum(steps_back, 0))
    return past, manifest.time_step.shift(last[:, None], np.arange(1, horizon + 1)[None])


def _forecast_timestamps(manifest: Manifest, last: Timestamps | None, horizon: int) -> NDArray[Any] | None:
    if last is None:
        return None
    future = manifest.time_step.shift(last[:, None], np.arange(1, horizon + 1)[None])
    return future.astype("datetime64[s]") if manifest.time_step.has_calendar else future


def check_known(manifest: Manifest, known: Any, lengths: NDArray[np.int64]) -> list[NDArray[np.float32]]:
    """Known covariates along each history: one (time, covariate) per series, NaN = missing."""
    width, names = len(manifest.known), ", ".join(manifest.known)
    if known is None:
        raise InputError(f"this model needs known: the covariates {names} along each history")
    alone = isinstance(known, np.ndarray) and known.ndim == 2 and len(lengths) == 1
    rows = [known] if alone else list(known)
    if len(rows) != len(lengths):
        raise InputError(f"known: {len(rows)} arrays for {len(lengths)} series")
    checked = [_numbers(row, f"known of series {n}") for n, row in enumerate(rows)]
    for number, (row, length) in enumerate(zip(checked, lengths, strict=True)):
        kept = min(int(length), manifest.context_length)
        if row.ndim != 2 or row.shape[1] != width or len(row) < kept:
            raise InputError(
                f"known of series {number}: expected one row of {width} ({names}) for each of its last "
                f"{kept} values, found shape {row.shape}"
            )
    return [
        row[-min(int(length), manifest.context_length) :]
        for row, length in zip(checked, lengths, strict=True)
    ]


def check_future_known(manifest: Manifest, future: Any, shape: tuple[int, int]) -> NDArray[np.float32]:
    """Known covariates of the steps to forecast: (batch, horizon, covariate), all finite."""
    (batch, horizon), names = shape, ", ".join(manifest.known)
    if future is None:
        raise InputError(
            f"this model needs future_known: the covariates {names} of the {horizon} coming steps"
        )
    values = _numbers(future, "future_known")
    values = values[None] if values.ndim == 2 and batch == 1 else values
    if values.ndim != 3 or values.shape[0] != batch or values.shape[2] != len(manifest.known):
        raise InputError(
            f"future_known: expected shape ({batch}, {horizon}, {len(manifest.known)}) for {names}, "
            f"found {values.shape}"
        )
    if values.shape[1] < horizon:
        raise InputError(f"future_known: covers {values.shape[1]} steps, the horizon is {horizon}")
    values = values[:, :horizon]
    missing = np.argwhere(~np.isfinite(values))
    if len(missing):
        series, step, column = (int(i) for i in missing[0])
        found = values[series, step, column]
        raise InputError(
            f"future_known of series {series}: {manifest.known[column]!r} is {found} at step {step + 1}, "
            f"expected a finite number for each of the {horizon} steps"
        )
    return values


def encode_categories(manifest: Manifest, texts: ArrayLike | None, batch: int) -> NDArray[np.int64]:
    """Codes (batch, column) of static categories given as texts; an unknown text, or none, is code 0."""
    columns = list(manifest.vocabularies)
    codes = np.zeros((batch, len(columns)), dtype=np.int64)
    if texts is None:
        return codes
    table = np.asarray(texts, dtype=object)
    table = table[None] if table.ndim == 1 and batch == 1 else table
    if table.shape != codes.shape:
        raise InputError(
            f"static_cat: expected shape {codes.shape} for {', '.join(columns)}, found {table.shape}"
        )
    for column, name in enumerate(columns):
        code_of = {text: code for code, text in enumerate(manifest.vocabularies[name], start=1)}
        codes[:, column] = [code_of.get(str(text), 0) for text in table[:, column]]
    return codes
