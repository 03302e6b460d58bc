"""Layouts of a table: columns that tell series apart, a column a series, or a row a series."""

import re

import numpy as np
import pandas as pd

from forecaster.config import Asked
from forecaster.data.complaints import Complaint, Misfit, Option
from forecaster.data.files.sheet import UNNAMED, is_text, refuse_cells
from forecaster.data.table import Table
from forecaster.data.times.forms import INDEX
from forecaster.data.times.timestamps import looks_like_timestamps
from forecaster.data.understand.cells import read_table

VALUE = "value"  # what the target is called where every row is a series
LEAST_VALUES = 2  # fewer numbered columns are no series


def check_layout(asked: Asked) -> None:
    """Raise a Misfit for a layout that contradicts what else is asked for."""
    if asked.layout == "wide" and asked.series:
        raise Misfit((Option("layout", "wide"), " has a column a series; leave out ", Option("series")))
    if asked.layout == "rows":
        for option, columns in asked.roles.items():
            if columns and (option != "series" or len(columns) > 1):
                found = (" for the column of ids alone; found ", Option(option, " ".join(columns)))
                rows = (Option("layout", "rows"), " has a row a series, and ")
                raise Misfit((*rows, Option("series"), *found))


def is_row_a_series(frame: pd.DataFrame, asked: Asked) -> bool:
    """Return whether each row holds a series: as asked, or an id, then numbers called V2, V3, V4 ..."""
    if asked.layout != "auto":
        return asked.layout == "rows"
    first, *others = map(str, frame.columns)
    chosen = {name for columns in asked.roles.values() for name in columns}
    if chosen - {first} or chosen != set(asked.series) or not _are_numbered(others):
        return False
    ids = frame.dropna(how="all")[first]
    is_id = is_text(ids) and ids.notna().all() and ids.is_unique and not looks_like_timestamps(ids)
    return bool(is_id and not any(is_text(frame[name]) for name in others))


def lay_out(frame: pd.DataFrame, asked: Asked) -> tuple[Table, Asked]:
    """Return the cells as one row for each value of time, and what is asked of that table's columns.

    Raises a Complaint for cells that do not parse.
    """
    if not is_row_a_series(frame, asked):
        table = read_table(frame, asked)
        if table.time is None and asked.layout == "auto" and not asked.target:
            _refuse_times_as_names(table)
        return table, asked
    if asked.timezone:
        raise Misfit((Option("timezone"), f" is {asked.timezone}, but a row a series has no times"))
    if asked.joint:
        raise Misfit((Option("joint"), " forecasts several targets together, but a row a series has one"))
    (key,) = asked.series or (str(frame.columns[0]),)
    table = _read_rows(frame, key)
    return table, asked.model_copy(update={"series": (key,), "layout": "rows"})


def _refuse_times_as_names(table: Table) -> None:
    """Raise a Complaint where columns are named by times or counts and rows by texts: the rows are series."""
    names = [name for name in table.numbers if name in table.filled or not name.startswith(UNNAMED)]
    is_time = looks_like_timestamps(pd.Series(names, dtype="str")) or _are_numbered(names)
    ids = [name for name, texts in table.texts.items() if len(texts.values) == len(table.timestamps) > 1]
    if len(names) >= LEAST_VALUES and is_time and ids:
        raise Complaint(
            f'every row seems to be a series: "{ids[0]}" differs in each, and the columns "{names[0]}" to '
            f'"{names[-1]}" follow each other in time',
            remedy=(
                Option("layout", "rows"),
                f' reads the rows as series, once every column but "{ids[0]}" holds numbers; ',
                Option("layout", "wide"),
                " reads the columns as series",
            ),
        )


def _read_rows(frame: pd.DataFrame, key: str) -> Table:
    """Return every row as a series on a grid of counts from 0; empty cells at its end are no values."""
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
    return _unroll(cells, key, VALUE if key != VALUE else f"{VALUE} of the series")


def _unroll(cells: Table, key: str, target: str) -> Table:
    """Return one row for each value, up to the last one of each series."""
    values = np.stack(list(cells.numbers.values()), axis=1)  # (series, time)
    count, longest = values.shape
    observed = ~np.isnan(values)
    lengths = np.where(observed.any(axis=1), longest - observed[:, ::-1].argmax(axis=1), 1)  # (series,)
    series = np.repeat(np.arange(count), lengths)  # (rows,)
    steps = np.arange(len(series)) - np.repeat(np.cumsum(lengths) - lengths, lengths)  # (rows,)
    return Table(
        names=(key, target),
        time=None,
        time_format=INDEX,
        timestamps=steps,
        distinct_times=longest,
        index=cells.index[series],
        numbers={target: values[series, steps]},
        texts={key: cells.texts[key].take(series)},
    )


def _are_numbered(names: list[str]) -> bool:
    """Return whether they are one word with rising numbers: V2, V3, V4."""
    found = [re.fullmatch(r"(\D*)(\d+)", name) for name in names]
    parts = [(match[1], int(match[2])) for match in found if match]
    if len(parts) < max(len(names), LEAST_VALUES):
        return False
    word, first = parts[0]
    return parts == [(word, first + number) for number in range(len(parts))]
