"""Where in the file: the exact second pass that turns row numbers into lines, run only on an error.

A quoted newline or a blank line makes line number and row number differ, so csv.reader counts.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from deploy.errors import DataError

SHOWN_LINES = 3  # an error names this many lines
LOCATED_ROWS = 100  # and looks this many up, for the texts they hold
ENCODING = "utf-8-sig"  # UTF-8, with or without a byte order mark


@dataclass(frozen=True)
class Record:
    """A record of a CSV file: its first line's number from 1, that line's text, and the cells."""

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


def read_records(path: Path) -> Iterator[Record]:
    """Every record of the file, blank lines too. Raises DataError for text that is not UTF-8 or not CSV."""
    lines: list[str] = []
    try:
        with path.open(encoding=ENCODING, newline="") as file:
            reader = csv.reader(_kept(file, lines), skipinitialspace=True)
            for cells in reader:
                yield Record(reader.line_num - len(lines) + 1, lines[0].rstrip("\r\n"), cells)
                lines.clear()
    except UnicodeDecodeError as error:
        raise bad_encoding(path) from error
    except csv.Error as error:
        raise DataError(f"{path}: {error}") from error
    except OSError as error:
        raise DataError(f"{path}: {error.strerror}") from error


def read_rows(path: Path) -> Iterator[Record]:
    """The records below the header, numbered as the table numbers its rows."""
    records = (record for record in read_records(path))
    header = next(record for record in records if not record.is_blank)
    # In a file of one column an empty line is a missing value.
    is_single = len(header.cells) == 1
    return (record for record in records if is_single or not record.is_blank)


def bad_encoding(path: Path) -> DataError:
    """The error that names the first byte that is not UTF-8."""
    content = path.read_bytes()
    try:
        content.decode()
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        return DataError(
            f"{path.name}: byte {error.start} (line {line}) is not UTF-8: 0x{content[error.start]:02x}\n"
            f"  save the file as UTF-8"
        )
    return DataError(f"{path.name}: not UTF-8")


def bad_cells(path: Path, bad: BadCells) -> DataError:
    """The error for unusable cells: the first in its line, how many more there are, and what to do."""
    places = find_rows(path, bad.rows)
    texts = list(dict.fromkeys(place.cells[bad.position] if place.cells else "" for place in places))
    found = f'"{texts[0]}"' if texts[0] else "an empty cell"
    count = len(bad.rows)
    return DataError(
        f'column "{bad.column}": {found} {bad.complaint}\n'
        f"{point_at(path, places[:1])}\n"
        f"  {count} such {'cell' if count == 1 else 'cells'} ({name_lines(places, count)}); "
        f"{bad.remedy or _read_as_missing(texts)}"
    )


def find_rows(path: Path, rows: NDArray[np.int64]) -> list[Record]:
    """The records of the first of `rows`, which rise."""
    wanted = set(rows[:LOCATED_ROWS].tolist())
    return list(islice((record for row, record in enumerate(read_rows(path)) if row in wanted), len(wanted)))


def point_at(path: Path, places: list[Record]) -> str:
    """An arrow to each of the places, and what the line says."""
    return "\n".join(f"  --> {path.name}:{place.line}    {place.text}" for place in places)


def name_lines(places: list[Record], count: int) -> str:
    """The lines of the first of `count` places: "line 4" or "lines 4, 8, 9, ..."."""
    numbers = ", ".join(str(place.line) for place in places[:SHOWN_LINES])
    more = ", ..." if count > SHOWN_LINES else ""
    return f"{'line' if count == 1 else 'lines'} {numbers}{more}"


def _read_as_missing(texts: list[str]) -> str:
    """How to read these texts as missing."""
    if len(texts) > SHOWN_LINES:
        return "--na TEXT, once for each text, reads them as missing"
    options = " ".join(f'--na "{text}"' for text in texts)
    return f"{options} reads {'it' if len(texts) == 1 else 'them'} as missing"


def _kept(file: Iterator[str], lines: list[str]) -> Iterator[str]:
    """The lines of the file, each also appended to `lines`."""
    for line in file:
        lines.append(line)
        yield line
