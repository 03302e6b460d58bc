"""Lines between rows that are none: the header again, as in exports that were joined, and comments."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice, takewhile

import pandas as pd

from forecaster.data.audience import Record
from forecaster.data.files.dialect import COMMENT
from forecaster.data.files.margins.body import Body
from forecaster.data.files.margins.skipping import COMMENTS, note_lines
from forecaster.data.files.missing import USUAL
from forecaster.data.files.records import TextFile, read_records
from forecaster.data.files.sheet import text_columns

HEAD_RECORDS = 200
SIGNS = ("#", "%", "//", "!")


def looks_interrupted(frame: pd.DataFrame) -> bool:
    """Return whether a column holds its own name, or the first one a comment."""
    texts = text_columns(frame)
    if any(bool((_distinct(frame[name]) == name).any()) for name in texts):
        return True
    first = frame.columns[0]
    return first in texts and bool(_distinct(frame[first]).str.startswith(SIGNS).any())


def without_strays(file: TextFile, names: tuple[str, ...]) -> TextFile:
    """Return the file without headers and comments between its rows, with a note; the file if there are none.

    The whole file is read. names: of the columns.
    """
    body = Body.of([record.cells for record in islice(read_records(file), HEAD_RECORDS)])
    titles = _skipped_above(file)
    headers: list[Record] = []
    comments: list[Record] = []
    for record in _below_header(file):
        if tuple(cell.strip() for cell in record.cells) == names or record.text.strip() in titles:
            headers.append(record)
        elif COMMENT.match(record.text) and not _is_row(record, body):
            comments.append(record)
    again = "repeats the header and is skipped", "repeat the header and are skipped"
    note_lines(file, headers, again, are_apart=True)
    note_lines(file, comments, COMMENTS, are_apart=True)
    strays = {record.line for record in (*headers, *comments)}
    return replace(file, skipped=file.skipped | strays) if strays else file


def _skipped_above(file: TextFile) -> set[str]:
    """Return the lines that were skipped above the first row: joined exports repeat these too."""
    whole = replace(file, skipped=frozenset())
    above = takewhile(lambda line: line[0] in file.skipped or not line[1].strip(), whole.lines())
    return {text.strip() for _, text in above} - {""}


def _below_header(file: TextFile) -> Iterator[Record]:
    records = read_records(file)
    if not file.names:
        next(record for record in records if not record.is_blank)
    return records


def _is_row(record: Record, body: Body | None) -> bool:
    """Return whether a record that begins as a comment may be a row."""
    if body is None or record.cells[0].strip() in USUAL:
        return True
    return len(record.cells) == body.width and body.lead != 0


def _distinct(column: "pd.Series[str]") -> "pd.Series[str]":
    texts = column.cat.categories.to_series() if isinstance(column.dtype, pd.CategoricalDtype) else column
    return texts.astype("str")
