"""Find the lines around a table, from its head and its tail: each is skipped, with a note."""

import re
from contextlib import suppress
from dataclasses import replace
from itertools import takewhile

from deploy.errors import DataError
from forecaster.config import Asked
from forecaster.data.audience import Record
from forecaster.data.files.dialect import COMMENT, FIGURES
from forecaster.data.files.margins.body import Body
from forecaster.data.files.margins.endings import without_remarks
from forecaster.data.files.margins.skipping import COMMENTS, note_lines, split_cells
from forecaster.data.files.margins.titles import Head, without_titles
from forecaster.data.files.records import TextFile, read_records

HEAD_RECORDS, HEAD_CELLS = 200, 30_000  # enough to see what is above the rows
NUMBERED = re.compile(r"c[1-9]\d*")  # how columns without a header are called


def without_margins(file: TextFile, asked: Asked) -> TextFile:
    """Return the file with the lines that are no part of its table marked as skipped, each with a note.

    Raises DataError or a Complaint where no line is certain to be the header.
    """
    comments = _find_comments(file)
    plain = replace(file, skipped=frozenset(record.line for record in comments))
    head = _read_head(plain)
    if not head.records:
        return file
    if is_without_header(asked, head.records[0].cells):
        return _count_columns(plain, head, comments)
    if comments:
        named = _named_by_comment(file, comments, head)
        if named is file:
            return without_remarks(file, head.body)
        if named is not None:
            names = f"the columns {', '.join(named.names)}"
            note_lines(file, comments, (f"names {names}", f"are comments; the last names {names}"))
            return without_remarks(named, head.body)
        note_lines(file, comments, COMMENTS)
    return without_remarks(without_titles(plain, head, asked), head.body)


def is_without_header(asked: Asked, cells: list[str]) -> bool:
    """Return whether the first record is a row: as asked, or since the columns of a model are c1, c2 ..."""
    called = asked.named
    is_counted = asked.is_complete and bool(called) and all(map(NUMBERED.fullmatch, called))
    return asked.no_header or (is_counted and not called <= {cell.strip() for cell in cells})


def _find_comments(file: TextFile) -> list[Record]:
    """Return the comments above the table."""
    above = takewhile(lambda line: not line[1].strip() or COMMENT.match(line[1]), file.lines())
    with suppress(UnicodeDecodeError, OSError, EOFError):
        return [Record(number, text.strip(), []) for number, text in above if text.strip()]
    return []


def _read_head(file: TextFile) -> Head:
    records: list[Record] = []
    begin = cells = 0
    with suppress(DataError):  # the reader says what is wrong
        for record in read_records(file):
            begin = begin or (0 if record.is_blank else record.line)
            if any(cell.strip() for cell in record.cells):
                records.append(record)
                cells += len(record.cells)
            if len(records) >= HEAD_RECORDS or cells >= HEAD_CELLS:
                break
    return Head(records, Body.of([record.cells for record in records]), begin)


def _count_columns(file: TextFile, head: Head, comments: list[Record]) -> TextFile:
    """Return the file with names for its columns, none of which is the header."""
    if comments:
        note_lines(file, comments, COMMENTS)
    width = head.body.width if head.body else len(head.records[0].cells)
    return replace(file, names=tuple(f"c{number}" for number in range(1, width + 1)))


def _named_by_comment(file: TextFile, comments: list[Record], head: Head) -> TextFile | None:
    """Return the file with the last comment as its header where the first record is a row; else None.

    The file itself is the answer where its one comment is a header as it stands.
    """
    first = head.records[0].cells
    is_row = head.body.is_row(first) if head.body else bool(FIGURES.fullmatch(first[0].strip()))
    cells = split_cells(COMMENT.sub("", comments[-1].text, count=1), file)
    if not is_row or len(cells) != len(first) or any(map(FIGURES.fullmatch, cells)):
        return None
    if len(comments) == 1 and len(split_cells(comments[0].text, file)) == len(first):
        return file
    if len(first) == 1 or len(set(cells)) < len(cells):
        return None
    return replace(file, names=tuple(cells), skipped=frozenset(record.line for record in comments))
