"""Rows on the grid as a panel: gaps filled, a series for each target and key."""

import logging
from dataclasses import dataclass, replace
from itertools import compress
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from deploy import TimeStep
from deploy.columns import Columns
from forecaster.data.complaints import Complaint
from forecaster.data.panel.listing import first_few
from forecaster.data.panel.panel import Panel
from forecaster.data.table import SortedTable, Table

logger = logging.getLogger("forecaster")
Number = TypeVar("Number", bound=np.floating)


@dataclass(frozen=True)
class Placement:
    """The places of the rows of a table on the grid."""

    positions: NDArray[np.int64] | None  # (rows,) steps after the first row of the series; None: no gap
    step: TimeStep


@dataclass(frozen=True)
class _Grid:
    """The rows of every key with its gaps filled in."""

    keys: SortedTable  # its offsets are those of the grid
    starts: NDArray[np.int64]  # (keys,) the time of the first row
    targets: NDArray[np.float64]  # (targets, grid rows)
    known: NDArray[np.float32]  # (C, grid rows)
    past: NDArray[np.float32]  # (P, grid rows)


@dataclass(frozen=True)
class _Spans:
    """The rows of the grid that each series takes; series = target x key, keys of a target together.

    Of joint targets series = key, and every one takes all targets.
    """

    keys: NDArray[np.int64]  # (series,)
    targets: NDArray[np.int64]  # (series,) row of _Grid.targets
    first: NDArray[np.int64]  # (series,) the first observed value
    end: NDArray[np.int64]  # (series,) the row after the last observed value; 0 without any
    stop: NDArray[np.int64]  # (series,) the row after the last known value, at least end

    def take(self, chosen: NDArray[np.bool_]) -> "_Spans":
        """Return those of the chosen series. chosen: (series,)."""
        return _Spans(*(part[chosen] for part in (self.keys, self.targets, self.first, self.end, self.stop)))


def build_panel(rows: SortedTable, columns: Columns, place: Placement) -> Panel:
    """Return the panel of rows that are unique and on the grid. Raises a Complaint if nothing is observed."""
    grid = _fill_gaps(rows, columns, place)
    spans = _find_spans(grid, joint=columns.joint)
    ids = _name_series(rows, columns)
    observed = spans.end > 0
    _report_unobserved(list(compress(ids, (~observed).tolist())), len(ids))
    spans = spans.take(observed)
    lengths = spans.stop - spans.first
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    codes, vocabularies = _read_categories(rows, columns)
    values, known, past = _take(grid, spans, offsets, joint=columns.joint)
    return Panel(
        values=values,
        known=known,
        past=past,
        static=_read_static_numbers(rows, columns)[spans.keys],
        categories=codes[spans.keys],
        offsets=offsets,
        ends=offsets[:-1] + spans.end - spans.first,
        starts=grid.starts[spans.keys],
        leads=spans.first - grid.keys.offsets[spans.keys],
        step=place.step,
        columns=columns,
        ids=tuple(compress(ids, observed.tolist())),
        vocabularies=vocabularies,
        spread=rows.table.spread,
    )


def _take(
    grid: _Grid, spans: _Spans, offsets: NDArray[np.int64], *, joint: bool
) -> tuple[NDArray[np.float64], NDArray[np.float32], NDArray[np.float32]]:
    """Return values (rows,), known and past covariates (rows, ...), series by series."""
    targets, covariates = len(grid.targets), (grid.known.T, grid.past.T)
    if offsets[-1] == grid.targets.size and not joint:  # every series takes all rows of its key
        # np.tile takes ten times as long.
        known, past = (np.concatenate([columns] * targets) for columns in covariates)
        return grid.targets.ravel(), known, past
    lengths = spans.stop - spans.first
    picked = np.repeat(spans.first - offsets[:-1], lengths) + np.arange(offsets[-1])
    values = grid.targets.T[picked] if joint else grid.targets[np.repeat(spans.targets, lengths), picked]
    return values, grid.known.T[picked], grid.past.T[picked]


def _name_series(rows: SortedTable, columns: Columns) -> list[tuple[str, ...]]:
    """Return the id of each series: the key, then the target's name if there are several.

    (targets x keys,), of joint targets (keys,).
    """
    texts = [rows.table.texts[name] for name in columns.series]
    keys = list(zip(*(column.take(rows.offsets[:-1]).texts() for column in texts), strict=True))
    keys = keys or [()] * len(rows.lengths)
    if len(columns.targets) == 1 or columns.joint:
        return keys
    return [(*key, target) for target in columns.targets for key in keys]


