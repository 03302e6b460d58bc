"""Read a file into a Panel: one fast typed pass, and an error with its line when something is wrong."""

from __future__ import annotations

import logging
from pathlib import Path

import numpy as np

from deploy.errors import DataError

from .columns import ColumnChoice, Columns, choose_series, understand_columns
from .dialect import is_parquet
from .layout import check_layout, lay_out
from .locate import Source, find_rows, point_at
from .panel import Panel, build_panel
from .placement import find_step, place_on_grid
from .repeats import refuse_repeats
from .shape import refuse_values_as_names
from .table import SortedTable, Table, changing_rows, sort_table
from .text import read_text

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
    refuse_values_as_names(source)
    table, choice = lay_out(source, frame, choice)
    del frame  # the table holds what is needed of it; a large file would not fit twice
    return assemble(source, table, choice)


def assemble(source: Source, table: Table, choice: ColumnChoice) -> Panel:
    """The series in a table. Raises as read_panel."""
    series = choose_series(table, choice)
    rows = sort_table(table, series)
    if rows.was_unsorted:
        logger.warning("%s: rows are not in order of time; sorted", source.name)
    columns = understand_columns(rows, series, choice)
    refuse_repeats(source, rows, columns, choice)
    _refuse_changing_statics(source, rows, columns)
    step = find_step(source, rows, columns, choice)
    positions = place_on_grid(source, rows, step, choice)
    return build_panel(rows, columns, positions, step)


def _refuse_changing_statics(source: Source, rows: SortedTable, columns: Columns) -> None:
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
        places = find_rows(source, table.rows_of(np.array([first, other])))
        raise DataError(
            f'column "{name}" is static, but changes within a series: '
            f'"{texts.text(first)}", then "{texts.text(other)}"\n{point_at(source, places)}\n'
            "  every row of a series needs the same category"
        )
