"""The cells of a text file, typed by pandas: comma, semicolon, tab or pipe; gzip; UTF-8 or UTF-16."""

import warnings
from pathlib import Path
from typing import Any

import pandas as pd

from deploy.cells import plain_cell
from deploy.errors import DataError
from forecaster.config import Asked
from forecaster.data.columns import check_asked
from forecaster.data.files.chunks import CHUNK_ROWS, TypesDisagreeError, join_chunks
from forecaster.data.files.dialect import DAMAGED, bad_encoding, damaged, find_dialect
from forecaster.data.files.header import refuse_stray_quotes, wrong_shape
from forecaster.data.files.missing import missing_texts
from forecaster.data.files.records import TextFile, read_records
from forecaster.data.files.sheet import UNNAMED, as_meant, begins_with_space, is_text, is_words

HEAD_ROWS = 1000  # enough to tell words from numbers
HEAD_BYTES, ROOM = 1 << 16, 1.05  # to guess how many rows there are


def open_text_file(path: Path) -> TextFile:
    """Return the file and how it is written. Raises DataError for one that is no text or is not there."""
    if path.is_dir():
        raise DataError(f"{path}: is a folder, expected a CSV file")
    if not path.exists():
        raise DataError(f"{path}: no such file")
    return TextFile(path, find_dialect(path))


def read_text(file: TextFile, asked: Asked) -> pd.DataFrame:
    """Return the cells; the index is the row number.

    Raises DataError for a file that cannot be split into cells, a Misfit for a column that it lacks.
    """
    names, skipped = _read_header(file)
    check_asked(asked, names)
    texts = asked.texts & set(names)
    if asked.layout == "rows" and not asked.series:
        texts.add(names[0])
    frame = _read_frame(file, names, skipped, asked.na, texts)
    refuse_stray_quotes(file)
    return frame


def read_as_texts(file: TextFile, chosen: tuple[str, ...], asked: Asked) -> pd.DataFrame:
    """Return some columns of all rows as they are written: ids such as 007, which were read as numbers."""
    names, skipped = _read_header(file)
    return _read_frame(file, names, skipped, asked.na, set(chosen), list(chosen))


def _read_header(file: TextFile) -> tuple[tuple[str, ...], int]:
    """Return the column names and how many records to skip before the first row."""
    records = enumerate(read_records(file), start=1)
    skipped, header = next(((count, record) for count, record in records if not record.is_blank), (0, None))
    if header is None:
        raise DataError(f"{file.name}: the file is empty")
    cells = enumerate(header.cells, start=1)
    names = tuple(plain_cell(cell.strip()) or f"{UNNAMED}{number}" for number, cell in cells)
    for name in names:
        if names.count(name) > 1:
            raise DataError(f'{file.name}: the header has {names.count(name)} columns "{name}"')
    return names, skipped


def _read_frame(
    file: TextFile,
    names: tuple[str, ...],
    skipped: int,
    na: tuple[str, ...],
    texts: set[str],
    chosen: list[str] | None = None,
) -> pd.DataFrame:
    """Return the cells, typed by pandas; `texts` are columns that stay text. chosen: all columns, or some.

    The index is the row number.
    """
    dialect, is_single = file.dialect, len(names) == 1
    # A byte order mark stands before the header; without one the parser reads bytes, which is faster.
    encoding = "utf-8" if dialect.encoding == "utf-8-sig" else dialect.encoding
    options: dict[str, Any] = {
        "sep": dialect.delimiter,
        "decimal": dialect.decimal,
        "compression": "gzip" if dialect.is_gzip else None,
        # With rows to skip the parser is a third slower, and miscounts blank ones that end in a lone \r.
        "header": dialect.has_hint + (skipped - 1 if is_single else 0),
        "names": list(names),
        "usecols": chosen,
        "index_col": False,
        "na_values": list(na),
        "skip_blank_lines": not is_single,
        "encoding": encoding,
    }
    try:
        frame = as_meant(_read_without_spaces(file.path, texts, options), na)
    except UnicodeDecodeError as error:
        raise bad_encoding(file.path, dialect) from error
    except pd.errors.EmptyDataError as error:
        raise DataError(f"{file.name}: a header and no rows") from error
    except (pd.errors.ParserError, pd.errors.ParserWarning) as error:
        raise wrong_shape(file, len(names), error) from error
    except DAMAGED as error:
        raise damaged(file.path, error) from error
    if frame.empty:
        raise DataError(f"{file.name}: a header and no rows")
    return frame


def _read_without_spaces(path: Path, texts: set[str], options: dict[str, Any]) -> pd.DataFrame:
    """Return all rows, without the spaces that some put after a delimiter.

    Looking for them takes a third longer.
    """
    try:
        frame = _read_cells(path, texts, options)
        if not begins_with_space(frame):
            return frame
    except (pd.errors.ParserError, pd.errors.ParserWarning):
        pass  # a delimiter within quotes that a space comes before
    return _read_cells(path, texts, {**options, "skipinitialspace": True})


def _read_cells(path: Path, texts: set[str], options: dict[str, Any]) -> pd.DataFrame:
    """Return all rows; `texts` are columns that stay text.

    In columns of words NA and its like are texts as well.
    """
    with warnings.catch_warnings():
        # It would drop the cells that the header has no name for.
        warnings.simplefilter("error", pd.errors.ParserWarning)
        head = pd.read_csv(path, nrows=HEAD_ROWS, **options)
        words = texts | {str(name) for name in head if is_text(head[name])}
        # What is text anyway is read faster without being told so.
        typed = {name for name in texts if not is_text(head[name])}
        frame = _read_typed(path, words, typed, options)
        later = {str(name) for name in frame if name not in words and _lost_texts(frame[name])}
        return _read_typed(path, words | later, typed, options) if later else frame


def _lost_texts(column: "pd.Series[Any]") -> bool:
    """Return whether a column that began as numbers is words, some of which were read as missing."""
    return is_words(column) and bool(column.isna().any())


def _read_typed(path: Path, words: set[str], texts: set[str], options: dict[str, Any]) -> pd.DataFrame:
    """Return all rows; `words` are columns of words, of which pandas has to be told that `texts` are so."""
    missing = missing_texts(options["names"], words, options["na_values"])
    options = {**options, "na_values": missing, "keep_default_na": False}
    try:
        return _read_chunks(path, {**options, "dtype": dict.fromkeys(texts, "str")})
    except (TypesDisagreeError, pd.errors.DtypeWarning):
        options["dtype"] = dict.fromkeys(texts, "str")
        frame: pd.DataFrame = pd.read_csv(path, low_memory=False, **options)
        return frame


def _read_chunks(path: Path, options: dict[str, Any]) -> pd.DataFrame:
    """Return all rows, in chunks that take little memory. Raises TypesDisagreeError or DtypeWarning."""
    with warnings.catch_warnings(), pd.read_csv(path, chunksize=CHUNK_ROWS, **options) as chunks:
        warnings.simplefilter("error", pd.errors.DtypeWarning)
        return join_chunks(chunks, _estimate_rows(path))


def _estimate_rows(path: Path) -> int:
    """Estimate how many rows a file has, rather too many; far too few for a compressed one."""
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    return int(ROOM * path.stat().st_size / max(1, len(head)) * head.count(b"\n"))
