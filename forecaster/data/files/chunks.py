"""A text file as pandas reads it chunk by chunk: texts become codes at once, so that few are ever held."""

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

# Long enough to parse at full speed, short enough that its memory is used again for the next.
CHUNK_ROWS = 1 << 17
NUMBERS = "iuf"  # kinds of arrays that join to numbers
GROWTH = 1.5
FEW_RUNS = 0.25  # of the cells of a chunk


class TypesDisagreeError(Exception):
    """A column is of one type here and of another there; only the whole file can tell which."""


def join_chunks(chunks: Iterable[pd.DataFrame], rows: int = 0) -> pd.DataFrame:
    """Return all rows in one frame; texts are categories in order of first appearance.

    chunks: at least one, with the same columns; rows: about how many there will be. Raises
    TypesDisagreeError.
    """
    columns: dict[str, Codes | Values] = {}
    for chunk in _read_ahead(iter(chunks)):
        for name in chunk.columns:
            column = chunk[name]
            kind = Codes if isinstance(column.dtype, pd.StringDtype) else Values
            if not isinstance(columns.setdefault(name, kind(rows)), kind):
                raise TypesDisagreeError
            columns[name].append(column)
    return pd.DataFrame({name: column.join() for name, column in columns.items()}, copy=False)


def _read_ahead(chunks: Iterator[pd.DataFrame]) -> Iterator[pd.DataFrame]:
    """Return the same chunks, each parsed while the one before is worked on."""
    with ThreadPoolExecutor(1) as reader:
        coming = reader.submit(next, chunks, None)
        while (chunk := coming.result()) is not None:
            coming = reader.submit(next, chunks, None)
            yield chunk


class Values:
    """An array that grows at its end; room that is never written takes no memory."""

    def __init__(self, rows: int) -> None:
        """Begin. rows: about how many there will be."""
        self._room, self._length, self._array = rows, 0, np.empty(0)

    def append(self, column: "pd.Series[Any]") -> None:
        """Add the values of a chunk."""
        self.extend(column.to_numpy())

    def extend(self, part: NDArray[Any]) -> None:
        """Add an array of the same type, or of numbers to numbers."""
        end = self._length + len(part)
        if self._length == 0:
            self._array = np.empty(max(self._room, end), part.dtype)
        elif part.dtype != self._array.dtype:
            if not {part.dtype.kind, self._array.dtype.kind} <= set(NUMBERS):
                raise TypesDisagreeError
            joint = np.result_type(part, self._array)
            if joint != self._array.dtype:
                self._array = self.join().astype(joint)
        if end > len(self._array):
            before, self._array = self.join(), np.empty(int(GROWTH * end), self._array.dtype)
            self._array[: self._length] = before
        self._array[self._length : end] = part
        self._length = end

    def join(self) -> NDArray[Any]:
        """Return all of them."""
        return self._array[: self._length]


class Codes:
    """A column of texts, or of other cells: codes, and the distinct cells of each chunk."""

    def __init__(self, rows: int) -> None:
        """Begin. rows: about how many there will be."""
        self._codes, self._ends, self._distinct = Values(rows), [0], list[Any]()

    def append(self, column: "pd.Series[Any]") -> None:
        """Add the texts of a chunk."""
        self.extend(*_factorize(column))

    def extend(self, codes: NDArray[Any], distinct: "pd.Index[Any]") -> None:
        """Add a chunk as codes into its distinct cells, -1 = missing."""
        self._codes.extend(codes.astype(_narrowest(len(distinct))))
        self._ends.append(self._ends[-1] + len(codes))
        self._distinct.append(distinct)

    def join(self) -> pd.Categorical:
        """Return the codes of every chunk as codes into the distinct texts of all."""
        codes, texts = self.settle()
        return pd.Categorical.from_codes(codes, categories=texts, validate=False)

    def settle(self) -> "tuple[NDArray[Any], pd.Index[Any]]":
        """Return codes into the distinct cells of all chunks, in order of first appearance, and these."""
        numbers, texts = pd.factorize(self._distinct[0].append(self._distinct[1:]))
        codes, begin = self._codes.join().astype(_narrowest(len(texts)), copy=False), 0
        for first, last, distinct in zip(self._ends[:-1], self._ends[1:], self._distinct, strict=True):
            # A missing text, -1, is the last.
            of_chunk = np.append(numbers[begin : begin + len(distinct)], -1).astype(codes.dtype)
            codes[first:last] = of_chunk[codes[first:last]]
            begin += len(distinct)
        return codes, texts


def _factorize(column: "pd.Series[str]") -> "tuple[NDArray[Any], pd.Index[Any]]":
    """Return codes into distinct cells, -1 = missing, and these, in order of appearance.

    Of neighbours that are alike, as the ids of a series are, the first alone is looked up.
    """
    cells: Any = column.array
    if getattr(column.dtype, "storage", "") != "pyarrow":  # cells in Python are slow to compare
        return pd.factorize(column)
    changes = cells[1:] != cells[:-1]  # a missing one differs from all
    if not isinstance(changes, np.ndarray) or np.count_nonzero(changes) > FEW_RUNS * len(cells):
        return pd.factorize(column)
    starts = np.append(0, np.flatnonzero(changes) + 1)
    codes, distinct = pd.factorize(column.iloc[starts])
    return np.repeat(codes, np.diff(starts, append=len(cells))), distinct


def _narrowest(count: int) -> type[np.signedinteger[Any]]:
    """Return the type for codes into so many cells: what is held of a column until its end is known."""
    return np.int16 if count <= np.iinfo(np.int16).max else np.int32
