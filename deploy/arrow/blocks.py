"""Record batches, cut anywhere, made blocks of whole series."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ..time.timestep import MISSING_TIME
from .reading import BatchReader, Block, Rows, goes_back, is_of_one_series
from .roles import Roles

SERIES = 2048  # of a block, where there are as many: several runs of a graph
ROWS = 1 << 18  # of a batch that are read at once
MOST_ROWS = 1 << 21  # that wait for more series


def whole_series(
    batches: Iterable[pa.RecordBatch], roles: Roles, kept: int
) -> Iterator[tuple[BatchReader, Block]]:
    """Yield the series of all batches, in their order, whole but for rows before the last `kept` of each.

    Raises ConfigError, InputError, and UnsortedError where the times of a series go back.
    """
    reader: BatchReader | None = None
    waiting: _Waiting | None = None
    for batch in batches:
        for begin in range(0, batch.num_rows, ROWS):
            if reader is None or waiting is None:
                reader = BatchReader.of(roles, batch)
                waiting = _Waiting(reader, kept)
            waiting.add(reader.read(batch.slice(begin, ROWS)))
            for block in waiting.take_full():
                yield reader, block
    if reader is not None and waiting is not None:
        for block in waiting.take_all():
            yield reader, block


class _Waiting:
    """Series that wait until there are enough for a block; rows of the last may still come."""

    def __init__(self, reader: BatchReader, kept: int) -> None:
        self._reader, self._kept = reader, kept
        self._most_rows = max(MOST_ROWS, 2 * kept)
        self._heads: list[pa.RecordBatch] = []
        self._sizes: list[NDArray[np.int64]] = []  # rows of each series
        self._rows: list[Rows] = []

    def add(self, part: Block) -> None:
        """Append a part, whose first series may continue the last one. Raises UnsortedError."""
        sizes, heads = np.diff(part.offsets), part.heads
        roles = self._reader.roles
        if self._heads and not self._reader.are_lists and is_of_one_series(self._heads[-1], heads, roles):
            part = self._continued(part)
            self._sizes[-1][-1] += sizes[0]
            sizes, heads = sizes[1:], heads.slice(1)
        self._rows.append(part.rows)
        if len(sizes):
            self._sizes.append(sizes)
            self._heads.append(heads)

    def take_full(self) -> Iterator[Block]:
        """Yield blocks of SERIES whole series; where too many rows wait, smaller ones."""
        series, rows = sum(map(len, self._sizes)), sum(map(len, self._rows))
        if series > SERIES or rows > self._most_rows:
            whole = series - 1  # rows of the last may come
            yield from self._take(whole // SERIES * SERIES if whole >= SERIES else whole)

    def take_all(self) -> Iterator[Block]:
        """Yield blocks of all series that are left."""
        yield from self._take(sum(map(len, self._sizes)))

    def _take(self, count: int) -> Iterator[Block]:
        """Yield the first `count` series; of the last of all keep the rows that may still count."""
        rows, sizes = Rows.joined(self._rows), np.concatenate(self._sizes)
        block = Block(pa.concat_batches(self._heads), np.concatenate([[0], np.cumsum(sizes)]), rows)
        left, drop = block[count:], 0
        if len(left):
            drop = max(int(sizes[-1]) - self._kept, 0) if len(left) == 1 else 0
            sizes = np.diff(left.offsets)
            sizes[-1] -= drop
            self._heads, self._sizes, self._rows = [left.heads], [sizes], [left.rows[slice(drop, None)]]
        else:
            self._heads, self._sizes, self._rows = [], [], []
        for begin in range(0, count, SERIES):
            yield block[begin : min(begin + SERIES, count)]

    def _continued(self, part: Block) -> Block:
        """Return a part that continues the last series. Raises UnsortedError where its times go back."""
        before, after = self._rows[-1].times, part.rows.times
        if before is None or after is None or self._reader.follows(before[-1:], after[:1]).all():
            return part
        if MISSING_TIME != after[0] < before[-1]:
            raise goes_back(self._reader, part.heads, 0, before[-1], after[0])
        return replace(part, rows=replace(part.rows, is_even=False))
