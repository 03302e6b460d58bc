"""A large text file in parts of whole series: cut where rows of a series follow each other, else sorted."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from forecaster.data.files.records import TextFile
from forecaster.data.panel.sampling import hash_ids
from forecaster.data.prepared.lines_by_key import Block, Keys, read_blocks

PART_ROWS = 1 << 20  # of a part, unless one series has more
SAMPLE_ROWS = 1 << 18  # of whole series, which show what the columns are
COPIED = 1 << 22  # bytes at once
LINES = "lines"  # next to a part: the numbers of its lines in the whole file

Integers = NDArray[np.int64]


@dataclass(frozen=True)
class Contents:
    """The series of a file, as a first pass finds them; numbered by first appearance."""

    rows: Integers  # (series,) rows of each
    header: bytes  # what stands before the first row
    begins: Integers  # (series,) the byte of the first row
    lines: Integers  # (series,) the line of the first row
    end: int  # the byte after the last row
    is_sorted: bool  # whether the rows of each series follow each other
    sample: Integers  # some series from all over the file, ascending

    def parts(self) -> list[Integers]:
        """Return the series of each part, ascending."""
        place = (np.cumsum(self.rows) - self.rows) // PART_ROWS
        return np.split(np.arange(len(place)), np.flatnonzero(np.diff(place)) + 1)


def survey(file: TextFile, keys: Keys) -> Contents:
    """Read a file once: count the rows of each series, and find where it begins."""
    rows, begins, lines = ([np.zeros(0, np.int64)] for _ in range(3))
    is_sorted, last, end, header = True, -1, 0, b""
    for block in read_blocks(file):
        header = header or block.before
        known = len(keys)
        codes = keys.of(block)
        runs = codes[np.flatnonzero(np.diff(codes, prepend=last))]
        # Numbers rise by first appearance, so a run that is not the next new number is a second one.
        is_sorted = is_sorted and np.array_equal(runs, np.arange(known, len(keys)))
        series, first = np.unique(codes, return_index=True)
        rows.append(np.zeros(len(keys) - known, np.int64))
        rows = [np.concatenate(rows) + np.bincount(codes, minlength=len(keys))]
        begins.append(block.places[first[series >= known]])
        lines.append(block.lines[first[series >= known]])
        if len(codes):
            last, end = int(codes[-1]), int(block.places[-1] + np.diff(block.begins)[-1])
    return Contents(
        *(np.concatenate(rows), header, np.concatenate(begins), np.concatenate(lines), end),
        # A place in what is packed cannot be gone to.
        is_sorted=is_sorted and not file.dialect.is_gzip,
        sample=_sample(keys, np.concatenate(rows)),
    )


def _sample(keys: Keys, rows: Integers) -> Integers:
    """Return some series by the hash of their keys, two at least: the same in any order of rows."""
    order = np.argsort(hash_ids(keys), kind="stable")
    count = int(np.searchsorted(np.cumsum(rows[order]), SAMPLE_ROWS, side="right"))
    return np.sort(order[: max(2, count)])


def split_series(file: TextFile, keys: Keys, contents: Contents, folder: Path) -> Iterator[TextFile]:
    """Yield files of whole series: that of the sample, then each part in turn.

    Each is removed when the next is asked for. folder: for temporary files, which hold a part at a time, or
    all of a file that is not sorted.
    """
    parts = [contents.sample, *contents.parts()]
    for number in range(len(parts)):
        part = _place(folder, number, file)
        part.write_bytes(contents.header)
        np.arange(1, contents.header.count(b"\n") + 1).tofile(part.with_name(LINES))
    if not contents.is_sorted:
        _sort(file, keys, parts, folder)
    for number, series in enumerate(parts):
        part = _place(folder, number, file)
        if contents.is_sorted:
            _cut(file, contents, series, part)
        numbers = np.fromfile(part.with_name(LINES), np.int64)
        dialect = replace(file.dialect, is_gzip=False)
        yield replace(file, path=part, dialect=dialect, numbers=numbers)
        part.unlink()


def _place(folder: Path, number: int, file: TextFile) -> Path:
    """Return the place of a part, in a folder of its own: errors call a file by its name."""
    place = folder / str(number) / file.name
    place.parent.mkdir(exist_ok=True)
    return place


def _cut(file: TextFile, contents: Contents, series: Integers, part: Path) -> None:
    """Write the rows of some series, which follow each other in the file."""
    stops = np.append(contents.begins[1:], contents.end)
    with file.path.open("rb") as source, part.open("ab") as target:
        for begin, stop in zip(contents.begins[series].tolist(), stops[series].tolist(), strict=True):
            source.seek(begin)
            for place in range(begin, stop, COPIED):
                target.write(source.read(min(COPIED, stop - place)))
    counts = contents.rows[series]
    within = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    with part.with_name(LINES).open("ab") as lines:
        (np.repeat(contents.lines[series], counts) + within).tofile(lines)


def _sort(file: TextFile, keys: Keys, parts: list[Integers], folder: Path) -> None:
    """Read a file once more, and append each row to the file of its part."""
    sample, *others = parts
    borders = np.array([part[-1] for part in others])
    for block in read_blocks(file):
        codes = keys.of(block)
        number = np.searchsorted(borders, codes) + 1
        _append(block, np.flatnonzero(np.isin(codes, sample)), _place(folder, 0, file))
        order = np.argsort(number, kind="stable")
        for rows in np.split(order, np.flatnonzero(np.diff(number[order])) + 1):
            if len(rows):
                _append(block, rows, _place(folder, int(number[rows[0]]), file))


def _append(block: Block, rows: Integers, part: Path) -> None:
    with part.open("ab") as target, part.with_name(LINES).open("ab") as lines:
        target.write(block.take(rows))
        block.lines[rows].tofile(lines)
