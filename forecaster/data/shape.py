"""Whether every row of a text file has the cells of its header, and every quote its place."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from deploy.errors import DataError

from .dialect import open_bytes
from .locate import Record, TextFile, name_places, point_at, read_records, read_rows

CHUNK = 1 << 18  # bytes or characters looked at together; they stay in the cache
QUOTE = b'"'


def refuse_stray_quotes(file: TextFile) -> None:
    """Raises DataError for a quoted cell that goes on after its closing quote, which pandas glues on."""
    if _may_have_stray_quotes(file):
        for _ in read_records(file, strict=True):
            pass


def refuse_short_rows(file: TextFile, frame: pd.DataFrame) -> None:
    """Raises DataError for rows with fewer cells than the header, which pandas would fill up."""
    width = frame.shape[1]
    # A short row lacks the last cell; with as many delimiters as there should be, none is short.
    if width == 1 or not frame.iloc[:, -1].isna().any():
        return
    if _count_delimiters(file) == (len(frame) + 1) * (width - 1):
        return
    short = [record for record in read_rows(file) if len(record.cells) < width]
    if short:
        count = len(short)
        raise DataError(
            f"{_name_shape(short[0], width)}\n{point_at(file, short[:1])}\n"
            f"  {count} such {'row' if count == 1 else 'rows'} ({name_places(file, short, count)}); "
            "fill in the empty cells, or --layout rows if every row is a series"
        )


def wrong_shape(file: TextFile, width: int, error: Exception) -> DataError:
    """The error for a row with more cells than the header, or for what pandas found instead."""
    record = None
    for record in read_rows(file):
        if len(record.cells) > width:
            return DataError(f"{_name_shape(record, width)}\n{point_at(file, [record])}")
    if record is not None and "EOF inside string" in str(error):
        return DataError(f"a quoted cell is never closed\n{point_at(file, [record])}")
    return DataError(f"{file.name}: {str(error).strip()}")


def _name_shape(record: Record, width: int) -> str:
    count = len(record.cells)
    return f"a row has {count} {'cell' if count == 1 else 'cells'}, the header has {width}"


def _count_delimiters(file: TextFile) -> int:
    """How many delimiters stand outside of quotes, if quotes come in pairs."""
    total, is_open = 0, False
    for chunk in _read_chunks(file):
        text = np.frombuffer(chunk, dtype=np.uint8)
        found = text == ord(file.dialect.delimiter)
        if is_open or QUOTE in chunk:
            inside = (np.cumsum(text == ord(QUOTE)) + is_open) % 2 == 1
            found &= ~inside
            is_open = bool(inside[-1])
        total += int(found.sum())
    return total


def _may_have_stray_quotes(file: TextFile) -> bool:
    """Whether a quote that opens a cell does not begin it, or one that closes it does not end it.

    True also for quotes in cells without quotes: these are harmless, and not told apart here.
    """
    after = np.frombuffer(file.dialect.delimiter.encode() + b'\r\n"', dtype=np.uint8)
    before = np.append(after, np.uint8(ord(" ")))
    tail, is_open = b"\n", 0
    for chunk in _read_chunks(file):
        if QUOTE in tail + chunk:
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
    """The text of the file in UTF-8."""
    if file.dialect.encoding == "utf-16":
        with file.open() as text:
            while characters := text.read(CHUNK):
                yield characters.encode()
    else:
        with open_bytes(file.path, is_gzip=file.dialect.is_gzip) as content:
            while chunk := content.read(CHUNK):
                yield chunk
