"""Texts that change in time, as the weather does: where two rows of one time differ in them, no series do."""

import math
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from forecaster.data.row_times import Times
from forecaster.data.table import SortedTable, Table, sort_table
from forecaster.data.understand.aggregation import SHARED_TIMES

SHARED_SPAN = 0.5  # series share at least this part of the times that they span together
FEWEST = 0.02  # of the times: fewer rows are no series next to a long one


def changes_in_time(table: Table, name: str, others: tuple[str, ...]) -> bool:
    """Return whether a text is of a moment, as the weather is, and names no series next to some other keys.

    Few times are shared then, though its values span the same times.
    """
    most = table.distinct_times * math.prod(len(table.texts[key].values) + 1 for key in others)
    if len(table.times) - most >= SHARED_TIMES * most:  # the usual case needs no sorting
        return False
    rows = sort_table(table, others)
    is_new = np.ones(len(table.times), dtype=np.bool_)
    is_new[repeated_rows(rows) + 1] = False
    count, repeated = int(is_new.sum()), int((~is_new).sum())
    if repeated >= SHARED_TIMES * count:
        return False
    # The times of the file that lie between the first and the last row of each value.
    counted = replace(rows.table, times=Times(np.cumsum(is_new)), distinct_times=count)
    values = sort_table(counted, (*others, name))
    places, begins = values.table.timestamps, values.offsets[:-1]
    spanned = int((places[values.offsets[1:] - 1] - places[begins] + 1).sum())
    usual = np.sort(values.lengths)[(len(values.lengths) - 1) // 2]
    return bool(usual < max(2, FEWEST * count) or repeated < SHARED_SPAN * (spanned - count))


def find_changing(rows: SortedTable, series: tuple[str, ...]) -> tuple[str, ...]:
    """Return the columns of texts that change in time and differ between rows of one time."""
    again, texts = repeated_rows(rows), rows.table.texts
    return tuple(
        name
        for name, cells in texts.items()
        if name not in series
        and (cells.codes[again] != cells.codes[again + 1]).any()
        and changes_in_time(rows.table, name, series)
    )


def repeated_rows(rows: SortedTable) -> NDArray[np.int64]:
    """Return the rows of which the next one of the series has the same time."""
    if rows.are_distinct:
        return np.zeros(0, dtype=np.int64)
    times = rows.table.timestamps
    return np.flatnonzero((times[1:] == times[:-1]) & rows.within())
