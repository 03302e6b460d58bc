"""Read a file into a Panel: one fast typed pass, and an error with its line when something is wrong."""

from __future__ import annotations

import logging
from pathlib import Path

import numpy as np
import pandas as pd

from deploy.errors import DataError
from deploy.timestep import TimeStep

from .columns import (
    ColumnChoice,
    Columns,
    Table,
    changing_rows,
    series_codes,
)
from .dialect import is_parquet
from .grid import describe_differences, grid_positions, suggest_step
from .layout import check_layout, understand
from .locate import Source, find_rows, name_places, point_at
from .panel import Panel, SortedRows, build_panel, sort_rows
from .text import read_text
from .timestamps import choose_step, write_timestamps

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
    source, frame = read_text(path, choice)
    return assemble(source, frame, choice)


def assemble(source: Source, frame: pd.DataFrame, choice: ColumnChoice) -> Panel:
    """The series in a table. frame: its index is the row number in the source. Raises as read_panel."""
    table, columns = understand(source, frame, choice)
    rows = sort_rows(table.timestamps, series_codes(table, columns.series))
    if rows.was_unsorted:
        logger.warning("%s: rows are not in order of time; sorted", source.name)
    _refuse_duplicates(source, table, columns, rows)
    _refuse_changing_statics(source, table, columns)
    step = choose_step(choice.step, rows.timestamps, rows.offsets, columns.time_format)
    _refuse_off_grid(source, table, rows, step)
    return build_panel(table, columns, rows, step)


def _refuse_duplicates(source: Source, table: Table, columns: Columns, rows: SortedRows) -> None:
    """Two rows of a series at the same time: the first such pair with both lines."""
    again = np.flatnonzero((np.diff(rows.timestamps) == 0) & (np.diff(rows.codes) == 0))
    if not again.size:
        return
    first = again[np.argmin(rows.order[again])]
    pair = np.sort(table.numbers.index.to_numpy()[rows.order[[first, first + 1]]])
    count = len(again)
    remedy = "" if columns.series else "; --series COLUMN separates several series in one file"
    raise DataError(
        f"{_name_row(table, columns, int(rows.order[first]))} appears twice\n"
        f"{point_at(source, find_rows(source, pair))}\n"
        f"  {count} such {'pair' if count == 1 else 'pairs'} of rows{remedy}"
    )


def _refuse_changing_statics(source: Source, table: Table, columns: Columns) -> None:
    codes = series_codes(table, columns.series)
    for name in columns.static:
        changing = changing_rows(table, codes, name)
        if changing.size:
            of_series = np.flatnonzero(codes == codes[changing[0]])
            texts = table.texts[name].iloc[of_series].dropna()
            different = texts[texts != texts.iloc[0]]
            places = find_rows(source, np.array([texts.index[0], different.index[0]]))
            raise DataError(
                f'column "{name}" is static, but changes within a series: '
                f'"{texts.iloc[0]}", then "{different.iloc[0]}"\n{point_at(source, places)}'
            )


def _refuse_off_grid(source: Source, table: Table, rows: SortedRows, step: TimeStep) -> None:
    """Timestamps that are no whole number of steps after the first of their series."""
    _, on_grid = grid_positions(rows.timestamps, rows.starts, step)
    off = np.flatnonzero(~on_grid)
    if not off.size:
        return
    has_calendar = step.has_calendar
    steps = describe_differences(rows.timestamps, rows.offsets, has_calendar=has_calendar)
    suggested = suggest_step(rows.timestamps, rows.offsets, has_calendar=has_calendar)
    remedy = f"--step {suggested} puts every row on a grid" if suggested else "--step STEP sets another grid"
    lines = np.sort(table.numbers.index.to_numpy()[rows.order[off]])
    places = find_rows(source, lines)
    count = len(off)
    raise DataError(
        f"timestamps are irregular: {steps}\n"
        f"{point_at(source, places[:1])}\n"
        f"  {count} {'row is' if count == 1 else 'rows are'} off the grid of {step} "
        f"({name_places(source, places, count)}); {remedy}"
    )


def _name_row(table: Table, columns: Columns, row: int) -> str:
    """A row by its time and its series: "timestamp 2024-01-01 of series a, b"."""
    (stamp,) = write_timestamps(table.timestamps[[row]], columns.time_format)
    keys = ", ".join(table.texts[name].fillna("").iloc[row] for name in columns.series)
    return f"timestamp {stamp}" + (f" of series {keys}" if keys else "")
