"""Read a CSV into a Panel: one fast typed pass, and an error with its line when something is wrong."""

from __future__ import annotations

import logging
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from deploy.errors import DataError
from deploy.timestep import TimeStep

from .cells import read_table
from .columns import (
    UNNAMED,
    ColumnChoice,
    Columns,
    check_choice,
    choose_series,
    is_text,
    understand_columns,
)
from .grid import describe_differences, grid_positions, has_no_gap, suggest_step
from .locate import bad_encoding, find_rows, name_lines, point_at, read_records, read_rows
from .panel import Panel, build_panel
from .table import SortedTable, Table, changing_rows, sort_table
from .timestamps import choose_step, write_timestamps

logger = logging.getLogger("forecaster")

HEAD_ROWS = 1000  # enough to tell words from numbers


def read_panel(path: Path, choice: ColumnChoice) -> Panel:
    """The series in a CSV file (comma, UTF-8, a header), on a regular grid.

    Raises DataError for a file that cannot be used, ConfigError for a choice that does not fit the file.
    """
    table = read_table(path, _read_frame(path, choice), choice)  # no name keeps the frame alive
    series = choose_series(table, choice)
    rows = sort_table(table, series)
    if rows.was_unsorted:
        logger.warning("%s: rows are not in order of time; sorted", path.name)
    columns = understand_columns(rows, series, choice)
    _refuse_duplicates(path, rows, columns)
    _refuse_changing_statics(path, rows, columns)
    step = choose_step(choice.step, rows.table.timestamps, rows.offsets, columns.time_format)
    positions = _place_on_grid(path, rows, step)
    return build_panel(rows, columns, positions, step)


def _read_frame(path: Path, choice: ColumnChoice) -> pd.DataFrame:
    """The cells, typed by pandas; texts as categories, which is faster. The index is the row number."""
    names, skipped = _read_header(path)
    check_choice(choice, names)
    as_text = dict.fromkeys((*choice.series, *choice.static), "str")
    options: dict[str, Any] = {
        # With rows to skip the parser is a third slower; a header needs none, unless blank lines precede it.
        "header": 0,
        "names": list(names),
        "skiprows": skipped - 1 or None,
        "index_col": False,
        "na_values": list(choice.na),
        "skipinitialspace": True,
        "skip_blank_lines": len(names) > 1,
        "encoding": "utf-8",  # a byte order mark stands before the header; without one the parser reads bytes
    }
    try:
        with warnings.catch_warnings():
            # It would drop the cells that the header has no name for.
            warnings.simplefilter("error", pd.errors.ParserWarning)
            head = pd.read_csv(path, nrows=HEAD_ROWS, dtype=as_text, **options)
            words = [str(name) for name in head if is_text(head[name]) and name not in as_text]
            as_text |= dict.fromkeys(words, "category")
            frame = _read_cells(path, as_text, options)
    except UnicodeDecodeError as error:
        raise bad_encoding(path) from error
    except pd.errors.EmptyDataError as error:
        raise DataError(f"{path.name}: a header and no rows") from error
    except (pd.errors.ParserError, pd.errors.ParserWarning) as error:
        raise _wrong_shape(path, len(names), error) from error
    if frame.empty:
        raise DataError(f"{path.name}: a header and no rows")
    return frame


def _read_cells(path: Path, types: dict[str, str], options: dict[str, Any]) -> pd.DataFrame:
    """All rows, in chunks that take little memory; at once where chunks disagree on a column's type."""
    frame: pd.DataFrame
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", pd.errors.DtypeWarning)
            frame = pd.read_csv(path, dtype=types, **options)
    except pd.errors.DtypeWarning:
        frame = pd.read_csv(path, dtype=types, low_memory=False, **options)
    return frame


