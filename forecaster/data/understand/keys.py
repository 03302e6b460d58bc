"""Which columns tell series apart: texts, or whole numbers where texts do not."""

import re
from bisect import bisect_left
from collections.abc import Callable
from dataclasses import replace
from itertools import combinations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from forecaster.config import Asked
from forecaster.data.complaints import Complaint, Misfit, Option
from forecaster.data.notes import infer
from forecaster.data.spelling.id_names import ID_NAME
from forecaster.data.spelling.part_names import slots_of
from forecaster.data.table import Table, Texts, count_distinct, sort_table
from forecaster.data.times.steps import LONGEST_STEP, STEPS_KEPT
from forecaster.data.understand.aggregation import SHARED_TIMES
from forecaster.data.understand.changing import changes_in_time
from forecaster.data.understand.taking_turns import find_staggered

# Of columns that are a part of a timestamp.
TIME_PARTS = ("time", "quarter", "month", "week", "day", "hour", "minute", "zeit", "uhrzeit", "heure")
NUMBERED = {"quarter", "month", "week", "hour", "minute"}  # parts of a time, in any language
TIME_OF_DAY = re.compile(r"\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?( ?[AaPp][Mm])?")


def choose_series(table: Table, asked: Asked) -> tuple[str, ...]:
    """Return the columns that tell series apart; of numbers among them the texts are needed.

    Raises a Complaint if there is nothing to forecast, a Misfit for a layout that does not fit.
    """
    if not table.filled and not asked.target:
        parts = dict(table.time_parts)
        listed = ", ".join(_describe_column(table, name) for name in table.names if name not in parts)
        split = "" if len(table.names) > 1 else "; commas, semicolons, tabs, pipes or blanks separate columns"
        counts = (Option("aggregate", "count"), " counts the rows of each ", Option("step"))
        remedy = ("; ", *counts) if table.time is not None and table.texts else ()
        raise Complaint((f"no column of numbers to forecast; columns: {listed}{split}", *remedy))
    if asked.series or asked.layout == "wide" or asked.is_complete or asked.aggregate:
        return asked.series
    series, distinct = _without_changing(table, *_find_texts(table))
    if distinct < len(table.times):
        series = _find_numbers(table, series, asked) or series
    elif not series:
        series = find_staggered(table)
    _refuse_parts_of_time(table, series)
    _note_empty(table, series)
    _note_numbers(table, series)
    if asked.layout == "long" and not series:
        names_one = (Option("series", "COLUMN"), " names one")
        raise Misfit((Option("layout", "long"), ": no column of text tells series apart; ", *names_one))
    return series


def _describe_column(table: Table, name: str) -> str:
    """Describe a column without numbers: its name, and that it is the time, or its first text."""
    if name == table.time:
        return f'"{name}" (time)'
    if name not in table.texts:
        return f'"{name}" (empty)'
    texts = table.texts[name]
    is_word = pd.to_numeric(pd.Series(texts.values), errors="coerce").isna().to_numpy()
    first = int((is_word[texts.codes] & (texts.codes >= 0)).argmax())
    return f'"{name}" (texts such as "{texts.text(first)}")'


def _find_texts(table: Table) -> tuple[tuple[str, ...], int]:
    """Return the fewest text columns that make (series, timestamp) unique, or come nearest to it.

    Returns them and how many such pairs are distinct.
    """
    rows = len(table.times)

    def distinct(names: tuple[str, ...]) -> int:
        if not names and table.distinct_times < rows:
            return table.distinct_times
        return count_distinct(table, names)

    if distinct(()) == rows:
        return (), rows
    counts = {name: column.distinct_count(missing=True) for name, column in table.texts.items()}
    # A text that is new in more than every second row is a remark, not a key.
    keys = [name for name in reversed(counts) if 1 < counts[name] <= rows / 2]
    # Fewest values first: of a region and its stores, the region is dropped.
    candidates = tuple(sorted(keys, key=counts.__getitem__))
    best = distinct(candidates)
    chosen: tuple[str, ...] = ()
    while distinct(chosen) < best:
        needed = _first_needed(chosen, candidates, lambda names: distinct(names) == best)
        chosen, candidates = (*chosen, candidates[needed]), candidates[needed + 1 :]
    return table.in_order(set(chosen)), best


def _without_changing(table: Table, series: tuple[str, ...], distinct: int) -> tuple[tuple[str, ...], int]:
    """Return the keys without texts that change in time, and how many pairs are distinct then."""
    for name in series:
        others = tuple(key for key in series if key != name)
        if changes_in_time(table, name, others):
            return _without_changing(table, others, count_distinct(table, others))
    return series, distinct


def _note_empty(table: Table, series: tuple[str, ...]) -> None:
    """Note that rows without the name of a series are read as one of their own."""
    for name in series:
        column = table.texts[name] if name in table.texts else _as_key(table.numbers[name])
        empty = 0 if column is None else int((column.codes < 0).sum())
        if empty:
            found = f'{empty} row{" has an" if empty == 1 else "s have an"} empty "{name}": '
            found += "read as one more series, without a name ("
            infer(found, Option("series"), alternative="names other columns")


