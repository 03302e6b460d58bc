"""Read a file into a Panel: one fast typed pass, and an error with its line when something is wrong."""

from __future__ import annotations

import logging
from pathlib import Path

import numpy as np

from deploy.columns import Columns
from deploy.errors import DataError
from forecaster.config import Asked
from forecaster.data.files.dialect import is_parquet
from forecaster.data.files.header import refuse_values_as_names
from forecaster.data.files.locate import Source, find_rows, point_at
from forecaster.data.files.missing import without_usual_categories
from forecaster.data.files.text import read_text
from forecaster.data.panel.panel import Panel, Placement, build_panel
from forecaster.data.table import SortedTable, Table, changing_rows, sort_table
from forecaster.data.times.clocks import on_clock, settle_clock, without_doubles
from forecaster.data.times.zones import check_zone
from forecaster.data.understand.keys import choose_series
from forecaster.data.understand.layout import check_layout, lay_out
from forecaster.data.understand.placement import find_step, place_on_grid
from forecaster.data.understand.repeats import refuse_repeats
from forecaster.data.understand.roles import understand_columns

logger = logging.getLogger("forecaster")


def read_panel(path: Path, asked: Asked, *, keeps_level: bool = False) -> Panel:
    """The series in a text file with a header, or in a Parquet file, on a regular grid.

    Raises DataError for a file that cannot be used, ConfigError for what is asked and does not fit,
    ExtraMissingError for a Parquet file without pyarrow.
    """
    if is_parquet(path):
        from forecaster.data.files.frames import read_parquet

        return read_parquet(path, asked, keeps_level=keeps_level)
    check_layout(asked)
    check_zone(asked.timezone)
    source, frame = read_text(path, asked)
    refuse_values_as_names(source)
    table, asked = lay_out(source, frame, asked)
    del frame  # the table holds what is needed of it; a large file would not fit twice
    series = choose_series(without_doubles(table), asked)
    if set(series) & set(table.numbers):  # ids such as 007 are texts
        return read_panel(path, asked.model_copy(update={"series": series}), keeps_level=keeps_level)
    return assemble(source, table, series, asked, keeps_level=keeps_level)


def assemble(
    source: Source, table: Table, series: tuple[str, ...], asked: Asked, *, keeps_level: bool
) -> Panel:
    """The series in a table, told apart by these columns of text. Raises as read_panel."""
    table = settle_clock(source, without_usual_categories(table, series), series, asked)
    rows = sort_table(table, series)
    if rows.was_unsorted:
        logger.warning("%s: rows are not in order of time; sorted", source.name)
    columns = understand_columns(rows, series, asked)
    refuse_repeats(source, rows, columns, asked)
    _refuse_changing_statics(source, rows, columns)
    step = on_clock(find_step(source, rows, columns, asked), table.clock)
    positions = place_on_grid(source, rows, step, asked)
    return build_panel(rows, columns, Placement(positions, step), keeps_level=keeps_level)


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
            f"{point_at(source, places)}\n"
            f"  every row of a series needs the same {'category' if name in table.texts else 'number'}"
        )
