"""Which column is the time: by its name, by what its cells say, or by both."""

import re

import numpy as np
import pandas as pd

from forecaster.config import Asked
from forecaster.data.complaints import Option
from forecaster.data.files.sheet import UNNAMED, columns_that_begin_whole, is_text, text_columns
from forecaster.data.notes import infer
from forecaster.data.spelling.candidates import is_like_time
from forecaster.data.spelling.part_names import slots_of
from forecaster.data.times.counts import looks_like_dates
from forecaster.data.times.evidence import propose_forms
from forecaster.data.times.timestamps import has_no_day, looks_like_timestamps
from forecaster.data.understand.counters import RANK_NAME, find_counter

DATE_NAMES = ("timestamp", "datetime", "date", "time", "ds")  # a column of text named so has to be the time
TIME_NAMES = (*DATE_NAMES, "t", "period", "year", "quarter", "month", "week", "day", "hour")
# Names in German, French, Spanish and Italian files, used only to warn where the time was not understood.
FOREIGN_NAMES = (
    *("datum", "zeit", "zeitpunkt", "zeitstempel", "uhrzeit", "jahr", "quartal", "monat", "woche", "tag"),
    *("heure", "horodatage", "jour", "semaine", "mois", "trimestre", "année"),
    *("fecha", "hora", "día", "semana", "mes", "año", "data", "ora", "giorno", "settimana", "mese", "anno"),
)
NUMBER_NAME = re.compile(r"(?i)times?|dates?|timestamps?|datetime|(jul(ian)?[\W_]?)day")
# Numbers named month or hour are covariates more often than time.
INDEX_NAMES = (*DATE_NAMES, "t", "step", "index", "period", "year")

SAMPLE_CELLS = 1000
# How seconds since 1970 are called, from 1990 on, and the share of their steps that may go the other way.
STAMP_NAME = re.compile(r"(?i)ts|time|date|stamp|epoch|unix|created|updated|seconds|_at$|^ds$|^t$")
FIRST_SECONDS, WANDERING = 631_152_000, 0.2
ELAPSED = re.compile(r"(?:\d+ days?,? )?\+?\d{1,3}:\d{2}(?::\d{2}(?:\.\d+)?)?")
FEWEST_TIMES, MOST = 3, 0.8  # distinct texts, and the share of them, that make a column look like time
# Years in a column without a name, which could as well be the numbers of rows.
FIRST_YEAR, LAST_YEAR, FEWEST_YEARS = 1500, 2199, 3
# Years in a column of any name, which end in these times: row numbers begin at 0 or 1.
EARLIEST, LATEST, FEWEST_COUNTED = 1700, 2100, 8


