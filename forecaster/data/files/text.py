"""The cells of a text file, typed by pandas: comma, semicolon, tab or pipe; gzip; UTF-8 or UTF-16."""

import warnings
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from deploy.cells import plain_cell
from deploy.errors import DataError
from forecaster.config import Asked
from forecaster.data.columns import check_asked
from forecaster.data.files.chunks import CHUNK_ROWS, TypesDisagreeError, join_chunks
from forecaster.data.files.dialect import DAMAGED, damaged, find_dialect
from forecaster.data.files.encoding import UTF_8, other_encoding
from forecaster.data.files.header import refuse_stray_quotes, refuse_values_as_names, wrong_shape
from forecaster.data.files.margins.finding import without_margins
from forecaster.data.files.margins.strays import looks_interrupted, without_strays
from forecaster.data.files.missing import missing_texts
from forecaster.data.files.records import TextFile, read_records
from forecaster.data.files.sheet import UNNAMED, as_meant, begins_with_space, is_words, text_columns
from forecaster.data.notes import note

HEAD_ROWS = 1000  # enough to tell words from numbers
HEAD_BYTES, ROOM = 1 << 16, 1.05  # to guess how many rows there are
MOST_CALLED = 3  # names of columns that a note shows


def open_text_file(path: Path) -> TextFile:
    """Return the file and how it is written. Raises DataError for one that is no text or is not there."""
    if path.is_dir():
        raise DataError(f"{path}: is a folder, expected a CSV file")
    if not path.exists():
        raise DataError(f"{path}: no such file")
    return TextFile(path, find_dialect(path))


def read_text(file: TextFile, asked: Asked) -> pd.DataFrame:
    """Return the cells; the index is the row number. The file then knows which of its lines are no rows.

    Raises DataError for a file that cannot be split into cells, a Misfit for a column that it lacks.
    """
    read = without_margins(file, asked)
    names, _ = read_header(read)
    check_asked(asked, names)
    texts = asked.texts & set(names)
    if asked.layout == "rows" and not asked.series:
        texts.add(names[0])
    read, frame = _read_rows(read, asked.na, texts)
    file.become(read)
    refuse_stray_quotes(file)
    return frame


def read_as_texts(file: TextFile, chosen: tuple[str, ...], asked: Asked) -> pd.DataFrame:
    """Return some columns of all rows as they are written: ids such as 007, which were read as numbers."""
    return _read_frame(file, asked.na, set(chosen), list(chosen))


def read_header(file: TextFile) -> tuple[tuple[str, ...], int]:
    """Return the column names and how many blank lines stand above them."""
    if file.names:
        return file.names, 0
    records = enumerate(read_records(file))
    above, header = next(((count, record) for count, record in records if not record.is_blank), (0, None))
    if header is None:
        raise DataError(f"{file.name}: the file is empty")
    cells = enumerate(header.cells, start=1)
    names = tuple(plain_cell(cell.strip()) or f"{UNNAMED}{number}" for number, cell in cells)
    if len({*names}) < len(names):
        refuse_values_as_names(file)
    return _told_apart(file.name, names), above


def _told_apart(file: str, names: tuple[str, ...]) -> tuple[str, ...]:
    """Return names of which each is one column's: a second "y" is called "y (2)", which is said."""
    found: list[str] = []
    for name in names:
        tried = (f"{name} ({number})" for number in range(2, len(names) + 2))
        found.append(name if name not in found else next(one for one in tried if one not in {*names, *found}))
    others = [other for name, other in zip(names, found, strict=True) if other != name]
    if others:
        called = ", ".join(f'"{other}"' for other in others[:MOST_CALLED])
        note(f"{file}: columns of one name are told apart: those after the first are called {called}")
    return tuple(found)


def _read_rows(file: TextFile, na: tuple[str, ...], texts: set[str]) -> tuple[TextFile, pd.DataFrame]:
    """Return the cells and the file as it was read.

    A byte that is not UTF-8 or a line that is no row may come late; then the file is read again.
    """
    names, _ = read_header(file)
    try:
        frame = _read_frame(file, na, texts)
        again = without_strays(file, names) if looks_interrupted(frame) else file
        if again is file:
            return file, frame
    except UnicodeDecodeError:
        dialect = file.dialect
        encoding = other_encoding(file.path, dialect.encoding, is_gzip=dialect.is_gzip)
        again = replace(file, dialect=replace(dialect, encoding=encoding))
    except (pd.errors.ParserError, pd.errors.ParserWarning) as error:
        again = without_strays(file, names)
        if again is file:
            raise wrong_shape(file, len(names), error) from error
    return _read_rows(again, na, texts)


