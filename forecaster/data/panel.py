"""Many ragged series as flat arrays on a regular grid: what every later stage reads."""

from __future__ import annotations

import logging
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from deploy.errors import DataError
from deploy.timestep import TimeStep

from .columns import Columns, Table
from .grid import grid_positions

logger = logging.getLogger("forecaster")

# A grid with far more gaps than rows comes of a wrong step or a stray timestamp, and may not fit in memory.
GRID_ROWS_FREE = 1_000_000
GRID_ROWS_PER_ROW = 20


@dataclass(frozen=True)
class Panel:
    """Many ragged series as flat arrays, on a regular grid."""

    values: NDArray[np.float32]  # (rows,) target, NaN = missing
    timestamps: NDArray[np.int64]  # (rows,) seconds of local wall-clock time since 1970, or plain counts
    known: NDArray[np.float32]  # (rows, C) known-future covariates, NaN = missing; C may be 0
    categories: NDArray[np.int64]  # (series, G) static categories: 0 = missing, i + 1 = vocabularies[g][i]
    offsets: NDArray[np.int64]  # (series + 1,) rows of series s are offsets[s]:offsets[s+1]
    ends: NDArray[np.int64]  # (series,) row after the last OBSERVED target value; only known values follow
    step: TimeStep
    columns: Columns
    ids: tuple[tuple[str, ...], ...]  # per series: its key, then the target's name if there are several
    vocabularies: tuple[tuple[str, ...], ...]  # per static column, sorted

    @property
    def series_count(self) -> int:
        """How many series there are."""
        return len(self.ends)

    def lengths(self) -> NDArray[np.int64]:
        """(series,) steps from the first to the last observed target value."""
        return self.ends - self.offsets[:-1]


@dataclass(frozen=True)
class SortedRows:
    """A table's rows by key, then time. A key is one combination of values of the series columns."""

    order: NDArray[np.int64]  # (rows,) the row of the table
    codes: NDArray[np.int64]  # (rows,) the number of the key
    timestamps: NDArray[np.int64]  # (rows,)
    offsets: NDArray[np.int64]  # (keys + 1,)
    was_unsorted: bool

    @property
    def starts(self) -> NDArray[np.int64]:
        """(rows,) the first timestamp of each row's key."""
        return self.timestamps[self.offsets[:-1]][self.codes]


@dataclass(frozen=True)
class _Grid:
    """The rows of every key with its gaps filled in."""

    timestamps: NDArray[np.int64]  # (grid rows,)
    offsets: NDArray[np.int64]  # (keys + 1,)
    targets: NDArray[np.float32]  # (grid rows, targets)
    known: NDArray[np.float32]  # (grid rows, C)


@dataclass(frozen=True)
class _Spans:
    """The rows of the grid that each series takes; series = key x target, targets of a key together."""

    keys: NDArray[np.int64]  # (series,)
    targets: NDArray[np.int64]  # (series,) column of _Grid.targets
    first: NDArray[np.int64]  # (series,) the first observed value
    end: NDArray[np.int64]  # (series,) the row after the last observed value; 0 without any
    stop: NDArray[np.int64]  # (series,) the row after the last known value, at least end

    def take(self, chosen: NDArray[np.bool_]) -> _Spans:
        """Those of the chosen series. chosen: (series,)."""
        return _Spans(*(part[chosen] for part in (self.keys, self.targets, self.first, self.end, self.stop)))


def sort_rows(timestamps: NDArray[np.int64], codes: NDArray[np.int64]) -> SortedRows:
    """The rows of a table by key and time. timestamps, codes: (rows,) in file order."""
    order = np.argsort(codes, kind="stable")
    falls = (np.diff(timestamps[order]) < 0) & (np.diff(codes[order]) == 0)
    if falls.any():
        order = np.lexsort((timestamps, codes))
    offsets = np.concatenate([[0], np.cumsum(np.bincount(codes))])
    return SortedRows(order, codes[order], timestamps[order], offsets, bool(falls.any()))


def build_panel(table: Table, columns: Columns, rows: SortedRows, step: TimeStep) -> Panel:
    """The panel of a table whose rows are unique and on the grid. Raises DataError if nothing is observed."""
    grid = _fill_gaps(table, columns, rows, step)
    spans = _find_spans(grid)
    ids = _name_series(table, columns, rows)
    observed = spans.end > 0
    _report_unobserved([ids[index] for index in np.flatnonzero(~observed)], len(ids))
    spans = spans.take(observed)
    lengths = spans.stop - spans.first
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    picked = np.repeat(spans.first - offsets[:-1], lengths) + np.arange(offsets[-1])  # (rows,) of the grid
    codes, vocabularies = _read_categories(table, columns, rows)
    return Panel(
        values=grid.targets[picked, np.repeat(spans.targets, lengths)],
        timestamps=grid.timestamps[picked],
        known=grid.known[picked],
        categories=codes[spans.keys],
        offsets=offsets,
        ends=offsets[:-1] + spans.end - spans.first,
        step=step,
        columns=columns,
        ids=tuple(ids[index] for index in np.flatnonzero(observed)),
        vocabularies=vocabularies,
    )