def _varies(column: "pd.Series[str]") -> bool:
    """Return whether a column has two distinct cells; of texts, that are codes, no row is looked at."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        return len(column.cat.categories) > 1
    return bool(column.nunique() > 1)


def find_time(frame: pd.DataFrame, asked: Asked) -> str | None:
    """Return the time column; None: the rows are numbered."""
    if asked.time is not None or asked.is_complete:
        return asked.time
    taken = asked.named
    free = [name for name in map(str, frame.columns) if name not in taken]
    words = [name for name in text_columns(frame) if name not in taken]
    dates = [name for name in words if looks_like_timestamps(frame[name], asked.time_format)]
    # Databases write the bounds of a query into every row.
    dates = [name for name in dates if _varies(frame[name])] or dates
    named = [name for name in dates if name.casefold().strip("_ ") in TIME_NAMES]
    if len(dates) > 1:  # next to days a month or a quarter is a part of them
        no_days = {name for name in dates if has_no_day(frame[name])}
        dates, named = (sorted(names, key=no_days.__contains__) for names in (dates, named))
    if dates:
        found = next(iter([*named, *dates]))
        return next((name for name in dates if _says_more(frame[name], frame[found])), found)
    return _find_claimed(frame, words) or _find_numbers(frame, free)


def _find_claimed(frame: pd.DataFrame, words: list[str]) -> str | None:
    """Return a column of texts that is called like time and does not parse; the reader says why not."""
    claimed = (name for name in words if name.casefold() in DATE_NAMES and not _is_elapsed(frame[name]))
    others = (name for name in words if _is_called_time(name) and propose_forms(_some_texts(frame[name])))
    return next(claimed, None) or next(others, None)


def _says_more(column: "pd.Series[str]", day: "pd.Series[str]") -> bool:
    """Return whether each cell is that of another column and a time of day, of which a day has several."""
    if column.name == day.name:
        return False
    head = zip(column.iloc[:SAMPLE_CELLS], day.iloc[:SAMPLE_CELLS], strict=True)
    pairs = {(str(long), str(short)) for long, short in head}
    is_longer = all(long.startswith(short) and len(long) > len(short) for long, short in pairs)
    return is_longer and len(pairs) > len({short for _, short in pairs})


def _is_elapsed(column: "pd.Series[str]") -> bool:
    """Return whether texts are times that passed, or times of no day: 00:05:00, 1 days 02:00:00."""
    return all(map(ELAPSED.fullmatch, _some_texts(column)))


def _find_numbers(frame: pd.DataFrame, free: list[str]) -> str | None:
    """Return the column of numbers that is the time: dates, a count, years."""
    counts = [name for name in free if name.casefold() in INDEX_NAMES and is_integer(frame[name])]
    counts += [name for name in free if name not in counts and _is_year(frame, name)]
    stamps = [name for name in free if looks_like_dates(frame[name]) and not _wanders(frame[name])]
    # One year in all rows is no time where a round is.
    known = [name for name in stamps if name.casefold() in TIME_NAMES]
    moving = [name for name in counts if _varies(frame[name])]
    found = next(iter([*known, *moving, *stamps]), None) or find_counter(frame, free)
    found = found or next(iter(counts), None) or _find_unnamed_years(frame, free)
    return found or _find_years_of_other_names(frame, free)


def _wanders(column: "pd.Series[int]") -> bool:
    """Return whether numbers that may be seconds since 1970, and are called like no time, go up and down."""
    head = column.iloc[:SAMPLE_CELLS].to_numpy(dtype=np.float64)
    if STAMP_NAME.search(str(column.name)) or head.min() < FIRST_SECONDS:
        return False
    steps = np.diff(head)
    return bool(min((steps > 0).sum(), (steps < 0).sum()) > WANDERING * np.count_nonzero(steps))


def _is_year(frame: pd.DataFrame, name: str) -> bool:
    """Return whether a column is called year in any language, and holds years."""
    if "year" not in slots_of(name) or not is_integer(frame[name]):
        return False
    years = frame[name].dropna().to_numpy(dtype=np.float64)
    return bool(years.min() >= FIRST_YEAR and years.max() <= LAST_YEAR)


def _find_unnamed_years(frame: pd.DataFrame, free: list[str]) -> str | None:
    """Return the first column, where it has no name and holds years that rise or fall: R's row names."""
    name = str(frame.columns[0]) if frame.shape[1] else ""
    if name not in free or not name.startswith(UNNAMED) or not is_integer(frame[name]):
        return None
    years = frame[name].dropna().to_numpy()
    steps = years[1:] - years[:-1]
    if len(years) < FEWEST_YEARS or (not (steps > 0).all() and not (steps < 0).all()):
        return None
    if years.min() < FIRST_YEAR or years.max() > LAST_YEAR:
        return None
    span = f"{years[0]:.0f} to {years[-1]:.0f}"
    found = f"the first column has no name; its numbers, {span}, are read as years ("
    infer(found, Option("time"), alternative="names another")
    return name


