"""Texts that take turns in time, as sensors do: the rows of each are even, and all together are not."""

import numpy as np
from numpy.typing import NDArray

from forecaster.data.complaints import Option
from forecaster.data.notes import infer
from forecaster.data.spelling.id_names import ID_NAME
from forecaster.data.table import SortedTable, Table, sort_table
from forecaster.data.times.grid import differences_within, grid_positions, most_frequent
from forecaster.data.times.snapping import snap
from forecaster.data.times.steps import STEPS_KEPT, infer_step, is_even


def find_staggered(table: Table) -> tuple[str, ...]:
    """Return the one column of texts that makes even steps of uneven ones: sensors that take turns."""
    half = len(table.times) / 2
    names = [name for name, column in table.texts.items() if 1 < column.distinct_count(missing=True) <= half]
    times = np.unique(table.timestamps) if names else np.zeros(0, dtype=np.int64)
    if table.time is None or len(times) < 2:
        return ()
    rises = np.diff(table.timestamps) > 0
    in_order = bool(rises.all() or not rises.any())
    found = [name for name in names if _takes_turns(table, name, times, in_order=in_order)]
    return (found[0],) if len(found) == 1 else ()


def _takes_turns(table: Table, name: str, times: NDArray[np.int64], *, in_order: bool) -> bool:
    """Return whether the rows of each text are regular, and all together are not, or not in order of time.

    times: (distinct,) of all rows.
    """
    rows = sort_table(table.only((name,)), (name,))
    stamps, ends = rows.table.timestamps, np.array([0, len(times)])
    if rows.lengths.min() < 2:
        return False
    if not _is_on_grid(times, ends):
        steps = np.diff(stamps)[rows.within()]
        is_regular = not is_even(np.diff(times)) and is_even(steps)
        return is_regular or _is_on_grid(stamps, rows.offsets) or _snaps(rows, times)
    # Items of each day of the week make days, but these are one below the other or have an id.
    is_apart = (not in_order and not rows.was_unsorted) or ID_NAME.fullmatch(name) is not None
    is_longer = most_frequent(differences_within(stamps, rows.offsets)) >= 2 * most_frequent(np.diff(times))
    takes_turns = is_apart and is_longer and _is_on_grid(stamps, rows.offsets)
    if takes_turns:
        found = f'column "{name}": its texts take turns in time, and each is read as a series; '
        infer(found, Option("layout", "wide"), alternative="reads all rows as one")
    return takes_turns


def _snaps(rows: SortedTable, times: NDArray[np.int64]) -> bool:
    """Return whether each series has one row in each period of a calendar, and all rows have not."""
    if snap(times, np.array([0, len(times)]), None, exactly=False) is not None:
        return False
    return snap(rows.table.timestamps, rows.offsets, None, exactly=False) is not None


def _is_on_grid(times: NDArray[np.int64], offsets: NDArray[np.int64]) -> bool:
    """Return whether times lie on the grid of their step, with few left out. times: (rows,) by series."""
    step = infer_step(times, offsets, has_calendar=True)
    positions, on_grid = grid_positions(times, offsets, step)
    return bool(on_grid.all() and (differences_within(positions, offsets) == 1).mean() >= STEPS_KEPT)
