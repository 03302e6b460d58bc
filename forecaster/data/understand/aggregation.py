"""Rows of one period as one row: events that are counted or added up, readings of sensors as their mean."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from deploy import TimeStep
from deploy.columns import Columns
from deploy.time.timestep import SECONDS
from forecaster.config import Asked
from forecaster.data.complaints import Misfit, Option
from forecaster.data.notes import infer, note
from forecaster.data.row_times import Times
from forecaster.data.table import SortedTable, Table
from forecaster.data.times.counts import EPOCH_RANGE
from forecaster.data.times.forms import INDEX
from forecaster.data.times.grid import DAY, dates, differences_within, grid_positions, name_step
from forecaster.data.times.steps import LONGEST_STEP, infer_step, is_even
from forecaster.data.times.timestamps import write_timestamps

COUNT, ROWS = "count", "rows"  # what the target is called where rows are counted; if a column is called so
FILLED = ("sum", "count")  # of a period without a row: nothing happened, which is 0
MONDAY = 4 * DAY  # 1970 began on a Thursday
PERIODS = {"1min": 60, "15min": 900, "1h": 3600, "1d": DAY, "1w": 7 * DAY}
DOES = {
    "sum": " adds up the rows of each step; mean, count, last, min and max are other ways",
    "mean": " takes the mean of each step",
}
ROWS_PER_PERIOD = 2  # fewer would leave many periods empty
SHARED_TIMES = 0.2  # of times; fewer that several rows share are mistakes, not events
FEWEST_TIMES, MOST_MISTAKEN = 8, 3  # a few times, or two rows of one time, may be mistakes
MOST_STEPS = 10
MOST_EMPTY = 1_000_000  # periods without a row; more come of a stray timestamp, which is refused as such


def with_counts(table: Table, asked: Asked) -> tuple[Table, Asked]:
    """Return the table with a column of ones as the target, where rows are to be counted."""
    if asked.aggregate != "count":
        return table, asked
    (name,) = asked.target or (ROWS if COUNT in table.names else COUNT,)
    numbers = {**table.numbers, name: np.ones(len(table.times))}
    counted = replace(table, names=(*table.names, name), numbers=numbers)
    return counted, asked.model_copy(update={"target": (name,)})


def aggregate(rows: SortedTable, columns: Columns, asked: Asked) -> SortedTable:
    """Return one row for each period of a series: targets as it is asked, other numbers by their mean.

    Within a series a period without a row is 0 where values are added up or rows counted, else missing.
    Raises a Misfit without a column of times, and for a step that was not named or has no periods.
    """
    step, table, method = _check_step(rows, columns, asked), rows.table, asked.aggregate or ""
    periods = _begin(table, step)
    new = np.ones(len(periods), dtype=np.bool_)
    new[1:] = (periods[1:] != periods[:-1]) | ~rows.within()
    starts = np.flatnonzero(new)
    numbers = {
        name: _reduce(column, starts, method if name in columns.targets else "mean")
        for name, column in table.numbers.items()
    }
    _note_series(table, columns)
    _note_last(table, columns, periods, step)
    offsets = np.append(0, np.cumsum(new))[rows.offsets]
    grouped = replace(table.take(starts), times=Times(periods[starts]), numbers=numbers)
    result = replace(rows, table=grouped, offsets=offsets)
    return _fill(result, columns, step) if method in FILLED else result


def are_events(rows: SortedTable) -> bool:
    """Return whether rows follow each other by no step, or several share a time, now more and now fewer."""
    times, within = rows.table.timestamps, rows.within()
    starts = np.flatnonzero(np.append(True, (np.diff(times) > 0) | ~within))
    counts = np.diff(np.append(starts, len(times)))
    if len(counts) < FEWEST_TIMES:
        return False
    differences = np.diff(times)[within]
    is_varied = counts.min() < counts.max() >= MOST_MISTAKEN
    if is_varied and (counts > 1).mean() >= SHARED_TIMES:
        return True
    usual = np.unique(differences[differences > 0], return_counts=True)[1]
    few = min(MOST_STEPS, len(counts) / 3)  # of several steps each, such as those of days and nights
    return bool(len(usual) > few and usual.max() < usual.sum() / 2) and not is_even(
        differences[differences > 0]
    )


def how_to_aggregate(rows: SortedTable, series: tuple[str, ...], method: str) -> tuple[str | Option, ...]:
    """Return how to make one row of each step: of the usual one, of events of a longer one."""
    named = series if method == "mean" else ()  # a text that events have is seldom what a series is called by
    apart = [part for name in named for part in (Option("series", name, is_quoted=True), " ")]
    chosen: tuple[str | Option, ...] = (*apart, Option("aggregate", method))
    if find_own_step(rows) is None:
        times, offsets = _distinct_times(rows)
        differences = differences_within(times, offsets)
        has_calendar = rows.table.time_format != INDEX or _are_seconds(times)
        usual = infer_step(times, offsets, has_calendar=has_calendar) if differences.size else None
        if usual is not None and is_even(differences) and _is_round(usual):
            step = name_step(usual)
        else:
            needed = ROWS_PER_PERIOD * max(1, int(differences.sum()))
            dense = (name for name, size in PERIODS.items() if len(rows.table.times) * size >= needed)
            step = next(dense, "1month") if has_calendar else "10"
        chosen = (*chosen, " ", Option("step", step))
    return (*chosen, DOES[method])


def _is_round(step: TimeStep) -> bool:
    """Return whether a day has a whole number of a step, or a step of days; always so without a calendar."""
    size = int(step.mean_seconds) or 1
    return step.unit not in SECONDS or DAY % size == 0 or size % DAY == 0


def _are_seconds(times: NDArray[np.int64]) -> bool:
    """Return whether counts may be seconds since 1970: aggregated, they are read so."""
    return bool(times.min() >= EPOCH_RANGE[0] and times.max() < EPOCH_RANGE[1])


def find_own_step(rows: SortedTable) -> TimeStep | None:
    """Return the step of the distinct times of every series; None where they have none."""
    times, offsets = _distinct_times(rows)
    differences = differences_within(times, offsets)
    if not differences.size or not is_even(differences):
        return None
    step = infer_step(times, offsets, has_calendar=rows.table.time_format != INDEX)
    return step if grid_positions(times, offsets, step)[1].all() else None


def _distinct_times(rows: SortedTable) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the distinct times of each series, (times,), and where each series begins, (series + 1,)."""
    times = rows.table.timestamps
    new = np.append(True, (times[1:] != times[:-1]) | ~rows.within())
    return times[new], np.append(0, np.cumsum(new))[rows.offsets]


