"""Read a CSV into a Panel: one fast typed pass, and an error with its line when something is wrong."""

from __future__ import annotations

import logging
import warnings
from pathlib import Path

import numpy as np
import pandas as pd

from deploy.errors import DataError
from deploy.timestep import TimeStep

from .cells import read_table
from .columns import (
    UNNAMED,
    ColumnChoice,
    Columns,
    Table,
    changing_rows,
    check_choice,
    series_codes,
    understand_columns,
)
from .grid import describe_differences, grid_positions, suggest_step
from .locate import ENCODING, bad_encoding, find_rows, name_lines, point_at, read_records, read_rows
from .panel import Panel, SortedRows, build_panel, sort_rows
from .steps import choose_step
from .timestamps import write_timestamps

logger = logging.getLogger("forecaster")


def read_panel(path: Path, choice: ColumnChoice) -> Panel:
    """The series in a CSV file (comma, UTF-8, a header), on a regular grid.

    Raises DataError for a file that cannot be used, ConfigError for a choice that does not fit the file.
    """
    frame = _read_frame(path, choice)
    table = read_table(path, frame, choice)
    columns = understand_columns(table, choice)
    rows = sort_rows(table.timestamps, series_codes(table, columns.series))
    if rows.was_unsorted:
        logger.warning("%s: rows are not in order of time; sorted", path.name)
    _refuse_duplicates(path, table, columns, rows)
    _refuse_changing_statics(path, table, columns)
    step = choose_step(choice.step, rows.timestamps, rows.offsets, columns.time_format)
    _refuse_off_grid(path, table, rows, step)
    return build_panel(table, columns, rows, step)


def _read_frame(path: Path, choice: ColumnChoice) -> pd.DataFrame:
    """The cells, typed by pandas; named keys and categories stay text. The index is the row number."""
    names, skipped = _read_header(path)
    check_choice(choice, names)
    try:
        with warnings.catch_warnings():
            # It would drop the cells that the header has no name for.
            warnings.simplefilter("error", pd.errors.ParserWarning)
            frame = pd.read_csv(
                path,
                header=None,
                names=list(names),
                skiprows=skipped,
                index_col=False,
                dtype=dict.fromkeys((*choice.series, *choice.static), "str"),
                na_values=list(choice.na),
                skipinitialspace=True,
                skip_blank_lines=len(names) > 1,
                encoding=ENCODING,
                low_memory=False,
            )
    except UnicodeDecodeError as error:
        raise bad_encoding(path) from error
    except pd.errors.EmptyDataError as error:
        raise DataError(f"{path.name}: a header and no rows") from error
    except (pd.errors.ParserError, pd.errors.ParserWarning) as error:
        raise _wrong_shape(path, len(names), error) from error
    if frame.empty:
        raise DataError(f"{path.name}: a header and no rows")
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


def _refuse_duplicates(path: Path, table: Table, columns: Columns, rows: SortedRows) -> None:
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
        f"{point_at(path, find_rows(path, pair))}\n"
        f"  {count} such {'pair' if count == 1 else 'pairs'} of rows{remedy}"
    )


def _refuse_changing_statics(path: Path, table: Table, columns: Columns) -> None:
    codes = series_codes(table, columns.series)
    for name in columns.static:
        changing = changing_rows(table, codes, name)
        if changing.size:
            of_series = np.flatnonzero(codes == codes[changing[0]])
            texts = table.texts[name].iloc[of_series].dropna()
            different = texts[texts != texts.iloc[0]]
            places = find_rows(path, np.array([texts.index[0], different.index[0]]))
            raise DataError(
                f'column "{name}" is static, but changes within a series: '
                f'"{texts.iloc[0]}", then "{different.iloc[0]}"\n{point_at(path, places)}'
            )


def _refuse_off_grid(path: Path, table: Table, rows: SortedRows, step: TimeStep) -> None:
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
    places = find_rows(path, lines)
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
    keys = ", ".join(table.texts[name].fillna("").iloc[row] for name in columns.series)
    return f"timestamp {stamp}" + (f" of series {keys}" if keys else "")
