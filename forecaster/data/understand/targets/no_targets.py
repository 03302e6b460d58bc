"""Columns of numbers that are nothing to forecast: row numbers, constants, parts of the time, flags, ids."""

import re

import numpy as np
from numpy.typing import NDArray

from forecaster.data.files.sheet import UNNAMED
from forecaster.data.spelling.part_names import slots_of
from forecaster.data.table import SortedTable
from forecaster.data.times.forms import INDEX
from forecaster.data.understand.targets.told_by_time import FEWEST_ROWS, told_by_another_clock, told_by_time

ROW_NUMBERS, CONSTANT, FLAG, IDS = "row numbers", "constant", "flag of the calendar: --known uses it", "ids"
ELAPSED, NAMES = "time that passed, in even steps", "names of the rows"
ELAPSED_NAME = re.compile(
    r"(?i:(.*[\W_])?(t|time|timer|elapsed|secs?|seconds?|ms|msecs?|milliseconds?|minutes?|hours?|days?)([\W_].*)?)"
)
EVEN = 1e-3  # of a step: by how much rounded ones differ, next to the digits of the numbers
COUNTED_ROWS = 64  # at the begin: numbers that rise by one do so here
COUNTED_SHARE = 0.95  # of steps by one, where rows were left out of a numbered file
FLAG_VALUES = 4  # no, yes, and a few kinds of holidays
FLAG_NAME = re.compile(
    r"(?i:.*(holi?day|vacation|weekend|work(ing)?[\W_]?day|business[\W_]?day|week[\W_]?day[\W_]?flag"
    r"|feiertag|ferien|wochenende|werktag|arbeitstag|f[ée]ri[ée]|vacances|festiv|feriado|vacacion).*)"
)
ID_NAME = re.compile(r"(?i:(.*[\W_])?(id|uuid|guid))|.*[a-z]I[dD]")


def find_no_targets(rows: SortedTable, names: list[str]) -> dict[str, str]:
    """Return those of some columns of numbers that are nothing to forecast, each with the reason.

    Where that would be all, constants are what to forecast, or else all are.
    """
    if len(names) < 2 or len(rows.table.times) < FEWEST_ROWS:
        return {}
    numbers = rows.table.numbers
    found = {name: reason for name in names if (reason := _reason(rows, name)) is not None}
    free = {name: numbers[name] for name in names if name not in found}
    found |= _told(rows, free)
    if len(found) == len(names):
        found = {name: reason for name, reason in found.items() if reason != CONSTANT}
    return {name: found[name] for name in names if name in found} if len(found) < len(names) else {}


def _told(rows: SortedTable, numbers: dict[str, NDArray[np.float64]]) -> dict[str, str]:
    """Return the columns that the timestamps tell, and which part of the time each is."""
    table = rows.table
    if table.time is None:
        return {}
    if table.time_format == INDEX:  # years, perhaps
        decades = table.timestamps // 10 * 10
        return {name: "decade of the time" for name, column in numbers.items() if (column == decades).all()}
    wall = table.timestamps if table.clock is None else table.clock.to_wall(table.timestamps)
    told = {name: f"{part} of the time" for name, part in told_by_time(numbers, wall).items()}
    called = {name: (slots_of(name) or ("",))[0] for name in numbers if name not in told}
    parts = {name: numbers[name] for name, slot in called.items() if slot in ("year", "month", "day", "hour")}
    others = told_by_another_clock(parts, wall) if "hour" in [called[name] for name in parts] else ()
    return {**told, **{name: f"{called[name]} of another clock" for name in others}}


def _reason(rows: SortedTable, name: str) -> str | None:
    """Return why a column is nothing to forecast; None: it may be."""
    column = rows.table.numbers[name]
    # Most columns change within their first rows.
    if not any(np.fmin.reduce(part) < np.fmax.reduce(part) for part in (column[:COUNTED_ROWS], column)):
        return CONSTANT
    if _counts_rows(rows, column):
        return ROW_NUMBERS
    if name.startswith(UNNAMED) and name == rows.table.names[0]:
        return NAMES
    if _is_elapsed(rows, name):
        return ELAPSED
    if FLAG_NAME.fullmatch(name) and _is_flag(column):
        return FLAG
    if ID_NAME.fullmatch(name) and _is_whole(column):
        return IDS
    return None


def _counts_rows(rows: SortedTable, column: NDArray[np.float64]) -> bool:
    """Return whether numbers rise or fall by one, from row to row of the file or within each series."""
    steps = np.diff(column[: min(COUNTED_ROWS, int(rows.offsets[1]))])
    if not ((steps >= 1).all() or (steps <= -1).all()) or not _is_whole(column, missing=False):
        return False
    within = np.diff(column)[rows.within()]
    in_file = np.diff(column[np.argsort(rows.table.index.to_numpy(), kind="stable")])
    return any(len(steps) >= FEWEST_ROWS - 1 and _are_ones(steps) for steps in (within, in_file))


def _is_elapsed(rows: SortedTable, name: str) -> bool:
    """Return whether numbers called so rise in even steps within each series: seconds, 0.02 apart."""
    if not ELAPSED_NAME.fullmatch(name):
        return False
    column = rows.table.numbers[name]
    steps = np.diff(column)[rows.within()]
    if len(steps) < FEWEST_ROWS - 1 or not (steps > 0).all():
        return False
    usual = float(np.median(steps))
    rounded = 10.0 ** -max(
        len(f"{number:.9f}".rstrip("0").partition(".")[2]) for number in column[:COUNTED_ROWS]
    )
    return bool((np.abs(steps - usual) <= EVEN * usual + 1.01 * rounded).all() and rounded < usual)


def _are_ones(steps: NDArray[np.float64]) -> bool:
    """Return whether all steps go one way, nearly all by one."""
    one_way = (steps >= 1).all() or (steps <= -1).all()
    return bool(one_way and (np.abs(steps) == 1).mean() >= COUNTED_SHARE)


def _is_flag(column: NDArray[np.float64]) -> bool:
    """Return whether a column holds 0 and 1, or a few kinds."""
    values = np.unique(column[~np.isnan(column)])
    return len(values) <= FLAG_VALUES and bool((values == np.arange(len(values))).all())


def _is_whole(column: NDArray[np.float64], *, missing: bool = True) -> bool:
    """Return whether a column holds whole numbers only; whether missing cells are allowed."""
    return bool(((column % 1 == 0) | (missing & np.isnan(column))).all())