def _check_step(rows: SortedTable, columns: Columns, asked: Asked) -> TimeStep:
    has_calendar = columns.time_format != INDEX
    option, example = (
        Option("aggregate", asked.aggregate or ""),
        Option("step", "1d" if has_calendar else "10"),
    )
    if columns.time is None:
        raise Misfit((option, " needs a column of times; ", Option("time"), " names it"))
    step = asked.time_step or find_own_step(rows)
    if step is None:
        raise Misfit(
            (option, " needs ", Option("step"), ", the period that becomes one row, such as ", example)
        )
    if step.has_calendar != has_calendar:
        raise Misfit((option, f" makes a row of each step, and {step} is none of these times; try ", example))
    return step


def _begin(table: Table, step: TimeStep) -> NDArray[np.int64]:
    """Return the first moment of each row's period: (rows,). Weeks begin on Monday, quarters in January.

    A weekend belongs to the business day before; a period of month ends is called by its last day.
    """
    times = table.timestamps
    if step.unit == "business-day":
        return np.busday_offset(dates(times), 0, roll="backward").astype(np.int64) * DAY
    if step.unit == "index":
        return times // step.count * step.count
    if step.unit in ("month", "month-end"):
        months = dates(times).astype("datetime64[M]").astype(np.int64) // step.count * step.count
        shift = step.count if step.unit == "month-end" else 0
        days = (months + shift).astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
        return (days - (shift > 0)) * DAY
    size = int(step.mean_seconds)
    phase = MONDAY if size % (7 * DAY) == 0 else 0
    if table.clock is not None and table.clock.in_utc and len(times):  # hours of a zone of 5:30 begin at :30
        phase = int((times[:1] - table.clock.to_wall(times[:1]))[0]) % 3600
    return (times - phase) // size * size + phase


