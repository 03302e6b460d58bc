"""Histories from a CSV file, with the csv module alone.

One column of values, with a header or without; or, by their names in a header, `value` (of a joint model each
of its targets), `series` and `time`, and covariates where a command takes them, in any order. A row a step,
the oldest first; an empty cell, NaN and NA are missing. UTF-8, commas, decimal points. Names that were
escaped for spreadsheets are read as they were.
"""

import csv
import io
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..bundle.bundle import Manifest
from ..cells import plain_cell
from ..errors import DataError, InputError
from ..places import input_name, open_input
from ..request.covariates import NOTHING, Covariates
from ..request.moments import check_last_timestamp, first_off_grid
from ..time.timestep import SECONDS, Timestamps, TimeStep

MISSING = ("", "na", "nan")
SERIES, TIME, VALUE = "series", "time", "value"
COUNT = re.compile(r"-?[0-9]{1,18}")
MAX_FILE_BYTES = 1 << 28  # 10 million rows: their cells are held as texts

Rows = list[tuple[int, list[str]]]  # line and cells


@dataclass(frozen=True)
class Histories:
    """The content of a file, series in the order of their first rows."""

    series: tuple[str, ...]  # names; none without a column `series`
    values: list[NDArray[np.float64]]  # of each (time,), of a joint model (time, D); NaN = missing
    last_timestamps: list[str | int] | None  # as written, or counts; None without a column `time`
    given: Covariates = (
        NOTHING  # those of the file, a row for each value; of each series the first static ones
    )


def read_history(path: Path, manifest: Manifest, *, with_covariates: bool = False) -> Histories:
    """Read and check a file. Raises DataError with the line, the column and the cell.

    with_covariates: the file has those that the model needs along each history, and may have static ones.
    """
    file, names = input_name(path), manifest.channels or (VALUE,)
    along = (*manifest.known, *manifest.past) if with_covariates else ()
    static = (*manifest.static, *manifest.vocabularies) if with_covariates else ()
    header, rows = _split_header(file, _read_rows(path), (*names, *along), (*static, SERIES, TIME))
    place = {name: header.index(name) for name in header}
    apart: dict[str, Rows] = {}
    for line, cells in rows:
        if len(cells) != len(header):
            raise DataError(f"{file}, line {line}: found {len(cells)} cells, expected {len(header)}")
        apart.setdefault(cells[place[SERIES]] if SERIES in place else "", []).append((line, cells))

    def table(part: Rows, columns: Sequence[str]) -> NDArray[np.float64]:
        return np.array(
            [[_number(file, line, name, cells[place[name]]) for name in columns] for line, cells in part]
        )

    values = [table(part, names) for part in apart.values()]
    last = None
    if TIME in place:
        times = [[(line, cells[place[TIME]]) for line, cells in part] for part in apart.values()]
        last = [_last(file, manifest, column) for column in times]
    kept = values if manifest.channels else [column[:, 0] for column in values]
    given = NOTHING
    if with_covariates:
        given = _covariates(file, manifest, list(apart.values()), place)
    return Histories(tuple(apart) if SERIES in place else (), kept, last, given)


def _covariates(file: str, manifest: Manifest, parts: list[Rows], place: dict[str, int]) -> Covariates:
    """Return the covariates of each series; a static column that the file lacks is unknown."""
    known, past = (
        [_table(file, part, names, place) for part in parts] if names else None
        for names in (manifest.known, manifest.past)
    )
    static, categories = manifest.static, tuple(manifest.vocabularies)
    firsts = [part[0] for part in parts]
    numbers = [
        [_number(file, line, name, cells[place[name]]) if name in place else math.nan for name in static]
        for line, cells in firsts
    ]
    texts = [[cells[place[name]] if name in place else "" for name in categories] for _, cells in firsts]
    return Covariates(
        known=known, past=past, static=numbers if static else None, static_cat=texts if categories else None
    )


def _table(file: str, rows: Rows, names: Sequence[str], place: dict[str, int]) -> NDArray[np.float64]:
    """Return some columns of rows as numbers, (row, column). Raises DataError."""
    return np.array(
        [[_number(file, line, name, cells[place[name]]) for name in names] for line, cells in rows]
    )


