"""Whether every row of a text file has the cells of its header, and every quote its place."""

import re
from collections.abc import Iterator

import numpy as np
import pandas as pd

from deploy.errors import DataError
from forecaster.data.audience import LOCATED_ROWS, Record, lines, name_places, point_at
from forecaster.data.complaints import Complaint, Option
from forecaster.data.files.dialect import FIGURES
from forecaster.data.files.encoding import UTF_16, open_bytes
from forecaster.data.files.margins.titles import refuse_values
from forecaster.data.files.missing import USUAL
from forecaster.data.files.records import TextFile, read_records, read_rows

CHUNK = 1 << 18  # bytes or characters looked at together; they stay in the cache
QUOTE = b'"'
HAS_DIGITS = re.compile(r"\d")
WHOLE = re.compile(r"[-+]?\d*")  # what may stand before a decimal comma


def refuse_stray_quotes(file: TextFile) -> None:
    """Raise DataError for a quoted cell that continues after its closing quote, which pandas glues on."""
    if _may_have_stray_quotes(file):
        for _ in read_records(file, strict=True):
            pass


def refuse_values_as_names(file: TextFile) -> None:
    """Raise a Complaint where the first row stands in place of the header.

    Names that count up are those that pandas and spreadsheets give: 0 alone, or several from 0 or 1.
    """
    if file.names:
        return
    header = next(record for record in read_records(file) if not record.is_blank)
    cells = [cell.strip() for cell in header.cells]
    firsts = (0, 1) if len(cells) > 1 else (0,)
    is_count = any(cells == [str(first + number) for number in range(len(cells))] for first in firsts)
    if not is_count and all(cell in USUAL or FIGURES.fullmatch(cell) for cell in cells):
        refuse_values(file, header)


def refuse_short_rows(file: TextFile, frame: pd.DataFrame) -> None:
    """Raise a Complaint for rows with fewer cells than the header, which pandas would fill up."""
    width = frame.shape[1]
    # A short row lacks the last cell; with as many delimiters as there should be, none is short.
    if width == 1 or not frame.iloc[:, -1].isna().any():
        return
    if _count_delimiters(file) == (len(frame) + (not file.names)) * (width - 1):
        return
    short = [number for number, record in enumerate(read_rows(file)) if len(record.cells) < width]
    if short:
        first = next(file.find({short[0]}))
        fill = "fill in the empty cells"
        raise Complaint(
            _name_shape(first, width),
            rows=short,
            remedy=(fill, ", or ", Option("layout", "rows"), " if every row is a series"),
            for_model=fill,
            counted=f"{len(short)} such {'row' if len(short) == 1 else 'rows'}",
        )


def wrong_shape(file: TextFile, width: int, error: Exception) -> DataError:
    """Return the error for rows with more cells than the header, or for what pandas found instead."""
    total, count, first, record = 0, 0, 0, None
    shown: list[Record] = []
    for record in read_rows(file):
        total += 1
        if len(record.cells) > width:
            count += 1
            first = first or total
            shown += [record][: LOCATED_ROWS - len(shown)]
    if count:
        remedy = _skip_title(file, shown) if count == total - first + 1 else ""
        remedy = remedy or (_fit_header(file, width, shown) if count == total else "")
        remedy = remedy or f"{_name_rows(file, shown, count)}; {_fit_rows(file, width, shown)}"
        return DataError(lines(_name_shape(shown[0], width), point_at(file, shown[:1]), remedy))
    if record is not None and "EOF inside string" in str(error):
        found = point_at(file, [record])
        return DataError(lines("a quoted cell is never closed", found, "close the quote, or take it away"))
    return DataError(f"{file.name}: {str(error).strip()}")


def _name_rows(file: TextFile, rows: list[Record], count: int) -> str:
    return f"{count} such {'row' if count == 1 else 'rows'} ({name_places(file, rows, count)})"


