"""Rows of every series on the grid of its step, or a complaint about the row that is not on it."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from deploy import TimeStep
from deploy.columns import Columns
from forecaster.config import Asked
from forecaster.data.complaints import Complaint, Option
from forecaster.data.notes import infer, note
from forecaster.data.row_times import Times
from forecaster.data.table import SortedTable
from forecaster.data.times.forms import INDEX
from forecaster.data.times.grid import (
    DAY,
    dates,
    describe_differences,
    differences_within,
    grid_positions,
    has_no_gap,
    most_frequent,
    name_step,
    suggest_step,
)
from forecaster.data.times.snapping import snap
from forecaster.data.times.steps import choose_step
from forecaster.data.times.timestamps import write_timestamps
from forecaster.data.understand.aggregation import are_events, how_to_aggregate

# A grid with far more gaps than rows comes of a wrong step or a stray timestamp, and may not fit in memory.
GRID_ROWS_FREE = 1_000_000
GRID_ROWS_PER_ROW = 20
COUNTED = TimeStep(1, "index")
MOSTLY_EMPTY = 0.4  # of the steps of a grid
CHANGED_CLOCK = 7200  # seconds: where a time zone's clocks change, days of UTC begin earlier or later


def find_step(rows: SortedTable, columns: Columns, asked: TimeStep | None) -> TimeStep:
    """Return the step that was asked for or that the rows show. Raises a Misfit or a Complaint."""
    if columns.time is None and asked is None:  # numbered 0, 1, 2 ...
        return TimeStep(1, "index")
    if asked is None and rows.lengths.max() < 2:
        single = "a single row does" if len(rows.lengths) == 1 else "series of a single row each do"
        example = "1d" if columns.time_format != "index" else "1"
        names_it = (Option("step"), " names it, such as ", Option("step", example))
        raise Complaint(f"{single} not show the step", rows.table.rows_of(np.array([0])), names_it)
    return choose_step(asked, rows.table.times, rows.offsets, columns.time_format)


def count_rows(rows: SortedTable, asked: Asked) -> SortedTable:
    """Return rows of dates numbered 0, 1, 2 ... within their series, where a step of 1 row was asked for.

    Raises a Complaint for rows that are not in order of time, which a model that counts could not know.
    """
    table = rows.table
    is_asked = asked.time_step == COUNTED and not asked.is_complete
    if not is_asked or table.time is None or table.time_format == INDEX:
        return rows
    option = Option("step", "1")
    if rows.was_unsorted or not (np.diff(table.timestamps)[rows.within()] > 0).all():
        found = f'rows that are counted have to be in order of "{table.time}", each at a time of its own'
        raise Complaint(
            found, remedy=("sort the rows, and drop those that repeat a time, or leave out ", option)
        )
    note(f'the rows are counted in their order, as asked: the times of column "{table.time}" are not used')
    counts = np.arange(len(table.times)) - np.repeat(rows.offsets[:-1], rows.lengths)
    return replace(rows, table=replace(table, time=None, time_format=INDEX, times=Times(counts), clock=None))


def snap_to_calendar(rows: SortedTable, step: TimeStep, asked: Asked) -> tuple[SortedTable, TimeStep]:
    """Return rows off the grid of a step on that of a calendar which has one row in nearly each period.

    Returns rows and step as they were where all are on the grid, or no calendar has them.
    """
    table = rows.table
    if not step.has_calendar or table.time is None or has_no_gap(table.times, rows.offsets, step):
        return rows, step
    if grid_positions(table.timestamps, rows.offsets, step)[1].all():
        return rows, step
    chosen = None if asked.time_step is None else step
    snapped = snap(table.timestamps, rows.offsets, chosen, exactly=asked.is_complete)
    if snapped is None:
        return rows, step
    timestamps, found = snapped
    moved = np.flatnonzero(timestamps != table.timestamps)
    if table.clock is not None and np.abs(timestamps - table.timestamps).max() < CHANGED_CLOCK:
        return rows, step
    if moved.size:
        before, after = (
            write_timestamps(times[moved[:1]], table.time_format, table.clock)[0]
            for times in (table.timestamps, timestamps)
        )
        share = f"{len(moved)} of {len(timestamps)} timestamps are"
        what = f'column "{table.time}": {share} not on steps of {found}, but each has one of its own: '
        said = f'{what}read "{before}" as "{after}" and so on'
        if asked.is_complete:  # of a model the step is settled
            note(said)
        else:
            infer(f"{said}; ", Option("step", "1"), alternative="counts the rows instead")
    return replace(rows, table=replace(table, times=Times(timestamps))), found


def place_on_grid(
    rows: SortedTable, step: TimeStep, series: tuple[str, ...] = (), *, is_asked: bool = True
) -> NDArray[np.int64] | None:
    """Return the steps of each row after the first of its series, (rows,); None where there is no gap.

    series: the columns that tell series apart; is_asked: whether the step was asked for.
    Raises a Complaint for a row between two steps, and for far more gaps than rows.
    """
    table = rows.table
    if has_no_gap(table.times, rows.offsets, step):
        return None
    positions, on_grid = grid_positions(table.timestamps, rows.offsets, step)
    _refuse_rows_off_grid(rows, step, ~on_grid, series)
    _refuse_stray_rows(rows, step, positions)
    if not is_asked:
        _refuse_events(rows, step, positions, series)
        _note_empty_steps(rows, step, positions)
    return positions


def _refuse_rows_off_grid(
    rows: SortedTable, step: TimeStep, is_off: NDArray[np.bool_], series: tuple[str, ...]
) -> None:
    """Raise a Complaint for rows between two steps. is_off: (rows,)."""
    off = np.flatnonzero(is_off)
    if not off.size:
        return
    table, has_calendar = rows.table, step.has_calendar
    steps = describe_differences(table.timestamps, rows.offsets, has_calendar=has_calendar)
    suggested = suggest_step(table.timestamps, rows.offsets, has_calendar=has_calendar)
    seem_events = are_events(rows)
    how = how_to_aggregate(rows, series, "sum" if seem_events else "mean")
    remedy: tuple[str | Option, ...] = ("" if seem_events else "correct them, or ", *how)
    if has_calendar:
        remedy = (*remedy, "; ", Option("step", "1"), " counts the rows")
    if suggested:
        remedy = (Option("step", suggested), " puts every row on a grid")
    if table.clock is not None and table.clock.in_utc:
        remedy = (*remedy, "; steps below a day are of UTC")
    elif table.clock is not None:
        day = (f"; days are those of {table.clock.zone.name}, and a ", Option("step"), " of 24h is of UTC")
        remedy = (*remedy, *day)
    raise Complaint(
        f"timestamps are irregular{', as those of events' if seem_events else ''}: {steps}",
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


def _refuse_events(
    rows: SortedTable, step: TimeStep, positions: NDArray[np.int64], series: tuple[str, ...]
) -> None:
    """Raise a Complaint for events, which lie on a grid only because it is fine. positions: (rows,)."""
    total = int((positions[rows.offsets[1:] - 1] + 1).sum())
    if step.mean_seconds >= DAY or len(positions) > MOSTLY_EMPTY * total or not are_events(rows):
        return
    steps = describe_differences(rows.table.timestamps, rows.offsets, has_calendar=step.has_calendar)
    found = f"the rows seem to be events, at irregular times: {steps}"
    others = (
        "; ",
        Option("step", name_step(step)),
        f" reads them, and {total - len(positions)} missing values",
    )
    raise Complaint(found, remedy=(*how_to_aggregate(rows, series, "sum"), *others))


def _note_empty_steps(rows: SortedTable, step: TimeStep, positions: NDArray[np.int64]) -> None:
    """Say that most steps have no row, and between which hours the others lie. positions: (rows,)."""
    table = rows.table
    total = int((positions[rows.offsets[1:] - 1] + 1).sum())
    missing = total - len(positions)
    if missing <= MOSTLY_EMPTY * total or not step.has_calendar:
        return
    hours = ""
    wall = table.timestamps if table.clock is None else table.clock.to_wall(table.timestamps)
    times = wall % DAY
    first, last = int(times.min()), int(times.max())
    if step.mean_seconds < DAY and last - first + step.mean_seconds < DAY:
        begin, end = (f"{time // 3600:02}:{time // 60 % 60:02}" for time in (first, last))
        closed = ", none at weekends" if np.is_busday(dates(wall)).all() else ""
        hours = f": the rows are those of {begin} to {end}{closed}"
    what = f"{missing} of {total} steps of {step} have no row and are missing values{hours}"
    infer(f"{what}; ", Option("step", "1"), alternative="counts the rows, without nights and other gaps")