def _read_rows(path: Path) -> Rows:
    """Return all rows but the empty lines at the end. Raises DataError."""
    name = input_name(path)
    try:
        with open_input(path) as content:
            data = content.read(MAX_FILE_BYTES + 1)
        if len(data) > MAX_FILE_BYTES:
            raise DataError(f"{name} is larger than {MAX_FILE_BYTES} bytes")
        reader = csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), strict=True)
        rows = [(reader.line_num, [plain_cell(cell.strip()) for cell in cells]) for cells in reader]
    except OSError as error:
        raise DataError(f"cannot read {name}: {error.strerror or error}") from None
    except UnicodeDecodeError as error:
        raise DataError(f"{name} is not UTF-8: {error.reason} at byte {error.start}") from None
    except csv.Error as error:
        raise DataError(f"{name} is not a CSV file: {error}") from None
    while rows and not rows[-1][1]:
        rows.pop()
    return [(line, cells or [""]) for line, cells in rows]  # an empty line is an empty cell


def _split_header(
    file: str, rows: Rows, names: tuple[str, ...], others: tuple[str, ...]
) -> tuple[list[str], Rows]:
    """Return the names of the columns, and the rows of values. others: may be there. Raises DataError."""
    if not rows:
        raise DataError(f"{file} is empty")
    line, first = rows[0]
    if len(first) == 1 and len(names) == 1:  # whatever the column is called
        header, values = [names[0]], rows if _parse(first[0]) is not None else rows[1:]
    else:
        header, values = first, rows[1:]
        if not {*names} <= {*first} <= {*names, *others} or len(set(first)) < len(first):
            raise DataError(
                f"{file}, line {line}: found the columns {', '.join(first)}; expected {', '.join(names)}, "
                f"and {', '.join(others[:-1])} and {others[-1]} where there are any"
            )
    if not values:
        raise DataError(f"{file} has a header and no values")
    return header, values


def _parse(cell: str) -> float | None:
    """Return a number, NaN where missing; None for what is neither."""
    if cell.lower() in MISSING:
        return math.nan
    try:
        value = float(cell)
    except ValueError:
        return None
    return value if math.isfinite(value) and "_" not in cell else None


def _number(file: str, line: int, name: str, cell: str) -> float:
    value = _parse(cell)
    if value is None:
        raise DataError(
            f"{file}, line {line}, column {name}: found {cell!r}, expected a number, or nothing where missing"
        )
    return value


def _last(file: str, manifest: Manifest, column: list[tuple[int, str]]) -> str | int:
    """Return the last time of a series. Raises DataError unless there is a row for each step before it."""
    (first_line, first), (last_line, last) = column[0], column[-1]
    begin, _ = _moment(file, manifest, first_line, first)
    end, found = _moment(file, manifest, last_line, last)
    step, count = manifest.time_step, len(column) - 1
    if step.shift(begin, np.array([count])) != end:
        apart = int(end[0] - begin[0]) // max(count, 1)
        raise DataError(
            f"{file}, lines {first_line} to {last_line}: {len(column)} rows from {first} to {last}"
            f"{f', about every {_duration(manifest, apart)},' if apart > 0 else ''} are not one every "
            f"{step}, the oldest first; add rows with empty values where some are missing"
        )
    recent = column[-manifest.context_length :]
    moments = np.concatenate([_moment(file, manifest, *row)[0] for row in recent])
    place = first_off_grid(step, moments)
    if place is not None:
        (_, before), (line, cell) = recent[place - 1], recent[place]
        raise DataError(f"{file}, line {line}, column {TIME}: {cell} is not {step} after {before}")
    return found


def _duration(manifest: Manifest, apart: int) -> str:
    """Return a difference of times, of seconds or counts, in the largest unit that is not longer."""
    if not manifest.time_step.has_calendar:
        return str(TimeStep(apart, "index"))
    unit = next(unit for unit in ("day", "hour", "minute", "second") if apart >= SECONDS[unit])
    return str(TimeStep(round(apart / SECONDS[unit]), unit))


def _moment(file: str, manifest: Manifest, line: int, cell: str) -> tuple[Timestamps, str | int]:
    """Return a time on the model's clock, (1,), and as Predictor.forecast takes it. Raises DataError."""
    counted = not manifest.time_step.has_calendar and COUNT.fullmatch(cell)
    given = int(cell) if counted else cell
    try:
        moment = check_last_timestamp(manifest, [given], 1)
    except InputError as error:
        _, _, message = str(error).partition(": ")
        raise DataError(f"{file}, line {line}, column {TIME}: {message}") from None
    return np.asarray(moment), given
