"""Cells as timestamps, numbers and texts, each column of one kind; a cell that does not parse is an error."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from forecaster.config import Asked
from forecaster.data.complaints import Misfit, Option
from forecaster.data.files.missing import without_usual
from forecaster.data.files.sheet import UNNAMED, is_text, is_words, text_columns
from forecaster.data.row_times import Times
from forecaster.data.table import Table, Texts, TimeParts
from forecaster.data.times.clocks import place_at_offset
from forecaster.data.times.forms import INDEX
from forecaster.data.understand.number_cells import find_answers, is_clean, read_numbers
from forecaster.data.understand.time_cells import is_too_fine, read_stamps
from forecaster.data.understand.time_column import find_time

MOST_CATEGORIES = 20  # distinct texts of a column of categories that are written as numbers or words
# Cells of each such word, next to more than one number, and of each such number.
LEAST_RECURRING, LEAST_NUMBERS = 2, 10
LARGEST_COUNT = 2.0**62  # room for the steps of a forecast within int64
HALF = 0.5  # of a second is rounded up
EVERY_ROW = "every row needs a timestamp"
WHOLE = "timestamps are dates or whole numbers"


def read_table(frame: pd.DataFrame, asked: Asked, parts: TimeParts = ()) -> Table:
    """Return the cells, each of its type. Raises a Complaint for cells that do not parse.

    parts: columns that the time was joined of.
    """
    time, unread = find_time(frame, asked), {name for name, _ in parts}
    if time is not None and is_too_fine(frame[time], asked):
        unread, time = {*unread, time}, None
    if time is None:
        _refuse_unused_format(asked)
        stamps = place_at_offset(_number_rows(frame, asked.series), INDEX, asked.timezone)
    else:
        if frame[time].isna().any():
            frame = frame.dropna(how="all")  # spreadsheets append rows of empty cells
        stamps = read_stamps(frame, time, asked)
    # A static column without any cell is a category of which none is known.
    as_number = asked.numbers
    empty = {name for name in asked.static if name not in as_number and frame[name].isna().all()}
    as_text = asked.texts | empty
    numbers: dict[str, NDArray[np.float64]] = {}
    texts: dict[str, Texts] = {}
    words = set(text_columns(frame)) - as_number
    for name in frame.columns:
        if name in (time, *unread) or _is_row_number(frame, name) or not asked.may_use(name):
            continue
        if name in as_text or (name in words and _is_text(frame, name)):
            texts[name] = Texts.of(frame[name])
        elif not asked.target or name in as_number or is_clean(frame[name]):
            numbers[name] = read_numbers(frame, name)
    if not asked.target and not numbers:
        numbers = find_answers(texts)
        texts = {name: column for name, column in texts.items() if name not in numbers}
    return Table(
        names=tuple(frame.columns),
        time=time,
        time_format=stamps.time_format,
        times=stamps.times,
        distinct_times=_distinct_count(frame, time),
        index=frame.index,
        numbers=numbers,
        texts=texts,
        clock=stamps.clock,
        time_parts=parts,
    )


def _refuse_unused_format(asked: Asked) -> None:
    """Raise a Misfit for a form of time that no column has."""
    if asked.time_format not in (None, INDEX):
        option = Option("time_format", asked.time_format or "", is_quoted=True)
        takes = ": no column holds times of this form; it takes strftime's letters, such as %d/%m/%Y, and "
        raise Misfit((option, takes, Option("time"), " names the column"))


def _number_rows(frame: pd.DataFrame, series: tuple[str, ...]) -> Times:
    """Number the rows of each series 0, 1, 2 ..."""
    if not series:
        return Times(np.arange(len(frame)))
    return Times(np.asarray(frame.groupby(list(series), dropna=False).cumcount(), dtype=np.int64))


def _is_text(frame: pd.DataFrame, name: str) -> bool:
    """Return whether a column is of texts: of words, or of few numbers and words that recur, with others."""
    column = frame[name]
    if is_words(column):
        return True
    others = (frame[other] for other in frame.columns if other != name)
    return is_text(column) and _is_category(column) and any(not is_text(other) for other in others)


def _is_category(column: "pd.Series[str]") -> bool:
    """Return whether few numbers and few words recur in a column: 0, a, b and c for kinds of a holiday."""
    texts = without_usual(Texts.of(column))
    counts = np.bincount(texts.codes[texts.codes >= 0], minlength=len(texts.values))
    if not (counts > 0).sum() <= MOST_CATEGORIES:
        return False
    is_number = pd.to_numeric(pd.Series(texts.values), errors="coerce").notna().to_numpy(dtype=np.bool_)
    words = counts[~is_number & (counts > 0)]
    numbers = counts[is_number & (counts > 0)]
    if not (words.size and numbers.size):
        return False
    is_recurring = words.mean() >= LEAST_RECURRING or (words.size > 1 and numbers.size == 1)
    return bool(is_recurring and numbers.mean() >= LEAST_NUMBERS)


def _distinct_count(frame: pd.DataFrame, time: str | None) -> int:
    """Return how many distinct timestamps there are at most, without looking at every row."""
    if time is not None and isinstance(frame[time].dtype, pd.CategoricalDtype):
        return len(frame[time].cat.categories)
    return len(frame)


def _is_row_number(frame: pd.DataFrame, name: str) -> bool:
    """Return whether a column is the nameless row number that pandas writes."""
    return name.startswith(UNNAMED) and pd.api.types.is_integer_dtype(frame[name].dtype)
