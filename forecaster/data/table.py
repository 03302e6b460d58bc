"""A file's rows with every cell of its type: numbers as arrays, texts as codes into their distinct values."""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from deploy.time.clock import Clock
from forecaster.data.row_times import Times, all_differences

BLOCK_ROWS = 1 << 20  # that are looked at together
TimeParts: TypeAlias = tuple[tuple[str, str], ...]  # columns that are the time together, with their forms


@dataclass(frozen=True)
class Spread:
    """How a file had time across its columns."""

    time: str  # the column of times, or of the part of the time, that stands in the header
    template: str  # how a column of a time is called; {0} is the time
    # Of all columns of the parts of a period the text of the part, and what the column is called.
    parts: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Texts:
    """A column of texts. Few of them are distinct, so all work is done on these and on the codes."""

    codes: NDArray[np.integer[Any]]  # (rows,) -1 = missing; as narrow as pandas makes them
    values: NDArray[np.object_]  # (distinct,) str

    @classmethod
    def of(cls, column: "pd.Series[str]") -> "Texts":
        """Return the texts of a column as pandas read it."""
        cells = column.array
        if isinstance(cells, pd.Categorical):
            codes, values = cells.codes, cells.categories  # column.cat.codes would be a copy
        else:
            codes, values = pd.factorize(column)
        if isinstance(values.dtype, pd.StringDtype):
            return cls(codes, values.to_numpy(dtype=np.object_))
        return cls(codes, np.array([str(value) for value in values], dtype=object))

    def take(self, rows: NDArray[np.int64]) -> "Texts":
        """Return the texts of some rows."""
        return replace(self, codes=self.codes[rows])

    def text(self, row: int) -> str:
        """Return one text, "" where missing."""
        code = self.codes[row]
        return str(self.values[code]) if code >= 0 else ""

    def texts(self) -> list[str]:
        """Return the texts of all rows, "" where missing: (rows,)."""
        values = [*map(str, self.values.tolist()), ""]  # that of code -1
        return [values[code] for code in self.codes.tolist()]

    def distinct_count(self, *, missing: bool) -> int:
        """Return how many distinct texts the rows hold; whether a missing one counts as one, too."""
        seen = np.zeros(len(self.values) + 1, dtype=np.bool_)
        seen[self.codes] = True  # -1 is the last
        return int(seen[:-1].sum() + (missing and seen[-1]))


