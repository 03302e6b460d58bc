"""Tensors of the graphs from the arguments of a caller; everything is checked here, once."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from ..bundle.bundle import Manifest
from ..errors import InputError
from .arrays import (
    CheckTime,
    column_as_series,
    no_limit,
    on_time,
    rank,
    refuse,
    refuse_wide,
    refuse_wide_frame,
    to_array,
)
from .covariates import (
    Covariates,
    check_along,
    check_future_known,
    check_static,
    encode_categories,
    refuse_unused,
)
from .levels import Levels, split_levels
from .misfits import refuse_below, refuse_other_step
from .moments import calendar_tensors, check_last_timestamp, forecast_timestamps

Tensors = dict[str, NDArray[Any]]
Number = TypeVar("Number", bound=np.floating)


@dataclass(frozen=True)
class Request:
    """A checked batch: tensors of the history and of the future, named as the graphs' inputs."""

    horizon: int
    history: Tensors
    future: Tensors
    timestamps: NDArray[Any] | None  # (batch, horizon) of the forecast
    levels: Levels  # (batch[, D]) that the history has lost, and that the forecast gets back

    def __len__(self) -> int:
        return len(self.history["lengths"])

    def tensors(self) -> Tensors:
        """Return all inputs of forecast.onnx by name."""
        return {**self.history, **self.future, "horizon": np.array([self.horizon], dtype=np.int64)}

    def chunks(self, size: int) -> "Iterator[Request]":
        """Yield the request in parts of at most `size` series, without timestamps."""
        for begin in range(0, len(self), size):
            part = slice(begin, begin + size)
            history = {name: tensor[part] for name, tensor in self.history.items()}
            future = {name: tensor[part] for name, tensor in self.future.items()}
            yield Request(self.horizon, history, future, None, self.levels[part])


def check_request(
    manifest: Manifest,
    history: Any,
    horizon: int | None,
    given: Covariates,
    max_batch: int | None = None,
    check_time: CheckTime = no_limit,
) -> Request:
    """Return the tensors of a request. Raises InputError with the series, the position and the expectation.

    max_batch: series at most; None = any number. check_time: called between series, to end a call that
    takes too long.
    """
    refuse_unused(manifest, given)
    steps = check_horizon(manifest, horizon)
    series = check_histories(manifest, history, max_batch, check_time)
    context = manifest.context_length
    lengths = np.array([len(values) for values in series], dtype=np.int64)
    left, levels = split_levels(manifest, pad(series, context))
    past: Tensors = {"history": left, "lengths": np.minimum(lengths, context)}
    future: Tensors = {}
    check_time()
    last = check_last_timestamp(manifest, given.last_timestamp, len(series), check_time)
    if manifest.uses_calendar:
        past["timestamps"], future["future_timestamps"] = calendar_tensors(
            manifest, last, past["lengths"], steps
        )
    for name, names in (("known", manifest.known), ("past", manifest.past)):
        if names:
            rows = check_along(name, names, getattr(given, name), lengths, context, check_time)
            past[name] = pad(rows, context)
    check_time()
    if manifest.known:
        future["future_known"] = check_future_known(manifest, given.future_known, (len(series), steps))
    if manifest.vocabularies:
        past["static_cat"] = encode_categories(manifest, given.static_cat, len(series))
    if manifest.static:
        past["static"] = check_static(manifest, given.static, len(series))
    return Request(steps, past, future, forecast_timestamps(manifest, last, steps), levels)


def check_horizon(manifest: Manifest, horizon: int | None) -> int:
    """Return the steps to forecast; the trained horizon if nothing is said."""
    if horizon is None:
        return manifest.horizon
    if isinstance(horizon, bool) or not isinstance(horizon, int | np.integer):
        raise InputError(f"horizon must be a whole number of steps, found {horizon!r}")
    if not 1 <= horizon <= manifest.max_horizon:
        raise InputError(f"horizon must be between 1 and {manifest.max_horizon} steps, found {horizon}")
    return int(horizon)


def check_max_batch(limit: int | None) -> int | None:
    """Return the limit itself. Raises InputError for what is no number of series."""
    if limit is not None and (type(limit) is not int or limit < 1):
        raise InputError(f"max_batch must be a whole number of series, at least 1, found {limit!r}")
    return limit


