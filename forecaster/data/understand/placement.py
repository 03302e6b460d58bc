"""The rows of every series on the grid of its step, or an error with the line of the row that is not."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from deploy.columns import Columns
from deploy.errors import DataError
from deploy.time.timestep import TimeStep
from forecaster.config import Asked
from forecaster.data.files.locate import Source, find_rows, name_places, point_at
from forecaster.data.table import SortedTable
from forecaster.data.times.grid import describe_differences, grid_positions, has_no_gap, suggest_step
from forecaster.data.times.steps import choose_step

# A grid with far more gaps than rows comes of a wrong step or a stray timestamp, and may not fit in memory.
GRID_ROWS_FREE = 1_000_000
GRID_ROWS_PER_ROW = 20
IRREGULAR = "correct them, or round or aggregate the rows to a step that they all lie on"


def find_step(source: Source, rows: SortedTable, columns: Columns, asked: Asked) -> TimeStep:
    """The step that was chosen or that the rows show. Raises ConfigError, DataError."""
    if columns.time is None and asked.time_step is None:  # numbered 0, 1, 2 ...
        return TimeStep(1, "index")
    if asked.time_step is None and rows.lengths.max() < 2:
        places = find_rows(source, rows.table.rows_of(np.array([0])))
        single = "a single row does" if len(rows.lengths) == 1 else "series of a single row each do"
        example = "1d" if columns.time_format != "index" else "1"
        raise DataError(
            f"{single} not show the step\n{point_at(source, places)}\n"
            f"  --step names it, such as --step {example}"
        )
    return choose_step(asked.time_step, rows.table.timestamps, rows.offsets, columns.time_format)


def place_on_grid(
    source: Source, rows: SortedTable, step: TimeStep, asked: Asked
) -> NDArray[np.int64] | None:
    """(rows,) steps after the first row of the series, None where there is no gap.

    Raises DataError for a row between two steps, and for far more gaps than rows.
    """
    table = rows.table
    if has_no_gap(table.timestamps, rows.offsets, step):
        return None
    positions, on_grid = grid_positions(table.timestamps, rows.offsets, step)
    _refuse_rows_off_grid(source, rows, step, asked, ~on_grid)
    _refuse_stray_rows(source, rows, step, asked, positions)
    return positions


def _refuse_rows_off_grid(
    source: Source, rows: SortedTable, step: TimeStep, asked: Asked, is_off: NDArray[np.bool_]
) -> None:
    """is_off: (rows,) whether a row lies between two steps."""
    off = np.flatnonzero(is_off)
    if not off.size:
        return
    table, has_calendar = rows.table, step.has_calendar
    steps = describe_differences(table.timestamps, rows.offsets, has_calendar=has_calendar)
    suggested = suggest_step(table.timestamps, rows.offsets, has_calendar=has_calendar)
    remedy = f"--step {suggested} puts every row on a grid" if suggested else IRREGULAR
    if asked.is_complete:
        remedy = f"the model was fitted on steps of {step}: aggregate the rows to it"
    elif table.clock is not None:
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


def _refuse_stray_rows(
    source: Source, rows: SortedTable, step: TimeStep, asked: Asked, positions: NDArray[np.int64]
) -> None:
    """positions: (rows,) steps after the first row of the series."""
    given = len(positions)
    total = int((positions[rows.offsets[1:] - 1] + 1).sum())
    if total <= GRID_ROWS_FREE + GRID_ROWS_PER_ROW * given:
        return
    jump = int(np.where(rows.within(), np.diff(positions), 0).argmax())
    places = find_rows(source, np.sort(rows.table.rows_of(np.array([jump, jump + 1]))))
    remedy = "a timestamp is wrong" + ("" if asked.is_complete else ", or --step sets a longer step")
    raise DataError(
        f"{given} rows on a grid of {step} leave {total - given} gaps, most of them between two rows\n"
        f"{point_at(source, places)}\n"
        f"  {remedy}"
    )
