"""The cells of the time column as moments on a clock, in the form that they are written in."""

from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from forecaster.config import Asked
from forecaster.data.complaints import Option, Text
from forecaster.data.files.sheet import is_text, is_words, refuse_cells
from forecaster.data.notes import infer
from forecaster.data.row_times import Times
from forecaster.data.table import Texts
from forecaster.data.times.clocks import Stamps, place_at_offset, place_in_zone
from forecaster.data.times.counts import parse_counts, understand_counts
from forecaster.data.times.evidence import propose_forms
from forecaster.data.times.forms import INDEX
from forecaster.data.times.timestamps import (
    EXPECTED_ONE,
    fractions_of,
    is_finer_than_seconds,
    parse_texts,
    valid_rows,
    without_fractions,
)
from forecaster.data.times.zones import Written
from forecaster.data.understand.number_cells import read_numbers

HALF = 0.5  # of a second is rounded up
FIRST_YEAR = 1500  # years alone are no hours and minutes
LEAST_CLOCK, FEWEST_CLOCK = 200, 20  # of numbers that may be hours and minutes: the largest, and how many
LARGEST_COUNT = 2.0**62  # room for the steps of a forecast within int64
EVERY_ROW = "every row needs a timestamp"
WHOLE = "timestamps are dates or whole numbers"


def read_stamps(frame: pd.DataFrame, name: str, asked: Asked) -> Stamps:
    """Return seconds or counts, the form they were written in, and the clock of the time zone."""
    column = frame[name]
    is_count = asked.time_format == INDEX or "%s" in (asked.time_format or "")
    if is_count or not is_text(column):
        return place_at_offset(*_read_counts(frame, name, asked), asked.timezone)
    fractions = fractions_of(column)
    if asked.is_complete and not asked.aggregate and is_finer_than_seconds(column, asked.time_format):
        fractions = None  # of which the reader says what to do
    cells = column if fractions is None else without_fractions(column)
    texts = Texts.of(cells)
    parsed = parse_texts(texts, asked.time_format, asked.likely_time_format)
    times, valid = Times(parsed.seconds, texts.codes), valid_rows(parsed.valid, texts.codes)
    if fractions is not None and not asked.aggregate:
        times = Times(times.all() + (fractions >= HALF))
        said = f'column "{name}": times such as "{column.dropna().iloc[0]}" are rounded to whole seconds; '
        infer(said, Option("step", "1"), alternative="counts the rows")
    if not valid.any() and parsed.problem is None and not is_words(column):
        return place_at_offset(*_read_counts(frame, name, asked), asked.timezone)
    if parsed.problem is not None:
        rows = frame.index.to_numpy()[np.asarray(parsed.problem.rows)]
        raise replace(parsed.problem, rows=rows, column=name)
    if not valid.all():
        refuse_cells(frame, name, column.isna().to_numpy(), "is not a timestamp", EVERY_ROW)
    form = "" if parsed.time_format.startswith("%Y-") else f" of the form {parsed.time_format}"
    proposed = () if valid.any() or asked.time_format else _propose(column, asked)
    if not valid.all():
        found = f"is not a timestamp{form}"
        refuse_cells(frame, name, ~valid, found, proposed or _expected_form(asked))
    if parsed.doubt and not asked.is_complete:
        doubt = f'column "{name}" is {parsed.doubt} ('
        infer(doubt, Option("time_format"), alternative="names any other form")
    if parsed.offsets is None:
        return place_at_offset(times, parsed.time_format, asked.timezone)
    offsets = parsed.offsets if times.codes is not None else parsed.offsets[texts.codes]
    utc = times.map(lambda seconds: seconds - offsets)
    written = Written(name, frame.index.to_numpy(), utc, offsets)
    return place_in_zone(written, parsed.time_format, asked)


def is_too_fine(column: "pd.Series[str]", asked: Asked) -> bool:
    """Return whether times are less than a second apart, so that the rows are counted, and say so."""
    if asked.is_complete or asked.aggregate or not is_text(column):
        return False
    if not is_finer_than_seconds(column, asked.time_format):
        return False
    found = f'column "{column.name}": its times are less than a second apart, and the rows are counted; '
    mean = Option("aggregate", "mean"), Option("step", "1s")
    infer(found, *mean, alternative="takes the mean of each second")
    return True


def _read_counts(frame: pd.DataFrame, name: str, asked: Asked) -> tuple[Times, str]:
    """Return seconds or counts of a column of whole numbers, and the form they were written in."""
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
    if time_format == INDEX and not asked.time_format and not asked.is_complete:
        _note_clock(name, counts)
    moments, valid = parse_counts(counts, time_format)
    refuse_cells(frame, name, ~valid, f"is not a timestamp of the form {time_format}", _expected_form(asked))
    return Times(moments), time_format


def _note_clock(name: str, counts: NDArray[np.int64]) -> None:
    """Note that plain counts may be hours and minutes: none has 60 minutes or more, of many."""
    distinct = np.unique(counts)
    of_hour = distinct % 100
    is_clock = (
        0 <= distinct[0] < FIRST_YEAR and LEAST_CLOCK <= distinct[-1] < 2400 and len(np.unique(of_hour)) > 1
    )
    if is_clock and len(distinct) >= FEWEST_CLOCK and (of_hour < 60).all():
        found = (
            f'column "{name}": {distinct[-1]} may be hours and minutes, of no day; it is read as a count ('
        )
        infer(found, Option("time", "COLUMN"), alternative="names another column")


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