def _read_frame(
    file: TextFile, na: tuple[str, ...], texts: set[str], chosen: list[str] | None = None
) -> pd.DataFrame:
    """Return the cells, typed by pandas; `texts` are columns that stay text. chosen: all columns, or some.

    The index is the row number. Raises DataError, and errors of pandas for what it cannot split or decode.
    """
    dialect = file.dialect
    names, above = read_header(file)
    is_single = len(names) == 1
    # A byte order mark stands before the header; without one the parser reads bytes, which is faster.
    encoding = "utf-8" if dialect.encoding == UTF_8 else dialect.encoding
    hint = dialect.has_hint and file.is_plain
    options: dict[str, Any] = {
        "sep": dialect.delimiter,
        "decimal": dialect.decimal,
        "compression": "gzip" if dialect.is_gzip and file.is_plain else None,
        # With rows to skip the parser is a third slower, and miscounts blank ones that end in a lone \r.
        "header": None if file.names else hint + (above if is_single else 0),
        "names": list(names),
        "usecols": chosen,
        "index_col": False,
        "na_values": list(na),
        "skip_blank_lines": not is_single,
        "encoding": encoding,
    }
    try:
        frame = as_meant(_read_without_spaces(file, texts, options), na)
    except pd.errors.EmptyDataError as error:
        raise DataError(f"{file.name}: a header and no rows") from error
    except DAMAGED as error:
        raise damaged(file.path, error) from error
    if frame.empty:
        raise DataError(f"{file.name}: a header and no rows")
    return frame


def _read_without_spaces(file: TextFile, texts: set[str], options: dict[str, Any]) -> pd.DataFrame:
    """Return all rows, without the spaces that some put after a delimiter.

    Looking for them takes a third longer.
    """
    try:
        frame = _read_cells(file, texts, options)
        if not begins_with_space(frame):
            return frame
    except (pd.errors.ParserError, pd.errors.ParserWarning):
        pass  # a delimiter within quotes that a space comes before
    return _read_cells(file, texts, {**options, "skipinitialspace": True})


def _read_cells(file: TextFile, texts: set[str], options: dict[str, Any]) -> pd.DataFrame:
    """Return all rows; `texts` are columns that stay text.

    In columns of words NA and its like are texts as well.
    """
    with warnings.catch_warnings():
        # It would drop the cells that the header has no name for.
        warnings.simplefilter("error", pd.errors.ParserWarning)
        head = pd.read_csv(_open(file), nrows=HEAD_ROWS, **options)
        of_words = set(text_columns(head))
        # What is text anyway is read faster without being told so.
        words, typed = texts | of_words, texts - of_words
        frame = _read_typed(file, words, typed, options)
        later = {name for name in text_columns(frame) if name not in words and _lost_texts(frame[name])}
        return _read_typed(file, words | later, typed, options) if later else frame


def _lost_texts(column: "pd.Series[Any]") -> bool:
    """Return whether a column that began as numbers is words, some of which were read as missing."""
    return is_words(column) and bool(column.isna().any())


def _read_typed(file: TextFile, words: set[str], texts: set[str], options: dict[str, Any]) -> pd.DataFrame:
    """Return all rows; `words` are columns of words, of which pandas has to be told that `texts` are so."""
    missing = missing_texts(options["names"], words, options["na_values"])
    options = {**options, "na_values": missing, "keep_default_na": False}
    try:
        return _read_chunks(file, {**options, "dtype": dict.fromkeys(texts, "str")})
    except (TypesDisagreeError, pd.errors.DtypeWarning):
        options["dtype"] = dict.fromkeys(texts, "str")
        frame: pd.DataFrame = pd.read_csv(_open(file), low_memory=False, **options)
        return frame


def _read_chunks(file: TextFile, options: dict[str, Any]) -> pd.DataFrame:
    """Return all rows, in chunks that take little memory. Raises TypesDisagreeError or DtypeWarning."""
    with warnings.catch_warnings(), pd.read_csv(_open(file), chunksize=CHUNK_ROWS, **options) as chunks:
        warnings.simplefilter("error", pd.errors.DtypeWarning)
        return join_chunks(chunks, _estimate_rows(file.path))


def _open(file: TextFile) -> Any:
    """Return what pandas reads: the file itself, or the text that is left of it."""
    return file.path if file.is_plain else file.open()


def _estimate_rows(path: Path) -> int:
    """Estimate how many rows a file has, rather too many; far too few for a compressed one."""
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    return int(ROOM * path.stat().st_size / max(1, len(head)) * head.count(b"\n"))
