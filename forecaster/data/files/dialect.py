"""How a text file is written: gzip, encoding, delimiter and decimal sign, found by evidence in its head."""

import codecs
import csv
import gzip
import io
import logging
import re
import zlib
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import IO

from deploy.errors import DataError
from forecaster.data.files.encoding import find_encoding, open_bytes
from forecaster.data.files.foreign import refuse_foreign, refuse_no_table

logger = logging.getLogger("forecaster")

DELIMITERS = (",", "\t", ";", "|")
BLANKS = (" ", "  ")  # between cells: any, or two at least, so that a single one may stand within a cell
# The lines of a text one by one: a head of a megabyte is not copied to see some of them.
LINE = re.compile(r"[^\r\n]*(?:\r\n?|\n)|[^\r\n]+")
COMMENT = re.compile(r"\s*\"?(#|%|//|!)")  # how a line begins that is no part of the table
GZIP = b"\x1f\x8b"
EXCEL_HINT = re.compile(r"sep=(.)(?:\r\n?|\n)")  # says the delimiter, above the header
# Also a very wide header fits, and its first rows.
HEAD_BYTES = 1 << 20
HEAD_RECORDS = 200
# A delimiter gives this share of the records as many cells as the header.
NEARLY_ALL, HALF = 0.9, 0.5
WIDE_GAP = re.compile(r"\s{2,}|\t")
# Cells of digits and signs: the delimiter that leaves more of them splits where the writer did.
FIGURES = re.compile(r"(?=.*\d)[-+\d.,:/ TZeE]+")
# 1,5 is a decimal and 1.234,5 has a thousands point as well; 1,234 may be either, so it decides nothing.
DECIMAL_COMMA = re.compile(r"[+-]?(?![1-9]\d{0,2},\d{3}$)\d*,\d+([eE][+-]?\d+)?|[+-]?\d{1,3}(\.\d{3})+,\d+")
DECIMAL_POINT = re.compile(r"[+-]?(?![1-9]\d{0,2}\.\d{3}$)\d*\.\d+([eE][+-]?\d+)?|[+-]?\d{1,3}(,\d{3})+\.\d+")
MONTH = re.compile(r"(0?[1-9]|1[0-2])\.(19|20)\d\d")  # 01.2010 is no number
UNCLEAR_POINT = re.compile(r"[+-]?[1-9]\d{0,2}\.\d{3}")
DAMAGED = (EOFError, gzip.BadGzipFile, zlib.error)


@dataclass(frozen=True)
class Dialect:
    """How the cells of a file are written. The default is what this package writes."""

    delimiter: str = ","
    decimal: str = "."
    encoding: str = "utf-8-sig"  # UTF-8, with or without a byte order mark
    is_gzip: bool = False
    has_hint: bool = False  # the first line is one for Excel, and no record
    unclear: str = ""  # a number such as 1.234 where nothing tells whether points mark decimals
    blanks: int = 0  # so many at least stand between two cells, and are read as a tab; 0: the delimiter does


def find_dialect(path: Path) -> Dialect:
    """Return the dialect of a file, from its first bytes.

    Raises DataError for text in an unknown encoding.
    """
    try:
        with path.open("rb") as file:
            is_gzip = file.read(len(GZIP)) == GZIP
        with open_bytes(path, is_gzip=is_gzip) as file:
            head = file.read(HEAD_BYTES)
    except DAMAGED as error:
        raise damaged(path, error) from error
    except OSError as error:
        raise DataError(f"{path}: {error.strerror}") from error
    refuse_foreign(path, head)
    is_whole = len(head) < HEAD_BYTES
    encoding = find_encoding(path, head, is_gzip=is_gzip, is_whole=is_whole)
    dialect = Dialect(encoding=encoding, is_gzip=is_gzip)
    text = codecs.getincrementaldecoder(encoding)().decode(head, final=is_whole)
    if "\0" in text:
        raise DataError(f"{path.name}: holds zero bytes, so it is no text in UTF-8\n  save the file as UTF-8")
    refuse_no_table(path, text)
    hint = EXCEL_HINT.match(text)
    if hint:
        dialect, text = replace(dialect, has_hint=True), text[hint.end() :]
    text = without_comments(text)
    delimiter = _named_delimiter(path, hint[1]) if hint else find_delimiter(text, is_whole=is_whole)
    if delimiter in BLANKS:
        dialect = replace(dialect, blanks=len(delimiter), delimiter="\t")
    else:
        dialect = replace(dialect, delimiter=delimiter)
    if delimiter == ",":  # only the point is left for decimals
        return dialect
    records = _split(text, delimiter, is_whole=is_whole)[1:]
    decimal, unclear = _find_decimal([cell.strip() for cells in records for cell in cells])
    return replace(dialect, decimal=decimal, unclear=unclear)


def without_comments(text: str) -> str:
    """Return the text without the comments and the blank lines above its table."""
    for line in LINE.finditer(text):
        if line[0].strip() and not COMMENT.match(line[0]):
            return text[line.start() :]
    return text


