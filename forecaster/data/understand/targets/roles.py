"""Roles that a table's columns are found to have: what to forecast, what is known ahead, what is static."""

import numpy as np

from deploy.columns import Columns
from forecaster.config import Asked
from forecaster.data.complaints import Complaint, Misfit, Option
from forecaster.data.table import SortedTable, changing_rows
from forecaster.data.understand.targets.known_ahead import find_known
from forecaster.data.understand.targets.no_targets import FLAG, find_no_targets


def understand_columns(
    rows: SortedTable, series: tuple[str, ...], asked: Asked
) -> tuple[Columns, dict[str, str]]:
    """Return the role of every column, and of the numbers that are nothing to forecast the reason.

    Raises a Complaint if there is nothing to forecast, a Misfit if joint targets are fewer than two.
    """
    table = rows.table
    found = {*_find_categories(rows, series), *_find_static_numbers(rows, asked)}
    regions = () if asked.holidays_of in (None, *asked.static) else (str(asked.holidays_of),)
    static = (*asked.static, *regions) if asked.static else table.in_order({*found, *regions})
    free = [name for name in table.filled if name not in (*asked.known, *asked.past, *static)]
    no_targets = {} if asked.is_complete else find_no_targets(rows, free)
    # Next to a named target they may be known ahead, as any other column; a flag may be so always.
    usable = free if asked.target else [name for name in free if no_targets.get(name, FLAG) == FLAG]
    known = table.in_order({*asked.known, *find_known(rows, usable, asked)})
    targets = asked.target or tuple(name for name in usable if name not in {*known, *no_targets})
    if not targets:
        names_it = (Option("target"), " names what to forecast")
        raise Complaint(("every column of numbers is a covariate; ", *names_it))
    if asked.joint and len(targets) < 2:
        raise _single_joint(targets, known)
    used = {table.time, *dict(table.time_parts), *targets, *series, *known, *asked.past, *static}
    ignored = tuple(name for name in table.names if name not in used)
    reasons = {name: no_targets[name] for name in ignored if name in no_targets}
    columns = Columns(
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
        unused_numbers=tuple(name for name in ignored if name in table.filled and name not in reasons),
        timezone=table.clock.zone.name if table.clock else None,
        joint=asked.joint,
        aggregate=asked.aggregate,
        time_parts=table.time_parts,
    )
    return columns, reasons


def _single_joint(targets: tuple[str, ...], known: tuple[str, ...]) -> Misfit:
    known_ahead = f" ({', '.join(known)} known ahead)" if known else ""
    needs = f" forecasts several targets together, at least 2, found {targets[0]} alone{known_ahead}; "
    more = ("name more with ", Option("target"), ", or leave out ", Option("joint"))
    return Misfit((Option("joint"), needs, *more))


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
