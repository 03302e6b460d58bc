"""Series whose numbers lie together in one array, so that many are cut and checked at once."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

Lengths = NDArray[np.int64]
Number = TypeVar("Number", bound=np.floating)
WIDEST = 8  # bytes of a number that float64 holds as it is, or rounds as numpy does


class Together(Protocol):
    """Series that lie together. Numbers of float64 at most."""

    @property
    def lengths(self) -> Lengths:
        """Return the number of steps of each: (series,)."""

    def latest(self, part: slice, lengths: Lengths, width: int, dtype: type[Number]) -> NDArray[Number]:
        """Return the last `lengths` steps of some series, left-aligned and filled up with NaN.

        lengths: (series,) of the part, from 1 to width. Returns (series, width, ...), perhaps a view.
        """

    def whole(self, number: int) -> Any:
        """Return one series as it was given: an array, or a list of floats."""


@dataclass(frozen=True)
class Stacked:
    """Series one after another, as rows of a table or an Arrow list array have them.

    Wherever a list of arrays is taken, `history`, `known` or `past`, so is this. Series i is
    values[begins[i]:ends[i]]; what lies between two series belongs to none.
    """

    values: NDArray[Any]  # (rows,), or (rows, columns)
    begins: Lengths  # (series,)
    ends: Lengths  # (series,)
    given: Sequence[Any] = ()  # the series, where the values are the last of each alone

    def __len__(self) -> int:
        return len(self.begins)

    def __iter__(self) -> Iterator[NDArray[Any]]:
        return map(self.whole, range(len(self)))

    @property
    def lengths(self) -> Lengths:
        """Return the number of steps of each: (series,)."""
        return self.ends - self.begins

    def latest(self, part: slice, lengths: Lengths, width: int, dtype: type[Number]) -> NDArray[Number]:
        """Return the last steps of some series, as Together says."""
        steps, begins = np.arange(width), (self.ends[part] - lengths)[:, None]
        rows = self.values[begins + np.minimum(steps, lengths[:, None] - 1)]
        found: NDArray[Number] = rows.astype(dtype, copy=False)
        if lengths.min() < width:
            found[steps >= lengths[:, None]] = np.nan
        return found

    def whole(self, number: int) -> Any:
        """Return one series as it was given."""
        return self.given[number] if self.given else self.values[self.begins[number] : self.ends[number]]


@dataclass(frozen=True)
class Table:
    """Series of one length."""

    values: NDArray[Any]  # (series, time), or (series, time, columns)
    given: Sequence[Any] = ()  # as of Stacked

    @property
    def lengths(self) -> Lengths:
        """Return the number of steps of each: (series,)."""
        return np.full(len(self.values), self.values.shape[1], dtype=np.int64)

    def latest(self, part: slice, lengths: Lengths, width: int, dtype: type[Number]) -> NDArray[Number]:
        """Return the last steps of some series, as Together says."""
        time, most = self.values.shape[1], int(lengths.max())
        if lengths.min() < most:
            rows = self.values[part]
            ends = time * np.arange(1, len(rows) + 1)
            flat = rows.reshape(len(rows) * time, *rows.shape[2:])
            return Stacked(flat, ends - time, ends).latest(slice(None), lengths, width, dtype)
        recent = self.values[part, time - most :]
        if most == width:
            return recent.astype(dtype, copy=False)
        padded = np.full((len(recent), width, *recent.shape[2:]), np.nan, dtype)
        padded[:, :most] = recent
        return padded

    def whole(self, number: int) -> Any:
        """Return one series as it was given."""
        return self.given[number] if self.given else self.values[number]


def lay_together(series: Any, axes: int, width: int) -> Together | None:
    """Return many series, or one, as they lie together; None for what has to be looked at one by one.

    series: an array, a Stacked, or a sequence of arrays or of lists of floats. axes: of one series. width:
    steps that count, so that of longer arrays in a list the rest is not copied.
    """
    if isinstance(series, Stacked):
        return series if len(series) and series.values.ndim == axes and is_plain(series.values) else None
    if type(series) is np.ndarray:
        table = series[None] if series.ndim == axes else series
        return Table(table) if table.ndim == axes + 1 and len(table) and is_plain(table) else None
    if type(series) not in (list, tuple):
        return None
    kinds = set(map(type, series))
    if kinds == {np.ndarray}:
        rows = [row[-width:] for row in series if row.ndim == axes]
        is_alike = len(rows) == len(series) and len({(row.dtype, row.shape[1:]) for row in rows}) == 1
        return _join(np.concatenate(rows), rows, series) if is_alike and is_plain(rows[0]) else None
    if axes == 1 and kinds == {float}:
        return Table(np.array([series]))
    if axes == 1 and kinds == {list} and set(map(type, chain.from_iterable(series))) == {float}:
        return _join(np.fromiter(chain.from_iterable(series), np.float64), series, series)
    return None


def is_plain(values: NDArray[Any]) -> bool:
    """Return whether an array is of numbers of at most 64 bits, none of them masked."""
    return type(values) is np.ndarray and values.dtype.kind in "iuf" and values.dtype.itemsize <= WIDEST


def _join(values: NDArray[Any], rows: Sequence[Any], given: Sequence[Any]) -> Together:
    """Return the values of rows, one after another without a gap. given: the rows before they were cut."""
    lengths = np.fromiter(map(len, rows), np.int64, len(rows))
    if (lengths == lengths[0]).all():
        return Table(values.reshape(len(rows), lengths[0], *values.shape[1:]), given)
    ends = np.cumsum(lengths)
    return Stacked(values, ends - lengths, ends, given)
