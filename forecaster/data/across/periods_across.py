"""Periods across the columns: a year a row and months across, or a day a row and hours across."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from forecaster.config import Asked
from forecaster.data.across.blocks import COUNTS, find_blocks
from forecaster.data.across.header_times import YEAR, find_header_times
from forecaster.data.across.values import VALUE, free_name, read_values
from forecaster.data.columns import AskedByModel
from forecaster.data.complaints import Complaint, Option
from forecaster.data.files.sheet import is_text
from forecaster.data.joining.joined_time import read_wholes
from forecaster.data.joining.time_parts import find_part
from forecaster.data.notes import infer, note
from forecaster.data.panel.listing import first_few
from forecaster.data.spelling.part_names import slots_of
from forecaster.data.table import Spread
from forecaster.data.times.counts import looks_like_dates
from forecaster.data.times.forms import INDEX
from forecaster.data.times.grid import DAY
from forecaster.data.times.timestamps import looks_like_timestamps, write_timestamps

# What each part needs of the rows: years, months or days.
ROWS_OF = {"month": "year", "quarter": "year", "week": "year", "day": "month", "hour": "day", "period": "day"}
ROWS_OF["weekday"] = "week"


@dataclass(frozen=True)
class PeriodsAcross:
    """Columns that are called by the parts of a row's period, or by the periods of a row's part."""

    columns: tuple[str, ...]
    texts: tuple[str, ...]  # what each of them is called without what is the same in all
    part: str  # what their part is called: month, quarter, week, day, hour, period; or year, date
    rows: tuple[str, ...]  # the columns before them that are the rest of the time, as they are renamed
    spread: Spread
    renamed: dict[str, str]  # columns of years that are called otherwise, or not at all


def find_periods_across(frame: pd.DataFrame, asked: Asked) -> PeriodsAcross | None:
    """Return the columns of the parts of each row's period; None where the columns are called otherwise."""
    if asked.layout not in ("auto", "grid") or (asked.layout == "auto" and asked.is_complete):
        return None
    if not {*asked.named} <= {*asked.series, *asked.static}:
        return None
    names = list(map(str, frame.columns))
    for part, columns, texts in find_blocks(names):
        before = [name for name in names[: names.index(columns[0])] if name not in asked.named]
        rows = _find_rows_of(frame, before, ROWS_OF[part])
        if rows and find_part(pd.Series(texts, name=part, dtype="str"), _trained(asked, part)):
            called, parts = free_name(part, names), tuple(zip(texts, columns, strict=True))
            renamed = _rename_years(frame, rows[0])
            rows = tuple(renamed.get(name, name) for name in rows)
            return PeriodsAcross(columns, texts, called, rows, Spread(called, "{0}", parts), renamed)
        if part == "weekday":
            _note_undated_weeks(before, columns)
    if (down := _find_parts_down(frame, asked)) is not None:
        return down
    if asked.layout == "grid":
        wants = "expected years and columns of months, weeks and columns of weekdays, or days and of hours"
        raise Complaint(f"no columns are called by the parts of a row's period; {wants}")
    return None


def gather(frame: pd.DataFrame, across: PeriodsAcross, asked: Asked) -> tuple[pd.DataFrame, Asked, Spread]:
    """Return one row for each part of each period, and what is asked of the columns.

    The part has a column of its own; the time is joined of it and of the period. Empty cells are no rows.
    Raises a Complaint for cells that are no numbers.
    """
    behind = list(map(str, frame.columns))
    behind = behind[behind.index(across.columns[-1]) + 1 :]
    left_out = [name for name in behind if frame[name].notna().any()]
    if left_out:
        are = "are" if len(left_out) > 1 else "is"
        called = first_few([f'"{name}"' for name in left_out])
        note(f"{called} behind the columns of {across.part}s {are} left out")
    if asked.layout == "auto":
        first, last = across.columns[0], across.columns[-1]
        found = f'the columns "{first}" to "{last}" are the {across.part}s of each "{across.rows[-1]}" ('
        infer(found, Option("layout", "wide"), alternative="reads a column a series")
    frame = frame.dropna(how="all")
    names = [name for name in map(str, frame.columns) if name not in (*across.columns, *behind)]
    values = read_values(frame, across.columns)
    rows, parts = np.nonzero(~np.isnan(values))
    if not rows.size:
        raise Complaint("no target value at all: every cell is missing")
    target = free_name(VALUE, [*names, across.part])
    texts = np.array(across.texts, dtype=object)[parts]
    long = frame[names].iloc[rows].assign(**{across.part: texts, target: values[rows, parts]})
    update = {"time": ", ".join([*across.rows, across.part]), "target": (target,), "layout": "grid"}
    return long, asked.model_copy(update=update), across.spread


