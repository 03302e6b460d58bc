"""Numbers that are dates, in a frame: which column holds them, by its name and its texts."""

import re
from collections.abc import Callable

import numpy as np
import pandas as pd

from forecaster.config import Asked
from forecaster.data.complaints import Complaint, Option
from forecaster.data.files.sheet import UNNAMED, is_text, text_columns
from forecaster.data.notes import infer
from forecaster.data.spelling.measures import is_measure
from forecaster.data.table import Texts
from forecaster.data.times.counts import looks_like_dates, parse_counts
from forecaster.data.times.forms import INDEX
from forecaster.data.times.number_dates import (
    SERIAL_NAMES,
    YEAR_PART,
    Reading,
    has_weeks_of_no_calendar,
    is_number_date,
    may_be_dates,
    read_number_dates,
)
from forecaster.data.times.problems import ambiguous_forms
from forecaster.data.times.timestamps import looks_like_timestamps
from forecaster.data.understand.time_column import (
    FIRST_YEAR,
    FOREIGN_NAMES,
    LAST_YEAR,
    TIME_NAMES,
    find_time,
    is_integer,
)

# Words in the name of a column of numbers that may be dates, and those that tell the part of a year.
CLAIMING = frozenset((*TIME_NAMES, *FOREIGN_NAMES, "dates", "dt", "decimal", "yr", "serial", *SERIAL_NAMES))
KINDS = {
    "week": re.compile(r"week|wk|woche|^kw$|semaine|semana|settimana|yyyyww", re.IGNORECASE),
    "quarter": re.compile(r"quart|qtr|trimest|yyyyq", re.IGNORECASE),
    "month": re.compile(r"month|monat|^mois|^mes$|mese|yyyymm$", re.IGNORECASE),
    "day": re.compile(r"doy|yday|julian|day_?of_?year|y{2,4}d{3}|yyyyd", re.IGNORECASE),
}
DATE_WORDS = CLAIMING - {"t", "period", "time", "zeit", "quarter", "year", "hour"}
LIKELY, SURE, MANY = 0.5, 0.95, 12  # of steps that have a row: in a column called like time, in any other


def settle_number_dates(
    frame: pd.DataFrame, asked: Asked, texts_of: Callable[[str], Texts]
) -> tuple[pd.DataFrame, Asked]:
    """Return the frame with numbers that are dates as texts, and what is asked of data with their form.

    texts_of: the texts of a column of numbers. Raises a Complaint for dates whose form nothing tells.
    """
    form = asked.likely_time_format if asked.is_complete else asked.time_format
    if form is not None or asked.is_complete:
        return _settle_form(frame, asked, form or INDEX, texts_of)
    for name in _candidates(frame, asked):
        texts = Texts.of(frame[name]) if is_text(frame[name]) else texts_of(name)
        words, kind = _words_of(name), _kind_of(name)
        found = read_number_dates(texts.values.astype(str), kind, words)
        is_claimed = bool(kind or words & CLAIMING) or asked.time == name
        if not found:
            _refuse_unread(name, texts, frame, kind, words)
        elif _is_plausible(found[0], frame, name, is_claimed=is_claimed):
            return _as_dates(frame, asked, name, texts, found)
    return frame, asked


def _settle_form(
    frame: pd.DataFrame, asked: Asked, form: str, texts_of: Callable[[str], Texts]
) -> tuple[pd.DataFrame, Asked]:
    """Return the frame with the column of a form that was named, or that a model has, as it is written."""
    if form == INDEX or "%s" in form or (asked.is_complete and not is_number_date(form)):
        return frame, asked
    named = [asked.time] if asked.time is not None else []
    free = [name for name in map(str, frame.columns) if name not in asked.named]
    for name in named or sorted(free, key=lambda name: not _words_of(name) & CLAIMING):
        column = frame[name]
        if is_text(column):
            if asked.is_complete:
                return frame, asked.model_copy(update={"time_format": form})
            continue
        is_count = is_integer(column) and column.notna().all() and not is_measure(form)
        if is_count and parse_counts(np.asarray(column).astype(np.int64), form)[1].all():
            return frame, asked.model_copy(update={"time": name})
        texts = _with_texts(frame, name, texts_of(name))
        if named or looks_like_timestamps(texts[name], form):
            return texts, asked.model_copy(update={"time": name, "time_format": form})
    return frame, asked


