"""How a text file is written: gzip, encoding, delimiter and decimal sign, found by evidence in its head."""

import codecs
import csv
import gzip
import io
import logging
import re
import zlib
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import IO, BinaryIO, cast

from deploy.errors import DataError

logger = logging.getLogger("forecaster")

DELIMITERS = (",", "\t", ";", "|")
GZIP, PARQUET = b"\x1f\x8b", b"PAR1"
# What the first bytes of files that are no text say.
FOREIGN = {
    b"PK\x03\x04": "a zip archive or an Excel workbook",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook",
    b"BZh": "packed by bzip2",
    b"\xfd7zXZ": "packed by xz",
    b"\x28\xb5\x2f\xfd": "packed by zstd",
    b"%PDF": "a PDF",
}
EXCEL_HINT = re.compile(r"sep=(.)(?:\r\n?|\n)")  # says the delimiter, above the header
UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
# Also a very wide header fits, and its first rows.
HEAD_BYTES = 1 << 20
HEAD_RECORDS = 200
# A delimiter gives this share of the records as many cells as the header.
NEARLY_ALL = 0.9
# Cells of digits and signs: the delimiter that leaves more of them splits where the writer did.
FIGURES = re.compile(r"(?=.*\d)[-+\d.,:/ TZeE]+")
# 1,5 is a decimal and 1.234,5 has a thousands point as well; 1,234 may be either, so it decides nothing.
DECIMAL_COMMA = re.compile(r"[+-]?(?![1-9]\d{0,2},\d{3}$)\d*,\d+([eE][+-]?\d+)?|[+-]?\d{1,3}(\.\d{3})+,\d+")
DECIMAL_POINT = re.compile(r"[+-]?(?![1-9]\d{0,2}\.\d{3}$)\d*\.\d+([eE][+-]?\d+)?|[+-]?\d{1,3}(,\d{3})+\.\d+")
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
    _refuse_foreign(path, head)
    encoding = "utf-16" if head.startswith(UTF_16) else "utf-8-sig"
    dialect = Dialect(encoding=encoding, is_gzip=is_gzip)
    is_whole = len(head) < HEAD_BYTES
    try:
        text = codecs.getincrementaldecoder(encoding)().decode(head, final=is_whole)
    except UnicodeDecodeError as error:
        raise bad_encoding(path, dialect) from error
    if "\0" in text:
        raise DataError(f"{path.name}: holds zero bytes, so it is no text in UTF-8\n  save the file as UTF-8")
    hint = EXCEL_HINT.match(text)
    if hint:
        dialect, text = replace(dialect, has_hint=True), text[hint.end() :]
    delimiter = _named_delimiter(path, hint[1]) if hint else find_delimiter(text, is_whole=is_whole)
    dialect = replace(dialect, delimiter=delimiter)
    if delimiter == ",":  # only the point is left for decimals
        return dialect
    records = _split(text, delimiter, is_whole=is_whole)[1:]
    decimal, unclear = _find_decimal([cell.strip() for cells in records for cell in cells])
    return replace(dialect, decimal=decimal, unclear=unclear)


def is_parquet(path: Path) -> bool:
    """Return whether a file begins as Parquet does."""
    if not path.is_file():
        return False
    with suppress(OSError), path.open("rb") as file:  # reading it will say what is wrong
        return file.read(len(PARQUET)) == PARQUET
    return False


def find_delimiter(head: str, *, is_whole: bool = True) -> str:
    """Return the delimiter that gives nearly all records as many cells.

    Of several it is the one that leaves most figures, of equals the one that leaves fewest others within
    cells that are no figures. If none does, it is the one that splits the header most: the reader then names
    the row that does not fit.
    """
    fits: dict[str, tuple[float, int, int]] = {}
    widths: dict[str, int] = {}
    for delimiter in DELIMITERS:
        records = _split(head, delimiter, is_whole=is_whole)
        widths[delimiter] = width = len(records[0]) if records else 0
        if width > 1 and sum(len(cells) == width for cells in records) >= NEARLY_ALL * len(records):
            cells = [cell for record in records[1:] for cell in record if cell]
            texts = [cell for cell in cells if not FIGURES.fullmatch(cell)]
            others = sum(cell.count(other) for cell in texts for other in DELIMITERS)
            fits[delimiter] = (1 - len(texts) / max(1, len(cells)), -others, width)
    return max(fits or widths, key=(fits or widths).__getitem__)  # the first of equals


def open_text(path: Path, dialect: Dialect) -> IO[str]:
    """Return the decoded file, line ends as they are."""
    content = open_bytes(path, is_gzip=dialect.is_gzip)
    return io.TextIOWrapper(content, encoding=dialect.encoding, newline="")


def open_bytes(path: Path, *, is_gzip: bool) -> BinaryIO:
    """Return the content of the file, decompressed."""
    return cast(BinaryIO, gzip.open(path, "rb") if is_gzip else path.open("rb"))


def bad_encoding(path: Path, dialect: Dialect) -> DataError:
    """Return the error that names the first byte that cannot be decoded, and how to convert the file."""
    with open_bytes(path, is_gzip=dialect.is_gzip) as file:
        content = file.read()
    if dialect.encoding == "utf-16":
        return DataError(f"{path.name}: begins as UTF-16, but does not continue so\n  save the file as UTF-8")
    try:
        content.decode()
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        convert = f"; if it is Windows-1252: iconv -f WINDOWS-1252 -t UTF-8 {path.name} > utf8-{path.name}"
        return DataError(
            f"{path.name}: byte {error.start} (line {line}) is not UTF-8: 0x{content[error.start]:02x}\n"
            f"  save the file as UTF-8{'' if dialect.is_gzip else convert}"
        )
    return DataError(f"{path.name}: not UTF-8")


def damaged(path: Path, error: BaseException) -> DataError:
    """Return the error for a gzip file that does not unpack."""
    return DataError(f"{path.name}: the gzip file is damaged: {error}")


def _refuse_foreign(path: Path, head: bytes) -> None:
    """Raise DataError for a file of another kind. head: its first bytes."""
    for begin, kind in FOREIGN.items():
        if head.startswith(begin):
            raise DataError(
                f"{path.name}: is {kind}, expected text (CSV), packed by gzip or not, or Parquet\n"
                "  save or unpack it as CSV"
            )


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
    reader = csv.reader(io.StringIO(head, newline=""), delimiter=delimiter, skipinitialspace=True)
    with suppress(csv.Error):  # the records so far tell; the reader names the place
        records.extend(islice((cells for cells in reader if any(map(str.strip, cells))), HEAD_RECORDS))
    return records if is_whole or len(records) in (1, HEAD_RECORDS) else records[:-1]


def _find_decimal(cells: list[str]) -> tuple[str, str]:
    """Return the decimal sign, and a number with a point that may mark thousands, if nothing tells."""
    commas = sum(DECIMAL_COMMA.fullmatch(cell) is not None for cell in cells)
    points = sum(DECIMAL_POINT.fullmatch(cell) is not None for cell in cells)
    unclear = next((cell for cell in cells if UNCLEAR_POINT.fullmatch(cell)), "")
    return "," if commas > points else ".", "" if commas or points else unclear
