"""The encoding of a text file: UTF-8 or UTF-16, and Windows-1252 where the bytes are no UTF-8."""

import codecs
import gzip
import re
from pathlib import Path
from typing import BinaryIO, cast

from deploy.errors import DataError
from forecaster.data.notes import note

UTF_8, UTF_16, WINDOWS = "utf-8-sig", "utf-16", "cp1252"
UTF_16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
# Letters with accents stand among others of ASCII; in Cyrillic, Greek or Chinese whole words have none.
WORD = re.compile(r"[^\W\d_]{2,}")
LONG_RUN = re.compile(rb"[\x80-\xff]{4}")
WORDS = re.compile(r"[^,;|\t\r\n\"]*[^\x00-\x7f,;|\t\r\n\"][^,;|\t\r\n\"]*")
SHOWN_CHARACTERS = 40


def open_bytes(path: Path, *, is_gzip: bool) -> BinaryIO:
    """Return the content of the file, decompressed."""
    return cast(BinaryIO, gzip.open(path, "rb") if is_gzip else path.open("rb"))


def find_encoding(path: Path, head: bytes, *, is_gzip: bool, is_whole: bool) -> str:
    """Return the encoding of a file that begins with these bytes.

    is_whole: no more bytes follow. Raises DataError for an unknown one. A byte further on may still show
    another.
    """
    encoding = UTF_16 if head.startswith(UTF_16_MARKS) else UTF_8
    try:
        codecs.getincrementaldecoder(encoding)().decode(head, final=is_whole)
    except UnicodeDecodeError:
        return other_encoding(path, encoding, is_gzip=is_gzip)
    return encoding


def other_encoding(path: Path, encoding: str, *, is_gzip: bool) -> str:
    """Return Windows-1252, with a note, for a file not in `encoding`. Raises DataError if it is neither."""
    with open_bytes(path, is_gzip=is_gzip) as file:
        content = file.read()
    if encoding == UTF_16 or not _is_windows(content):
        raise bad_encoding(path, encoding, is_gzip=is_gzip)
    found = WORDS.search(content.decode(WINDOWS))
    shown = f' ("{found[0].strip()[:SHOWN_CHARACTERS]}")' if found else ""
    note(f"{path.name}: is not UTF-8, and is read as Windows-1252{shown}{_convert(path, '; to convert it')}")
    return WINDOWS


def bad_encoding(path: Path, encoding: str, *, is_gzip: bool) -> DataError:
    """Return the error that names the first byte that cannot be decoded, and how to convert the file."""
    with open_bytes(path, is_gzip=is_gzip) as file:
        content = file.read()
    if encoding == UTF_16:
        return DataError(f"{path.name}: begins as UTF-16, but does not continue so\n  save the file as UTF-8")
    try:
        content.decode()
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        convert = "" if is_gzip else _convert(path, "; if it is Windows-1252")
        return DataError(
            f"{path.name}: byte {error.start} (line {line}) is not UTF-8: 0x{content[error.start]:02x}\n"
            f"  save the file as UTF-8{convert}"
        )
    return DataError(f"{path.name}: not UTF-8")


def _convert(path: Path, reason: str) -> str:
    return f"{reason}: iconv -f WINDOWS-1252 -t UTF-8 {path.name} > utf8-{path.name}"


def _is_windows(content: bytes) -> bool:
    """Return whether bytes that are no UTF-8 are Windows-1252, as far as they tell.

    A file with other signs in UTF-8 is a damaged one of these, and one with a mark begins as UTF-8.
    """
    if b"\0" in content or content.startswith(codecs.BOM_UTF8):
        return False
    if LONG_RUN.search(content) or not content.decode("utf-8", "ignore").isascii():
        return False
    try:
        text = content.decode(WINDOWS)
    except UnicodeDecodeError:
        return False
    letters = "".join(word for word in WORD.findall(text) if not word.isascii())
    return 2 * sum(map(str.isascii, letters)) >= len(letters)