def _fill_gaps(rows: SortedTable, columns: Columns, place: Placement) -> _Grid:
    """Return every key on its own grid, from its first row to its last."""
    table, positions = rows.table, place.positions
    targets = _stack(table, columns.targets, np.float64)
    known, past = (_stack(table, names, np.float32) for names in (columns.known, columns.past))
    starts = table.times[rows.offsets[:-1]]  # (keys,)
    if positions is None:
        return _Grid(rows, starts, targets, known, past)
    lengths = positions[rows.offsets[1:] - 1] + 1  # (keys,)
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    total = int(offsets[-1])
    places = np.repeat(offsets[:-1], rows.lengths) + positions  # (rows,)
    return _Grid(
        keys=replace(rows, offsets=offsets),
        starts=starts,
        targets=_scatter(targets, places, total),
        known=_scatter(known, places, total),
        past=_scatter(past, places, total),
    )


def _stack(table: Table, names: tuple[str, ...], dtype: type[Number]) -> NDArray[Number]:
    """Return some columns of numbers as an array: (columns, rows)."""
    if len(names) == 1 and table.numbers[names[0]].dtype == dtype:  # as it is, not copied
        return table.numbers[names[0]].reshape(1, -1).astype(dtype, copy=False)
    stacked = np.empty((len(names), len(table.times)), dtype=dtype)
    for position, name in enumerate(names):
        stacked[position] = table.numbers[name]
    return stacked


def _scatter(values: NDArray[Number], places: NDArray[np.int64], total: int) -> NDArray[Number]:
    """Return the rows at their places, NaN elsewhere: (columns, total). values: (columns, rows)."""
    filled = np.full((len(values), total), np.nan, dtype=values.dtype)
    filled[:, places] = values
    return filled


def _find_spans(grid: _Grid, *, joint: bool) -> _Spans:
    """Return the span of every series, target by target.

    The span of joint targets is from the first to the last value of any.
    """
    observed: NDArray[np.bool_] = ~np.isnan(grid.targets)  # (targets, grid rows)
    if joint:
        observed = np.logical_or.reduce(observed, axis=0, keepdims=True)
    key_count, target_count = len(grid.keys.lengths), len(observed)
    spans = [grid.keys.first_and_end(column) for column in observed]
    first = np.concatenate([span[0] for span in spans])  # (targets × keys,)
    end = np.concatenate([span[1] for span in spans])
    known_end = np.zeros(key_count, dtype=np.int64)
    if len(grid.known):
        given: NDArray[np.bool_] = np.any(~np.isnan(grid.known), axis=0)
        _, known_end = grid.keys.first_and_end(given)
    return _Spans(
        keys=np.tile(np.arange(key_count), target_count),
        targets=np.repeat(np.arange(target_count), key_count),
        first=first,
        end=end,
        stop=np.maximum(end, np.tile(known_end, target_count)),
    )


def _read_categories(
    rows: SortedTable, columns: Columns
) -> tuple[NDArray[np.int64], tuple[tuple[str, ...], ...]]:
    """Return the code of each key's categories, (keys, G), 0 = missing, and the sorted vocabularies."""
    codes = np.zeros((len(rows.lengths), len(columns.categories)), dtype=np.int64)
    vocabularies = []
    for position, name in enumerate(columns.categories):
        column = rows.table.texts[name]
        of_key = np.maximum.reduceat(column.codes, rows.offsets[:-1])  # -1 = missing
        vocabulary = sorted({str(column.values[code]) for code in of_key if code >= 0})
        number = {text: code for code, text in enumerate(vocabulary, start=1)}
        codes[:, position] = [number[str(column.values[code])] if code >= 0 else 0 for code in of_key]
        vocabularies.append(tuple(vocabulary))
    return codes, tuple(vocabularies)


def _read_static_numbers(rows: SortedTable, columns: Columns) -> NDArray[np.float32]:
    """Return the static numbers of each key, NaN = unknown: (keys, S)."""
    numbers = [
        np.fmax.reduceat(rows.table.numbers[name], rows.offsets[:-1]) for name in columns.static_numbers
    ]
    return np.array(numbers, dtype=np.float32).reshape(len(numbers), len(rows.lengths)).T


def _report_unobserved(ids: list[tuple[str, ...]], count: int) -> None:
    """Say which of `count` series hold no value. Raises a Complaint if none does."""
    if len(ids) == count:
        raise Complaint("no target value at all: every cell is missing")
    if ids:
        names = first_few(["/".join(name) for name in ids])
        logger.warning("series %s %s no observed value; dropped", names, "have" if len(ids) > 1 else "has")