def _note_numbers(table: Table, series: tuple[str, ...]) -> None:
    """Note that whole numbers which are called like no id tell series apart."""
    for name in series:
        if name in table.numbers and not ID_NAME.fullmatch(name):
            found = f'the numbers of "{name}" tell series apart, as ids do ('
            infer(found, Option("series", "COLUMN"), alternative="names other columns")


def _first_needed(
    chosen: tuple[str, ...], candidates: tuple[str, ...], suffices: Callable[[tuple[str, ...]], bool]
) -> int:
    """Return the place of the first candidate that those after it cannot replace, next to the chosen ones.

    The more of the first are left out, the fewer pairs are distinct, so that halving finds it.
    """

    def is_needed(place: int) -> bool:
        return not suffices((*chosen, *candidates[place + 1 :]))

    return bisect_left(range(len(candidates)), True, key=is_needed)


def _refuse_parts_of_time(table: Table, series: tuple[str, ...]) -> None:
    """Raise a Complaint where what tells rows apart is the rest of their time: 12:00 next to 2024-01-31."""
    for name in series:
        is_named = name.casefold() in TIME_PARTS
        is_named |= name in table.numbers and bool(NUMBERED & {*slots_of(name)})
        clock = name in table.texts and all(map(TIME_OF_DAY.fullmatch, table.texts[name].values.tolist()))
        if is_named or clock:
            found = (
                f'the rows of a "{table.time}" differ in their "{name}": join these columns to one of '
                f"timestamps, such as 2024-01-31 13:00; if every {name} is a series of its own, "
            )
            raise Complaint((found, Option("series", name, is_quoted=True), " says so"))


def _find_numbers(table: Table, texts: tuple[str, ...], asked: Asked) -> tuple[str, ...]:
    """Return the one column of whole numbers, or two ids, that with or without `texts` make series.

    Empty where there is none, or several that cannot be told apart.
    """
    _, rows_at = np.unique(table.timestamps, return_counts=True)
    if len(rows_at) < 2 or (rows_at > 1).mean() < SHARED_TIMES:
        return ()
    taken = {*asked.numbers, *asked.static}
    codes = {name: _as_key(table.numbers[name]) for name in table.filled if name not in taken}
    keys = {name: column for name, column in codes.items() if column is not None}
    coded = replace(table, texts={**table.texts, **keys})
    singles: list[tuple[str, ...]] = [(name,) for name in keys]
    pairs: list[tuple[str, ...]] = list(combinations(filter(ID_NAME.fullmatch, keys), 2))
    for names in (singles, pairs):
        for others in dict.fromkeys([(), texts]):
            found = [
                key
                for key in names
                if (asked.target or set(table.filled) - set(key)) and _makes_series(coded, (*others, *key))
            ]
            if found:
                chosen = _the_one(coded, found)
                return table.in_order({*others, *chosen}) if chosen else ()
    return ()


def _as_key(column: NDArray[np.float64]) -> Texts | None:
    """Return whole numbers, most of them repeated, as texts; None for any other column."""
    is_empty = np.isnan(column)
    if is_empty.all() or not (is_empty | (column % 1 == 0)).all():
        return None
    values, codes = np.unique(column, return_inverse=True)
    if is_empty.any():  # NaN is the last of the values
        values, codes = values[:-1], np.where(is_empty, -1, codes)
    if not 1 < len(values) <= len(column) / 2:
        return None
    return Texts(codes, np.array([f"{value:.0f}" for value in values], dtype=object))


def _makes_series(table: Table, names: tuple[str, ...]) -> bool:
    """Return whether all series have several rows, at distinct times, and most of them the file's steps."""
    is_named = np.logical_and.reduce([table.texts[name].codes >= 0 for name in names])
    # Where some cells are empty, the other rows decide.
    keys = table.only(names)
    rows = sort_table(keys if is_named.all() else keys.take(np.flatnonzero(is_named)), names)
    fewest = (
        np.median if all(map(ID_NAME.fullmatch, names)) else np.min
    )  # of what is called an id some have one
    if not len(rows.lengths) or fewest(rows.lengths) < 2:
        return False
    differences = np.diff(rows.table.timestamps)[rows.within()]
    usual = np.median(np.diff(np.unique(table.timestamps)))
    return bool((differences > 0).all() and (differences <= LONGEST_STEP * usual).mean() >= STEPS_KEPT)


def _the_one(table: Table, keys: list[tuple[str, ...]]) -> tuple[str, ...]:
    """Return the only key, or the only one that is called an id among those that make the same series.

    Empty where there is no such key.
    """
    if len(keys) == 1:
        return keys[0]
    named = [key for key in keys if all(ID_NAME.fullmatch(name) for name in key)]
    together = tuple({name for key in keys for name in key})
    counts = {len(sort_table(table.only(key), key).lengths) for key in [*keys, together]}
    return named[0] if len(named) == 1 and len(counts) == 1 else ()
