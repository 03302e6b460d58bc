"""Blocks of whole series as the arrays that a predictor takes: contexts, and what is known around them."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from ..time.timestep import MISSING_TIME, Timestamps, TimeStep
from .reading import BatchReader, Block
from .steps import Placed, Spans, place_rows, uneven_series

Values = NDArray[np.float64]


@dataclass(frozen=True)
class Windows:
    """The ends of series, left-aligned and NaN after their `lengths`."""

    history: Values  # (series, width[, D]), NaN = missing
    lengths: NDArray[np.int64]  # (series,), 0 for a series without a value
    last: Timestamps | None  # (series,) time of the last value, on the model's clock
    known: Values | None  # (series, width, C)
    future_known: Values | None  # (series, horizon, C)
    past: Values | None  # (series, width, P)
    wrong: dict[int, str]  # why the rows of a series stand on no steps

    def before(self, steps: int, step: TimeStep) -> "Windows":
        """Return the windows that end before the last `steps`, or of a short series before its second half.

        What is known after these ends is of as many steps; a series without an end before has no length. The
        horizon of these windows is `steps` or more.
        """
        back = judged_steps(self.lengths, steps)
        lengths = np.where(back > 0, self.lengths - back, 0)
        is_behind = np.arange(self.history.shape[1]) >= lengths[:, None]

        def cut(rows: Values) -> Values:
            return np.where(is_behind.reshape(*is_behind.shape, *(1,) * (rows.ndim - 2)), np.nan, rows)

        future, last = None, self.last
        if self.known is not None and self.future_known is not None:
            place = lengths[:, None] + np.arange(steps)
            after, series = place - self.lengths[:, None], np.arange(len(lengths))[:, None]
            along = self.known[series, np.minimum(place, self.known.shape[1] - 1)]
            coming = self.future_known[series, np.maximum(after, 0)]
            future = np.where((after < 0)[..., None], along, coming)
        if last is not None:
            is_known = last != MISSING_TIME
            last = np.where(is_known, step.shift(np.where(is_known, last, 0), -back), MISSING_TIME)
        known, past = (None if rows is None else cut(rows) for rows in (self.known, self.past))
        return Windows(cut(self.history), lengths, last, known, future, past, self.wrong)


def judged_steps(lengths: NDArray[np.int64], steps: int) -> NDArray[np.int64]:
    """Return how many steps at the end of each series are judged: as many as are before them, at most."""
    return np.minimum(lengths // 2, steps)


def cut_windows(
    reader: BatchReader, block: Block, targets: tuple[str, ...], width: int, horizon: int
) -> Windows:
    """Return the last `width` steps of each series, up to its last observed value, and `horizon` after it.

    targets: one, or the channels of joint series. A step without a row is missing; what is before the first
    observed value does not count.
    """
    manifest, columns, times = reader.roles.manifest, block.rows.numbers, block.rows.times
    spans = _spans(block, targets)
    frame = _Frame.of(reader, block, spans, width, horizon)

    def contexts(names: tuple[str, ...]) -> Values | None:
        return np.stack([frame.contexts(columns[name]) for name in names], axis=-1) if names else None

    futures = [frame.futures(columns[name]) for name in manifest.known]
    return Windows(
        np.stack([frame.contexts(columns[name]) for name in targets], axis=-1)
        if manifest.channels
        else frame.contexts(columns[targets[0]]),
        frame.lengths,
        None if times is None else times[np.maximum(spans.end, 1) - 1],
        contexts(manifest.known),
        np.stack(futures, axis=-1) if futures else None,
        contexts(manifest.past),
        {} if frame.placed is None else frame.placed.wrong,
    )


def _spans(block: Block, targets: tuple[str, ...]) -> Spans:
    """Return which rows count; of a series without a value none do, and its end is its first row."""
    begin, stop = block.offsets[:-1], block.offsets[1:]
    missing = np.isnan(block.rows.numbers[targets[0]])
    for name in targets[1:]:
        missing &= np.isnan(block.rows.numbers[name])
    if not (missing[begin].any() or missing[stop - 1].any()):
        return Spans(begin, stop, stop)
    rows = np.arange(len(missing))
    end = np.maximum.reduceat(np.where(missing, -1, rows), begin) + 1
    first = np.minimum.reduceat(np.where(missing, len(rows), rows), begin)
    return Spans(np.where(end > 0, first, begin), np.where(end > 0, end, begin), stop)


@dataclass(frozen=True)
class _Frame:
    """The places of windows, the same in each column of a block."""

    width: int
    horizon: int
    spans: Spans
    lengths: NDArray[np.int64]
    placed: Placed | None  # rows of uneven series
    uneven: NDArray[np.int64]

    @classmethod
    def of(cls, reader: BatchReader, block: Block, spans: Spans, width: int, horizon: int) -> Self:
        step, times = reader.roles.manifest.time_step, block.rows.times
        lengths = np.minimum(spans.end - spans.first, width)
        nothing = np.zeros(0, dtype=np.int64)
        if times is None or reader.stamps is None or block.rows.is_even:
            return cls(width, horizon, spans, lengths, None, nothing)
        uneven = uneven_series(step, times, block.offsets)
        uneven = uneven[lengths[uneven] > 0]
        if not len(uneven):
            return cls(width, horizon, spans, lengths, None, nothing)
        placed = place_rows(step, times, uneven, spans[uneven], (width, horizon), reader.stamps.say)
        farthest = np.zeros(len(lengths), dtype=np.int64)
        np.maximum.at(farthest, placed.series, placed.behind + 1)
        lengths = lengths.copy()
        lengths[uneven] = farthest[uneven]
        return cls(width, horizon, spans, lengths, placed, uneven)

    def contexts(self, column: Values) -> Values:
        """Return the last steps up to each last value: (series, width), left-aligned, NaN where missing."""
        starts = self.spans.end - self.lengths
        starts[self.uneven] = 0
        padded = np.concatenate([column, np.full(self.width, np.nan)])
        found: Values = sliding_window_view(padded, self.width)[starts]
        if (self.lengths < self.width).any():
            found[np.arange(self.width) >= self.lengths[:, None]] = np.nan
        if self.placed is not None:
            found[self.uneven] = np.nan
            past = self.placed.behind >= 0
            row, series, behind = (
                part[past] for part in (self.placed.row, self.placed.series, self.placed.behind)
            )
            found[series, self.lengths[series] - 1 - behind] = column[row]
        return found

    def futures(self, column: Values) -> Values:
        """Return the steps after each last value: (series, horizon), NaN where there is no row."""
        padded = np.concatenate([column, np.full(self.horizon, np.nan)])
        found: Values = sliding_window_view(padded, self.horizon)[self.spans.end]
        after = self.spans.stop - self.spans.end
        found[np.arange(self.horizon) >= after[:, None]] = np.nan
        if self.placed is not None:
            found[self.uneven] = np.nan
            ahead = self.placed.behind < 0
            row, series, behind = (
                part[ahead] for part in (self.placed.row, self.placed.series, self.placed.behind)
            )
            found[series, -1 - behind] = column[row]
        return found