def _read_header(path: Path) -> tuple[tuple[str, ...], int]:
    """The column names and how many records to skip before the first row."""
    if path.is_dir():
        raise DataError(f"{path}: is a folder, expected a CSV file")
    if not path.exists():
        raise DataError(f"{path}: no such file")
    records = enumerate(read_records(path), start=1)
    skipped, header = next(((count, record) for count, record in records if not record.is_blank), (0, None))
    if header is None:
        raise DataError(f"{path.name}: the file is empty")
    names = tuple(cell.strip() or f"{UNNAMED}{number}" for number, cell in enumerate(header.cells, start=1))
    for name in names:
        if names.count(name) > 1:
            raise DataError(f'{path.name}: the header has {names.count(name)} columns "{name}"')
    return names, skipped


def _wrong_shape(path: Path, width: int, error: Exception) -> DataError:
    """The error for a row with more cells than the header, or for what pandas found instead."""
    record = None
    for record in read_rows(path):
        if len(record.cells) > width:
            return DataError(
                f"a row has {len(record.cells)} cells, the header has {width}\n{point_at(path, [record])}"
            )
    if record is not None and "EOF inside string" in str(error):
        return DataError(f"a quoted cell is never closed\n{point_at(path, [record])}")
    return DataError(f"{path.name}: {str(error).strip()}")


def _refuse_duplicates(path: Path, rows: SortedTable, columns: Columns) -> None:
    """Two rows of a series at the same time: the first such pair with both lines."""
    table = rows.table
    again = np.flatnonzero((table.timestamps[1:] == table.timestamps[:-1]) & rows.within())
    if not again.size:
        return
    first = again[np.argmin(table.rows_of(again))]
    count = len(again)
    remedy = "" if columns.series else "; --series COLUMN separates several series in one file"
    raise DataError(
        f"{_name_row(table, columns, int(first))} appears twice\n"
        f"{point_at(path, find_rows(path, np.sort(table.rows_of(np.array([first, first + 1])))))}\n"
        f"  {count} such {'pair' if count == 1 else 'pairs'} of rows{remedy}"
    )


def _refuse_changing_statics(path: Path, rows: SortedTable, columns: Columns) -> None:
    table = rows.table
    for name in columns.static:
        changing = changing_rows(rows, name)
        if not changing.size:
            continue
        texts = table.texts[name]
        series = np.searchsorted(rows.offsets, changing[0], side="right") - 1
        members = np.arange(rows.offsets[series], rows.offsets[series + 1])
        members = members[np.argsort(table.rows_of(members))]
        members = members[texts.codes[members] >= 0]
        first = members[0]
        other = members[texts.codes[members] != texts.codes[first]][0]
        places = find_rows(path, table.rows_of(np.array([first, other])))
        raise DataError(
            f'column "{name}" is static, but changes within a series: '
            f'"{texts.text(first)}", then "{texts.text(other)}"\n{point_at(path, places)}'
        )


def _place_on_grid(path: Path, rows: SortedTable, step: TimeStep) -> NDArray[np.int64] | None:
    """(rows,) steps after the first row of the series, None where there is no gap.

    Raises DataError for a row between two steps.
    """
    table = rows.table
    if has_no_gap(table.timestamps, rows.offsets, step):
        return None
    positions, on_grid = grid_positions(table.timestamps, rows.offsets, step)
    off = np.flatnonzero(~on_grid)
    if not off.size:
        return positions
    has_calendar = step.has_calendar
    steps = describe_differences(table.timestamps, rows.offsets, has_calendar=has_calendar)
    suggested = suggest_step(table.timestamps, rows.offsets, has_calendar=has_calendar)
    remedy = f"--step {suggested} puts every row on a grid" if suggested else "--step STEP sets another grid"
    places = find_rows(path, np.sort(table.rows_of(off)))
    count = len(off)
    raise DataError(
        f"timestamps are irregular: {steps}\n"
        f"{point_at(path, places[:1])}\n"
        f"  {count} {'row is' if count == 1 else 'rows are'} off the grid of {step} "
        f"({name_lines(places, count)}); {remedy}"
    )


def _name_row(table: Table, columns: Columns, row: int) -> str:
    """A row by its time and its series: "timestamp 2024-01-01 of series a, b"."""
    (stamp,) = write_timestamps(table.timestamps[[row]], columns.time_format)
    keys = ", ".join(table.texts[name].text(row) for name in columns.series)
    return f"timestamp {stamp}" + (f" of series {keys}" if keys else "")