def _note_undated_weeks(before: list[str], columns: tuple[str, ...]) -> None:
    """Note that columns are called by the days of weeks, which are numbered."""
    if any("week" in slots_of(name) for name in before):
        found = f'the columns "{columns[0]}" to "{columns[-1]}" are a series each, though they may be the '
        found += "days of weeks whose dates no column tells ("
        infer(found, Option("time", "COLUMN"), alternative="names one that does")


def _rename_years(frame: pd.DataFrame, name: str) -> dict[str, str]:
    """Return what a column of years without a name, or with another, is called instead."""
    is_called = "year" in slots_of(name) or "year" in frame
    return {name: "year"} if _holds_years(frame[name]) and not is_called else {}


def _trained(asked: Asked, part: str) -> str | None:
    """Return the form of a part in the data that a model was fitted on."""
    return dict(asked.columns.time_parts).get(part) if isinstance(asked, AskedByModel) else None


def _find_parts_down(frame: pd.DataFrame, asked: Asked) -> PeriodsAcross | None:
    """Return columns of years after one of all months, quarters or weeks, or of days after one of hours."""
    names = list(map(str, frame.columns))
    try:
        header = find_header_times(names, asked)
    except Complaint:
        return None
    if header is None or header.is_counted or names[1:] != sorted(header.columns, key=names.index):
        return None
    rows = frame.dropna(how="all")[names[0]]
    is_year = header.time_format == INDEX
    is_day = "d" in header.time_format and not (header.seconds % DAY).any()
    for part in find_part(rows):
        count = len(np.unique(part.numbers))
        is_whole = (
            not part.missing.any() and count == len(rows) and COUNTS.get(count) in (part.slot, "period")
        )
        if is_whole and ROWS_OF.get(part.slot) == ("year" if is_year else "day" if is_day else ""):
            called = free_name("year" if is_year else "date", names)
            texts = tuple(write_timestamps(header.seconds, header.time_format))
            return PeriodsAcross(
                header.columns, texts, called, (names[0],), Spread(called, header.template), {}
            )
    return None


def _find_rows_of(frame: pd.DataFrame, before: list[str], period: str) -> tuple[str, ...]:
    """Return the columns before the parts that tell the period of each row: years, months, weeks or days."""
    years = [name for name in before if _holds_years(frame[name])]
    texts = [name for name in before if is_text(frame[name])]
    if period == "year":
        return tuple(years[:1])
    dated = [name for name in texts if looks_like_timestamps(frame[name])]
    dated += [name for name in before if looks_like_dates(frame[name])]
    if period == "week":
        dated = [name for name in dated if _are_weeks(frame, name)]
        weeks = [name for name in before if "week" in slots_of(name) and find_part(frame[name])]
        return tuple(dated[:1]) or ((years[0], weeks[0]) if years and weeks else ())
    if dated:
        return tuple(dated[:1])
    others = [name for name in before if name not in years and find_part(frame[name])]
    parts = [(name, slots_of(name)) for name in others]
    months = [name for name, slots in parts if "month" in slots]
    days = [name for name, slots in parts if "day" in slots and name not in months[:1]]
    chosen = (*years[:1], *months[:1], *(days[:1] if period == "day" else ()))
    return chosen if len(chosen) == (3 if period == "day" else 2) else ()


def _are_weeks(frame: pd.DataFrame, name: str) -> bool:
    """Return whether a column holds dates, all of one weekday, and several."""
    found = read_wholes(frame, name, Asked())
    return any(one.weekday is not None and np.unique(one.seconds).size > 1 for one in found)


def _holds_years(column: "pd.Series[str]") -> bool:
    """Return whether all cells are years."""
    present = column.dropna()
    if is_text(column) or present.empty or not pd.api.types.is_numeric_dtype(column.dtype):
        return False
    return all(YEAR.fullmatch(f"{number:g}") for number in present.unique())
