"""The cells of data in pandas: texts or numbers; the index is the number of the row in the source."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from deploy.cells import plain_cell
from forecaster.data.complaints import BadCells, Text
from forecaster.data.files.missing import without_usual
from forecaster.data.table import Texts

UNNAMED = "unnamed column "  # and its number from 1: how a column without a name is called
# A column of words in which at least this share are numbers is a column of numbers with mistakes.
NUMBER_SHARE = 0.5
NUMBERS = "biuf"  # kinds of arrays that hold no text


def refuse_cells(
    frame: pd.DataFrame, name: str, bad: NDArray[np.bool_], found: str, remedy: Text = ""
) -> None:
    """Raise a Complaint if any cell of a column is bad. bad: (rows,)."""
    if bad.any():
        rows = frame.index.to_numpy()[bad]
        raise BadCells(found, rows, remedy, column=name, position=list(frame.columns).index(name))


def is_text(column: "pd.Series[str]") -> bool:
    """Return whether a column holds words: at least one cell is neither a number nor missing."""
    if column.dtype.kind in NUMBERS:
        return False
    if isinstance(column.dtype, pd.CategoricalDtype):
        return is_text(column.cat.categories.to_series())
    return pd.api.types.infer_dtype(column, skipna=True) in ("string", "mixed", "mixed-integer")


def text_columns(frame: pd.DataFrame) -> list[str]:
    """Return the columns that hold words, without a look at those of numbers."""
    kinds = zip(frame.columns, frame.dtypes, strict=True)
    return [str(name) for name, dtype in kinds if dtype.kind not in NUMBERS and is_text(frame[name])]


def columns_that_begin_whole(frame: pd.DataFrame, names: list[str], count: int) -> list[str]:
    """Return those of some columns whose first cells are whole numbers: a look at `count` cells of each."""
    kinds = {str(name): dtype.kind for name, dtype in zip(frame.columns, frame.dtypes, strict=True)}
    floats = [name for name in names if kinds[name] == "f"]
    head = frame[floats].iloc[:count].to_numpy(np.float64, na_value=np.nan)
    is_whole = (np.isfinite(head) & (np.floor(head) == head)).all(axis=0)
    whole = {name for name, whole in zip(floats, is_whole.tolist(), strict=True) if whole}
    return [name for name in names if kinds[name] in "iu" or name in whole]


def is_words(column: "pd.Series[str]") -> bool:
    """Return whether a column is text, and not numbers with a few mistakes."""
    if not is_text(column):
        return False
    texts = without_usual(Texts.of(column))
    is_number = pd.to_numeric(pd.Series(texts.values), errors="coerce").notna().to_numpy(dtype=np.bool_)
    if not is_number.any():
        return True
    count = np.bincount(texts.codes[texts.codes >= 0], minlength=len(texts.values))
    return bool(count[is_number].sum() < NUMBER_SHARE * count.sum())


def begins_with_space(frame: pd.DataFrame) -> bool:
    """Return whether any text begins with a space."""
    texts = [frame[name] for name in text_columns(frame)]
    distinct = [
        column.cat.categories if isinstance(column.dtype, pd.CategoricalDtype) else column for column in texts
    ]
    return any(column.astype("str").str.startswith(" ").any() for column in distinct)


def as_meant(frame: pd.DataFrame, na: tuple[str, ...]) -> pd.DataFrame:
    """Return the frame without the spaces that end its texts, quoted or not, and without safe_cell's quotes.

    A text that then means missing is missing.
    """
    meant = {name: _as_meant(frame[name], na) for name in text_columns(frame)}
    changed = {name: column for name, column in meant.items() if column is not None}
    return frame.assign(**changed) if changed else frame


def _as_meant(column: "pd.Series[Any]", na: tuple[str, ...]) -> pd.Categorical | None:
    """Return the texts as categories; None where all are so already."""
    cells = column.array
    if isinstance(cells, pd.Categorical):
        codes, texts = cells.codes, cells.categories
    else:
        codes, texts = pd.factorize(column)
    words = texts.astype("str").str
    if not (words.endswith(" ").any() or words.contains("'", regex=False).any()):
        return None
    numbers, distinct = pd.factorize(texts.str.rstrip(" ").map(plain_cell))
    kept = ~distinct.isin(["", *na])
    places = np.where(kept, np.cumsum(kept) - 1, -1)[numbers]
    return pd.Categorical.from_codes(np.append(places, -1)[codes], categories=distinct[kept], validate=False)
