"""Rows that are series, as one row for each value: under times in the header, or counted from 0."""

from dataclasses import replace
from itertools import combinations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from forecaster.config import Asked
from forecaster.data.across.header_times import HeaderTimes
from forecaster.data.across.values import VALUE, free_name, read_values
from forecaster.data.columns import split_name
from forecaster.data.complaints import Complaint, Misfit, Option
from forecaster.data.files.sheet import is_words, refuse_cells
from forecaster.data.notes import note
from forecaster.data.panel.listing import first_few
from forecaster.data.row_times import Times
from forecaster.data.spelling.id_names import ID_NAME
from forecaster.data.table import Spread, Table, Texts
from forecaster.data.times.clocks import place_at_offset
from forecaster.data.times.forms import INDEX
from forecaster.data.understand.cells import read_table

TIME = "time"  # what the time is called where the header does not say
MOST_KEYS = 4  # columns that tell rows apart together


def unroll(frame: pd.DataFrame, header: HeaderTimes, asked: Asked) -> tuple[Table, Asked]:
    """Return one row for each value under times in the header, and what is asked of its columns.

    Raises a Complaint for cells that are no numbers, and for two rows of one series.
    """
    frame = frame.dropna(how="all")
    before, behind = _around(frame, header, asked)
    words = tuple(name for name in before if _holds_words(frame[name], asked))
    numbers = tuple(name for name in before if name not in words)
    values = read_values(frame, header.columns)  # (series, time)
    cells = read_table(frame[list(before)], Asked(series=words, static=numbers, target=header.columns))
    rows, named_time = _split_composite(cells)
    keys = asked.series or _find_keys(rows)
    _refuse_equal_rows(rows, keys)
    target = free_name(VALUE, rows.names)
    time = named_time or free_name(_called_time(header), rows.names)
    stamps = place_at_offset(Times(header.seconds), header.time_format, asked.timezone)
    table = _repeat(rows, values, target)
    table = replace(
        table,
        names=(*rows.names, *behind, time, target),
        time=time,
        time_format=stamps.time_format,
        times=table.times.map(lambda places: stamps.times[places]),
        clock=stamps.clock,
        spread=Spread(time, header.template),
    )
    return table, asked.model_copy(update={"series": keys, "target": (target,), "layout": "rows"})


def unroll_counts(frame: pd.DataFrame, asked: Asked) -> tuple[Table, Asked]:
    """Return every row as a series on a grid of counts from 0, and what is asked of its columns.

    Empty cells at the end of a row are no values. Raises a Complaint for rows without an id of their own.
    """
    key, *others = asked.series or (str(frame.columns[0]),)
    if others or asked.static:
        option, columns = ("series", asked.series) if others else ("static", asked.static)
        found = (" for the column of ids alone; found ", Option(option, " ".join(columns)))
        rows = (Option("layout", "rows"), " has a row a series, and ")
        raise Misfit((*rows, Option("series"), *found))
    frame = frame.dropna(how="all")
    refuse_cells(frame, key, frame[key].isna().to_numpy(), "does not name a series", "every row needs an id")
    again = frame[key].duplicated().to_numpy()
    refuse_cells(frame, key, again, "names a series once more", "every row needs an id of its own")
    values = tuple(str(name) for name in frame.columns if name != key)
    if not values:
        raise Complaint(
            f'a row a series: "{key}" is the only column, expected columns of numbers after the ids'
        )
    cells = read_table(frame, Asked(series=(key,), target=values))
    target = free_name(VALUE, (key,))
    table = _repeat(_without(cells, values), np.stack(list(cells.numbers.values()), axis=1), target)
    return table, asked.model_copy(update={"series": (key,), "layout": "rows"})


