"""Numbers from callers: arrays of float32, or an error that says what was found where."""

import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError

FLOAT32_END = 2.0**128 - 2.0**103  # float32 rounds it to infinity, and smaller numbers to its largest
T = TypeVar("T")
Number = TypeVar("Number", bound=np.floating)
CheckTime = Callable[[], None]  # raises once the time of a call is over


def no_limit() -> None:
    """Let a call take any time: a CheckTime."""


def on_time(items: Iterable[T], check_time: CheckTime) -> Iterator[T]:
    """Yield the items, with a look at the time before each."""
    for item in items:
        check_time()
        yield item


def rank(values: Any) -> int | None:
    """Return the number of dimensions of an array or of nested sequences; None where these are ragged."""
    try:
        return np.ndim(values)
    except ValueError:
        return None


def numbers(values: Any, what: str) -> NDArray[np.float32]:
    """Return float32 of anything numeric. Raises InputError for text, objects and beyond float32."""
    return to_float32(to_array(values, what), what, 0)


def as_series(history: Any, axes: int) -> Any:
    """Return a history as an array if numpy makes it one, and an array of one column as one series.

    axes: of one series. Raises InputError for a data frame of several columns where it is one: which are
    series?
    """
    if hasattr(history, "__array__") and not isinstance(history, np.ndarray):
        names = list(getattr(history, "columns", ()))
        if len(names) > axes == 1:
            raise InputError(
                f"history is a data frame of {len(names)} columns, and either these or its rows could be "
                "series: write [frame[name].to_numpy() for name in frame.columns], or frame.to_numpy()"
            )
        history = np.asarray(history)  # a pandas Series, a torch tensor
    if axes > 1 or not isinstance(history, np.ndarray) or history.ndim != 2 or history.shape[1] != 1:
        return history
    count = len(history)
    if count < 2:
        return history
    warnings.warn(
        f"history of shape {history.shape} is taken as one series of {count} values; write it as (time,), or "
        f"{count} series of one value each as a list of arrays",
        stacklevel=5,  # who calls Predictor.forecast
    )
    return history[:, 0]


def to_array(values: Any, what: str) -> NDArray[Any]:
    """Return an array of numbers; masked ones are NaN. Raises InputError for text and objects."""
    try:
        array = np.asarray(values)
    except ValueError as error:
        raise InputError(f"{what}: not a regular array: {error}") from None
    if array.dtype.kind not in "iuf":
        raise InputError(f"{what}: expected numbers, found dtype {array.dtype}")
    mask = np.ma.getmask(values)
    return array if mask is np.ma.nomask else np.where(mask, np.nan, array)


def to_float32(array: NDArray[Any], what: str, skipped: int) -> NDArray[np.float32]:
    """Return float32. Raises InputError for what it cannot hold. skipped: values before the first."""
    refuse_wide(array, what, skipped)
    return array.astype(np.float32)


def refuse_wide(array: NDArray[Any], what: str, skipped: int) -> None:
    """Raise InputError for the first finite value beyond float32. skipped: values before the first."""
    size = np.abs(array, dtype=np.float64)
    if np.fmax.reduce(size, axis=None, initial=0.0) < FLOAT32_END:
        return
    beyond = (size >= FLOAT32_END) & np.isfinite(size)
    refuse(beyond, array, what, "within float32, below 3.4e38", skipped)


def refuse(bad: NDArray[np.bool_], values: NDArray[Any], what: str, expected: str, skipped: int) -> None:
    """Raise InputError that names the first bad value and how many there are."""
    if not bad.any():
        return
    first = tuple(int(i) for i in np.argwhere(bad)[0])
    place = first[0] + skipped if len(first) == 1 else (first[0] + skipped, *first[1:])
    more = f" ({int(bad.sum())} such values)" if bad.sum() > 1 else ""
    raise InputError(f"{what}, position {place}: found {values[first]}, expected {expected}{more}")


def pad(series: Sequence[NDArray[Number]], context: int) -> NDArray[Number]:
    """Return the last `context` values of each, left-aligned, the rest NaN: (batch, context, ...).

    Always as wide as the context, so that a series gives the same bits in any batch.
    """
    padded = np.full((len(series), context, *series[0].shape[1:]), np.nan, dtype=series[0].dtype)
    for row, values in zip(padded, series, strict=True):
        kept = values[-context:]
        row[: len(kept)] = kept
    return padded
