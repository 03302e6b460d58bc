"""What each column of a file is: time, target, series key, known-future covariate or static category."""

from __future__ import annotations

import difflib
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from deploy.errors import ConfigError, DataError
from deploy.timestep import TimeStep

from .counts import looks_like_dates
from .table import SortedTable, Table, changing_rows, count_distinct
from .timestamps import looks_like_timestamps

DATE_NAMES = ("timestamp", "datetime", "date", "time", "ds")  # a column of text named so has to be the time
TIME_NAMES = (*DATE_NAMES, "t", "period", "year", "quarter", "month", "week", "day", "hour")
# Numbers named month or hour are covariates more often than time.
INDEX_NAMES = (*DATE_NAMES, "t", "step", "index", "period", "year")
UNNAMED = "unnamed column "  # and its number from 1: how a column without a name is called

NEVER = np.iinfo(np.int64).min
# A single value beyond the targets' last is a missing cell, not what is known of the future.
LEAST_AHEAD = 2


@dataclass(frozen=True)
class ColumnChoice:
    """What the user said on the command line; empty = find out."""

    time: str | None = None
    targets: tuple[str, ...] = ()
    series: tuple[str, ...] = ()
    known: tuple[str, ...] = ()
    static: tuple[str, ...] = ()
    na: tuple[str, ...] = ()  # extra texts that mean missing
    step: TimeStep | None = None
    layout: str = "auto"  # one of layout.LAYOUTS
    time_format: str | None = None  # a strftime format, or "index" for counts
    trained_time_format: str | None = None  # of the file that was trained on: decides where the cells do not
    is_for_model: bool = False  # all of this is what a model was fitted on, and no option can change it

    def roles(self) -> dict[str, tuple[str, ...]]:
        """The option of each role and the columns given with it."""
        time = () if self.time is None else (self.time,)
        return {
            "--time": time,
            "--target": self.targets,
            "--series": self.series,
            "--known": self.known,
            "--static": self.static,
        }


@dataclass(frozen=True)
class Columns:
    """What was understood."""

    time: str | None  # None: the rows are numbered, step is 1 index
    time_format: str  # a strftime format that writes timestamps as they were read, or "index" for integers
    targets: tuple[str, ...]
    series: tuple[str, ...]
    known: tuple[str, ...]
    static: tuple[str, ...]
    ignored: tuple[str, ...]
    layout: str = "auto"  # as chosen; rows also where it was found


def check_choice(choice: ColumnChoice, names: tuple[str, ...]) -> None:
    """Raises ConfigError for a column that does not exist or that is given two roles."""
    taken: dict[str, str] = {}
    for option, columns in choice.roles().items():
        for name in columns:
            if name not in names:
                folded = {known.casefold(): known for known in names}
                near = difflib.get_close_matches(name.casefold(), folded, n=1, cutoff=0.5)
                hint = f'did you mean "{folded[near[0]]}"? ' if near else ""
                raise ConfigError(f'{option} "{name}": no such column; {hint}columns: {", ".join(names)}')
            if name in taken:
                twice = f"twice as {option}" if taken[name] == option else f"as {taken[name]} and as {option}"
                raise ConfigError(f'column "{name}" is given {twice}')
            taken[name] = option


def find_time(frame: pd.DataFrame, choice: ColumnChoice) -> str | None:
    """The time column; None: the rows are numbered."""
    if choice.time is not None:
        return choice.time
    taken = {name for role in choice.roles().values() for name in role}
    free = [name for name in map(str, frame.columns) if name not in taken]
    words = [name for name in free if is_text(frame[name])]
    dates = [name for name in words if looks_like_timestamps(frame[name], choice.time_format)]
    named = [name for name in dates if name.casefold() in TIME_NAMES]
    # A text column called "date" that does not parse: taken all the same, so that the reader says why not.
    claimed = [name for name in words if name.casefold() in DATE_NAMES]
    counts = [name for name in free if name.casefold() in INDEX_NAMES and _is_integer(frame[name])]
    stamps = [name for name in free if looks_like_dates(frame[name])]
    known = [name for name in stamps if name.casefold() in TIME_NAMES]
    return next(iter([*named, *dates, *claimed, *known, *counts, *stamps]), None)


def choose_series(table: Table, choice: ColumnChoice) -> tuple[str, ...]:
    """The columns that tell series apart.

    Raises DataError if there is nothing to forecast, ConfigError for a layout that does not fit.
    """
    if not _filled(table) and not choice.targets:
        listed = ", ".join(_describe_column(table, name) for name in table.names)
        split = "" if len(table.names) > 1 else "; commas, semicolons, tabs or pipes separate columns"
        raise DataError(f"no column of numbers to forecast; columns: {listed}{split}")
    series = choice.series or (() if choice.layout == "wide" else _find_series(table))
    if choice.layout == "long" and not series:
        raise ConfigError("--layout long: no column of text tells series apart; --series COLUMN names one")
    return series