def _reduce(column: NDArray[np.float64], starts: NDArray[np.int64], method: str) -> NDArray[np.float64]:
    """Return one number for the rows from each start to the next, NaN where all are missing: (periods,)."""
    given = ~np.isnan(column)
    if method == "last":
        place = np.maximum.reduceat(np.where(given, np.arange(len(column)), -1), starts)
        return np.where(place >= starts, column[place], np.nan)
    if method in ("min", "max"):
        return (np.fmin if method == "min" else np.fmax).reduceat(column, starts)
    counts = np.add.reduceat(given, starts, dtype=int)
    total = np.add.reduceat(np.where(given, column, 0.0), starts)
    if method == "mean":
        total = total / np.maximum(counts, 1)
    return np.where(counts > 0, total, np.nan)


def _fill(rows: SortedTable, columns: Columns, step: TimeStep) -> SortedTable:
    """Return the rows with one of 0 for each period without any, up to the last value of its series."""
    table = rows.table
    given = np.logical_or.reduce([~np.isnan(table.numbers[name]) for name in columns.targets])
    first, end = rows.first_and_end(given)
    before, after = np.arange(len(given) - 1), np.arange(1, len(given))
    series = np.repeat(np.arange(len(rows.lengths)), rows.lengths)
    inside = rows.within() & (before >= first[series[:-1]]) & (after < end[series[1:]])
    gaps = before[inside]
    times = np.ones(len(given), dtype=np.int64)  # that each row stands in the result, then as an empty one
    times[gaps] = _steps_between(table.times[gaps], table.times[gaps + 1], step)
    if times.sum() > MOST_EMPTY + 2 * len(given):
        return rows
    order = np.repeat(np.arange(len(given)), times)
    since = np.arange(len(order)) - np.searchsorted(order, order)
    filled = table.take(order)
    numbers = {
        name: np.where(since == 0, column, 0.0 if name in columns.targets else np.nan)
        for name, column in filled.numbers.items()
        if name not in columns.static_numbers
    }
    filled = replace(
        filled,
        times=Times(step.shift(filled.timestamps, since)),
        numbers={**filled.numbers, **numbers},
    )
    return replace(rows, table=filled, offsets=np.append(0, np.cumsum(times))[rows.offsets])


def _steps_between(before: NDArray[np.int64], after: NDArray[np.int64], step: TimeStep) -> NDArray[np.int64]:
    """Return how many steps lie between periods: (gaps,)."""
    if step.unit in ("month", "month-end"):
        months = [dates(times).astype("datetime64[M]").astype(np.int64) for times in (before, after)]
        return (months[1] - months[0]) // step.count
    if step.unit == "business-day":
        return np.busday_count(dates(before), dates(after)).astype(np.int64) // step.count
    size = step.count if step.unit == "index" else int(step.mean_seconds)
    return (after - before) // size


def _note_series(table: Table, columns: Columns) -> None:
    """Say which columns of text might tell series apart: with events, only those that are named do."""
    for name, texts in table.texts.items():
        if name not in columns.series and 1 < texts.distinct_count(missing=False) <= len(table.times) / 4:
            apart = Option("series", name, is_quoted=True)
            found = f'rows that differ in "{name}" are aggregated together ('
            infer(found, apart, alternative="keeps them apart")
            return


def _note_last(table: Table, columns: Columns, periods: NDArray[np.int64], step: TimeStep) -> None:
    """Say that the last period may continue after the last row."""
    if columns.time_format == INDEX:
        return
    begin, last = periods.max(), table.timestamps.max()
    left = step.shift(begin[None], np.array([1]))[0] - last
    differences = np.diff(np.unique(table.timestamps))
    if len(differences) and left > LONGEST_STEP * np.median(differences):
        period, row = write_timestamps(np.array([begin, last]), columns.time_format, table.clock)
        note(
            f"the last step, of {step}, begins at {period} and its last row is of {row}: it may be incomplete"
        )
