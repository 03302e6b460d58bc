"""Two rows of a series at the same time: copies, an hour that was skipped, events, or a contradiction."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from deploy.columns import Columns
from forecaster.config import Asked
from forecaster.data.complaints import Complaint, Option
from forecaster.data.notes import infer
from forecaster.data.panel.listing import first_few
from forecaster.data.row_times import Times
from forecaster.data.table import SortedTable, Table, changing_rows
from forecaster.data.times.clocks import may_be_doubles
from forecaster.data.times.grid import DAY
from forecaster.data.times.steps import STEPS_KEPT
from forecaster.data.times.timestamps import write_timestamps
from forecaster.data.understand.aggregation import are_events, how_to_aggregate
from forecaster.data.understand.changing import find_changing, repeated_rows
from forecaster.data.understand.time_column import TIME_NAMES

HOUR = 3600
CHANGES_UNTIL = 5 * HOUR  # after midnight: by then a clock was put forward or back
SHARED_SPAN = 0.5  # series share at least this part of the times that they span together

FEWEST = 0.02  # of the times: fewer rows are no series next to a long one


@dataclass(frozen=True)
class Copies:
    """Rows that have a twin of the same time; the first of each stays."""

    rows: NDArray[np.int64]  # their numbers in the source
    changing: tuple[str, ...]  # columns of texts in which they may differ: of a moment, as the weather is


def find_copies(rows: SortedTable, series: tuple[str, ...]) -> Copies | None:
    """Return the rows that repeat the time and all cells of another, but for texts that change in time."""
    again = repeated_rows(rows)
    if not again.size:
        return None
    changing = find_changing(rows, series)
    table, several = rows.table, np.union1d(again, again + 1)
    places = {
        "series": np.searchsorted(rows.offsets, several, side="right"),
        "time": table.times[several],
    }
    cells: list[NDArray[Any]] = [
        column.codes[several] for name, column in table.texts.items() if name not in changing
    ]
    cells += [column[several] for column in table.numbers.values()]
    is_copy = pd.concat([pd.DataFrame(places), *map(pd.Series, cells)], axis=1).duplicated().to_numpy()
    copies = np.sort(table.rows_of(several[is_copy]))
    return Copies(copies, changing) if copies.size else None


def with_skipped_hour(rows: SortedTable) -> SortedTable:
    """Return the rows with the hour that a clock put forward skips, which was written as the next, twice.

    01:00, 03:00, 03:00, 04:00 are 01:00, 02:00, 03:00, 04:00, if that is so on one day a year.
    """
    again, table = repeated_rows(rows), rows.table
    times = table.times[again]
    if not again.size or not _is_hour_of_change(table, times):
        return rows
    moved = table.timestamps.copy()
    moved[again] -= HOUR
    order = np.lexsort((moved, np.repeat(np.arange(len(rows.lengths)), rows.lengths)))
    mended = replace(rows, table=replace(table, times=Times(moved)).take(order))
    starts = np.repeat(table.times[rows.offsets[:-1]], rows.lengths)[again]
    if repeated_rows(mended).size or (moved[again] <= starts).any():
        return rows
    (twice, missing) = (
        write_timestamps(stamps[again[:1]], table.time_format)[0] for stamps in (table.timestamps, moved)
    )
    found = f"{twice} stands twice and {missing} is missing: the first of the two is read as {missing} ("
    infer(found, Option("aggregate", "mean"), alternative="takes the mean of both")
    return mended


def refuse_one_time(rows: SortedTable, asked: Asked) -> None:
    """Raise a Complaint where all rows have one time, so that nothing is a series in time."""
    table, count = rows.table, len(rows.table.times)
    if asked.is_complete or asked.step or asked.aggregate or table.time is None or count < 2:
        return
    if table.times[0] < table.times[rows.offsets[1] - 1] or np.ptp(table.timestamps):
        return
    labels = {name.casefold(): cells for name, cells in _labels(table).items()}
    if any(name in labels and len(np.unique(labels[name])) > 1 for name in TIME_NAMES):
        return  # of two columns of time this is the longer one
    each = _one_row_each(table)
    one = f', one row of each "{each}": a cross section' if each else ""
    (stamp,) = write_timestamps(table.times[:1], table.time_format, table.clock)
    raise Complaint(
        f'all {count} rows have one "{table.time}", {stamp}{one}; there is no series in time',
        np.sort(table.rows_of(np.arange(count)))[:2],
        (Option("time", "COLUMN"), " names the time, if it is another column"),
    )


def refuse_repeats(rows: SortedTable, columns: Columns, target: tuple[str, ...]) -> None:
    """Raise a Complaint for the first pair of rows at the same time. target: columns that are no keys."""
    table, again = rows.table, repeated_rows(rows)
    if not again.size:
        return
    first = again[np.argmin(table.rows_of(again))]
    pairs = f"{len(again)} such {'pair' if len(again) == 1 else 'pairs'} of rows; "
    keep = for_model = f"{pairs}keep one row of each"
    if not columns.series:
        for_model += ": the model was fitted without a column that tells series apart"
    found = f"{_name_row(table, columns, int(first))} appears twice"
    changing = find_changing(rows, columns.series)
    key = _say_keyless(rows, columns, changing, int(first))
    if not key and not columns.series:
        key = _tell_apart(table, columns, target)
    is_events = not key and are_events(rows)
    remedy: tuple[str | Option, ...] = (pairs, *key)
    if is_events:
        found = f"the rows seem to be events: {found}"
        remedy = (pairs, *how_to_aggregate(rows, columns.series, "sum"))
    elif not key:
        remedy = (keep, ", or ", *how_to_aggregate(rows, columns.series, "mean"))
    if not is_events and _was_put_back(rows, again):
        zone = Option("timezone", "ZONE")
        remedy = (*remedy, "; where the clock was put back, ", zone, " reads both")
    raise Complaint(found, table.rows_of(np.array([first, first + 1])), remedy, for_model)


def _say_keyless(
    rows: SortedTable, columns: Columns, changing: tuple[str, ...], first: int
) -> tuple[str | Option, ...]:
    """Return what to do about rows of one time that no column tells apart, though one may seem to.

    changing: columns of texts that change in time; first: a row of which the next has the same time.
    """
    table = rows.table
    if changing:
        differ = f"they differ in {quoted(changing)}, which changes in time and "
        how = how_to_aggregate(rows, columns.series, "mean")
        return (f"{differ}names no series: keep one row of each, or ", *how)
    empty = [name for name in columns.series if table.texts[name].codes[first] < 0]
    if empty:
        return (f'"{empty[0]}" is empty in them: write the name of its series into each row',)
    each = None if columns.series else _one_row_each(table)
    return (f'each "{each}" has one row: a cross section, which is no series in time',) if each else ()


def _one_row_each(table: Table) -> str | None:
    """Return the column of texts that differs in every row and is no part of the time."""
    count = len(table.times)
    texts = {name: cells for name, cells in table.texts.items() if name.casefold() not in TIME_NAMES}
    return next((name for name, cells in texts.items() if len(np.unique(cells.codes)) == count), None)


def quoted(names: Sequence[str]) -> str:
    """Return the first names in quotes."""
    return first_few([f'"{name}"' for name in names])


def _was_put_back(rows: SortedTable, again: NDArray[np.int64]) -> bool:
    """Return whether times that occur twice may be those of a clock put back: no hour before is missing."""
    table = rows.table
    times = table.timestamps
    if not _is_hour_of_change(table, times[again]):
        return False
    before = times[again] - times[np.maximum(again - 1, 0)]
    after = times[np.minimum(again + 2, len(times) - 1)] - times[again]
    return bool((before <= HOUR).all() and (after <= HOUR).all())


def _is_hour_of_change(table: Table, times: NDArray[np.int64]) -> bool:
    """Return whether times of a table without a zone may be of a clock that was put forward or back."""
    is_early = bool((times % DAY < CHANGES_UNTIL).all())
    return is_early and table.clock is None and may_be_doubles(times, table.time_format)


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
    (stamp,) = write_timestamps(table.times[[row]], columns.time_format, table.clock)
    keys = ", ".join(table.texts[name].text(row) for name in columns.series)
    return f"timestamp {stamp}" + (f" of series {keys}" if keys else "")


def _tell_apart(table: Table, columns: Columns, target: tuple[str, ...]) -> tuple[str | Option, ...]:
    """Return what to do about a file without a series column: a second column of time, or a key.

    Empty where no column tells rows of one time apart.
    """
    counts, labels = dict[str, int](), _labels(table)
    for name, cells in labels.items():
        pairs = pd.DataFrame({"time": table.timestamps, "label": cells})
        if name not in target and not pairs.duplicated().any():
            counts[name] = len(pd.unique(cells))
    moments = [name for name in counts if name.casefold() in TIME_NAMES]
    if moments:
        return (f'join the columns "{columns.time}" and "{moments[0]}" if they are one timestamp together',)
    keys = [name for name in counts if counts[name] <= len(table.times) / 2]
    keys = [name for name in keys if _shares_times(table, labels[name])]
    if not keys:
        return ()
    key = min(keys, key=counts.__getitem__)
    return (Option("series", key, is_quoted=True), " separates several series in one file")


def _shares_times(table: Table, label: NDArray[np.generic]) -> bool:
    """Return whether rows of one label have the times of the file one by one. label: (rows,)."""
    codes, places = pd.factorize(label)[0], np.unique(table.timestamps, return_inverse=True)[1]
    order = np.lexsort((places, codes))
    steps = np.diff(places[order])[np.diff(codes[order]) == 0]
    return bool(steps.size and (steps == 1).mean() >= STEPS_KEPT)


def _labels(table: Table) -> dict[str, NDArray[np.generic]]:
    """Return the columns of texts and of whole numbers, in the order of the file: (rows,) each."""
    labels: dict[str, NDArray[np.generic]] = {}
    for name in table.names:
        if name in table.texts:
            labels[name] = table.texts[name].codes
        elif name in table.numbers and (table.numbers[name] % 1 == 0).all():
            labels[name] = table.numbers[name]
    return labels
