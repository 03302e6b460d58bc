"""Two rows of a series at the same time: where they are, and what may tell them apart."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from deploy.columns import Columns
from forecaster.data.complaints import Complaint, Option
from forecaster.data.table import SortedTable, Table, changing_rows
from forecaster.data.times.clocks import may_be_doubles
from forecaster.data.times.timestamps import write_timestamps
from forecaster.data.understand.time_column import TIME_NAMES


def refuse_repeats(rows: SortedTable, columns: Columns, target: tuple[str, ...]) -> None:
    """Raise a Complaint for the first pair of rows at the same time. target: columns that are no keys."""
    table = rows.table
    again = np.flatnonzero((table.timestamps[1:] == table.timestamps[:-1]) & rows.within())
    if not again.size:
        return
    first = again[np.argmin(table.rows_of(again))]
    pairs = f"{len(again)} such {'pair' if len(again) == 1 else 'pairs'} of rows; "
    keep = for_model = f"{pairs}keep one row of each"
    remedy: tuple[str | Option, ...] = (keep,)
    if not columns.series:
        for_model += ": the model was fitted without a column that tells series apart"
        remedy = (pairs, *_tell_apart(table, columns, target))
    if table.clock is None and may_be_doubles(table.timestamps[again], columns.time_format):
        zone = Option("timezone", "ZONE")
        remedy = (*remedy, "; where the clock was put back, ", zone, " reads both")
    found = f"{_name_row(table, columns, int(first))} appears twice"
    raise Complaint(found, table.rows_of(np.array([first, first + 1])), remedy, for_model)


def refuse_changing_statics(rows: SortedTable, columns: Columns) -> None:
    """Raise a Complaint for the first static column that changes within a series."""
    table = rows.table
    for name in columns.static:
        changing = changing_rows(rows, name)
        if not changing.size:
            continue
        series = np.searchsorted(rows.offsets, changing[0], side="right") - 1
        members = np.arange(rows.offsets[series], rows.offsets[series + 1])
        members = members[np.argsort(table.rows_of(members))]
        cells = [table.cell(name, row) for row in members]
        first, cell = next((row, cell) for row, cell in zip(members, cells, strict=True) if cell)
        other, then = next(
            (row, then) for row, then in zip(members, cells, strict=True) if then not in ("", cell)
        )
        kind = "category" if name in table.texts else "number"
        raise Complaint(
            f'column "{name}" is static, but changes within a series: "{cell}", then "{then}"',
            table.rows_of(np.array([first, other])),
            f"every row of a series needs the same {kind}",
        )


def _name_row(table: Table, columns: Columns, row: int) -> str:
    """Return a row by its time and its series: "timestamp 2024-01-01 of series a, b"."""
    (stamp,) = write_timestamps(table.timestamps[[row]], columns.time_format, table.clock)
    keys = ", ".join(table.texts[name].text(row) for name in columns.series)
    return f"timestamp {stamp}" + (f" of series {keys}" if keys else "")


def _tell_apart(table: Table, columns: Columns, target: tuple[str, ...]) -> tuple[str | Option, ...]:
    """Return what to do about a file without a series column: a second column of time, or a key."""
    counts: dict[str, int] = {}
    for name, cells in _labels(table).items():
        pairs = pd.DataFrame({"time": table.timestamps, "label": cells})
        if name not in target and not pairs.duplicated().any():
            counts[name] = len(pd.unique(cells))
    moments = [name for name in counts if name.casefold() in TIME_NAMES]
    if moments:
        return (f'join the columns "{columns.time}" and "{moments[0]}" if they are one timestamp together',)
    keys = [name for name in counts if counts[name] <= len(table.timestamps) / 2]
    key = min(keys, key=counts.__getitem__, default="COLUMN")
    return (Option("series", key, is_quoted=bool(keys)), " separates several series in one file")


def _labels(table: Table) -> dict[str, NDArray[np.generic]]:
    """Return the columns of texts and of whole numbers, in the order of the file: (rows,) each."""
    labels: dict[str, NDArray[np.generic]] = {}
    for name in table.names:
        if name in table.texts:
            labels[name] = table.texts[name].codes
        elif name in table.numbers and (table.numbers[name] % 1 == 0).all():
            labels[name] = table.numbers[name]
    return labels
