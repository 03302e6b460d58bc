"""Roles that a table's columns are found to have: what to forecast, what is known ahead, what is static."""

import numpy as np
from numpy.typing import NDArray

from deploy.columns import Columns
from forecaster.config import Asked
from forecaster.data.complaints import Complaint, Misfit, Option
from forecaster.data.table import SortedTable, changing_rows

NEVER = np.iinfo(np.int64).min
# A single value beyond the targets' last is a missing cell, not what is known of the future.
LEAST_AHEAD = 2


def understand_columns(rows: SortedTable, series: tuple[str, ...], asked: Asked) -> Columns:
    """Return the role of every column.

    Raises a Complaint if there is nothing to forecast, a Misfit if joint targets are fewer than two.
    """
    table = rows.table
    static = asked.static or table.in_order(
        {*_find_categories(rows, series), *_find_static_numbers(rows, asked)}
    )
    free = [name for name in table.filled if name not in (*asked.known, *asked.past, *static)]
    known = table.in_order({*asked.known, *_find_known(rows, free, asked)})
    targets = asked.target or tuple(name for name in free if name not in known)
    if not targets:
        names_it = (Option("target"), " names what to forecast")
        raise Complaint(("every column of numbers is a covariate; ", *names_it))
    if asked.joint and len(targets) < 2:
        known_ahead = f" ({', '.join(known)} known ahead)" if known else ""
        needs = f" forecasts several targets together, at least 2, found {targets[0]} alone{known_ahead}; "
        more = ("name more with ", Option("target"), ", or leave out ", Option("joint"))
        raise Misfit((Option("joint"), needs, *more))
    used = {table.time, *targets, *series, *known, *asked.past, *static}
    ignored = tuple(name for name in table.names if name not in used)
    return Columns(
        time=table.time,
        time_format=table.time_format,
        targets=targets,
        series=series,
        known=known,
        static=static,
        ignored=ignored,
        layout=asked.layout,
        past=asked.past,
        static_numbers=tuple(name for name in static if name in table.numbers),
        unused_numbers=tuple(name for name in ignored if name in table.filled),
        timezone=table.clock.zone.name if table.clock else None,
        joint=asked.joint,
    )


def _find_known(rows: SortedTable, names: list[str], asked: Asked) -> set[str]:
    """Return the columns of numbers that continue after the last target value, in most series where any does.

    Without named targets, those that reach the end of a series are covariates and those that stop before are
    targets, provided the targets stop nearly together: columns that end anywhere are many series of one kind,
    side by side.
    """
    candidates = np.array([name not in asked.target for name in names], dtype=np.bool_)
    if candidates.sum() < (1 if asked.target else 2):
        return set()
    present = [~np.isnan(rows.table.numbers[name]) for name in names]
    last = np.stack([_last_times(rows, chosen) for chosen in present])  # (columns, series)
    end = last.max(axis=0)  # (series,)
    stops = ~candidates[:, None] if asked.target else last < end
    stops = stops & (last > NEVER)  # (columns, series)
    if not stops.any():
        return set()
    latest = np.where(stops, last, NEVER).max(axis=0)
    after = rows.table.timestamps > np.repeat(latest, rows.lengths)  # (rows,)
    ahead = np.stack([np.add.reduceat(chosen & after, rows.offsets[:-1], dtype=int) for chosen in present])
    continues = candidates[:, None] & (ahead >= (1 if asked.target else LEAST_AHEAD))
    clear = stops.any(axis=0) & continues.any(axis=0)  # (series,)
    if not asked.target:
        earliest = np.where(stops, last, end).min(axis=0)
        clear &= latest - np.where(clear, earliest, 0) < end - np.where(clear, latest, 0)
    votes = (continues & clear).sum(axis=1)
    known = {name for name, count in zip(names, votes.tolist(), strict=True) if count > clear.sum() / 2}
    return set() if known == set(names) else known


def _last_times(rows: SortedTable, present: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return the timestamp of each series' last row that is present, NEVER without one: (series,).

    present: (rows,).
    """
    _, end = rows.first_and_end(present)
    return np.where(end > 0, rows.table.timestamps[end - 1], NEVER)


def _find_categories(rows: SortedTable, series: tuple[str, ...]) -> tuple[str, ...]:
    """Return the text columns that are constant within each series but not over the file."""
    if not series:
        return ()
    others = {name: column for name, column in rows.table.texts.items() if name not in series}
    varied = [name for name, column in others.items() if column.distinct_count(missing=False) > 1]
    return tuple(name for name in varied if not changing_rows(rows, name).size)


def _find_static_numbers(rows: SortedTable, asked: Asked) -> tuple[str, ...]:
    """Return the columns of numbers that are constant within each series but not over the file."""
    if len(rows.lengths) < 2:
        return ()
    taken = {*asked.target, *asked.known, *asked.past}
    free = [name for name in rows.table.filled if name not in taken]
    found = tuple(name for name in free if _is_static(rows, name))
    # What would leave nothing to forecast are series that happen to be constant.
    return found if asked.target or len(found) < len(free) else ()


def _is_static(rows: SortedTable, name: str) -> bool:
    """Return whether numbers are constant within each series, most of which show them twice, and vary."""
    column, begins = rows.table.numbers[name], rows.offsets[:-1]
    first = column[: rows.offsets[1]]
    # Most columns change within the first series, which saves a look at all rows.
    if np.fmin.reduce(first) < np.fmax.reduce(first) or changing_rows(rows, name).size:
        return False
    highest = np.fmax.reduceat(column, begins)  # (series,)
    counts = np.add.reduceat(~np.isnan(column), begins, dtype=int)
    return bool(np.median(counts) > 1 and np.nanmin(highest) < np.nanmax(highest))
