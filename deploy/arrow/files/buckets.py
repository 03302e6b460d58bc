"""Rows in files by ranges of their series, each of which is sorted in memory."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from ..plain import from_numpy, to_numpy

MOST_OPEN = 512  # files that are written at once
NARROW = 1 << 16  # numbers that numpy sorts digit by digit


@dataclass(frozen=True)
class Buckets:
    """Files of rows of some series each. A series is a number from 0, in the column `key`."""

    folder: Path
    key: str
    time: str | None  # within a series; None: in any order
    series: int
    count: int  # files, about

    @property
    def width(self) -> int:
        """Return how many series a bucket has."""
        count = min(max(self.count, 1), MOST_OPEN)
        return max(-(-self.series // count), 1)

    def fill(self, batches: Iterable[pa.RecordBatch]) -> None:
        """Write the rows of batches into files."""
        self.folder.mkdir(parents=True, exist_ok=True)
        writers: dict[int, pa.ipc.RecordBatchStreamWriter] = {}
        try:
            for batch in batches:
                numbers = (to_numpy(batch.column(self.key)) // self.width).astype(np.uint16)
                order = np.argsort(numbers, kind="stable")
                ordered = numbers[order]
                sorted_batch = pc.take(batch, from_numpy(order), boundscheck=False)
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
                batch = pa.concat_batches(list(reader))
            path.unlink()
            order = self._order(batch, number * self.width)
            for begin in range(0, len(order), rows):
                yield pc.take(batch, from_numpy(order[begin : begin + rows]), boundscheck=False)

    def _path(self, number: int) -> Path:
        return self.folder / f"{number}.arrow"

    def _order(self, batch: pa.RecordBatch, first: int) -> NDArray[np.int64]:
        """Return the places of the rows of a bucket in their order. first: its first series."""
        series = to_numpy(batch.column(self.key)) - first
        if self.width <= NARROW:
            series = series.astype(np.uint16)
        if self.time is None:
            return _stable(series)
        times = batch.column(self.time)
        if times.null_count or not _is_number(times.type):
            keys = [(self.key, "ascending"), (self.time, "ascending")]
            found = pc.sort_indices(batch.select([self.key, self.time]), keys)
            return to_numpy(found).astype(np.int64)
        return _order_of(series, to_numpy(times))


def _order_of(series: NDArray[Any], times: NDArray[Any]) -> NDArray[np.int64]:
    """Return the places of rows by series, then time, equal ones as they are."""
    order = _stable(series)
    if (times[1:] < times[:-1]).any():  # else as a log has them
        ordered, of = times[order], series[order]
        if ((ordered[1:] < ordered[:-1]) & (of[1:] == of[:-1])).any():
            by_time = _stable(times)
            return by_time[_stable(series[by_time])]
    return order


def _stable(numbers: NDArray[Any]) -> NDArray[np.int64]:
    """Return the places of numbers in their order, equal ones as they are."""
    return np.argsort(numbers, kind="stable")


def _runs(numbers: NDArray[np.uint16]) -> Iterator[tuple[int, int]]:
    """Yield where each number begins and ends among ascending ones."""
    borders = np.flatnonzero(np.diff(numbers)) + 1
    ends = [*borders.tolist(), len(numbers)]
    yield from zip([0, *borders.tolist()], ends, strict=True)


def _is_number(kind: pa.DataType) -> bool:
    return bool(pa.types.is_timestamp(kind) or pa.types.is_date(kind) or pa.types.is_integer(kind))
