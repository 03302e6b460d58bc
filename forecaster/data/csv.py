"""Read a file into a Panel: one fast typed pass, and an error with its line when something is wrong."""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from deploy.errors import DataError
from deploy.timestep import TimeStep

from .clocks import may_be_doubles, on_clock, settle_clock, without_doubles
from .columns import ColumnChoice, Columns
from .dialect import is_parquet
from .grid import describe_differences, grid_positions, has_no_gap, suggest_step
from .keys import choose_series
from .layout import check_layout, lay_out
from .locate import Source, find_rows, name_places, point_at
from .panel import Panel, build_panel
from .roles import understand_columns
from .steps import choose_step
from .table import SortedTable, Table, changing_rows, sort_table
from .text import read_text
from .timestamps import write_timestamps
from .zones import check_zone

logger = logging.getLogger("forecaster")


def read_panel(path: Path, choice: ColumnChoice) -> Panel:
    """The series in a text file with a header, or in a Parquet file, on a regular grid.

    Raises DataError for a file that cannot be used, ConfigError for a choice that does not fit the file,
    ExtraMissingError for a Parquet file without pyarrow.
    """
    if is_parquet(path):
        from .frames import read_parquet

        return read_parquet(path, choice)
    check_layout(choice)
    check_zone(choice.timezone)
    source, frame = read_text(path, choice)
    table, choice = lay_out(source, frame, choice)
    del frame  # the table holds what is needed of it; a large file would not fit twice
    series = choose_series(without_doubles(table), choice)
    if set(series) & set(table.numbers):  # ids such as 007 are texts
        return read_panel(path, replace(choice, series=series))
    return assemble(source, table, series, choice)


def assemble(source: Source, table: Table, series: tuple[str, ...], choice: ColumnChoice) -> Panel:
    """The series in a table, told apart by these columns of text. Raises as read_panel."""
    table = settle_clock(source, table, series, choice.step)
    rows = sort_table(table, series)
    if rows.was_unsorted:
        logger.warning("%s: rows are not in order of time; sorted", source.name)
    columns = understand_columns(rows, series, choice)
    _refuse_duplicates(source, rows, columns)
    _refuse_changing_statics(source, rows, columns)
    step = choose_step(choice.step, rows.table.timestamps, rows.offsets, columns.time_format)
    step = on_clock(step, table.clock)
    positions = _place_on_grid(source, rows, step)
    return build_panel(rows, columns, positions, step)


def _refuse_duplicates(source: Source, rows: SortedTable, columns: Columns) -> None:
    """Two rows of a series at the same time: the first such pair with both lines."""
    table = rows.table
    again = np.flatnonzero((table.timestamps[1:] == table.timestamps[:-1]) & rows.within())
    if not again.size:
        return
    first = again[np.argmin(table.rows_of(again))]
    count = len(again)
    remedy = "" if columns.series else "; --series COLUMN separates several series in one file"
    if table.clock is None and may_be_doubles(table.timestamps[again], columns.time_format):
        remedy += "; where the clock was put back, --timezone ZONE reads both"
    raise DataError(
        f"{_name_row(table, columns, int(first))} appears twice\n"
        f"{point_at(source, find_rows(source, np.sort(table.rows_of(np.array([first, first + 1])))))}\n"
        f"  {count} such {'pair' if count == 1 else 'pairs'} of rows{remedy}"
    )


def _refuse_changing_statics(source: Source, rows: SortedTable, columns: Columns) -> None:
    table = rows.table
    for name in columns.static:
        changing = changing_rows(rows, name)
        if not changing.size:
            continue
        series = np.searchsorted(rows.offsets, changing[0], side="right") - 1
        members = np.arange(rows.offsets[series], rows.offsets[series + 1])
        members = members[np.argsort(table.rows_of(members))]
        cells = [table.cell(name, row) for row in members]
        first, cell = next((row, cell) for row, cell in zip(members, cells, strict=True) if cell)
        other, then = next(
            (row, then) for row, then in zip(members, cells, strict=True) if then not in ("", cell)
        )
        places = find_rows(source, table.rows_of(np.array([first, other])))
        raise DataError(
            f'column "{name}" is static, but changes within a series: "{cell}", then "{then}"\n'
            f"{point_at(source, places)}"
        )


def _place_on_grid(source: Source, rows: SortedTable, step: TimeStep) -> NDArray[np.int64] | None:
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
    if table.clock is not None:
        days = f"days are those of {table.clock.zone.name}, and a --step of 24h is of UTC"
        remedy += f"; {'steps below a day are of UTC' if table.clock.in_utc else days}"
    places = find_rows(source, np.sort(table.rows_of(off)))
    count = len(off)
    raise DataError(
        f"timestamps are irregular: {steps}\n"
        f"{point_at(source, places[:1])}\n"
        f"  {count} {'row is' if count == 1 else 'rows are'} off the grid of {step} "
        f"({name_places(source, places, count)}); {remedy}"
    )


def _name_row(table: Table, columns: Columns, row: int) -> str:
    """A row by its time and its series: "timestamp 2024-01-01 of series a, b"."""
    (stamp,) = write_timestamps(table.timestamps[[row]], columns.time_format, table.clock)
    keys = ", ".join(table.texts[name].text(row) for name in columns.series)
    return f"timestamp {stamp}" + (f" of series {keys}" if keys else "")