def check_histories(
    manifest: Manifest, history: Any, max_batch: int | None = None, check_time: CheckTime = no_limit
) -> list[NDArray[np.float64]]:
    """Return an array per series, NaN = missing, cut to the context: (time,), or (time, D).

    history: (time,) one series, (batch, time), or a sequence of ragged (time,); of a joint model each of them
    with a last axis of its D targets. A column of one target, (time, 1), is one series, which a warning says.
    """
    axes = 2 if manifest.channels else 1  # of one series
    if hasattr(history, "__array__") and not isinstance(history, np.ndarray):
        refuse_wide_frame(history, axes)
        history = np.asarray(history)  # a pandas Series, a torch tensor
    history = history if manifest.channels else column_as_series(history)
    if isinstance(history, np.ndarray):
        if history.ndim not in (axes, axes + 1):
            raise InputError(f"history must have {_shapes(manifest)}, found shape {history.shape}")
        rows: list[Any] = [history] if history.ndim == axes else list(history)
    elif isinstance(history, Sequence) and not isinstance(history, str | bytes):
        rows = list(history)
        if rows and all(rank(row) == axes - 1 for row in rows):
            rows = [rows]
    else:
        raise InputError(f"history must be an array or a sequence of arrays, found {type(history).__name__}")
    if not rows:
        raise InputError("history holds no series")
    if max_batch is not None and len(rows) > max_batch:
        raise InputError(
            f"history holds {len(rows)} series; this predictor takes max_batch={max_batch} a call"
        )
    return [_check_history(manifest, row, number) for number, row in enumerate(on_time(rows, check_time))]


def _check_history(manifest: Manifest, row: Any, number: int) -> NDArray[np.float64]:
    kept = check_values(manifest, row, f"series {number}")
    missing = np.isnan(kept)
    unseen = np.flatnonzero(missing.all(axis=0))
    if len(unseen):
        of_channel = f" of {manifest.channels[unseen[0]]}" if manifest.channels else ""
        raise InputError(
            f"series {number}: its last {len(kept)} values{of_channel} are all NaN; expected at least 1 "
            f"observed value in the context of {manifest.context_length} steps"
        )
    if 2 * missing.sum() >= missing.size - missing[0].size:
        whole = np.isnan(to_array(row, "")).reshape(len(row), -1)
        refuse_other_step(manifest, ~whole.all(axis=1), f"series {number}")
    return kept


def check_values(manifest: Manifest, row: Any, what: str) -> NDArray[np.float64]:
    """Return values of one series, cut to the context, NaN = missing: (time,), or (time, D).

    what: how an error calls them. Raises InputError.
    """
    values = to_array(row, what)
    names = manifest.channels
    if values.ndim == 0 or values.shape[1:] != ((len(names),) if names else ()):
        expected = f"{len(names)} values a step ({', '.join(names)})" if names else "one value a step"
        raise InputError(f"{what}: expected {expected}, found shape {values.shape}")
    if len(values) == 0:
        raise InputError(f"{what} is empty; expected at least 1 value")
    recent = values[-manifest.context_length :]
    skipped = len(values) - len(recent)
    refuse(np.isinf(recent), recent, what, "a finite number, or NaN where missing", skipped)
    refuse_wide(recent, what, skipped)
    kept = recent.astype(np.float64)
    refuse_below(manifest, kept, what, skipped)
    return kept


def _shapes(manifest: Manifest) -> str:
    """Return the shapes that a history may have."""
    names, size = manifest.channels, len(manifest.channels)
    if not names:
        return "1 or 2 dimensions"
    return f"shape (time, {size}) or (batch, time, {size}) for {', '.join(names)}"


def pad(series: Sequence[NDArray[Number]], context: int) -> NDArray[Number]:
    """Return the last `context` values of each, left-aligned, the rest NaN: (batch, context, ...).

    Always as wide as the context, so that a series gives the same bits in any batch.
    """
    padded = np.full((len(series), context, *series[0].shape[1:]), np.nan, dtype=series[0].dtype)
    for row, values in zip(padded, series, strict=True):
        kept = values[-context:]
        row[: len(kept)] = kept
    return padded
