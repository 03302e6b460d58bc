"""Rows in files by ranges of their series, each of which is sorted in memory."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from ..plain import from_numpy, to_numpy

ROWS = 1 << 20  # of a bucket, about: the cache of a processor holds most of them
MOST_OPEN = 512  # files that are written at once
NARROW = 1 << 16  # numbers that numpy sorts digit by digit


@dataclass(frozen=True)
class Buckets:
    """Files of rows of some series each. A series is a number from 0, in the column `key`."""

    folder: Path
    key: str
    time: str | None  # within a series; None: in any order
    series: int
    rows: int

    @property
    def width(self) -> int:
        """Return how many series a bucket has."""
        count = min(max(self.rows // ROWS, 1), MOST_OPEN)
        return max(-(-self.series // count), 1)

    def fill(self, batches: Iterable[pa.RecordBatch]) -> None:
        """Write the rows of batches into files."""
        self.folder.mkdir(parents=True, exist_ok=True)
        writers: dict[int, pa.ipc.RecordBatchStreamWriter] = {}
        try:
            for batch in batches:
                numbers = (to_numpy(batch.column(self.key)) // self.width).astype(np.uint16)
                order = np.argsort(numbers, kind="stable")
                ordered, sorted_batch = numbers[order], batch.take(from_numpy(order))
                for begin, end in _runs(ordered):
                    number = int(ordered[begin])
                    if number not in writers:
                        writers[number] = pa.ipc.new_stream(str(self._path(number)), batch.schema)
                    writers[number].write_batch(sorted_batch.slice(begin, end - begin))
        finally:
            for writer in writers.values():
                writer.close()

    def sorted(self, rows: int) -> Iterator[pa.RecordBatch]:
        """Yield the rows in order, so many at a time; a file is removed when it was read."""
        for number in range(-(-self.series // self.width)):
            path = self._path(number)
            if not path.exists():
                continue
            with pa.memory_map(str(path)) as file, pa.ipc.open_stream(file) as reader:
                table = reader.read_all()
                order = self._order(table, number * self.width)
                for begin in range(0, len(order), rows):
                    part = table.take(from_numpy(order[begin : begin + rows])).combine_chunks()
                    yield from part.to_batches()
                del table
            path.unlink()

    def _path(self, number: int) -> Path:
        return self.folder / f"{number}.arrow"

    def _order(self, table: pa.Table, first: int) -> NDArray[np.int64]:
        """Return the places of the rows of a bucket in their order. first: its first series."""
        column = table.column(self.key).combine_chunks()
        series = to_numpy(column) - first
        narrow = series.astype(np.uint16) if self.width <= NARROW else series
        order: NDArray[np.int64] = np.argsort(narrow, kind="stable")
        if self.time is None:
            return order
        times = table.column(self.time).combine_chunks()
        if times.null_count or not _is_number(times.type):
            keys = [(self.key, "ascending"), (self.time, "ascending")]
            return to_numpy(pc.sort_indices(table.select([self.key, self.time]), keys)).astype(np.int64)
        found = to_numpy(times)
        if (found[1:] < found[:-1]).any():  # else as a log has them
            ordered, of = found[order], narrow[order]
            if ((ordered[1:] < ordered[:-1]) & (of[1:] == of[:-1])).any():
                order = np.lexsort((found, series))
        return order


def _runs(numbers: NDArray[np.uint16]) -> Iterator[tuple[int, int]]:
    """Yield where each number begins and ends among ascending ones."""
    borders = np.flatnonzero(np.diff(numbers)) + 1
    ends = [*borders.tolist(), len(numbers)]
    yield from zip([0, *borders.tolist()], ends, strict=True)


def _is_number(kind: pa.DataType) -> bool:
    return bool(pa.types.is_timestamp(kind) or pa.types.is_date(kind) or pa.types.is_integer(kind))
