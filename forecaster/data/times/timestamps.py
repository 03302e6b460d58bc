"""Timestamps of a file: the form of a column by the evidence of all its cells, and back to texts.

Timestamps are int64 seconds since 1970-01-01, of local wall-clock time unless a clock says otherwise, or
plain counts without a calendar. Only distinct texts are read and written.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from deploy.time.clock import Clock
from forecaster.data.spelling.candidates import forms_of_date
from forecaster.data.spelling.measures import compile_measure, is_measure
from forecaster.data.table import Texts
from forecaster.data.times.counts import parse_counts, write_counts
from forecaster.data.times.evidence import DATE, ParsedTimestamps, find_form, parse_in_form, propose_forms
from forecaster.data.times.forms import INDEX, compile_form, has_offset
from forecaster.data.times.grid import DAY
from forecaster.data.times.offsets import literal_offset
from forecaster.data.times.shapes import cut_interval, group_by_shape, one_of_each_kind
from forecaster.data.times.steps import is_regular

EXPECTED_ONE = "expected one form in all cells, such as 2024-01-31 or 2024-01-31 13:00"
FRACTION = re.compile(r"(?<=:\d\d)[.,]\d+")
FEWEST_SHORT = 13  # texts of two short numbers: more than the months of a year
LONGEST_SHORT = 100  # days from one to the next
SHORTEST_STEP = 0.75  # of a second: a step of one second with some jitter is longer
SAMPLE_CELLS = 1000  # enough to tell a column of timestamps from one of words


def parse_timestamps(
    cells: "pd.Series[str]", time_format: str | None = None, trained: str | None = None
) -> ParsedTimestamps:
    """Return the local times written in `cells`; one that is missing or not of the form is not valid.

    Otherwise as parse_texts.
    """
    column = Texts.of(cells)
    codes, parsed = column.codes, parse_texts(column, time_format, trained)
    if not len(column.values):
        return replace(parsed, seconds=np.zeros(len(codes), dtype=np.int64), valid=codes >= 0)
    return replace(
        parsed,
        seconds=parsed.seconds[codes],
        valid=valid_rows(parsed.valid, codes),
        offsets=None if parsed.offsets is None else parsed.offsets[codes],
    )


def parse_texts(
    column: Texts, time_format: str | None = None, trained: str | None = None
) -> ParsedTimestamps:
    """Return the local times of the distinct texts of a column; rows of a problem are those of the column.

    A date among dates with times is its midnight. time_format: the only form to read, a strftime format;
    trained: the form to choose where the cells do not decide. Raises ConfigError for a bad format.
    """
    codes, texts = column.codes, column.values
    if not len(texts):
        return ParsedTimestamps(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.bool_), DATE)
    parsed = parse_in_form(texts, time_format) if time_format else find_form(texts, trained)
    if not time_format and not parsed.valid.any() and parsed.problem is None:
        parsed = _find_short_months(texts, trained) or parsed
    problem = parsed.problem and replace(
        parsed.problem, rows=[int((codes == text).argmax()) for text in parsed.problem.rows]
    )
    return replace(parsed, problem=problem)


def valid_rows(valid: NDArray[np.bool_], codes: NDArray[Any]) -> NDArray[np.bool_]:
    """Return which rows hold a text that is valid: (rows,), which takes no memory where all do."""
    if valid.all() and codes.min(initial=0) >= 0:
        return np.broadcast_to(np.True_, codes.shape)
    rows: NDArray[np.bool_] = valid[codes] & (codes >= 0)
    return rows


def _find_short_months(texts: NDArray[Any], trained: str | None) -> ParsedTimestamps | None:
    """Return months of years of one or two digits, 1/86 or 1-01, in the one form in which they are in order.

    None where that is not clear: two short numbers may be a day and a month.
    """
    forms = [] if len(texts) < FEWEST_SHORT and trained is None else propose_forms(texts)
    readings = [parse_in_form(texts, form) for form in forms if "d" not in form]
    found = [one for one in readings if one.time_format == trained or _are_months(one.seconds)]
    if len(found) != 1 or (trained is None and len(texts) < FEWEST_SHORT):
        return None
    form = found[0].time_format
    return replace(
        found[0], doubt=f'read in the form {form}, in which "{texts[0]}" and so on follow each other'
    )


def _are_months(seconds: NDArray[np.int64]) -> bool:
    """Return whether moments lie on an even step of some months: (texts,)."""
    return is_regular(seconds) and float(np.median(np.diff(np.unique(seconds)))) < LONGEST_SHORT * DAY


def without_fractions(cells: "pd.Series[str]") -> "pd.Series[str]":
    """Return the texts without fractions of a second, where their rows become one for a longer step."""
    column = Texts.of(cells)
    whole = [FRACTION.sub("", text) for text in column.values.tolist()]
    codes, texts = pd.factorize(np.array(whole, dtype=object))
    numbers = np.append(codes, -1)[column.codes]  # -1 is the last
    return pd.Series(pd.Categorical.from_codes(numbers, categories=pd.Index(texts, dtype="str")), cells.index)


def fractions_of(cells: "pd.Series[str]") -> NDArray[np.float64] | None:
    """Return the fraction of a second of each cell, (rows,), where it changes; None where it does not."""
    column = Texts.of(cells)
    texts = column.values
    if not len(texts) or FRACTION.search(texts[0]) is None:
        return None
    found = [FRACTION.search(text) for text in texts.tolist()]
    parts = np.array([float(f"0.{one[0][1:]}") if one else 0.0 for one in found])
    return np.append(parts, 0.0)[column.codes] if (parts != parts[0]).any() else None


def is_finer_than_seconds(cells: "pd.Series[str]", time_format: str | None = None) -> bool:
    """Return whether there are more distinct times than seconds between the first and the last of them."""
    fractions = fractions_of(cells)
    if fractions is None:
        return False
    parsed = parse_timestamps(without_fractions(cells), time_format)
    moments = np.unique((parsed.seconds + fractions)[parsed.valid])
    return len(moments) > 1 and float(moments[-1] - moments[0]) < SHORTEST_STEP * (len(moments) - 1)


def looks_like_timestamps(cells: "pd.Series[str]", time_format: str | None = None) -> bool:
    """Return whether most of the non-missing cells are timestamps of some form (from a sample)."""
    present = cells.dropna() if cells.hasnans else cells  # which would be a copy of all
    sample = present.iloc[:: max(1, len(present) // SAMPLE_CELLS)]
    if sample.empty:
        return False
    if time_format:
        return bool(parse_timestamps(sample, time_format).valid.mean() > 0.5)
    shapes = group_by_shape(sample.to_numpy(dtype=object))
    most = [
        max(
            shape.read(date, shape.times[0] if shape.times else "")[1].sum()
            for date in one_of_each_kind(shape.dates)
        )
        for shape in shapes
        if shape.is_timestamp
    ]
    if not most and cut_interval(str(sample.iloc[0])):
        return bool(find_form(sample.to_numpy(dtype=object)).valid.mean() > 0.5)
    return bool(sum(most) > 0.5 * len(sample))


def has_no_day(cells: "pd.Series[str]") -> bool:
    """Return whether timestamps are those of months, quarters, weeks or years, by the first of them."""
    shape = re.sub(r"\d", "9", str(cells.dropna().iloc[0]))
    return bool(forms_of_date(shape)) and not forms_of_date(shape, is_timed=True)


def write_timestamps(
    timestamps: NDArray[np.int64], time_format: str, clock: Clock | None = None
) -> list[str]:
    """Return the text of each timestamp, in the form that it was read in.

    clock: of a time zone, if there is one.
    """
    codes, distinct = pd.factorize(timestamps)
    shown = seconds_as_written(distinct, time_format, clock)
    if is_measure(time_format):
        texts = compile_measure(time_format).write(shown)
    elif _is_counted(time_format):
        texts = write_counts(shown, time_format)
    else:
        offsets = shown - clock.to_utc(distinct) if clock is not None and has_offset(time_format) else None
        texts = compile_form(time_format).write(shown, offsets)
    return np.array(texts, dtype=object)[codes].tolist() if texts else []


def seconds_as_written(
    timestamps: NDArray[np.int64], time_format: str, clock: Clock | None = None
) -> NDArray[np.int64]:
    """Return the seconds since 1970, or counts, that a form shows: of the wall clock, or of its UTC offset.

    clock: of a time zone, if there is one.
    """
    if clock is None:
        return timestamps
    if is_measure(time_format):
        return clock.to_wall(timestamps)
    moments = clock.to_utc(timestamps)
    if _is_counted(time_format):
        return moments
    if has_offset(time_format):
        return (
            moments + clock.zone.offsets(moments) // 60 * 60
        )  # before 1900 they had seconds, which no form has
    literal = literal_offset(time_format)
    return clock.to_wall(timestamps) if literal is None else moments + literal


def read_timestamps(texts: Sequence[str], time_format: str, clock: Clock | None = None) -> NDArray[np.int64]:
    """Return the timestamps that were written so: write_timestamps backwards.

    A time that a clock shows twice is the later one.
    Raises ValueError for a text of another form.
    """
    if _is_counted(time_format):
        counts = np.array([int(text) for text in texts], dtype=np.int64)
        seconds, valid = parse_counts(counts, time_format)
        ahead: NDArray[np.int64] | int | None = None if time_format == INDEX else 0
    else:
        parsed = parse_timestamps(pd.Series(texts, dtype="str"), time_format)
        seconds, valid = parsed.seconds, parsed.valid
        ahead = literal_offset(time_format) if parsed.offsets is None else parsed.offsets
    if not valid.all():
        raise ValueError(f"{texts[int(valid.argmin())]!r} is no time of the form {time_format}")
    if clock is None:
        return seconds
    if ahead is not None:
        return clock.from_utc(seconds - ahead)
    if not clock.in_utc:
        return seconds
    moments: NDArray[np.int64] = np.maximum(*clock.zone.to_utc(seconds))
    return moments


def _is_counted(time_format: str) -> bool:
    return time_format == INDEX or time_format.startswith("%s")