def _find_years_of_other_names(frame: pd.DataFrame, free: list[str]) -> str | None:
    """Return the only column whose numbers are years, each one after the last, whatever it is called."""
    whole = columns_that_begin_whole(frame, free, FEWEST_COUNTED)
    found = [name for name in whole if not RANK_NAME.fullmatch(name) and _counts_years(frame[name])]
    if len(found) != 1 or len(free) < 2:
        return None
    first, last = (f"{frame[found[0]].iloc[place]:.0f}" for place in (0, -1))
    said = f'column "{found[0]}": {first} to {last} are read as years ('
    infer(said, Option("time"), alternative="names another")
    return found[0]


def _counts_years(column: "pd.Series[str]") -> bool:
    """Return whether whole numbers rise or fall by one step from row to row, and all are years."""
    if len(column) < FEWEST_COUNTED or column.isna().any() or not is_integer(column):
        return False
    years = column.to_numpy(dtype=np.float64)
    steps = np.diff(years)
    is_even = steps[0] != 0 and (steps == steps[0]).all()
    return bool(is_even and years.min() >= EARLIEST and years.max() <= LATEST)


def find_unread_time(frame: pd.DataFrame, asked: Asked) -> str | None:
    """Return a column of text that is called like time, and was not understood."""
    names = [name for name in map(str, frame.columns) if name not in asked.named and _is_called_time(name)]
    return next((name for name in names if is_text(frame[name])), None)


def note_unread_time(source: str, frame: pd.DataFrame, asked: Asked) -> None:
    """Note a column that is called like time, or looks like it, and was not understood: rows are numbered.

    source: how messages call the data.
    """
    name, why = find_unread_time(frame, asked), "is called like time"
    if name is None:
        words = [name for name in text_columns(frame) if name not in asked.named]
        name, why = next((name for name in words if _seems_time(frame[name])), None), "looks like time"
    if name is None:
        _note_numbers(source, frame, asked)
        return
    if looks_like_timestamps(frame[name]):
        return
    texts = _some_texts(frame[name])
    forms = propose_forms(texts)
    form = Option("time_format", forms[0], is_quoted=True) if forms else Option("time_format")
    found = f'{source}: column "{name}" {why}, but "{texts[0]}" is of no known form; the rows are numbered ('
    infer(found, form, alternative="reads it" if forms else "names the form")


def _note_numbers(source: str, frame: pd.DataFrame, asked: Asked) -> None:
    """Note a column of numbers that is called time or date, and is not taken for the time."""
    free = [name for name in map(str, frame.columns) if name not in asked.named]
    called = [name for name in free if NUMBER_NAME.fullmatch(name) and frame[name].dtype.kind in "iuf"]
    varied = [name for name in called if _varies(frame[name])]
    if varied:
        first = frame[varied[0]].dropna().iloc[0]
        found = f'{source}: column "{varied[0]}" is called like time, but its numbers, such as {first:g}, '
        found += "are no dates and no even steps; the rows are numbered ("
        infer(found, Option("time", "COLUMN"), alternative="names the time")


def _is_called_time(name: str) -> bool:
    return name.casefold() in (*TIME_NAMES, *FOREIGN_NAMES)


def _seems_time(column: "pd.Series[str]") -> bool:
    """Return whether most texts are numbers between the signs of times, or next to words of them."""
    texts = _some_texts(column)
    return len(texts) >= FEWEST_TIMES and sum(map(is_like_time, texts)) > MOST * len(texts)


def _some_texts(column: "pd.Series[str]") -> list[str]:
    """Return some of the distinct texts of a column."""
    return [str(text) for text in column.dropna().iloc[:SAMPLE_CELLS].unique()]


def is_integer(column: "pd.Series[str]") -> bool:
    """Return whether a column of numbers holds whole ones only; missing cells do not count."""
    if is_text(column) or pd.api.types.infer_dtype(column, skipna=True) == "boolean":
        return False
    present = column.dropna()
    return len(present) > 0 and bool((present % 1 == 0).all())
