"""Layouts of a table: columns that tell series apart, a column a series, or a row a series."""

import re
from dataclasses import dataclass

import pandas as pd

from forecaster.config import Asked
from forecaster.data.across.header_times import (
    COUNTERS,
    FEWEST_TIMES,
    HAS_DIGITS,
    HeaderTimes,
    find_header_times,
)
from forecaster.data.across.periods_across import PeriodsAcross, find_periods_across
from forecaster.data.across.unroll import unroll, unroll_counts
from forecaster.data.columns import ACROSS, AskedByModel
from forecaster.data.complaints import Complaint, Misfit, Option
from forecaster.data.files.sheet import UNNAMED, is_text, text_columns
from forecaster.data.notes import infer
from forecaster.data.spelling.id_names import ID_NAME
from forecaster.data.table import Table, TimeParts
from forecaster.data.times.timestamps import looks_like_timestamps
from forecaster.data.understand.cells import read_table
from forecaster.data.understand.time_column import FOREIGN_NAMES, TIME_NAMES, find_time

LEAST_VALUES = 2  # fewer numbered columns are no series
MANY = 12


def check_layout(asked: Asked) -> None:
    """Raise a Misfit for a layout that contradicts what else is asked for."""
    if asked.layout == "wide" and asked.series:
        raise Misfit((Option("layout", "wide"), " has a column a series; leave out ", Option("series")))
    if asked.layout in ACROSS:
        holds = "a row a series" if asked.layout == "rows" else "a row a period"
        for option, columns in asked.roles.items():
            if columns and option not in ("series", "static"):
                found = (" for the column of ids alone; found ", Option(option, " ".join(columns)))
                rows = (Option("layout", asked.layout), f" has {holds}, and ")
                raise Misfit((*rows, Option("series"), *found))


@dataclass(frozen=True)
class Shape:
    """The kind of rows that a table has: each is a time, unless one of these says otherwise."""

    periods: PeriodsAcross | None = None  # each a period, and the columns its parts
    header: HeaderTimes | None = None  # each a series, under these times
    is_counted: bool = False  # each a series, whose values are counted

    @property
    def has_series(self) -> bool:
        """Return whether each row holds a series."""
        return self.is_counted or self.header is not None


def find_shape(frame: pd.DataFrame, asked: Asked) -> Shape:
    """Return what the rows of a table are: as asked, or by the names of its columns.

    Rows are series that have no time of their own under times, or an id and numbers called V2, V3, V4 ...
    Raises a Complaint for times that may be read in several ways.
    """
    periods = find_periods_across(frame, asked)
    return Shape(periods=periods) if periods is not None else _find_series(frame, asked)


def _find_series(frame: pd.DataFrame, asked: Asked) -> Shape:
    """Return whether rows are series, and under which times."""
    if asked.layout in ("long", "wide", "grid") or (asked.layout == "auto" and asked.is_complete):
        return Shape()
    if not {*asked.named} <= {*asked.series, *asked.static}:
        return Shape()
    names = list(map(str, frame.columns))
    if isinstance(asked, AskedByModel):
        return _find_model_times(names, asked)
    try:
        header = find_header_times(
            names, asked, fewest=LEAST_VALUES if asked.layout == "rows" else FEWEST_TIMES
        )
    except Complaint:
        if asked.layout == "auto" and find_time(frame, asked) is not None:
            return Shape()
        raise
    times = header if header is not None and _tells_time(header) else None
    if asked.layout == "rows":
        return Shape(header=times, is_counted=times is None)
    if times is not None and _are_series(frame, times, asked):
        return Shape(header=times)
    return Shape(is_counted=_is_counted_row_a_series(frame, asked))


def _find_model_times(names: list[str], asked: AskedByModel) -> Shape:
    """Return the times in the header of data for a model, of the form that it was fitted on."""
    if asked.columns.time is None:
        return Shape(is_counted=True)
    header = find_header_times(names, asked, fewest=1)
    if header is None:
        raise Complaint(f"no column is called by a time of the form {asked.likely_time_format}")
    return Shape(header=header)


def _tells_time(header: HeaderTimes) -> bool:
    """Return whether names are dates, years or numbered days, and not numbered alone."""
    return not header.is_counted or COUNTERS.fullmatch(header.prefix) is not None


