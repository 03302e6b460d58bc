"""Covariates of a request: along the history, ahead of it, and static."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..bundle.bundle import Manifest
from ..errors import InputError
from ..time.holidays import Holidays
from ..time.timestep import Timestamps
from .arrays import CheckTime, no_limit, numbers, on_time, pad, rank, refuse, to_array, to_float32
from .moments import calendar_tensors
from .stacked import Lengths, Stacked, lay_together

# Inputs that go with a history: manifest property, what it is, arguments that give it.
KINDS = (
    ("known", "known-future covariates", ("known", "future_known")),
    ("past", "past-only covariates", ("past",)),
    ("vocabularies", "static categories", ("static_cat",)),
    ("static", "static numbers", ("static",)),
)


@dataclass(frozen=True)
class Covariates:
    """The inputs that go with a history; None = not given."""

    last_timestamp: Any = None
    known: Any = None
    future_known: Any = None
    static_cat: Any = None
    past: Any = None
    static: Any = None


NOTHING = Covariates()


def refuse_unused(manifest: Manifest, given: Covariates) -> None:
    """Raise InputError for a covariate that the model does not have."""
    if given.known is given.future_known is given.static_cat is given.past is given.static is None:
        return
    for kind, words, arguments in KINDS:
        if not getattr(manifest, kind) and any(getattr(given, name) is not None for name in arguments):
            raise InputError(f"this model has no {words}; leave out {' and '.join(arguments)}")


def check_along(
    name: str,
    names: tuple[str, ...],
    values: Any,
    lengths: Lengths,
    context: int,
    check_time: CheckTime = no_limit,
) -> NDArray[np.float32]:
    """Return covariates along each history: (series, context, covariate), left-aligned, NaN = missing.

    name: of the argument, known or past; names: of its covariates; lengths: (series,) of the histories, at
    most the context. Raises InputError.
    """
    series = lay_together(values, 2, context)
    if series is not None and len(series.lengths) == len(lengths) and (series.lengths >= lengths).all():
        with np.errstate(over="ignore"):  # beyond float32
            rows = series.latest(slice(None), lengths, context, np.float32)
        if rows.shape[2] == len(names) and not np.isinf(rows).any():
            return rows
    return pad(_check_each(name, names, values, lengths, check_time), context)


def _check_each(
    name: str, names: tuple[str, ...], values: Any, lengths: Lengths, check_time: CheckTime
) -> list[NDArray[np.float32]]:
    """Return covariates along each history, (time, covariate), and raise as check_along does. One by one."""
    listed = ", ".join(names)
    values = list(values) if isinstance(values, Stacked) else values
    if values is None:
        raise InputError(f"this model needs {name}: the covariates {listed} along each history")
    if rank(values) == 0:
        raise InputError(f"{name}: expected the covariates {listed} along each history, found {values!r}")
    rows = [values] if len(lengths) == 1 and rank(values) == 2 else list(values)
    if len(rows) != len(lengths):
        raise InputError(f"{name}: {len(rows)} arrays for {len(lengths)} series")
    pairs = zip(rows, lengths.tolist(), strict=True)
    return [
        check_rows(f"{name} of series {number}", names, row, length)
        for number, (row, length) in enumerate(on_time(pairs, check_time))
    ]


def check_rows(what: str, names: tuple[str, ...], rows: Any, length: int) -> NDArray[np.float32]:
    """Return the last `length` rows of covariates along one series: (length, covariate), NaN = missing.

    what: how an error calls them. Raises InputError.
    """
    checked = to_array(rows, what)
    if checked.ndim != 2 or checked.shape[1] != len(names) or len(checked) < length:
        raise InputError(
            f"{what}: expected one row of {len(names)} ({', '.join(names)}) for each of its last {length} "
            f"values, found shape {checked.shape}"
        )
    kept, skipped = checked[-length:], len(checked) - length
    refuse(np.isinf(kept), kept, what, "a finite number, or NaN where missing", skipped)
    return to_float32(kept, what, skipped)


def check_future_known(manifest: Manifest, future: Any, shape: tuple[int, int]) -> NDArray[np.float32]:
    """Return known covariates of the steps to forecast: (batch, horizon, covariate), all finite."""
    (batch, horizon), names = shape, ", ".join(manifest.known)
    if future is None:
        raise InputError(
            f"this model needs future_known: the covariates {names} of the {horizon} coming steps"
        )
    values = numbers(future, "future_known")
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
    """Return codes (batch, column) of categories given as texts; an unknown one, or none, is 0."""
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


def check_static(manifest: Manifest, static: Any, batch: int) -> NDArray[np.float32]:
    """Return static numbers of each series: (batch, column), NaN = unknown, as all are if not given."""
    names = manifest.static
    if static is None:
        return np.full((batch, len(names)), np.nan, dtype=np.float32)
    values = numbers(static, "static")
    values = values[None] if values.ndim == 1 and batch == 1 else values
    if values.shape != (batch, len(names)):
        raise InputError(
            f"static: expected shape {(batch, len(names))} for {', '.join(names)}, found {values.shape}"
        )
    refuse(np.isinf(values), values, "static", "a finite number, or NaN where unknown", 0)
    return values


def holiday_rows(
    manifest: Manifest,
    holidays: Holidays,
    last: Timestamps | None,
    lengths: Lengths,
    horizon: int,
    codes: NDArray[np.int64] | None,
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return what is holiday along each history, left-aligned with NaN behind it, and of the coming steps.

    (batch, context, covariate) and (batch, horizon, covariate). codes: (batch, column) of the categories.
    Raises InputError without timestamps, and for steps later than the days that are known.
    """
    if last is None:
        raise InputError(
            "this model knows holidays by their dates, and needs last_timestamp: when each history ends"
        )
    past, future = calendar_tensors(manifest, last, lengths, horizon)
    regions = np.zeros(len(lengths), dtype=np.int64)
    if holidays.column is not None and codes is not None:
        texts = manifest.vocabularies[holidays.column]
        regions = holidays.region_of(texts)[codes[:, list(manifest.vocabularies).index(holidays.column)]]
    step = manifest.time_step
    along = holidays.count(step, past, regions[:, None])
    along[np.arange(past.shape[1]) >= lengths[:, None]] = np.nan
    return along, holidays.count(step, future, regions[:, None])


def with_columns(given: NDArray[np.float32] | None, more: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return covariates with more of them; None: there were none."""
    return more if given is None else np.concatenate([given, more], axis=-1)