def understand_columns(rows: SortedTable, series: tuple[str, ...], choice: ColumnChoice) -> Columns:
    """The role of every column. Raises DataError if there is nothing to forecast."""
    table = rows.table
    filled = _filled(table)
    known = table.in_order({*choice.known, *_find_known(rows, filled, choice)})
    targets = choice.targets or tuple(name for name in filled if name not in known)
    if not targets:
        raise DataError("every column of numbers is a known covariate; --target names what to forecast")
    static = choice.static or _find_static(rows, series)
    used = {table.time, *targets, *series, *known, *static}
    ignored = tuple(name for name in table.names if name not in used)
    return Columns(table.time, table.time_format, targets, series, known, static, ignored, choice.layout)


def _filled(table: Table) -> list[str]:
    """Columns of numbers that hold any."""
    return [name for name, column in table.numbers.items() if not np.isnan(column).all()]


def _describe_column(table: Table, name: str) -> str:
    """A column without numbers: its name, and that it is the time, or the first text that is no number."""
    if name == table.time:
        return f'"{name}" (time)'
    if name not in table.texts:
        return f'"{name}" (empty)'
    texts = table.texts[name]
    is_word = pd.to_numeric(pd.Series(texts.values), errors="coerce").isna().to_numpy()
    first = int((is_word[texts.codes] & (texts.codes >= 0)).argmax())
    return f'"{name}" (texts such as "{texts.text(first)}")'


def is_text(column: pd.Series[str]) -> bool:
    """Whether a column that was read holds words (at least one cell is neither a number nor missing)."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        return is_text(column.cat.categories.to_series())
    return pd.api.types.infer_dtype(column, skipna=True) in ("string", "mixed", "mixed-integer")


def _is_integer(column: pd.Series[str]) -> bool:
    """Whether a column of numbers holds whole ones only; missing cells do not count."""
    if is_text(column) or pd.api.types.infer_dtype(column, skipna=True) == "boolean":
        return False
    present = column.dropna()
    return len(present) > 0 and bool((present % 1 == 0).all())


def _find_series(table: Table) -> tuple[str, ...]:
    """The fewest text columns that make (series, timestamp) unique, or come nearest to it."""

    rows = len(table.timestamps)

    def distinct(names: tuple[str, ...]) -> int:
        if not names and table.distinct_times < rows:
            return table.distinct_times
        return count_distinct(table, names)

    if distinct(()) == rows:
        return ()
    counts = {name: column.distinct_count(missing=True) for name, column in table.texts.items()}
    # A text that is new in more than every second row is a remark, not a key.
    keys = [name for name in reversed(counts) if 1 < counts[name] <= rows / 2]
    candidates = sorted(keys, key=counts.__getitem__)
    best = distinct(tuple(candidates))
    chosen = list(candidates)
    for name in candidates:  # fewest values first: of a region and its stores, the region is dropped
        fewer = [other for other in chosen if other != name]
        if distinct(tuple(fewer)) == best:
            chosen = fewer
    return table.in_order(set(chosen))


def _find_known(rows: SortedTable, filled: list[str], choice: ColumnChoice) -> set[str]:
    """Columns of numbers that go on after the last target value, in most of the series where any does.

    Without named targets, those that reach the end of a series are covariates and those that stop before are
    targets, provided the targets stop nearly together: columns that end anywhere are many series of one kind,
    side by side.
    """
    names = [name for name in filled if name not in choice.known]
    candidates = np.array([name not in choice.targets for name in names], dtype=np.bool_)
    if candidates.sum() < (1 if choice.targets else 2):
        return set()
    present = [~np.isnan(rows.table.numbers[name]) for name in names]
    last = np.stack([_last_times(rows, chosen) for chosen in present])  # (columns, series)
    end = last.max(axis=0)  # (series,)
    stops = ~candidates[:, None] if choice.targets else last < end
    stops = stops & (last > NEVER)  # (columns, series)
    if not stops.any():
        return set()
    latest = np.where(stops, last, NEVER).max(axis=0)
    after = rows.table.timestamps > np.repeat(latest, rows.lengths)  # (rows,)
    ahead = np.stack([np.add.reduceat(chosen & after, rows.offsets[:-1], dtype=int) for chosen in present])
    goes_on = candidates[:, None] & (ahead >= (1 if choice.targets else LEAST_AHEAD))
    clear = stops.any(axis=0) & goes_on.any(axis=0)  # (series,)
    if not choice.targets:
        earliest = np.where(stops, last, end).min(axis=0)
        clear &= latest - np.where(clear, earliest, 0) < end - np.where(clear, latest, 0)
    votes = (goes_on & clear).sum(axis=1)
    known = {name for name, count in zip(names, votes.tolist(), strict=True) if count > clear.sum() / 2}
    return set() if known == set(names) else known


def _last_times(rows: SortedTable, present: NDArray[np.bool_]) -> NDArray[np.int64]:
    """(series,): the timestamp of the last row that is present, NEVER without one. present: (rows,)."""
    _, end = rows.first_and_end(present)
    return np.where(end > 0, rows.table.timestamps[end - 1], NEVER)


def _find_static(rows: SortedTable, series: tuple[str, ...]) -> tuple[str, ...]:
    """Text columns that are constant within each series but not over the file."""
    if not series:
        return ()
    others = {name: column for name, column in rows.table.texts.items() if name not in series}
    varied = [name for name, column in others.items() if column.distinct_count(missing=False) > 1]
    return tuple(name for name in varied if not changing_rows(rows, name).size)