@dataclass(frozen=True)
class Table:
    """A file's rows; in file order until they are sorted."""

    names: tuple[str, ...]  # of all columns
    time: str | None
    time_format: str
    times: Times  # (rows,)
    distinct_times: int  # at most; the rows where nothing is known
    index: "pd.Index[int]"  # (rows,) the row number in the file, from 0; a range takes no memory
    numbers: dict[str, NDArray[np.float64]]  # each (rows,), NaN = missing
    texts: dict[str, Texts]
    clock: Clock | None = None  # of a time zone: what the timestamps are read from
    time_parts: TimeParts = ()  # columns that the time was joined of
    spread: Spread | None = None  # of a file with time across its columns

    def take(self, rows: NDArray[np.int64]) -> "Table":
        """Return the same columns of some rows, in that order."""
        return replace(
            self,
            times=self.times.take(rows),
            index=self.index[rows],
            numbers={name: column[rows] for name, column in self.numbers.items()},
            texts={name: column.take(rows) for name, column in self.texts.items()},
        )

    def only(self, names: tuple[str, ...]) -> "Table":
        """Return the times with some columns of texts alone, which is sorted in no time."""
        return replace(self, numbers={}, texts={name: self.texts[name] for name in names})

    def with_texts(self, texts: dict[str, Texts]) -> "Table":
        """Return the table with some columns of numbers as texts."""
        if not texts:
            return self
        numbers = {name: column for name, column in self.numbers.items() if name not in texts}
        return replace(self, numbers=numbers, texts={**self.texts, **texts})

    @cached_property
    def timestamps(self) -> NDArray[np.int64]:
        """Return the times of all rows in one array: (rows,)."""
        return self.times.all()

    @cached_property
    def filled(self) -> list[str]:
        """Return the columns of numbers that hold any."""
        return [name for name, column in self.numbers.items() if not np.isnan(column).all()]

    def cell(self, name: str, row: int) -> str:
        """Return a number or a text as text, "" where missing."""
        if name in self.texts:
            return self.texts[name].text(row)
        number = float(self.numbers[name][row])
        if np.isnan(number):
            return ""
        return str(int(number)) if number.is_integer() else str(number)

    def rows_of(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the row numbers in the source of some rows."""
        return self.index[rows].to_numpy()

    def in_order(self, names: set[str]) -> tuple[str, ...]:
        """Return some columns in the order of the file."""
        return tuple(name for name in self.names if name in names)


@dataclass(frozen=True)
class SortedTable:
    """A table by series, then time. A series is one combination of values of the series columns."""

    table: Table
    offsets: NDArray[np.int64]  # (series + 1,) the rows of each
    was_unsorted: bool

    @property
    def lengths(self) -> NDArray[np.int64]:
        """Return how many rows each series has: (series,)."""
        return np.diff(self.offsets)

    def first_and_end(self, chosen: NDArray[np.bool_]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the first of the chosen rows of each series, and the row after the last: (series,) each.

        0 and 0 where none is chosen. chosen: (rows,).
        """
        begin, stop = self.offsets[:-1], self.offsets[1:]
        if chosen[begin].all() and chosen[stop - 1].all():  # the usual case needs no look at every row
            return begin, stop
        index = np.arange(len(chosen))
        end = np.maximum.reduceat(np.where(chosen, index + 1, 0), begin)
        first = np.minimum.reduceat(np.where(chosen, index, len(chosen)), begin)
        return np.where(end > 0, first, 0), end

    @cached_property
    def are_distinct(self) -> bool:
        """Whether no series has two rows of one time."""
        return all_differences(self.table.times, self.offsets, lambda differences: differences != 0)

    def within(self) -> NDArray[np.bool_]:
        """Return whether a row and the next belong to the same series: (rows - 1,)."""
        same = np.ones(len(self.table.times) - 1, dtype=np.bool_)
        same[self.offsets[1:-1] - 1] = False
        return same


@dataclass(frozen=True)
class _Runs:
    """Neighbouring rows of the same series: in most files a run is a whole series."""

    starts: NDArray[np.int64]  # (runs,) the first row of each
    codes: NDArray[np.int64]  # (runs,) the series of each, numbered by first appearance

    @property
    def are_whole(self) -> bool:
        """Return whether every series is one run."""
        return len(self.codes) == 0 or len(self.codes) == self.codes.max() + 1


def _runs(table: Table, series: tuple[str, ...]) -> _Runs:
    """Return the runs of a table. A missing cell is a key, too."""
    changes = np.zeros(len(table.times), dtype=np.bool_)
    changes[:1] = True
    for name in series:
        codes = table.texts[name].codes
        changes[1:] |= codes[1:] != codes[:-1]
    starts = np.flatnonzero(changes)
    keys = np.zeros(len(starts), dtype=np.int64)
    for name in series:
        column = table.texts[name]
        keys = keys * (len(column.values) + 1) + column.codes[starts] + 1
        keys = pd.factorize(keys)[0].astype(np.int64)
    return _Runs(starts, keys)


def series_codes(table: Table, series: tuple[str, ...]) -> NDArray[np.int64]:
    """Return the series of each row, numbered by first appearance: (rows,)."""
    return _of_rows(_runs(table, series), table)


def count_distinct(table: Table, series: tuple[str, ...]) -> int:
    """Return how many (series, timestamp) pairs there are."""
    runs = _runs(table, series)
    if runs.are_whole and _rises(table.times, runs.starts, strictly=True):
        return len(table.times)
    pairs = pd.DataFrame({"series": _of_rows(runs, table), "time": table.timestamps})
    return int((~pairs.duplicated()).sum())


def sort_table(table: Table, series: tuple[str, ...]) -> SortedTable:
    """Return the rows by series, in order of first appearance, then time."""
    runs = _runs(table, series)
    if runs.are_whole and _rises(table.times, runs.starts, strictly=False):
        return SortedTable(table, np.append(runs.starts, len(table.times)), was_unsorted=False)
    codes = _of_rows(runs, table)
    offsets = np.concatenate([[0], np.cumsum(np.bincount(codes))])
    order = np.argsort(codes, kind="stable")
    was_unsorted = not _rises(table.times.take(order), offsets[:-1], strictly=False)
    if was_unsorted:
        order = np.lexsort((table.timestamps, codes))
    return SortedTable(table.take(order), offsets, was_unsorted)


def _of_rows(runs: _Runs, table: Table) -> NDArray[np.int64]:
    """Return the series of each row: (rows,)."""
    return np.repeat(runs.codes, np.diff(runs.starts, append=len(table.times)))


def _rises(times: Times, starts: NDArray[np.int64], *, strictly: bool) -> bool:
    """Return whether times rise from each start to the next."""
    least = 1 if strictly else 0
    return all_differences(times, np.append(starts, len(times)), lambda differences: differences >= least)


def changing_rows(sorted_table: SortedTable, name: str) -> NDArray[np.int64]:
    """Return the rows whose text or number differs from the one that the series has elsewhere."""
    table, begins = sorted_table.table, sorted_table.offsets[:-1]
    if name in table.texts:
        codes = table.texts[name].codes  # -1 = missing
        differs = codes != np.repeat(np.maximum.reduceat(codes, begins), sorted_table.lengths)
        return np.flatnonzero((codes >= 0) & differs)
    numbers = table.numbers[name]
    differs = numbers != np.repeat(np.fmax.reduceat(numbers, begins), sorted_table.lengths)
    return np.flatnonzero(~np.isnan(numbers) & differs)
