"""Where in the data: the exact second pass that turns row numbers into lines, run only on an error.

A quoted newline or a blank line makes line number and row number differ, so csv.reader counts.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import IO, Protocol

import numpy as np
from numpy.typing import NDArray

from deploy.errors import DataError
from forecaster.data.files.dialect import DAMAGED, Dialect, bad_encoding, damaged, open_text

SHOWN_LINES = 3  # an error names this many lines
LOCATED_ROWS = 100  # and looks this many up, for the texts they hold
# What csv.reader says, what it means, and what to do.
_COMPLAINTS = {
    "expected after": ("a cell goes on after its closing quote", 'write a quote within quotes twice: ""'),
    "field larger": ("a cell is longer than 131072 characters", "look for a quote that is never closed"),
    "": ("a quoted cell is never closed", "close the quote, or take it away"),
}
SHELL_SIGNS = set('"$`\\!')
SHOWN_CHARACTERS = 160  # of a line, so that a row of a thousand cells stays one line


@dataclass(frozen=True)
class Record:
    """A record of a text file: its first line's number from 1, that line's text, and the cells.

    Of a table without lines: the row's number from 0, and its cells as text.
    """

    line: int
    text: str
    cells: list[str]

    @property
    def is_blank(self) -> bool:
        """Whether it is an empty line, or one of spaces only."""
        return not any(cell.strip() for cell in self.cells) and len(self.cells) < 2


@dataclass(frozen=True)
class BadCells:
    """Cells of one column that cannot be used."""

    column: str
    position: int  # of the column, from 0
    rows: NDArray[np.int64]  # (cells,), rising
    complaint: str  # what they are, or are not
    remedy: str = ""  # what to do; empty: how to read them as missing


class Source(Protocol):
    """What was read, as errors point into it."""

    @property
    def name(self) -> str:
        """How messages call it."""

    @property
    def unit(self) -> str:
        """What a place in it is: line or row."""

    def find(self, rows: set[int]) -> Iterator[Record]:
        """The records of some rows of the table, numbered from 0."""

    def where(self, place: Record) -> str:
        """A place, as an arrow points to it."""


@dataclass(frozen=True)
class TextFile:
    """A text file and how it is written."""

    path: Path
    dialect: Dialect

    @property
    def name(self) -> str:
        """The file's name."""
        return self.path.name

    @property
    def unit(self) -> str:
        """Lines, counted from 1 as editors do."""
        return "line"

    def open(self) -> IO[str]:
        """The decoded text, line ends as they are."""
        return open_text(self.path, self.dialect)

    def find(self, rows: set[int]) -> Iterator[Record]:
        """The records of some rows below the header."""
        return (record for row, record in enumerate(read_rows(self)) if row in rows)

    def where(self, place: Record) -> str:
        """Name and line."""
        return f"{self.name}:{place.line}"


def read_records(file: TextFile, *, strict: bool = False) -> Iterator[Record]:
    """Every record of the file, blank lines too. Raises DataError for text that cannot be decoded or split.

    strict: also where a cell goes on after its closing quote.
    """
    path, dialect = file.path, file.dialect
    lines: list[str] = []
    first = 2 if dialect.has_hint else 1
    try:
        with file.open() as text:
            if dialect.has_hint:
                text.readline()
            kept = _kept(text, lines)
            reader = csv.reader(kept, delimiter=dialect.delimiter, skipinitialspace=True, strict=strict)
            for cells in reader:
                yield Record(first + reader.line_num - len(lines), lines[0].rstrip("\r\n"), cells)
                lines.clear()
    except UnicodeDecodeError as error:
        raise bad_encoding(path, dialect) from error
    except csv.Error as error:
        place = Record(first + reader.line_num - len(lines), lines[0].rstrip("\r\n"), [])
        complaint, remedy = next(item for key, item in _COMPLAINTS.items() if key in str(error))
        raise DataError(f"{complaint}\n{point_at(file, [place])}\n  {remedy}") from error
    except DAMAGED as error:
        raise damaged(path, error) from error
    except OSError as error:
        raise DataError(f"{path}: {error.strerror}") from error


def read_rows(file: TextFile) -> Iterator[Record]:
    """The records below the header, in the order in which the table numbers its rows."""
    records = read_records(file)
    header = next(record for record in records if not record.is_blank)
    # In a file of one column an empty line is a missing value.
    is_single = len(header.cells) == 1
    return (record for record in records if is_single or not record.is_blank)


def bad_cells(source: Source, bad: BadCells) -> DataError:
    """The error for unusable cells: the first in its line, how many more there are, and what to do."""
    places = find_rows(source, bad.rows)
    texts = list(dict.fromkeys(place.cells[bad.position] if place.cells else "" for place in places))
    found = f'"{texts[0]}"' if texts[0] else "an empty cell"
    count = len(bad.rows)
    return DataError(
        f'column "{bad.column}": {found} {bad.complaint}\n'
        f"{point_at(source, places[:1])}\n"
        f"  {count} such {'cell' if count == 1 else 'cells'} ({name_places(source, places, count)}); "
        f"{bad.remedy or _read_as_missing(texts)}"
    )


def find_rows(source: Source, rows: NDArray[np.int64]) -> list[Record]:
    """The records of the first of `rows`, which rise."""
    wanted = set(rows[:LOCATED_ROWS].tolist())
    return list(islice(source.find(wanted), len(wanted)))


def point_at(source: Source, places: list[Record]) -> str:
    """An arrow to each of the places, and what the line says."""
    return "\n".join(f"  --> {source.where(place)}    {_shorten(place.text)}" for place in places)


def name_places(source: Source, places: list[Record], count: int) -> str:
    """The lines of the first of `count` places: "line 4" or "lines 4, 8, 9, ..."."""
    numbers = ", ".join(str(place.line) for place in places[:SHOWN_LINES])
    more = ", ..." if count > SHOWN_LINES else ""
    return f"{source.unit}{'' if count == 1 else 's'} {numbers}{more}"


def _shorten(text: str) -> str:
    return text if len(text) <= SHOWN_CHARACTERS else text[:SHOWN_CHARACTERS] + " ..."


def _read_as_missing(texts: list[str]) -> str:
    """How to read these texts as missing."""
    if len(texts) > SHOWN_LINES:
        return "--na TEXT, once for each text, reads them as missing"
    options = " ".join(f"--na {_quote(text)}" for text in texts)
    return f"{options} reads {'it' if len(texts) == 1 else 'them'} as missing"


def _quote(text: str) -> str:
    """A text as a shell takes it: it would change some signs between double quotes."""
    return f"'{text}'" if SHELL_SIGNS & set(text) and "'" not in text else f'"{text}"'


def _kept(file: Iterator[str], lines: list[str]) -> Iterator[str]:
    """The lines of the file, each also appended to `lines`."""
    for line in file:
        lines.append(line)
        yield line
