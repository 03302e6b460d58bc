"""Rows of every series on the grid of its step, or a complaint about the row that is not on it."""

import numpy as np
from numpy.typing import NDArray

from deploy import TimeStep
from deploy.columns import Columns
from forecaster.data.complaints import Complaint, Option
from forecaster.data.table import SortedTable
from forecaster.data.times.grid import (
    describe_differences,
    differences_within,
    grid_positions,
    has_no_gap,
    most_frequent,
    suggest_step,
)
from forecaster.data.times.steps import choose_step

# A grid with far more gaps than rows comes of a wrong step or a stray timestamp, and may not fit in memory.
GRID_ROWS_FREE = 1_000_000
GRID_ROWS_PER_ROW = 20
IRREGULAR = "correct them, or round or aggregate the rows to a step that they all lie on"


def find_step(rows: SortedTable, columns: Columns, asked: TimeStep | None) -> TimeStep:
    """Return the step that was asked for or that the rows show. Raises a Misfit or a Complaint."""
    if columns.time is None and asked is None:  # numbered 0, 1, 2 ...
        return TimeStep(1, "index")
    if asked is None and rows.lengths.max() < 2:
        single = "a single row does" if len(rows.lengths) == 1 else "series of a single row each do"
        example = "1d" if columns.time_format != "index" else "1"
        names_it = (Option("step"), " names it, such as ", Option("step", example))
        raise Complaint(f"{single} not show the step", rows.table.rows_of(np.array([0])), names_it)
    return choose_step(asked, rows.table.timestamps, rows.offsets, columns.time_format)


def place_on_grid(rows: SortedTable, step: TimeStep) -> NDArray[np.int64] | None:
    """Return the steps of each row after the first of its series, (rows,); None where there is no gap.

    Raises a Complaint for a row between two steps, and for far more gaps than rows.
    """
    table = rows.table
    if has_no_gap(table.timestamps, rows.offsets, step):
        return None
    positions, on_grid = grid_positions(table.timestamps, rows.offsets, step)
    _refuse_rows_off_grid(rows, step, ~on_grid)
    _refuse_stray_rows(rows, step, positions)
    return positions


def _refuse_rows_off_grid(rows: SortedTable, step: TimeStep, is_off: NDArray[np.bool_]) -> None:
    """Raise a Complaint for rows between two steps. is_off: (rows,)."""
    off = np.flatnonzero(is_off)
    if not off.size:
        return
    table, has_calendar = rows.table, step.has_calendar
    steps = describe_differences(table.timestamps, rows.offsets, has_calendar=has_calendar)
    suggested = suggest_step(table.timestamps, rows.offsets, has_calendar=has_calendar)
    remedy: tuple[str | Option, ...] = (IRREGULAR,)
    if suggested:
        remedy = (Option("step", suggested), " puts every row on a grid")
    if table.clock is not None and table.clock.in_utc:
        remedy = (*remedy, "; steps below a day are of UTC")
    elif table.clock is not None:
        day = (f"; days are those of {table.clock.zone.name}, and a ", Option("step"), " of 24h is of UTC")
        remedy = (*remedy, *day)
    raise Complaint(
        f"timestamps are irregular: {steps}",
        rows=table.rows_of(off),
        remedy=remedy,
        for_model=f"the model was fitted on steps of {step}: {_remedy_for_model(rows, step)}",
        counted=f"{len(off)} {'row is' if len(off) == 1 else 'rows are'} off the grid of {step}",
    )


def _remedy_for_model(rows: SortedTable, step: TimeStep) -> str:
    """Return what to do about rows off the grid of a model: those of a longer step cannot be aggregated."""
    usual = most_frequent(differences_within(rows.table.timestamps, rows.offsets))
    if usual > (step.mean_seconds if step.has_calendar else step.count):
        return "rows so far apart need a model that was fitted on their step"
    return "aggregate the rows to it"


def _refuse_stray_rows(rows: SortedTable, step: TimeStep, positions: NDArray[np.int64]) -> None:
    """Raise a Complaint for far more gaps than rows. positions: (rows,) steps after the series' first."""
    given = len(positions)
    total = int((positions[rows.offsets[1:] - 1] + 1).sum())
    if total <= GRID_ROWS_FREE + GRID_ROWS_PER_ROW * given:
        return
    jump = int(np.where(rows.within(), np.diff(positions), 0).argmax())
    raise Complaint(
        f"{given} rows on a grid of {step} leave {total - given} gaps, most of them between two rows",
        rows=rows.table.rows_of(np.array([jump, jump + 1])),
        remedy=("a timestamp is wrong, or ", Option("step"), " sets a longer step"),
        for_model="a timestamp is wrong",
    )