def _fit_rows(file: TextFile, width: int, rows: list[Record]) -> str:
    """Return what to do about rows that are too long."""
    if file.dialect.delimiter == "," and all(_has_decimal_commas(record, width) for record in rows):
        return 'if the commas are decimal ones, write 1.5 for 1,5, or separate the cells with ";"'
    return "take the surplus cells away, or quote the cells that hold a delimiter"


def _skip_title(file: TextFile, rows: list[Record]) -> str:
    """Return what to do about lines above the header; nothing where the first long row may be none."""
    begin = next(record for record in read_records(file) if not record.is_blank).line
    header = rows[0]
    if header.line == begin + 1 or HAS_DIGITS.search(header.cells[0]):
        return ""
    above = f"lines {begin} to {header.line - 1}"
    return f"line {header.line} seems to be the header of the table: delete {above}"


def _fit_header(file: TextFile, width: int, rows: list[Record]) -> str:
    """Return what to do about a header shorter than every row; nothing where the rows may be at fault."""
    is_numbered = all(record.cells[0] == str(number) for number, record in enumerate(rows, start=1))
    if not is_numbered and file.dialect.delimiter == "," and _has_decimal_commas(rows[0], width):
        return ""
    header = next(record for record in read_records(file) if not record.is_blank)
    return f"no row fits line {header.line}, the header; name every column there, or delete it if it is none"


def _has_decimal_commas(record: Record, width: int) -> bool:
    """Return whether the surplus cells are the digits after as many whole numbers: 1,5 for 1.5."""
    pairs = zip(record.cells, record.cells[1:], strict=False)
    found = sum(WHOLE.fullmatch(cell) is not None and after.isdecimal() for cell, after in pairs)
    return found >= len(record.cells) - width


def _name_shape(record: Record, width: int) -> str:
    count = len(record.cells)
    return f"a row has {count} {'cell' if count == 1 else 'cells'}, the header has {width}"


def _count_delimiters(file: TextFile) -> int:
    """Return how many delimiters stand outside of quotes, if quotes come in pairs.

    The one that a hint names does not count.
    """
    total, is_open = 0, False
    for chunk in _read_chunks(file):
        text = np.frombuffer(chunk, dtype=np.uint8)
        found = text == ord(file.dialect.delimiter)
        if is_open or QUOTE in chunk:
            inside = (np.cumsum(text == ord(QUOTE)) + is_open) % 2 == 1
            found &= ~inside
            is_open = bool(inside[-1])
        total += int(found.sum())
    return total - (file.dialect.has_hint and not _is_decoded(file))


def _is_decoded(file: TextFile) -> bool:
    """Return whether the bytes of the file are not those of the text that is read."""
    return not file.is_plain or file.dialect.encoding == UTF_16


def _may_have_stray_quotes(file: TextFile) -> bool:
    """Return whether a quote that opens a cell does not begin it, or one that closes it does not end it.

    True also for quotes in cells without quotes: these are harmless, and not told apart here.
    """
    after = np.frombuffer(file.dialect.delimiter.encode() + b'\r\n"', dtype=np.uint8)
    before = np.append(after, np.uint8(ord(" ")))
    tail, is_open = b"\n", 0
    for chunk in _read_chunks(file):
        if QUOTE in chunk or QUOTE in tail:
            text = np.frombuffer(tail + chunk, dtype=np.uint8)
            places = np.flatnonzero(text[1:-1] == ord(QUOTE)) + 1
            opens = (np.arange(len(places)) + is_open) % 2 == 0
            fits = np.where(opens, np.isin(text[places - 1], before), np.isin(text[places + 1], after))
            if not fits.all():
                return True
            is_open = (is_open + len(places)) % 2
        tail = (tail + chunk[-2:])[-2:]
    return False


def _read_chunks(file: TextFile) -> Iterator[bytes]:
    """Return the text that is read, in UTF-8, or in what has the signs of ASCII where UTF-8 has them."""
    if _is_decoded(file):
        text = file.open()
        while characters := text.read(CHUNK):
            yield characters.encode()
    else:
        with open_bytes(file.path, is_gzip=file.dialect.is_gzip) as content:
            while chunk := content.read(CHUNK):
                yield chunk
