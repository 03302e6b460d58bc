"""Histories of a request: looked at together where they lie together; and else, or to find an error, each."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..bundle.bundle import Manifest
from ..errors import InputError
from .arrays import (
    FLOAT32_END,
    CheckTime,
    as_series,
    no_limit,
    on_time,
    pad,
    rank,
    refuse,
    refuse_wide,
    to_array,
)
from .levels import Levels, Span, find_levels, span_of, split_levels, without_levels
from .misfits import (
    expects_gaps,
    is_below,
    may_have_other_step,
    refuse_below,
    refuse_other_step,
    steps_between,
)
from .stacked import Lengths, Stacked, Together, is_plain, lay_together

BLOCK = 1024  # series looked at together: their values stay in the cache


@dataclass(frozen=True)
class Histories:
    """Checked histories, cut to the context, as a graph takes them."""

    left: NDArray[np.float32]  # (batch, context[, D]) without levels, left-aligned, NaN = missing and behind
    levels: Levels  # (batch[, D]) that they have lost
    lengths: Lengths  # (batch,)


def check_histories(
    manifest: Manifest, history: Any, max_batch: int | None = None, check_time: CheckTime = no_limit
) -> Histories:
    """Return the histories of a request. history: as of check_each, or what numpy makes an array of.

    A column of one target, (time, 1), is one series, which a warning says. Raises InputError.
    """
    axes = _axes(manifest)
    history = as_series(history, axes)
    one = _check_full(manifest, history, check_time)
    if one is not None:
        return one
    series = lay_together(history, axes, manifest.context_length)
    if series is not None and (max_batch is None or len(series.lengths) <= max_batch):
        found = _check_together(manifest, series, check_time)
        if found is not None:
            return found
    each = check_each(manifest, history, max_batch, check_time)
    left, levels = split_levels(manifest, pad(each, manifest.context_length))
    return Histories(left, levels, np.array([len(values) for values in each], dtype=np.int64))


def _check_full(manifest: Manifest, history: Any, check_time: CheckTime) -> Histories | None:
    """Return what check_each accepts, of one array that fills the context without a gap; None of any other.

    As _check_together says it, by fewer calls: so services ask, series by series.
    """
    context = manifest.context_length
    if manifest.channels or type(history) is not np.ndarray or history.ndim != 1 or len(history) < context:
        return None
    if not is_plain(history):
        return None
    check_time()
    values = history[-context:].astype(np.float64, copy=False)
    low, high = np.minimum.reduce(values), np.maximum.reduce(values)  # NaN where one is missing
    largest = np.maximum(-low, high)
    if not largest < FLOAT32_END or is_below(manifest, low, largest).any():
        return None
    level = find_levels(manifest, (low, high), values[-1])
    left = without_levels(manifest, values, level).astype(np.float32)
    return Histories(left[None], np.array([level]), np.array([context]))


def _check_together(manifest: Manifest, series: Together, check_time: CheckTime) -> Histories | None:
    """Return what check_each accepts, of many series at once; None where it may refuse one."""
    context, size = manifest.context_length, (len(manifest.channels),) if manifest.channels else ()
    lengths = np.minimum(series.lengths, context)
    if not lengths.min():
        return None
    left, levels = np.empty((len(lengths), context, *size), np.float32), np.empty((len(lengths), *size))
    for begin in range(0, len(lengths), BLOCK):
        check_time()
        part = slice(begin, begin + BLOCK)
        values = series.latest(part, lengths[part], context, np.float64)
        if values.shape[2:] != size:
            return None
        span = span_of(values)
        if not _are_within(manifest, span) or _has_other_step(manifest, values, series, part, lengths):
            return None
        left[part], levels[part] = split_levels(manifest, values, span)
    return Histories(left, levels, lengths)


def _are_within(manifest: Manifest, span: Span) -> bool:
    """Return whether each has a value, and all are finite and none too large or too small for the model."""
    low, high = span
    largest = np.maximum(np.abs(low), np.abs(high))  # NaN where nothing is observed
    if not (largest < FLOAT32_END).all():
        return False
    if manifest.channels:
        largest = largest.max(axis=1, keepdims=True)
    return not is_below(manifest, low, largest).any()


def _has_other_step(
    manifest: Manifest, values: NDArray[np.float64], series: Together, part: slice, lengths: Lengths
) -> bool:
    """Return whether one of some series has a value every few steps alone. values: (series, context[, D])."""
    is_missing = np.isnan(values)
    if not is_missing.any() or expects_gaps(manifest):
        return False
    is_observed = ~(is_missing if values.ndim == 2 else is_missing.all(axis=2))
    few = np.flatnonzero(may_have_other_step(np.count_nonzero(is_observed, axis=1), lengths[part]))
    for number in few.tolist():
        whole = np.isnan(np.asarray(series.whole(part.start + number)))
        if steps_between(~whole.reshape(len(whole), -1).all(axis=1), manifest.context_length) is not None:
            return True
    return False


def check_each(
    manifest: Manifest, history: Any, max_batch: int | None = None, check_time: CheckTime = no_limit
) -> list[NDArray[np.float64]]:
    """Return an array per series, NaN = missing, cut to the context: (time,), or (time, D). One by one.

    history: (time,) one series, (batch, time), or a sequence of ragged (time,); of a joint model each of them
    with a last axis of its D targets; or a Stacked.
    """
    axes = _axes(manifest)
    history = as_series(history, axes)
    if isinstance(history, np.ndarray):
        if history.ndim not in (axes, axes + 1):
            raise InputError(f"history must have {_shapes(manifest)}, found shape {history.shape}")
        rows: list[Any] = [history] if history.ndim == axes else list(history)
    elif isinstance(history, Sequence | Stacked) and not isinstance(history, str | bytes):
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


def _axes(manifest: Manifest) -> int:
    """Return the number of axes of one series."""
    return 2 if manifest.channels else 1


def _shapes(manifest: Manifest) -> str:
    """Return the shapes that a history may have."""
    names, size = manifest.channels, len(manifest.channels)
    if not names:
        return "1 or 2 dimensions"
    return f"shape (time, {size}) or (batch, time, {size}) for {', '.join(names)}"
