"""Origins as runs of rows that follow each other: a number or two a series, however many windows it has."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.int64]

BLOCK = 1 << 18  # origins and rows that are looked at together


@dataclass(frozen=True)
class Runs:
    """Origins of windows, which are numbered series by series, from 0."""

    series: Integers  # (runs,) ascending
    first: Integers  # (runs,) the panel's row of the first origin
    counts: Integers | None = None  # (runs,) origins of each, at least 1; None: each is one

    @classmethod
    def between(cls, first: Integers, last: Integers) -> "Runs":
        """Return the origins from a first to a last row of each series, if it is not before: (series,)."""
        series = np.flatnonzero(last >= first)
        return cls(series, first[series], (last - first)[series] + 1)

    @cached_property
    def ends(self) -> Integers:
        """How many windows there are up to the last one of each run: (runs,)."""
        return np.arange(1, len(self.first) + 1) if self.counts is None else np.cumsum(self.counts)

    def __len__(self) -> int:
        return len(self.first) if self.counts is None else int(self.counts.sum())

    def take(self, index: Integers) -> "Runs":
        """Return some windows, each by itself. index: (windows,)."""
        if self.counts is None:
            return Runs(self.series[index], self.first[index])
        run = np.searchsorted(self.ends, index, side="right")
        before = self.ends[run] - self.counts[run]
        return Runs(self.series[run], self.first[run] + index - before)

    def apart(self) -> "Runs":
        """Return every window by itself: 16 bytes each."""
        return self if self.counts is None else self.take(np.arange(len(self)))

    def members(self) -> tuple[Integers, Integers, Integers]:
        """Return the series that have windows, the number of the first, and how many: (series,) each."""
        series, places = np.unique(self.series, return_index=True)
        counts = np.ones(len(self.series), np.int64) if self.counts is None else self.counts
        each = np.add.reduceat(counts, places) if len(places) else places
        return series, np.cumsum(each) - each, each

    def blocks(self) -> Iterator["Runs"]:
        """Yield all runs, cut so that those of a block hold few origins, which lie within few rows."""
        pieces = self._cut()
        if not len(pieces.first):
            return
        sizes = np.arange(len(pieces.first)) if pieces.counts is None else np.cumsum(pieces.counts)
        place = np.stack([sizes // BLOCK, pieces.first // BLOCK])
        borders = np.flatnonzero((np.diff(place) != 0).any(axis=0)) + 1
        for begin, stop in zip([0, *borders], [*borders, len(pieces.first)], strict=True):
            part = slice(begin, stop)
            counts = None if pieces.counts is None else pieces.counts[part]
            yield Runs(pieces.series[part], pieces.first[part], counts)

    def _cut(self) -> "Runs":
        """Return the same origins in runs of BLOCK at most."""
        if self.counts is None or not (self.counts > BLOCK).any():
            return self
        parts = -(-self.counts // BLOCK)
        number = np.arange(parts.sum()) - np.repeat(np.cumsum(parts) - parts, parts)
        left = np.repeat(self.counts, parts) - number * BLOCK
        return Runs(
            np.repeat(self.series, parts),
            np.repeat(self.first, parts) + number * BLOCK,
            np.minimum(left, BLOCK),
        )


def join(parts: list[Runs]) -> Runs:
    """Return runs one after the other; two of which the second continues the first are one."""
    series, first, counts = (
        np.concatenate([getattr(part, name) for part in parts] or [np.empty(0, np.int64)])
        for name in ("series", "first", "counts")
    )
    begins = np.ones(len(first), dtype=np.bool_)
    begins[1:] = (series[1:] != series[:-1]) | (first[1:] != first[:-1] + counts[:-1])
    places = np.flatnonzero(begins)
    joined = np.add.reduceat(counts, places) if len(places) else counts
    return Runs(series[places], first[places], joined)
