"""Cells as timestamps, numbers and texts, each column of one kind; a cell that does not parse is an error."""

from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from deploy.request.arrays import FLOAT32_END
from forecaster.config import Asked
from forecaster.data.complaints import Misfit, Option, Text
from forecaster.data.figures.marks import as_answers
from forecaster.data.files.missing import without_usual
from forecaster.data.files.sheet import UNNAMED, is_text, is_words, refuse_cells
from forecaster.data.notes import note
from forecaster.data.table import Table, Texts, TimeParts
from forecaster.data.times.clocks import Stamps, place_at_offset, place_in_zone
from forecaster.data.times.counts import parse_counts, understand_counts
from forecaster.data.times.evidence import propose_forms
from forecaster.data.times.forms import INDEX
from forecaster.data.times.timestamps import EXPECTED_ONE, parse_timestamps, without_fractions
from forecaster.data.times.zones import Written
from forecaster.data.understand.time_column import find_time

MOST_CATEGORIES = 20  # distinct texts of a column of categories that are written as numbers or words
# Cells of each such word, next to more than one number, and of each such number.
LEAST_RECURRING, LEAST_NUMBERS = 2, 10
LARGEST_COUNT = 2.0**62  # room for the steps of a forecast within int64
EVERY_ROW = "every row needs a timestamp"
WHOLE = "timestamps are dates or whole numbers"


