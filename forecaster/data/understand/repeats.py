"""Two rows of a series at the same time: where they are, and what may tell them apart."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from deploy.columns import Columns
from deploy.errors import DataError
from forecaster.config import Asked
from forecaster.data.columns import TIME_NAMES
from forecaster.data.files.locate import Source, find_rows, point_at
from forecaster.data.table import SortedTable, Table
from forecaster.data.times.clocks import may_be_doubles
from forecaster.data.times.timestamps import write_timestamps


def refuse_repeats(source: Source, rows: SortedTable, columns: Columns, asked: Asked) -> None:
    """Raises DataError for the first pair of rows at the same time, with both lines."""
    table = rows.table
    again = np.flatnonzero((table.timestamps[1:] == table.timestamps[:-1]) & rows.within())
    if not again.size:
        return
    first = again[np.argmin(table.rows_of(again))]
    count = len(again)
    if columns.series:
        remedy = "keep one row of each"
    elif asked.is_complete:
        remedy = "keep one row of each: the model was fitted without a column that tells series apart"
    else:
        remedy = _tell_apart(table, columns, asked)
    may_be_zone = table.clock is None and not asked.is_complete
    if may_be_zone and may_be_doubles(table.timestamps[again], columns.time_format):
        remedy += "; where the clock was put back, --timezone ZONE reads both"
    raise DataError(
        f"{_name_row(table, columns, int(first))} appears twice\n"
        f"{point_at(source, find_rows(source, np.sort(table.rows_of(np.array([first, first + 1])))))}\n"
        f"  {count} such {'pair' if count == 1 else 'pairs'} of rows; {remedy}"
    )


def _name_row(table: Table, columns: Columns, row: int) -> str:
    """A row by its time and its series: "timestamp 2024-01-01 of series a, b"."""
    (stamp,) = write_timestamps(table.timestamps[[row]], columns.time_format, table.clock)
    keys = ", ".join(table.texts[name].text(row) for name in columns.series)
    return f"timestamp {stamp}" + (f" of series {keys}" if keys else "")


def _tell_apart(table: Table, columns: Columns, asked: Asked) -> str:
    """What to do about a file without a series column: a second column of time, or a key."""
    counts: dict[str, int] = {}
    for name, cells in _labels(table).items():
        pairs = pd.DataFrame({"time": table.timestamps, "label": cells})
        if name not in asked.target and not pairs.duplicated().any():
            counts[name] = len(pd.unique(cells))
    moments = [name for name in counts if name.casefold() in TIME_NAMES]
    if moments:
        return f'join the columns "{columns.time}" and "{moments[0]}" if they are one timestamp together'
    keys = [name for name in counts if counts[name] <= len(table.timestamps) / 2]
    named = f'"{min(keys, key=counts.__getitem__)}"' if keys else "COLUMN"
    return f"--series {named} separates several series in one file"


def _labels(table: Table) -> dict[str, NDArray[np.generic]]:
    """The columns of texts and of whole numbers, in the order of the file: (rows,) each."""
    labels: dict[str, NDArray[np.generic]] = {}
    for name in table.names:
        if name in table.texts:
            labels[name] = table.texts[name].codes
        elif name in table.numbers and (table.numbers[name] % 1 == 0).all():
            labels[name] = table.numbers[name]
    return labels
