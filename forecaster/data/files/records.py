"""Records of a text file with their lines: the exact second pass, run only to word an error.

A quoted newline or a blank line makes line number and row number differ, so csv.reader counts.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from deploy.errors import DataError
from forecaster.data.audience import Record, lines, point_at
from forecaster.data.files.dialect import DAMAGED, Dialect, bad_encoding, damaged, open_text

# What csv.reader says, what it means, and what to do.
_COMPLAINTS = {
    "expected after": ("a cell continues after its closing quote", 'write a quote within quotes twice: ""'),
    "field larger": ("a cell is longer than 131072 characters", "look for a quote that is never closed"),
    "": ("a quoted cell is never closed", "close the quote, or take it away"),
}


@dataclass(frozen=True)
class TextFile:
    """A text file and how it is written."""

    path: Path
    dialect: Dialect

    @property
    def name(self) -> str:
        """Return the file's name."""
        return self.path.name

    @property
    def unit(self) -> str:
        """Return line; lines are counted from 1 as editors do."""
        return "line"

    @property
    def zones(self) -> dict[str, str]:
        """Return no time zones of columns: texts say their UTC offsets themselves."""
        return {}

    def open(self) -> IO[str]:
        """Return the decoded text, line ends as they are."""
        return open_text(self.path, self.dialect)

    def find(self, rows: set[int]) -> Iterator[Record]:
        """Find the records of some rows below the header."""
        return (record for row, record in enumerate(read_rows(self)) if row in rows)

    def where(self, place: Record) -> str:
        """Name a place by the file and the line."""
        return f"{self.name}:{place.line}"


def read_records(file: TextFile, *, strict: bool = False) -> Iterator[Record]:
    """Return every record of the file, blank lines too.

    Raises DataError for text that cannot be decoded or split.
    strict: also where a cell continues after its closing quote.
    """
    path, dialect = file.path, file.dialect
    read: list[str] = []
    first = 2 if dialect.has_hint else 1
    try:
        with file.open() as text:
            if dialect.has_hint:
                text.readline()
            kept = _kept(text, read)
            reader = csv.reader(kept, delimiter=dialect.delimiter, skipinitialspace=True, strict=strict)
            for cells in reader:
                yield Record(first + reader.line_num - len(read), read[0].rstrip("\r\n"), cells)
                read.clear()
    except UnicodeDecodeError as error:
        raise bad_encoding(path, dialect) from error
    except csv.Error as error:
        place = Record(first + reader.line_num - len(read), read[0].rstrip("\r\n"), [])
        complaint, remedy = next(item for key, item in _COMPLAINTS.items() if key in str(error))
        raise DataError(lines(complaint, point_at(file, [place]), remedy)) from error
    except DAMAGED as error:
        raise damaged(path, error) from error
    except OSError as error:
        raise DataError(f"{path}: {error.strerror}") from error


def read_rows(file: TextFile) -> Iterator[Record]:
    """Return the records below the header, in the order in which the table numbers its rows."""
    records = read_records(file)
    header = next(record for record in records if not record.is_blank)
    # In a file of one column an empty line is a missing value.
    is_single = len(header.cells) == 1
    return (record for record in records if is_single or not record.is_blank)


def _kept(file: Iterator[str], read: list[str]) -> Iterator[str]:
    """Return the lines of the file, each also appended to `read`."""
    for line in file:
        read.append(line)
        yield line
