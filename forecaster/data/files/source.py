"""Data of any kind as a source of cells: a text file with lines, or with rows a frame or a table of Arrow."""

import os
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO, TypeAlias

import pandas as pd

from deploy.errors import DataError
from deploy.places import is_standard_input, is_stream, open_input
from deploy.sources.named import Query, Remote, source_name
from deploy.sources.remote import copy_file, is_folder
from forecaster.config import Asked
from forecaster.data.files.dialect import Dialect
from forecaster.data.files.foreign import is_parquet
from forecaster.data.files.formats.unpacking import Written, as_text
from forecaster.data.files.header import refuse_short_rows, refuse_values_as_names
from forecaster.data.files.records import TextFile
from forecaster.data.files.rows import Frame, FrameColumns, Rows
from forecaster.data.files.text import open_text_file, read_as_texts, read_text
from forecaster.data.table import Texts

CHUNK_BYTES, MOST_OF_A_DEVICE = 1 << 20, 1 << 26  # nobody types so much

Data: TypeAlias = Path | Remote | Query | Frame
Source: TypeAlias = TextFile | Rows


def name_of(data: Data) -> str:
    """Return what messages call data: the path as it was given, standard input, or that it is a frame."""
    return source_name(data) if isinstance(data, Path | Remote | Query) else "the frame"


def called(data: Data) -> str:
    """Return how a heading calls data: the last part of a path, or the name of a database."""
    return data.called if isinstance(data, Remote | Query) else Path(name_of(data)).name


def record_of(data: Data) -> dict[str, str] | None:
    """Return what a run says of where its data are, without passwords; None of files and frames."""
    return data.record() if isinstance(data, Remote | Query) else None


@contextmanager
def at_rest(data: Data, asked: Asked) -> Iterator[Data | Written]:
    """Give data that can be read several times, and as text where it is a workbook, JSON or an archive.

    Raises DataError if it cannot be read or kept, and for a device that has no end.
    """
    if not isinstance(data, Path | Remote) or _is_folder(data):
        yield data
        return
    with _copied(data) as path, as_text(path, asked) as text:
        yield text


def _is_folder(data: Path | Remote) -> bool:
    return is_folder(data) if isinstance(data, Remote) else data.is_dir()


@contextmanager
def _copied(data: Path | Remote) -> Iterator[Path]:
    """Give a file as it is, of a URL, a pipe or standard input a temporary copy."""
    if isinstance(data, Remote):
        with TemporaryDirectory(prefix="forecaster-") as folder:
            yield copy_file(data, Path(folder))
        return
    if not is_stream(data):
        yield data
        return
    name = name_of(data)
    # Errors call a file by the last part of its path.
    called = name if is_standard_input(data) else f"pipe {data.name}" if data.name.isdecimal() else data.name
    with TemporaryDirectory(prefix="forecaster-") as folder:
        copy = Path(folder, called)
        try:
            with open_input(data) as stream, copy.open("wb") as file:
                _keep(stream, file, name)
        except OSError as error:
            raise DataError(f"cannot read {name} into {folder}: {error.strerror}") from error
        yield copy


def _keep(stream: BinaryIO, file: BinaryIO, name: str) -> None:
    most = MOST_OF_A_DEVICE if _is_device(stream) else sys.maxsize
    while chunk := stream.read(CHUNK_BYTES):
        file.write(chunk)
        if file.tell() > most:
            raise DataError(f"{name}: is a device without an end, expected a file, or a pipe")


def _is_device(stream: BinaryIO) -> bool:
    try:
        return stat.S_ISCHR(os.fstat(stream.fileno()).st_mode)
    except OSError:  # standard input of a program around this one
        return False


def open_source(data: Data | Written) -> Source:
    """Return where the cells of data come from.

    Raises DataError for a file that cannot be used, InputError for what is no data frame, ExtraMissingError
    for a source whose packages are not installed.
    """
    if isinstance(data, Written):
        return TextFile(data.path, Dialect(delimiter="\t"), unit="row", start=data.first)
    if isinstance(data, Path) and not (data.is_dir() or is_parquet(data)):
        return open_text_file(data)
    from forecaster.data.files.columnar import (
        open_parquet,
        open_table,
    )  # narwhals takes as long as a forecast
    from forecaster.data.files.frames import to_narwhals

    if isinstance(data, Path) and not data.is_dir():
        return open_parquet(data)
    if isinstance(data, Path | Remote | Query):
        return open_table(data)
    return Rows(FrameColumns(to_narwhals(data)))


def read_cells(source: Source, asked: Asked) -> pd.DataFrame:
    """Return the cells: numbers, or texts. Raises DataError, or a Complaint."""
    if isinstance(source, TextFile):
        return read_text(source, asked)
    from forecaster.data.files.frames import read_rows_of

    return read_rows_of(source, asked)


def refuse_bad_shape(source: Source, frame: pd.DataFrame, *, is_ragged: bool, has_names: bool = True) -> None:
    """Raise a Complaint for rows of a text file that lack cells, DataError for a header that is a row.

    is_ragged: rows may lack their last cells; has_names: the header holds names, and not times.
    """
    if isinstance(source, TextFile):
        if not is_ragged:
            refuse_short_rows(source, frame)
        if has_names:
            refuse_values_as_names(source)


def texts_of_keys(
    source: Source, names: tuple[str, ...], rows: "pd.Index[int]", asked: Asked
) -> dict[str, Texts]:
    """Return columns of numbers as they are written, in these rows: ids such as 007 are texts."""
    if not names:
        return {}
    if isinstance(source, TextFile):
        frame = read_as_texts(source, names, asked)
        return {name: Texts.of(frame[name].iloc[rows]) for name in names}
    from forecaster.data.files.frames import read_texts

    columns = read_texts(source, names, asked)
    return {name: Texts.of(columns[name].iloc[rows]) for name in names}
