"""Records of a text file with their lines: the exact second pass, run only to word an error.

A quoted newline or a blank line makes line number and row number differ, so csv.reader counts.
"""

import csv
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, islice, repeat
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from deploy.errors import DataError
from forecaster.data.audience import Record, lines, point_at
from forecaster.data.files.dialect import DAMAGED, Dialect, damaged, open_text, split_blanks
from forecaster.data.files.encoding import bad_encoding

LINE_CHARACTERS = 64  # about so many has a line
# What csv.reader says, what it means, and what to do.
_COMPLAINTS = {
    "expected after": ("a cell continues after its closing quote", 'write a quote within quotes twice: ""'),
    "field larger": ("a cell is longer than 131072 characters", "look for a quote that is never closed"),
    "": ("a quoted cell is never closed", "close the quote, or take it away"),
}


@dataclass
class TextFile:
    """A text file and how it is written; which of its lines are no rows is known once it was read."""

    path: Path
    dialect: Dialect
    skipped: frozenset[int] = frozenset()  # lines that are neither the header nor rows
    names: tuple[str, ...] = ()  # of the columns, where no line is the header
    unit: str = "line"  # how messages call a line: row, of what was no text
    start: int = 1  # the number of the first line; lines are counted as editors do
    numbers: NDArray[np.int64] | None = None  # of its lines, where it is a part of another file

    @property
    def name(self) -> str:
        """Return the file's name."""
        return self.path.name

    @property
    def zones(self) -> dict[str, str]:
        """Return no time zones of columns: texts say their UTC offsets themselves."""
        return {}

    @property
    def is_plain(self) -> bool:
        """Return whether the file is a table as it is, and no lines have to be left out or split first."""
        return not self.skipped and not self.dialect.blanks

    def become(self, read: "TextFile") -> None:
        """Take over how the file was read, so that errors name its lines."""
        self.dialect, self.skipped, self.names = read.dialect, read.skipped, read.names

    def lines(self) -> Iterator[tuple[int, str]]:
        """Return the lines that are read, with their numbers: with tabs where blanks divide the cells."""
        dialect = self.dialect
        with open_text(self.path, dialect) as text:
            for number, line in self._numbered(text):
                if number in self.skipped or (number == 1 and dialect.has_hint):
                    continue
                yield number, split_blanks(line, dialect.blanks) if dialect.blanks else line

    def _numbered(self, text: Iterable[str]) -> Iterator[tuple[int, str]]:
        if self.numbers is None:
            return enumerate(text, start=self.start)
        return zip(chain(self.numbers.tolist(), repeat(int(self.numbers[-1]))), text, strict=False)

    def open(self) -> "TextLines":
        """Return the text that is read, without a hint for Excel."""
        return TextLines(line for _, line in self.lines())

    def find(self, rows: set[int]) -> Iterator[Record]:
        """Find the records of some rows below the header."""
        return (record for row, record in enumerate(read_rows(self)) if row in rows)

    def where(self, place: Record) -> str:
        """Name a place by the file and the line, or the row."""
        return f"{self.name}:{place.line}" if self.unit == "line" else f"{self.name}, row {place.line}"


def read_records(file: TextFile, *, strict: bool = False) -> Iterator[Record]:
    """Return every record of the file, blank lines too.

    Raises DataError for text that cannot be decoded or split.
    strict: also where a cell continues after its closing quote.
    """
    path, dialect = file.path, file.dialect
    read: list[tuple[int, str]] = []
    try:
        reader = csv.reader(
            _kept(file.lines(), read), delimiter=dialect.delimiter, skipinitialspace=True, strict=strict
        )
        for cells in reader:
            yield Record(read[0][0], read[0][1].rstrip("\r\n"), cells)
            read.clear()
    except UnicodeDecodeError as error:
        raise bad_encoding(path, dialect.encoding, is_gzip=dialect.is_gzip) from error
    except csv.Error as error:
        place = Record(read[0][0], read[0][1].rstrip("\r\n"), [])
        complaint, remedy = next(item for key, item in _COMPLAINTS.items() if key in str(error))
        raise DataError(lines(complaint, point_at(file, [place]), remedy)) from error
    except DAMAGED as error:
        raise damaged(path, error) from error
    except OSError as error:
        raise DataError(f"{path}: {error.strerror}") from error


def read_rows(file: TextFile) -> Iterator[Record]:
    """Return the records below the header, in the order in which the table numbers its rows."""
    records = read_records(file)
    width = len(file.names or next(record for record in records if not record.is_blank).cells)
    # In a file of one column an empty line is a missing value.
    return (record for record in records if width == 1 or not record.is_blank)


def _kept(numbered: Iterator[tuple[int, str]], read: list[tuple[int, str]]) -> Iterator[str]:
    """Return the lines, each also appended to `read` with its number."""
    for number, line in numbered:
        read.append((number, line))
        yield line


class TextLines:
    """Lines as the open file that pandas reads from."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines

    def __iter__(self) -> Iterator[str]:
        return self._lines

    def read(self, size: int = -1) -> str:
        """Return some lines, of about so many characters together; none at the end."""
        count = sys.maxsize if size < 0 else max(1, size // LINE_CHARACTERS)
        return "".join(islice(self._lines, count))
