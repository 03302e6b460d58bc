"""A file as a text table: the sheet of a workbook, the records of JSON, the one file of an archive."""

import csv
import gzip
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from shutil import copyfileobj
from tempfile import TemporaryDirectory
from typing import IO

from deploy.errors import ConfigError, DataError
from forecaster.config import Asked
from forecaster.data.complaints import Option, with_options
from forecaster.data.files.formats.objects import BEGINS, Rows, rows_of_json
from forecaster.data.files.formats.workbooks import rows_of_sheet
from forecaster.data.notes import note

ZIP, OLD_EXCEL, GZIP = b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"\x1f\x8b"
PARTS_OF_WORKBOOK = ("xl/workbook.xml", "xl/workbook.bin", "content.xml")
TABLES = (
    *(".csv", ".tsv", ".tab", ".json", ".jsonl", ".ndjson", ".parquet"),
    *(".xlsx", ".xlsm", ".xlsb", ".xls", ".ods"),
)
SHOWN_FILES = 5
BEGIN_BYTES = 256
DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError)


@dataclass(frozen=True)
class Written:
    """A table that was written as text between tabs, of which errors name rows."""

    path: Path
    first: int  # number of its first line; 1: of a sheet; 0: of lists; -1: of keys, below which rows are


@contextmanager
def as_text(path: Path, asked: Asked) -> Iterator[Path | Written]:
    """Give a file of text or Parquet as it is, and a temporary one for any other that holds a table.

    Raises DataError for one that cannot be read, ExtraMissingError without the extra for workbooks, and
    ConfigError for a sheet that there is not.
    """
    begin = _begin(path)
    if not begin.startswith((ZIP, OLD_EXCEL)) and not BEGINS.match(_decoded(begin)):
        _refuse_sheet(path, asked)
        yield path
        return
    with TemporaryDirectory(prefix="forecaster-") as folder:
        yield _convert(path, asked, Path(folder))


def _convert(path: Path, asked: Asked, folder: Path) -> Path | Written:
    if _begin(path).startswith(ZIP) and not _is_workbook(path):
        path = _unpack(path, folder)
    begin = _begin(path)
    if begin.startswith((ZIP, OLD_EXCEL)):
        return _write(path, folder, rows_of_sheet(path, asked), 1)
    _refuse_sheet(path, asked)
    if BEGINS.match(_decoded(begin)):
        rows, are_keys = rows_of_json(path.name, _content(path))
        return _write(path, folder, rows, -1 if are_keys else 0)
    return path


def _refuse_sheet(path: Path, asked: Asked) -> None:
    """Raise ConfigError for a sheet of what is no workbook."""
    if asked.sheet is not None:
        option = Option("sheet", asked.sheet, is_quoted=True)
        raise with_options(ConfigError, option, f": {path.name} is no workbook; leave it out")


def _begin(path: Path) -> bytes:
    """Return the first bytes of a file, unpacked by gzip; none where reading will say what is wrong."""
    with suppress(OSError, EOFError, zlib.error), _open(path) as file:
        return file.read(BEGIN_BYTES)
    return b""


def _open(path: Path) -> IO[bytes]:
    with path.open("rb") as file:
        is_gzip = file.read(len(GZIP)) == GZIP
    return gzip.open(path) if is_gzip else path.open("rb")  # type: ignore[return-value]


def _content(path: Path) -> bytes:
    try:
        with _open(path) as file:
            return file.read()
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{path.name}: cannot be read: {error}") from error


def _decoded(begin: bytes) -> str:
    encoding = "utf-16" if begin.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    return begin.decode(encoding, "ignore")


def _is_workbook(path: Path) -> bool:
    with suppress(OSError, *DAMAGED), zipfile.ZipFile(path) as archive:
        return not {*PARTS_OF_WORKBOOK}.isdisjoint(archive.namelist())
    return False


def _unpack(path: Path, folder: Path) -> Path:
    """Return the one file of an archive, or the one table in it. Raises DataError where there are several."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = [member for member in archive.infolist() if not _is_hidden(member.filename)]
            tables = [member for member in members if _is_table(member.filename)]
            chosen = tables if len(tables) == 1 else members
            if len(chosen) != 1:
                held = ", ".join(member.filename for member in (tables or members)[:SHOWN_FILES])
                more = ", ..." if len(tables or members) > SHOWN_FILES else ""
                found = f"{path.name}: the zip archive holds {held or 'no file'}{more}"
                raise DataError(f"{found}\n  unpack it, and name one of its files")
            (member,) = chosen
            if len(members) > 1:
                note(f"{path.name}: of its {len(members)} files {member.filename} is read, the only table")
            copy = folder / PurePosixPath(member.filename).name
            with archive.open(member) as packed, copy.open("wb") as file:
                copyfileobj(packed, file)
            return copy
    except (OSError, *DAMAGED) as error:
        raise DataError(f"{path.name}: the zip archive cannot be unpacked: {error}") from error


def _is_hidden(name: str) -> bool:
    """Return whether a member of an archive is a folder, or of the computer that made it."""
    path = PurePosixPath(name)
    return name.endswith("/") or "__MACOSX" in path.parts or path.name.startswith(".")


def _is_table(name: str) -> bool:
    return name.lower().removesuffix(".gz").endswith(TABLES)


def _write(path: Path, folder: Path, rows: Rows, first: int) -> Written:
    """Write rows as text under the name of their file, by which errors call it."""
    below = folder / "table"
    below.mkdir()
    with (below / path.name).open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter="\t", lineterminator="\n").writerows(rows)
    return Written(below / path.name, first)
