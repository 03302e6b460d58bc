"""Lines that are skipped: how a file marks them, how they are split, and what is said of them."""

import csv
from dataclasses import replace

from deploy.cells import plain_cell
from forecaster.data.audience import Record, name_places
from forecaster.data.files.dialect import split_blanks
from forecaster.data.files.records import TextFile
from forecaster.data.notes import note

COMMENTS = "is a comment and is skipped", "are comments and are skipped"  # one line, several
SHOWN_LINES, SHOWN_CHARACTERS = 2, 50


def skip(file: TextFile, begin: int, end: int) -> TextFile:
    """Return the file without the lines from `begin` to before `end`."""
    return replace(file, skipped=file.skipped | set(range(begin, end)))


def note_lines(
    file: TextFile, records: list[Record], said: tuple[str, str], *, are_apart: bool = False
) -> None:
    """Note that lines are skipped, or read otherwise.

    said: of one line, of several; are_apart: rows stand between them.
    """
    if records:
        shown = ", ".join(f'"{record.text.strip()[:SHOWN_CHARACTERS]}"' for record in records[:SHOWN_LINES])
        more = ", ..." if len(records) > SHOWN_LINES else ""
        lines = f"{file.unit}s {records[0].line} to {records[-1].line}"
        if are_apart or len(records) == 1:
            lines = name_places(file, records, len(records))
        note(f"{file.name}: {lines} {said[len(records) > 1]}: {shown}{more}")


def split_cells(text: str, file: TextFile) -> list[str]:
    """Return the cells of a line."""
    if file.dialect.blanks:
        text = split_blanks(text, file.dialect.blanks).rstrip("\n")
    reader = csv.reader([text], delimiter=file.dialect.delimiter, skipinitialspace=True)
    return [plain_cell(cell.strip()) for cell in next(reader, [])]