def find_delimiter(head: str, *, is_whole: bool = True) -> str:
    """Return the delimiter that gives nearly all records as many cells; blanks if no other does.

    Of several it is the one that leaves most figures, of equals the one that leaves fewest others within
    cells that are no figures. If none does, lines of a title may stand above: it is the one that does so for
    the second half of the records. Else it is the one that splits the header most: the reader then names the
    row that does not fit.
    """
    records = {delimiter: _split(head, delimiter, is_whole=is_whole) for delimiter in DELIMITERS}
    fits = {delimiter: fit for delimiter in DELIMITERS if (fit := _fit(records[delimiter]))}
    if fits and max(fits.values())[0] > 0:
        return max(fits, key=fits.__getitem__)  # the first of equals
    below = _fit_below(records)
    if below and (not fits or max(below.values())[0] >= HALF):
        return max(below, key=below.__getitem__)
    if fits:
        return max(fits, key=fits.__getitem__)
    between = {blanks: _split(head, blanks, is_whole=is_whole) for blanks in BLANKS[::-1]}
    for blanks, all_records in between.items():
        if (fit := _fit(all_records)) and fit[0] > 0:
            return blanks
    below = _fit_below(between)
    widths = {delimiter: len(cells[0]) if cells else 0 for delimiter, cells in records.items()}
    return max(below or widths, key=(below or widths).__getitem__)


def _fit_below(records: dict[str, list[list[str]]]) -> dict[str, tuple[float, int, int]]:
    """Return the delimiters that fit the second half of the records, and how well each does."""
    halves = {delimiter: (found[len(found) // 2 :], found) for delimiter, found in records.items()}
    return {delimiter: fit for delimiter, half in halves.items() if (fit := _fit(*half))}


def _fit(records: list[list[str]], above: list[list[str]] | None = None) -> tuple[float, int, int] | None:
    """Return how well records of one width are split; None where they are not.

    above: where the first record may be no header, all records, one of which is.
    """
    widths = Counter(map(len, records if above is not None else records[:1]))
    width = widths.most_common(1)[0][0] if widths else 0
    least = NEARLY_ALL if above is None else HALF  # below titles, and above remarks
    if width < 2 or sum(len(cells) == width for cells in records) < least * len(records):
        return None
    if above is not None and not any(_is_header(cells, width) for cells in above):
        return None
    cells = [cell for record in (records[1:] if above is None else records) for cell in record if cell]
    texts = [cell for cell in cells if not FIGURES.fullmatch(cell)]
    others = sum(cell.count(other) for cell in texts for other in DELIMITERS)
    return 1 - len(texts) / max(1, len(cells)), -others, width


def _is_header(cells: list[str], width: int) -> bool:
    return len(cells) == width and not any(FIGURES.fullmatch(cell) for cell in cells)


def split_blanks(line: str, least: int) -> str:
    """Return a line with a tab where so many blanks at least divide two cells, but for quoted ones."""
    text = line.strip()
    if '"' in text:
        cells = next(csv.reader([text], delimiter=" ", skipinitialspace=True))
        return "\t".join(f'"{cell}"' if " " in cell else cell for cell in cells) + "\n"
    return ("\t".join(text.split()) if least == 1 else WIDE_GAP.sub("\t", text)) + "\n"


def open_text(path: Path, dialect: Dialect) -> IO[str]:
    """Return the decoded file, line ends as they are."""
    content = open_bytes(path, is_gzip=dialect.is_gzip)
    return io.TextIOWrapper(content, encoding=dialect.encoding, newline="")


def damaged(path: Path, error: BaseException) -> DataError:
    """Return the error for a gzip file that does not unpack."""
    return DataError(f"{path.name}: the gzip file is damaged: {error}")


def _named_delimiter(path: Path, delimiter: str) -> str:
    """Return the delimiter that the first line names. Raises DataError for one that is not read."""
    if delimiter not in DELIMITERS:
        raise DataError(
            f'{path.name}:1: the delimiter "{delimiter}" is not read, expected comma, semicolon, tab or pipe'
            "\n  save the file with one of these"
        )
    return delimiter


def _split(head: str, delimiter: str, *, is_whole: bool) -> list[list[str]]:
    """Return the first records that are not blank.

    The last one may be cut off, unless the head is all there is.
    """
    records: list[list[str]] = []
    lines = (line[0] for line in LINE.finditer(head))
    if delimiter in BLANKS:
        least, delimiter = len(delimiter), "\t"
        lines = (split_blanks(line, least) for line in lines)
    reader = csv.reader(lines, delimiter=delimiter, skipinitialspace=True)
    with suppress(csv.Error):  # the records so far tell; the reader names the place
        records.extend(islice((cells for cells in reader if any(map(str.strip, cells))), HEAD_RECORDS))
    return records if is_whole or len(records) in (1, HEAD_RECORDS) else records[:-1]


def _find_decimal(cells: list[str]) -> tuple[str, str]:
    """Return the decimal sign, and a number with a point that may mark thousands, if nothing tells."""
    commas = sum(DECIMAL_COMMA.fullmatch(cell) is not None for cell in cells)
    numbers = [cell for cell in cells if not MONTH.fullmatch(cell)]
    points = sum(DECIMAL_POINT.fullmatch(cell) is not None for cell in numbers)
    unclear = next((cell for cell in cells if UNCLEAR_POINT.fullmatch(cell)), "")
    return "," if commas > points else ".", "" if commas or points else unclear
