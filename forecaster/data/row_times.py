"""The times of rows: as codes into the distinct ones, since the series of a panel share them."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, TypeAlias, overload

import numpy as np
from numpy.typing import NDArray

# Looked at together: what is worked out of them takes little memory, and stays in the cache.
BLOCK_ROWS = 1 << 16


@dataclass(frozen=True)
class Times:
    """The time of each row: int64 seconds or counts, which take a quarter of the memory as codes.

    It is indexed like an array, by which only those times are looked up that are asked for.
    """

    moments: NDArray[np.int64]  # (rows,), or with codes (distinct,): in any order, some perhaps twice
    codes: NDArray[np.integer[Any]] | None = None  # (rows,) from 0

    def __len__(self) -> int:
        return len(self.moments if self.codes is None else self.codes)

    @overload
    def __getitem__(self, rows: int | np.integer[Any]) -> np.int64: ...

    @overload
    def __getitem__(self, rows: "slice | list[int] | NDArray[Any]") -> NDArray[np.int64]: ...

    def __getitem__(self, rows: Any) -> Any:
        """Return the times of some rows."""
        return self.moments[rows if self.codes is None else self.codes[rows]]

    def all(self) -> NDArray[np.int64]:
        """Return the times of all rows, (rows,): 8 bytes each."""
        return self.moments if self.codes is None else self.moments[self.codes]

    def take(self, rows: NDArray[np.int64]) -> "Times":
        """Return the times of some rows, in that order."""
        return Times(self.moments[rows]) if self.codes is None else replace(self, codes=self.codes[rows])

    def map(self, change: Callable[[NDArray[np.int64]], NDArray[np.int64]]) -> "Times":
        """Return other times for the same rows. change: of each time by itself."""
        return replace(self, moments=change(self.moments))


Moments: TypeAlias = "NDArray[np.int64] | Times"  # the times of rows, which are looked at by blocks


def all_times(times: Moments) -> NDArray[np.int64]:
    """Return the times of all rows in one array: (rows,)."""
    return times.all() if isinstance(times, Times) else times


def all_differences(
    times: Moments, offsets: NDArray[np.int64], agrees: Callable[[NDArray[np.int64]], NDArray[np.bool_]]
) -> bool:
    """Return whether all differences between neighbours of a series agree with something.

    times: (rows,) by series; offsets: (series + 1,); agrees: of differences, one by one.
    """
    is_border = np.zeros(len(times), dtype=np.bool_)
    is_border[offsets[1:-1] - 1] = True
    for begin in range(0, len(times) - 1, BLOCK_ROWS):
        rows = times[begin : begin + BLOCK_ROWS + 1]
        if not (agrees(np.diff(rows)) | is_border[begin : begin + len(rows) - 1]).all():
            return False
    return True
