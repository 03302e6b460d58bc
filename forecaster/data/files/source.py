"""Data of any kind as a source of cells: a text file with lines, or a frame or a Parquet file with rows."""

from pathlib import Path
from typing import TypeAlias

import pandas as pd

from forecaster.config import Asked
from forecaster.data.files.dialect import is_parquet
from forecaster.data.files.frames import Frame, Rows, open_parquet, read_rows_of, read_texts, to_narwhals
from forecaster.data.files.header import refuse_short_rows, refuse_values_as_names
from forecaster.data.files.records import TextFile
from forecaster.data.files.text import open_text_file, read_as_texts, read_text
from forecaster.data.table import Texts

Data: TypeAlias = Path | Frame
Source: TypeAlias = TextFile | Rows


def name_of(data: Data) -> str:
    """Return what messages call data: the path as it was given, or that it is a frame."""
    return str(data) if isinstance(data, Path) else "the frame"


def open_source(data: Data) -> Source:
    """Return where the cells of data come from.

    Raises DataError for a file that cannot be used, InputError for what is no data frame, ExtraMissingError
    for a Parquet file without pyarrow.
    """
    if not isinstance(data, Path):
        return Rows(to_narwhals(data))
    return open_parquet(data) if is_parquet(data) else open_text_file(data)


def read_cells(source: Source, asked: Asked) -> pd.DataFrame:
    """Return the cells: numbers, or texts. Raises DataError, or a Complaint."""
    return read_rows_of(source, asked) if isinstance(source, Rows) else read_text(source, asked)


def refuse_bad_shape(source: Source, frame: pd.DataFrame, *, is_ragged: bool) -> None:
    """Raise a Complaint for rows of a text file that lack cells, DataError for a header that is a row.

    is_ragged: rows may lack their last cells.
    """
    if isinstance(source, TextFile):
        if not is_ragged:
            refuse_short_rows(source, frame)
        refuse_values_as_names(source)


def texts_of_keys(
    source: Source, names: tuple[str, ...], rows: "pd.Index[int]", asked: Asked
) -> dict[str, Texts]:
    """Return columns of numbers as they are written, in these rows: ids such as 007 are texts."""
    if not names:
        return {}
    read = (
        read_texts(source, names, asked) if isinstance(source, Rows) else read_as_texts(source, names, asked)
    )
    return {name: Texts.of(read[name].iloc[rows]) for name in names}