def _are_series(frame: pd.DataFrame, header: HeaderTimes, asked: Asked) -> bool:
    """Return whether rows have no time of their own, and something else that tells them apart."""
    before = [name for name in map(str, frame.columns) if name not in header.columns]
    rows = frame.dropna(how="all")
    if before and (
        find_time(frame[before], asked) is not None or any(_is_called_time(rows[n]) for n in before)
    ):
        return False
    if any(is_text(rows[name]) for name in before):
        return True
    if len(rows) == 1 and not header.is_counted:
        return True
    return any(ID_NAME.fullmatch(name) or rows[name].is_unique for name in before)


def _is_called_time(column: "pd.Series[str]") -> bool:
    """Return whether a column of texts is called like time, whether it was understood or not."""
    return is_text(column) and str(column.name).casefold().strip("_ ") in (*TIME_NAMES, *FOREIGN_NAMES)


def _is_counted_row_a_series(frame: pd.DataFrame, asked: Asked) -> bool:
    """Return whether each row holds an id, then numbers called V2, V3, V4 ..."""
    first, *others = map(str, frame.columns)
    chosen = {name for columns in asked.roles.values() for name in columns}
    if chosen - {first} or chosen != set(asked.series) or not _are_numbered(others):
        return False
    ids = frame[first]
    if ids.isna().any():  # spreadsheets append rows of empty cells
        ids = frame.dropna(how="all")[first]
    is_id = (
        is_text(ids)
        and ids.notna().all()
        and ids.is_unique
        and not looks_like_timestamps(ids)
        and not _is_called_time(ids)
    )
    return bool(is_id and text_columns(frame) == [first])


def lay_out(frame: pd.DataFrame, asked: Asked, shape: Shape, parts: TimeParts = ()) -> tuple[Table, Asked]:
    """Return the cells as one row for each value of time, and what is asked of that table's columns.

    parts: columns that the time was joined of. Raises a Complaint for cells that do not parse.
    """
    if not shape.has_series:
        table = read_table(frame, asked, parts)
        if table.time is None and asked.layout == "auto" and not asked.target:
            _refuse_times_as_names(table)
        return table, asked
    if asked.joint:
        raise Misfit((Option("joint"), " forecasts several targets together, but a row a series has one"))
    if shape.header is None:
        if asked.timezone:
            raise Misfit((Option("timezone"), f" is {asked.timezone}, but a row a series has no times"))
        return unroll_counts(frame, asked)
    if asked.layout == "auto":
        first, last = shape.header.columns[0], shape.header.columns[-1]
        found = f'the columns "{first}" to "{last}" are times, and each row is a series ('
        infer(found, Option("layout", "wide"), alternative="reads a column a series")
    return unroll(frame, shape.header, asked)


def _refuse_times_as_names(table: Table) -> None:
    """Raise a Complaint where columns are named by times or counts and rows by texts: the rows are series."""
    names = [name for name in table.numbers if name in table.filled or not name.startswith(UNNAMED)]
    is_time = looks_like_timestamps(pd.Series(names, dtype="str")) or _are_numbered(names) or _are_many(names)
    ids = [name for name, texts in table.texts.items() if len(texts.values) == len(table.times) > 1]
    if len(names) >= LEAST_VALUES and is_time and ids:
        raise Complaint(
            f'every row seems to be a series: "{ids[0]}" differs in each, and the columns "{names[0]}" to '
            f'"{names[-1]}" follow each other in time',
            remedy=(
                Option("layout", "rows"),
                f' reads the rows as series, once every column but "{ids[0]}" holds numbers; ',
                Option("layout", "wide"),
                " reads the columns as series",
            ),
        )


def _are_many(names: list[str]) -> bool:
    """Return whether many columns are called by numbers of some form, perhaps times of an unknown form."""
    return len(names) >= MANY and all(map(HAS_DIGITS.search, names))


def _are_numbered(names: list[str]) -> bool:
    """Return whether they are one word with rising numbers: V2, V3, V4."""
    found = [re.fullmatch(r"(\D*)(\d+)", name) for name in names]
    parts = [(match[1], int(match[2])) for match in found if match]
    if len(parts) < max(len(names), LEAST_VALUES):
        return False
    word, first = parts[0]
    return parts == [(word, first + number) for number in range(len(parts))]