def _candidates(frame: pd.DataFrame, asked: Asked) -> list[str]:
    """Return the columns that may hold dates as numbers, the likeliest first."""
    free = [name for name in map(str, frame.columns) if name not in asked.named]
    named = [name for name in free if _words_of(name) & CLAIMING or _kind_of(name)]
    names = [asked.time] if asked.time is not None else dict.fromkeys([*named, *free[:1]])
    likely = [
        name
        for name in names
        if (
            _has_year_part(frame[name])
            if is_text(frame[name])
            else may_be_dates(frame[name], is_called=name in named)
        )
    ]
    parts_of_years = [name for name in text_columns(frame) if _has_year_part(frame[name])]
    if not likely and not parts_of_years and "week" not in map(_kind_of, named):
        return []  # whatever the time is, which takes a look at every column
    found = find_time(frame, asked)
    if found is not None and is_text(frame[found]):
        return [found] if found in parts_of_years else []
    if found is not None and looks_like_dates(frame[found]):
        return [found] if _kind_of(found) == "week" else []
    return likely


def _has_year_part(column: "pd.Series[str]") -> bool:
    """Return whether the first text is a year and a number: 2000-1."""
    present = column.dropna()
    return is_text(column) and len(present) > 0 and YEAR_PART.fullmatch(str(present.iloc[0])) is not None


def _is_plausible(reading: Reading, frame: pd.DataFrame, name: str, *, is_claimed: bool) -> bool:
    """Return whether a column is one of dates: by its name, or the first of rising numbers without a gap."""
    if is_text(frame[name]) and "%m" in reading.form.replace("%-", "%"):
        return False  # which is read as months anyway
    if reading.is_serial and not _words_of(name) & (
        DATE_WORDS | ({"time"} if "." in reading.form else set())
    ):
        return False
    if is_claimed:
        return reading.share >= LIKELY
    if reading.has_plain_parts and not name.startswith(UNNAMED):  # as the names of rows that R writes
        return False
    seconds = pd.Series(frame[name]).dropna()
    rises = seconds.is_monotonic_increasing or seconds.is_monotonic_decreasing
    return bool(reading.share >= SURE and len(reading.seconds) >= MANY and rises and seconds.is_unique)


def _as_dates(
    frame: pd.DataFrame, asked: Asked, name: str, texts: Texts, found: list[Reading]
) -> tuple[pd.DataFrame, Asked]:
    """Return a column as the texts of dates, with a note that says so."""
    if len(found) > 1:
        problem = ambiguous_forms(texts.values, {reading.form: reading.seconds for reading in found})
        rows = [int(frame.index[int((texts.codes == row).argmax())]) for row in problem.rows]
        raise Complaint(problem.found, rows, problem.remedy, problem.for_model, column=name)
    first = int(texts.codes[texts.codes >= 0][0])
    day = str(found[0].seconds[first].astype("datetime64[s]")).replace("T00:00:00", "")
    said = f'column "{name}": "{texts.values[first]}" is read as {day}, of the form {found[0].form} ('
    others = {"months": Option("time_format", "%Y-%-m"), "plain counts": Option("time_format", INDEX)}
    if is_text(frame[name]) or is_integer(frame[name]):
        kind = "months" if is_text(frame[name]) else "plain counts"
        infer(said, others[kind], alternative=f"reads {kind}")
    else:
        infer(said, Option("time", "COLUMN"), alternative="names another column")
    asked = asked.model_copy(update={"time": name, "time_format": found[0].form})
    return _with_texts(frame, name, texts), asked


def _with_texts(frame: pd.DataFrame, name: str, texts: Texts) -> pd.DataFrame:
    column = pd.Categorical.from_codes(texts.codes, categories=pd.Index(texts.values, dtype="str"))
    return frame.assign(**{name: pd.Series(column, frame.index)})


def _refuse_unread(
    name: str, texts: Texts, frame: pd.DataFrame, kind: str | None, words: frozenset[str]
) -> None:
    """Raise a Complaint for weeks that no calendar has, and for decimal years that follow no step."""
    rows = [int(frame.index[int((texts.codes >= 0).argmax())])]
    if kind == "week" and (week := has_weeks_of_no_calendar(texts.values.astype(str))):
        found = f'"{week}" is a week that the calendar of ISO 8601 does not have, and so are others'
        raise Complaint(found, rows, "write the first day of each week in place of its number", column=name)
    numbers = pd.to_numeric(pd.Series(texts.values).str.replace(",", "."), errors="coerce")
    is_year = bool(((numbers >= FIRST_YEAR) & (numbers <= LAST_YEAR)).all() and (numbers % 1 != 0).any())
    if is_year and words & (DATE_WORDS | {"year"}):
        found = f'"{texts.values[0]}" looks like a decimal year, but these follow no month, quarter or day'
        raise Complaint(found, rows, "write dates such as 2024-01-31 in place of them", column=name)


def _words_of(name: str) -> frozenset[str]:
    """Return the words of a name, and those that a longer one begins or ends with: saledate, date_key."""
    words = {word.casefold() for word in re.findall(r"[^\W\d_]+", re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name))}
    return frozenset(words | {"date" for word in words if word.startswith("date") or word.endswith("date")})


def _kind_of(name: str) -> str | None:
    return next((kind for kind, pattern in KINDS.items() if pattern.search(name)), None)
