"""A file's rows with every cell of its type: numbers as arrays, texts as codes into their distinct values."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray


@dataclass(frozen=True)
class Texts:
    """A column of texts. Few of them are distinct, so all work is done on these and on the codes."""

    codes: NDArray[np.int64]  # (rows,) -1 = missing
    values: NDArray[np.object_]  # (distinct,) str

    @classmethod
    def of(cls, column: pd.Series[str]) -> Texts:
        """The texts of a column as pandas read it."""
        if isinstance(column.dtype, pd.CategoricalDtype):
            codes, values = column.cat.codes.to_numpy(), column.cat.categories
        else:
            codes, values = pd.factorize(column)
        return cls(codes.astype(np.int64), np.array([str(value) for value in values], dtype=object))

    def take(self, rows: NDArray[np.int64]) -> Texts:
        """The texts of some rows."""
        return replace(self, codes=self.codes[rows])

    def text(self, row: int) -> str:
        """One text, "" where missing."""
        code = self.codes[row]
        return str(self.values[code]) if code >= 0 else ""

    def distinct_count(self, *, missing: bool) -> int:
        """How many distinct texts the rows hold; whether a missing one counts as one, too."""
        seen = np.zeros(len(self.values) + 1, dtype=np.bool_)
        seen[self.codes] = True  # -1 is the last
        return int(seen[:-1].sum() + (missing and seen[-1]))


@dataclass(frozen=True)
class Table:
    """A file's rows; in file order until they are sorted."""

    names: tuple[str, ...]  # of all columns
    time: str | None
    time_format: str
    timestamps: NDArray[np.int64]  # (rows,)
    distinct_times: int  # at most; the rows where nothing is known
    rows: NDArray[np.int64]  # (rows,) the row number in the file, from 0
    numbers: dict[str, NDArray[np.float64]]  # each (rows,), NaN = missing
    texts: dict[str, Texts]

    def take(self, rows: NDArray[np.int64]) -> Table:
        """The same columns of some rows, in that order."""
        return replace(
            self,
            timestamps=self.timestamps[rows],
            rows=self.rows[rows],
            numbers={name: column[rows] for name, column in self.numbers.items()},
            texts={name: column.take(rows) for name, column in self.texts.items()},
        )

    def in_order(self, names: set[str]) -> tuple[str, ...]:
        """Some columns in the order of the file."""
        return tuple(name for name in self.names if name in names)


@dataclass(frozen=True)
class SortedTable:
    """A table by series, then time. A series is one combination of values of the series columns."""

    table: Table
    offsets: NDArray[np.int64]  # (series + 1,) the rows of each
    was_unsorted: bool

    @property
    def lengths(self) -> NDArray[np.int64]:
        """(series,) rows of each."""
        return np.diff(self.offsets)

    def last_index(self, chosen: NDArray[np.bool_]) -> NDArray[np.int64]:
        """(series,) the last of the chosen rows of each series, -1 without one. chosen: (rows,)."""
        index = np.where(chosen, np.arange(len(chosen)), -1)
        last: NDArray[np.int64] = np.maximum.reduceat(index, self.offsets[:-1])
        return last

    def within(self) -> NDArray[np.bool_]:
        """(rows - 1,) whether a row and the next belong to the same series."""
        same = np.ones(len(self.table.timestamps) - 1, dtype=np.bool_)
        same[self.offsets[1:-1] - 1] = False
        return same


def series_codes(table: Table, series: tuple[str, ...]) -> NDArray[np.int64]:
    """(rows,): each row's series, numbered by first appearance. A missing cell is a key, too."""
    codes = np.zeros(len(table.timestamps), dtype=np.int64)
    for name in series:
        column = table.texts[name]
        codes = _by_appearance(codes * (len(column.values) + 1) + column.codes + 1)
    return codes


def _by_appearance(keys: NDArray[np.int64]) -> NDArray[np.int64]:
    """Keys renumbered 0, 1, 2 ... in the order in which they appear first."""
    starts = np.flatnonzero(np.diff(keys, prepend=keys[:1] - 1))  # rows of a series often stand together
    codes, _ = pd.factorize(keys[starts])
    return np.repeat(codes.astype(np.int64), np.diff(starts, append=len(keys)))


def count_distinct(codes: NDArray[np.int64], timestamps: NDArray[np.int64]) -> int:
    """How many (series, timestamp) pairs there are. Both (rows,)."""
    if _is_sorted(codes, timestamps, strictly=True):
        return len(codes)
    pairs = pd.DataFrame({"series": codes, "time": timestamps})
    return int((~pairs.duplicated()).sum())


def sort_table(table: Table, series: tuple[str, ...]) -> SortedTable:
    """The rows by series, in order of first appearance, then time."""
    codes = series_codes(table, series)
    offsets = np.concatenate([[0], np.cumsum(np.bincount(codes))])
    if _is_sorted(codes, table.timestamps, strictly=False):
        return SortedTable(table, offsets, was_unsorted=False)
    order = np.argsort(codes, kind="stable")
    falls = (np.diff(table.timestamps[order]) < 0) & (np.diff(codes[order]) == 0)
    if falls.any():
        order = np.lexsort((table.timestamps, codes))
    return SortedTable(table.take(order), offsets, bool(falls.any()))


def _is_sorted(codes: NDArray[np.int64], timestamps: NDArray[np.int64], *, strictly: bool) -> bool:
    """Whether rows are by series, which appear in the order of their numbers, then time."""
    same, rises = codes[1:] == codes[:-1], timestamps[1:] > timestamps[:-1]
    if not strictly:
        rises |= timestamps[1:] == timestamps[:-1]
    # Where a series ends the next number follows; few rows do, so only they are looked at.
    ends = np.flatnonzero(~same)
    return bool((rises | ~same).all() and (codes[ends + 1] == codes[ends] + 1).all())


def changing_rows(sorted_table: SortedTable, name: str) -> NDArray[np.int64]:
    """The rows whose text differs from the one that the series has elsewhere."""
    texts = sorted_table.table.texts[name].codes  # -1 = missing
    highest = np.maximum.reduceat(texts, sorted_table.offsets[:-1])
    return np.flatnonzero((texts >= 0) & (texts != np.repeat(highest, sorted_table.lengths)))