def _name_series(table: Table, columns: Columns, rows: SortedRows) -> list[tuple[str, ...]]:
    """(keys x targets,): the key, then the target's name if there are several."""
    first_rows = rows.order[rows.offsets[:-1]]  # (keys,)
    keys = table.texts[list(columns.series)].iloc[first_rows].fillna("").to_numpy().tolist()
    if len(columns.targets) == 1:
        return [tuple(key) for key in keys]
    return [(*key, target) for key in keys for target in columns.targets]


def _fill_gaps(table: Table, columns: Columns, rows: SortedRows, step: TimeStep) -> _Grid:
    """Every key on its own grid, from its first row to its last."""
    positions, _ = grid_positions(rows.timestamps, rows.starts, step)  # (rows,)
    lengths = positions[rows.offsets[1:] - 1] + 1  # (keys,)
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    total = int(offsets[-1])
    if total > GRID_ROWS_FREE + GRID_ROWS_PER_ROW * len(positions):
        raise DataError(
            f"{len(positions)} rows on a grid of {step} leave {total - len(positions)} gaps; "
            f"--step sets a longer step, or a timestamp is wrong"
        )
    starts = rows.timestamps[rows.offsets[:-1]]  # (keys,)
    counts = np.arange(total) - np.repeat(offsets[:-1], lengths)
    places = offsets[rows.codes] + positions  # (rows,)
    return _Grid(
        timestamps=step.shift(np.repeat(starts, lengths), counts),
        offsets=offsets,
        targets=_scatter(table.numbers[list(columns.targets)], rows.order, places, total),
        known=_scatter(table.numbers[list(columns.known)], rows.order, places, total),
    )


def _scatter(
    numbers: pd.DataFrame, order: NDArray[np.int64], places: NDArray[np.int64], total: int
) -> NDArray[np.float32]:
    """(total, columns): the sorted rows at their places, NaN elsewhere."""
    filled = np.full((total, numbers.shape[1]), np.nan, dtype=np.float32)
    filled[places] = numbers.to_numpy(dtype=np.float32)[order]
    return filled


def _find_spans(grid: _Grid) -> _Spans:
    """The span of every series, key by key."""
    key_count, target_count = len(grid.offsets) - 1, grid.targets.shape[1]
    spans = [_observed_span(~np.isnan(column), grid.offsets) for column in grid.targets.T]
    first = np.stack([span[0] for span in spans], axis=1)  # (keys, targets)
    end = np.stack([span[1] for span in spans], axis=1)
    _, known_end = _observed_span(np.any(~np.isnan(grid.known), axis=1), grid.offsets)  # (keys,)
    stop = np.maximum(end, known_end[:, None])
    return _Spans(
        keys=np.repeat(np.arange(key_count), target_count),
        targets=np.tile(np.arange(target_count), key_count),
        first=first.ravel(),
        end=end.ravel(),
        stop=stop.ravel(),
    )


def _observed_span(
    observed: NDArray[np.bool_], offsets: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(keys,) the first observed row and the row after the last; 0 as the latter if there is none.

    observed: (grid rows,); offsets: (keys + 1,).
    """
    index = np.arange(len(observed))
    first = np.minimum.reduceat(np.where(observed, index, len(observed)), offsets[:-1])
    end = np.maximum.reduceat(np.where(observed, index + 1, 0), offsets[:-1])
    return first, end


def _read_categories(
    table: Table, columns: Columns, rows: SortedRows
) -> tuple[NDArray[np.int64], tuple[tuple[str, ...], ...]]:
    """(keys, G) code of each key's category, 0 = missing, and the sorted vocabularies."""
    codes = np.zeros((len(rows.offsets) - 1, len(columns.static)), dtype=np.int64)
    vocabularies = []
    for position, name in enumerate(columns.static):
        row_codes, vocabulary = pd.factorize(table.texts[name].iloc[rows.order], sort=True)  # -1 = missing
        codes[:, position] = np.maximum.reduceat(row_codes, rows.offsets[:-1]) + 1
        vocabularies.append(tuple(map(str, vocabulary)))
    return codes, tuple(vocabularies)


def _report_unobserved(ids: list[tuple[str, ...]], count: int) -> None:
    """Say which of `count` series hold no value. Raises DataError if none does."""
    if len(ids) == count:
        raise DataError("no target value at all: every cell is missing")
    for name in ids:
        logger.warning("series %s has no observed value; dropped", ", ".join(name))