def _around(
    frame: pd.DataFrame, header: HeaderTimes, asked: Asked
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the columns that describe the rows, and those behind the times, left out."""
    names = [str(name) for name in frame.columns if name not in header.columns]
    if asked.is_complete:
        before = tuple(name for name in names if {name, *(split_name(name) or ((),))[0]} & asked.named)
        return before, ()
    place = list(frame.columns).index(header.columns[0])
    before = tuple(name for name in names if list(frame.columns).index(name) < place or name in asked.named)
    behind = tuple(name for name in names if name not in before)
    counted = [name for name in behind if frame[name].notna().any() and not is_words(frame[name])]
    if counted:
        note(f'"{first_few(counted)}" behind the times {"are" if len(counted) > 1 else "is"} left out')
    return before, behind


def _holds_words(column: "pd.Series[str]", asked: Asked) -> bool:
    """Return whether a column before the times is read as texts."""
    name = str(column.name)
    if asked.is_complete:
        return name in asked.texts or split_name(name) is not None
    return name in asked.series or is_words(column)


def _without(table: Table, names: tuple[str, ...]) -> Table:
    """Return the table without some columns of numbers."""
    kept = {name: column for name, column in table.numbers.items() if name not in names}
    return replace(table, names=tuple(name for name in table.names if name not in names), numbers=kept)


def _split_composite(table: Table) -> tuple[Table, str | None]:
    r"""Return the table with a column such as "freq,geo\TIME" as its parts, and what it calls the time."""
    for name, column in table.texts.items():
        parts, time = split_name(name) or ((), "")
        cells = [str(text).split(",") for text in column.values]
        rows = column.codes.astype(np.int64)
        if parts and all(len(cell) == len(parts) for cell in cells):
            split = {
                part: Texts.of(pd.Series([cell[place].strip() for cell in cells], dtype="str")).take(rows)
                for place, part in enumerate(parts)
            }
            texts = {old: kept for old, kept in table.texts.items() if old != name}
            names = [part for old in table.names for part in (parts if old == name else (old,))]
            return replace(table, names=tuple(names), texts={**split, **texts}), time
    return table, None


def _find_keys(rows: Table) -> tuple[str, ...]:
    """Return the fewest columns that tell the rows apart: texts and ids, else other whole numbers as well.

    One row is told by its first text. All texts, where nothing tells the rows apart.
    """
    words = {name: column.codes.astype(np.int64) + 1 for name, column in rows.texts.items()}
    whole = {name: column for name, column in rows.numbers.items() if (column % 1 == 0).all()}
    named = {name: column for name, column in whole.items() if ID_NAME.fullmatch(name)}
    if len(rows.index) == 1:
        return tuple(words)[:1]
    is_missing = {name: column.codes < 0 for name, column in rows.texts.items()}
    is_missing |= {name: np.isnan(column) for name, column in whole.items()}
    for names_of_rows in ({*words, *named}, {*words, *whole}):
        candidates = {name: (words | whole)[name] for name in rows.in_order(names_of_rows)}
        codes = {name: np.unique(column, return_inverse=True)[1] for name, column in candidates.items()}
        for size in range(1, min(len(codes), MOST_KEYS) + 1):
            for names in combinations(codes, size):
                is_empty = np.all([is_missing[name] for name in names], axis=0)
                if not is_empty.any() and _are_unique([codes[name] for name in names]):
                    return rows.in_order({*names})
    return tuple(words)


def _are_unique(columns: list[NDArray[np.int64]]) -> bool:
    """Return whether no two rows are alike in all of these columns. columns: each (rows,), codes from 0."""
    keys = np.zeros(len(columns[0]), dtype=np.int64)
    for column in columns:
        keys = np.unique(keys * (column.max() + 1) + column, return_inverse=True)[1]
    return len(np.unique(keys)) == len(keys)


def _refuse_equal_rows(rows: Table, keys: tuple[str, ...]) -> None:
    """Raise a Complaint for two rows of one series."""
    if len(rows.index) < 2:
        return
    if not keys:
        raise Complaint(
            "each row seems to be a series under the times in the header, and no column names it",
            remedy="put a column of ids, with a name, before the times",
        )
    called = pd.Series([tuple(rows.cell(name, row) for name in keys) for row in range(len(rows.index))])
    again = np.flatnonzero(called.duplicated(keep=False))
    if again.size:
        count = int(called.duplicated().sum())
        pair = np.flatnonzero(called == called[again[0]])[:2]
        raise Complaint(
            f'two rows are one series: "{"/".join(called[again[0]])}" ({", ".join(keys)})',
            rows=rows.rows_of(pair),
            remedy="keep one row of each series, or add a column that tells them apart",
            counted=f"{count} such {'pair' if count == 1 else 'pairs'} of rows",
        )


def _called_time(header: HeaderTimes) -> str:
    """Return what the header calls the time: d of d_1, else time."""
    return (header.is_counted and header.prefix.strip(" _-.:")) or TIME


def _repeat(rows: Table, values: NDArray[np.float64], target: str) -> Table:
    """Return one row for each value, up to the last one of each series; its timestamp is its column.

    values: (series, time).
    """
    count, longest = values.shape
    observed = ~np.isnan(values)
    lengths = np.where(observed.any(axis=1), longest - observed[:, ::-1].argmax(axis=1), 1)  # (series,)
    series = np.repeat(np.arange(count), lengths)  # (rows,)
    steps = np.arange(len(series)) - np.repeat(np.cumsum(lengths) - lengths, lengths)  # (rows,)
    return Table(
        names=(*rows.names, target),
        time=None,
        time_format=INDEX,
        times=Times(np.arange(longest), steps),
        distinct_times=longest,
        index=rows.index[series],
        numbers={
            **{name: column[series] for name, column in rows.numbers.items()},
            target: values[series, steps],
        },
        texts={name: column.take(series) for name, column in rows.texts.items()},
    )
