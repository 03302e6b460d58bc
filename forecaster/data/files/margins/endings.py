"""Lines below the last row: totals, sources and notes."""

import io
from contextlib import suppress

from forecaster.data.audience import Record
from forecaster.data.files.dialect import FIGURES
from forecaster.data.files.encoding import UTF_16
from forecaster.data.files.margins.body import HAS_LETTERS, RULE, TOTAL, Body, is_remark
from forecaster.data.files.margins.skipping import note_lines, skip, split_cells
from forecaster.data.files.records import TextFile

TAIL_BYTES = 1 << 16
WHOLE_BYTES = 1 << 20  # a file that is packed is read to its end if it is no larger
MOST_REMARKS = 40  # more lines below the rows are none


def without_remarks(file: TextFile, body: Body | None) -> TextFile:
    """Return the file without totals, sources and notes below its last row."""
    tail = _read_tail(file)
    if body is None or not tail:
        return file
    count = kept = 0
    for number, text in enumerate(reversed(tail), start=1):
        cells = split_cells(text, file)
        if not any(cells):
            continue
        if text.count('"') % 2 or not _is_below(cells, body):
            break
        count, kept = count + 1, number
    if not count or count > MOST_REMARKS or kept == len(tail):
        return file
    begin, above = split_cells(tail[-kept], file), split_cells(tail[-kept - 1], file)
    if body.lead is None and any(above) and not is_remark(begin):
        return file
    last = max(number for number, _ in file.lines())
    numbered = zip(range(last - kept + 1, last + 1), tail[-kept:], strict=True)
    remarks = [Record(number, text.strip(), []) for number, text in numbered if any(split_cells(text, file))]
    of = "below the last row and"
    note_lines(file, remarks, (f"stands {of} is skipped", f"stand {of} are skipped"))
    return skip(file, remarks[0].line, last + 1)


def _is_below(cells: list[str], body: Body) -> bool:
    """Return whether a record cannot be a row, and is as a total or a source is."""
    present = [cell for cell in cells if cell]
    first, lead = present[0], body.lead or 0
    if len(present) == 1 and RULE.fullmatch(first):
        return True
    leads = body.lead is not None and len(cells) > lead and body.leads(cells[lead])
    if not HAS_LETTERS.search(first) or leads or first in body.texts.get(0, ()):
        return False
    if body.lead is None:
        return len(present) == 1
    if any(FIGURES.fullmatch(cell) for cell in present[1:]):
        is_text = ":" in first and first[0].isalpha()
        is_text = is_text or (len(cells) != body.width and is_remark(cells))
        return is_text or TOTAL.match(first) is not None
    return len(present) == 1 or len(cells) != body.width or is_remark(cells) or first.endswith(":")


def _read_tail(file: TextFile) -> list[str]:
    """Return the last lines of the file; none of one that would have to be unpacked for them."""
    size, dialect = file.path.stat().st_size, file.dialect
    with suppress(UnicodeDecodeError, OSError, EOFError):
        if size <= TAIL_BYTES:
            return [text for _, text in file.lines()]
        if dialect.is_gzip or dialect.encoding == UTF_16 or dialect.blanks:
            return [text for _, text in file.lines()] if size <= WHOLE_BYTES else []
        with file.path.open("rb") as content:
            content.seek(-TAIL_BYTES, io.SEEK_END)
            tail = content.read().decode(dialect.encoding, "replace")
        return list(io.StringIO(tail, newline=""))[1:]
    return []