def read_table(frame: pd.DataFrame, asked: Asked, parts: TimeParts = ()) -> Table:
    """Return the cells, each of its type. Raises a Complaint for cells that do not parse.

    parts: columns that the time was joined of.
    """
    time, read = find_time(frame, asked), {name for name, _ in parts}
    if time is None:
        _refuse_unused_format(asked)
        stamps = place_at_offset(_number_rows(frame, asked.series), INDEX, asked.timezone)
    else:
        if frame[time].isna().any():
            frame = frame.dropna(how="all")  # spreadsheets append rows of empty cells
        stamps = _read_timestamps(frame, time, asked)
    # A static column without any cell is a category of which none is known.
    as_number = asked.numbers
    empty = {name for name in asked.static if name not in as_number and frame[name].isna().all()}
    as_text = asked.texts | empty
    numbers: dict[str, NDArray[np.float64]] = {}
    texts: dict[str, Texts] = {}
    for name in frame.columns:
        if name in (time, *read) or _is_row_number(frame[name]) or not asked.may_use(name):
            continue
        if name in as_text or (name not in as_number and _is_text(frame, name)):
            texts[name] = Texts.of(frame[name])
        elif not asked.target or name in as_number or _is_clean(frame[name]):
            numbers[name] = read_numbers(frame, name)
    if not asked.target and not numbers:
        numbers = _find_answers(texts)
        texts = {name: column for name, column in texts.items() if name not in numbers}
    return Table(
        names=tuple(frame.columns),
        time=time,
        time_format=stamps.time_format,
        timestamps=stamps.seconds,
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


def _number_rows(frame: pd.DataFrame, series: tuple[str, ...]) -> NDArray[np.int64]:
    """Number the rows of each series 0, 1, 2 ...: (rows,)."""
    if not series:
        return np.arange(len(frame))
    return np.asarray(frame.groupby(list(series), dropna=False).cumcount(), dtype=np.int64)


def _read_timestamps(frame: pd.DataFrame, name: str, asked: Asked) -> Stamps:
    """Return seconds or counts, the form they were written in, and the clock of the time zone."""
    column = frame[name]
    is_count = asked.time_format == INDEX or "%s" in (asked.time_format or "")
    if is_count or not is_text(column):
        return place_at_offset(*_read_counts(frame, name, asked), asked.timezone)
    cells = without_fractions(column) if asked.aggregate else column
    parsed = parse_timestamps(cells, asked.time_format, asked.likely_time_format)
    if not parsed.valid.any() and parsed.problem is None and not is_words(column):
        return place_at_offset(*_read_counts(frame, name, asked), asked.timezone)
    if parsed.problem is not None:
        rows = frame.index.to_numpy()[np.asarray(parsed.problem.rows)]
        raise replace(parsed.problem, rows=rows, column=name)
    refuse_cells(frame, name, column.isna().to_numpy(), "is not a timestamp", EVERY_ROW)
    form = "" if parsed.time_format.startswith("%Y-") else f" of the form {parsed.time_format}"
    proposed = () if parsed.valid.any() or asked.time_format else _propose(column, asked)
    refuse_cells(frame, name, ~parsed.valid, f"is not a timestamp{form}", proposed or _expected_form(asked))
    if parsed.doubt and not asked.is_complete:
        note(f'column "{name}" is {parsed.doubt} (', Option("time_format"), " names any other form)")
    if parsed.offsets is None:
        return place_at_offset(parsed.seconds, parsed.time_format, asked.timezone)
    rows, moments = frame.index.to_numpy(), parsed.seconds - parsed.offsets
    written = Written(name, rows, moments, parsed.offsets)
    return place_in_zone(written, parsed.time_format, asked)


def _read_counts(frame: pd.DataFrame, name: str, asked: Asked) -> tuple[NDArray[np.int64], str]:
    """Return seconds or counts of a column of whole numbers, (rows,), and the form they were written in."""
    column, numbers = frame[name], read_numbers(frame, name)
    refuse_cells(frame, name, np.isnan(numbers), "is not a timestamp", EVERY_ROW)
    refuse_cells(frame, name, numbers % 1 != 0, "is not a whole number", WHOLE)
    too_large = np.abs(numbers) > LARGEST_COUNT
    refuse_cells(frame, name, too_large, "is too large a timestamp", _expected_form(asked))
    # Nanoseconds have more digits than a float64.
    counts = np.asarray(numbers if is_text(column) else column).astype(np.int64)
    are_times = bool(asked.timezone or asked.aggregate)
    time_format = asked.time_format or understand_counts(
        counts, asked.likely_time_format, are_times=are_times
    )
    moments, valid = parse_counts(counts, time_format)
    refuse_cells(frame, name, ~valid, f"is not a timestamp of the form {time_format}", _expected_form(asked))
    return moments, time_format


def _propose(column: "pd.Series[str]", asked: Asked) -> Text:
    """Return which forms would read a column of which nothing tells the form; empty where none would."""
    forms = [] if asked.is_complete else propose_forms(Texts.of(column).values)
    options = [Option("time_format", form, is_quoted=True) for form in forms]
    listed = [part for option in options for part in (" or ", option)][1:]
    return (
        (*listed, " reads such cells" if len(forms) == 1 else " decides how they are read") if forms else ()
    )


def _expected_form(asked: Asked) -> Text:
    """Return what to do about a cell that is no timestamp."""
    if asked.time_format and not asked.is_complete:
        if "%" not in asked.time_format:
            return (Option("time_format"), " takes strftime's letters, such as %Y-%m-%d")
        option = Option("time_format", asked.time_format, is_quoted=True)
        return (option, " has to fit every cell; without it the form is found")
    return (
        EXPECTED_ONE
        if asked.is_complete
        else (f"{EXPECTED_ONE}; ", Option("time_format"), " names any other")
    )


def read_numbers(frame: pd.DataFrame, name: str) -> NDArray[np.float64]:
    """Return the cells as float64, NaN = missing: (rows,)."""
    column = frame[name]
    numbers: NDArray[np.float64]
    if is_text(column):
        texts = without_usual(Texts.of(column))
        answers = _read_answers(name, texts, both=False)
        if answers is not None:
            return answers
        parsed = pd.to_numeric(pd.Series([*texts.values, np.nan]), errors="coerce").to_numpy(np.float64)
        numbers = parsed[texts.codes]  # -1 is the last, NaN
        refuse_cells(frame, name, np.isnan(numbers) & (texts.codes >= 0), "is not a number")
    else:
        numbers = _as_floats(column)
    # fmax and fmin pass over NaN and need no array of their own.
    if max(np.fmax.reduce(numbers), -np.fmin.reduce(numbers)) >= FLOAT32_END:
        refuse_cells(frame, name, np.isinf(numbers), "is not finite")
        too_large = np.abs(numbers) >= FLOAT32_END
        refuse_cells(frame, name, too_large, "is beyond what 32-bit floating point holds")
    return numbers


def _as_floats(column: "pd.Series[str]") -> NDArray[np.float64]:
    numbers: NDArray[np.float64]
    try:
        numbers = column.to_numpy(dtype=np.float64)
    except OverflowError:  # whole numbers of more digits than a float has
        numbers = np.array([float(str(number)) for number in column], dtype=np.float64)
    return numbers


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


def _find_answers(texts: dict[str, Texts]) -> dict[str, NDArray[np.float64]]:
    """Return the columns of yes and no as numbers, where there are no others."""
    found = {name: _read_answers(name, without_usual(column), both=True) for name, column in texts.items()}
    return {name: numbers for name, numbers in found.items() if numbers is not None}


def _read_answers(name: str, texts: Texts, *, both: bool) -> NDArray[np.float64] | None:
    """Return 1 and 0 for the texts yes and no; None for others. both: the two have to be there."""
    used = texts.values[np.unique(texts.codes[texts.codes >= 0])].tolist()
    answers = as_answers(used, both=both)
    if answers is None:
        return None
    said = ", ".join(f'"{text}" is read as {number:.0f}' for text, number in answers.items())
    note(f'column "{name}": {said}')
    places = np.array([*(answers.get(text, np.nan) for text in texts.values.tolist()), np.nan])
    numbers: NDArray[np.float64] = places[texts.codes]
    return numbers


def _is_clean(column: "pd.Series[str]") -> bool:
    """Return whether all cells are numbers; of columns that nobody named, others are no reason to stop."""
    if not is_text(column):
        return True
    texts = without_usual(Texts.of(column))
    used = texts.values[np.unique(texts.codes[texts.codes >= 0])]
    return bool(pd.to_numeric(pd.Series(used), errors="coerce").notna().all())


def _distinct_count(frame: pd.DataFrame, time: str | None) -> int:
    """Return how many distinct timestamps there are at most, without looking at every row."""
    if time is not None and isinstance(frame[time].dtype, pd.CategoricalDtype):
        return len(frame[time].cat.categories)
    return len(frame)


def _is_row_number(column: "pd.Series[float]") -> bool:
    """Return whether a column is the nameless row number that pandas writes."""
    return str(column.name).startswith(UNNAMED) and pd.api.types.is_integer_dtype(column.dtype)
