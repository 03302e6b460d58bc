"""The rows of a text file as bytes, a block at a time, with the series of each by its key columns."""

import io
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from deploy.cells import plain_cell
from forecaster.data.files.encoding import open_bytes
from forecaster.data.files.header import QUOTE
from forecaster.data.files.records import TextFile, read_records

BLOCK = 1 << 24  # bytes at once
BREAK = ord("\n")


@dataclass(frozen=True)
class Block:
    """Some rows of a file, each whole."""

    text: NDArray[np.uint8]
    begins: NDArray[np.int64]  # (rows + 1,) the byte of each in the text, and of the end
    lines: NDArray[np.int64]  # (rows,) the number of its first line
    places: NDArray[np.int64]  # (rows,) its first byte in the file
    before: bytes = b""  # what stands before the first row of a file

    def take(self, rows: NDArray[np.int64]) -> bytes:
        """Return the text of some rows."""
        lengths = np.diff(self.begins)[rows]
        starts = np.cumsum(lengths) - lengths
        picked = np.repeat(self.begins[:-1][rows] - starts, lengths) + np.arange(lengths.sum())
        taken: bytes = self.text[picked].tobytes()
        return taken


def read_blocks(file: TextFile, size: int = BLOCK) -> Iterator[Block]:
    """Yield the rows below the header, without those that are blank."""
    line, place = 1, 0
    left = b""
    below = 1 if file.names else next(record for record in read_records(file) if not record.is_blank).line + 1
    with open_bytes(file.path, is_gzip=file.dialect.is_gzip) as content:
        while True:
            more = content.read(size)
            text = np.frombuffer(left + more, np.uint8)
            if not len(text):
                return
            ends = _ends(text, is_last=not more)
            stop = int(ends[-1]) if len(ends) else 0
            if stop:
                block, count = _rows(text[:stop], ends, line, place)
                line, place = line + count, place + stop
                yield _below(block, below) if line - count <= below else block
            left = text[stop:].tobytes()
            if not more:
                return


def _below(block: Block, line: int) -> Block:
    """Return the rows from a line on, where others stand above them."""
    first = int(np.searchsorted(block.lines, line))
    rows = _only(block, np.arange(first, len(block.lines)))
    return replace(rows, before=block.text[: block.begins[first]].tobytes())


def _ends(text: NDArray[np.uint8], *, is_last: bool) -> NDArray[np.int64]:
    """Return the byte after each row that is whole: breaks within quotes end none."""
    breaks = np.flatnonzero(text == BREAK)
    if QUOTE in text.tobytes():
        quotes = np.flatnonzero(text == ord(QUOTE))
        breaks = breaks[np.searchsorted(quotes, breaks) % 2 == 0]
    ends: NDArray[np.int64] = breaks + 1
    return np.append(ends, len(text)) if is_last and (not len(ends) or ends[-1] < len(text)) else ends


def _rows(text: NDArray[np.uint8], ends: NDArray[np.int64], line: int, place: int) -> tuple[Block, int]:
    """Return the rows that are not blank, and how many lines there are. line: the number of the first."""
    begins = np.append(0, ends)
    breaks = np.flatnonzero(text == BREAK)
    lines = line + np.searchsorted(breaks, begins[:-1])
    block = Block(text, begins, lines, place + begins[:-1])
    lengths = np.diff(begins)
    short = np.flatnonzero(lengths <= 2)  # a break alone, or a return before it
    blank = [row for row in short.tolist() if not text[begins[row] : begins[row + 1]].tobytes().strip()]
    return (_only(block, np.delete(np.arange(len(lines)), blank)) if blank else block), len(breaks)


def _only(block: Block, rows: NDArray[np.int64]) -> Block:
    """Return some rows of a block, in their order."""
    text = np.frombuffer(block.take(rows), np.uint8)
    begins = np.append(0, np.cumsum(np.diff(block.begins)[rows]))
    return Block(text, begins, block.lines[rows], block.places[rows])


class Keys:
    """Series numbered by first appearance, over all blocks of a file."""

    def __init__(self, file: TextFile, names: tuple[str, ...], columns: tuple[str, ...], na: frozenset[str]):
        """Know nothing yet. names: the key columns; columns: all of the file; na: texts that mean missing."""
        dialect = file.dialect
        self.names, self._na = names, na
        self._options: dict[str, Any] = {
            "sep": dialect.delimiter,
            "encoding": dialect.encoding,
            "header": None,
            "names": list(columns),
            "usecols": list(names),
            "index_col": False,
            "dtype": "str",
            "keep_default_na": False,
            "skipinitialspace": True,
        }
        self._number: dict[tuple[str, ...], int] = {}

    def __len__(self) -> int:
        return len(self._number)

    def __iter__(self) -> Iterator[tuple[str, ...]]:
        return iter(self._number)

    def of(self, block: Block) -> NDArray[np.int64]:
        """Return the number of the series of each row: (rows,)."""
        if not len(block.lines):
            return np.empty(0, np.int64)
        frame = pd.read_csv(io.BytesIO(block.text.tobytes()), **self._options)
        codes = np.zeros(len(frame), np.int64)
        texts = []
        for name in self.names:
            own, distinct = pd.factorize(frame[name])
            texts.append([self._plain(str(text)) for text in distinct])
            codes = codes * len(distinct) + own
        codes, keys = pd.factorize(codes)
        places = []
        for column in reversed(texts):
            keys, place = np.divmod(keys, len(column))
            places.append([column[number] for number in place.tolist()])
        every = zip(*reversed(places), strict=True)
        numbers = [self._number.setdefault(key, len(self._number)) for key in every]
        return np.array(numbers, np.int64)[codes]

    def _plain(self, text: str) -> str:
        """Return a cell as it is read: without spaces around it or the quote of a safe cell."""
        plain = plain_cell(text.strip())
        return "" if plain in self._na else plain
