"""Whether the time is split over columns, and over which: they are joined to one where one is not enough."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import islice, product
from typing import Any, TypeAlias

import numpy as np
import pandas as pd

from forecaster.config import Asked
from forecaster.data.columns import AskedByModel, time_columns
from forecaster.data.complaints import Misfit, Option
from forecaster.data.files.sheet import is_text, text_columns
from forecaster.data.joining.joined_time import Joined, Whole, join, read_wholes
from forecaster.data.joining.time_parts import DIGITS, Part, find_part
from forecaster.data.notes import infer
from forecaster.data.spelling.id_names import ID_NAME
from forecaster.data.table import TimeParts
from forecaster.data.times.parts import MAY_BE_SHORT, NumberForm
from forecaster.data.understand.time_column import find_time

CellText: TypeAlias = Callable[[str, int], str]  # a cell as it is written, by its column and its row
# Parts that make a day or a longer time with a year, and parts that make a time of day.
DAYS = (("month", "day"), ("yearday",), ("week", "weekday"), ("week",), ("month",), ("quarter",), ("half",))
HAVE_DAYS = ("day", "yearday", "weekday")
CLOCKS = (("hour", "minute", "second"), ("hour", "minute"), ("hour", "period"), ("hour",), ("period",))
# A larger share of rows that still have one time are no mistakes, such as an hour that a clock shows twice.
REPEATED = 0.02
MOST_TRIED = 50


def join_time(
    frame: pd.DataFrame, asked: Asked, cell_text: CellText
) -> tuple[pd.DataFrame, Asked, TimeParts]:
    """Return the cells with a column of joined times, what is asked of it, and its parts: names and forms.

    There are no parts where one column is the time. The first of them becomes the joined column; the others
    stay as they are. Raises a Misfit for columns that were named and make no times.
    """
    names = time_columns(asked, tuple(map(str, frame.columns)))
    joined = _as_named(frame, asked, names) if len(names) > 1 else _find(frame, asked)
    if joined is None:
        return frame, asked, ()
    written = [_as_written(part, frame, asked, cell_text) for part in joined.parts]
    forms = replace(joined, parts=tuple(written)).forms
    parts = tuple((name, forms[name]) for name in map(str, frame.columns) if name in forms)
    called = ", ".join(name for name, _ in parts)
    if len(names) < 2:
        listed = ", ".join(f'"{name}"' for name, _ in parts)
        found = f"columns {listed} together are the time; "
        infer(found, Option("time", "COLUMN"), alternative="names one column")
    settled = {"time": called, "time_format": joined.time_format}
    if joined.clock is not None and asked.timezone is None:
        zone = settled["timezone"] = joined.clock.zone.name
        said = f'some days of "{called}" have an hour more or less, as where clocks change: read as {zone}; '
        infer(said, Option("timezone", "ZONE"), alternative="names another")
    first = parts[0][0]
    frame = frame.assign(**{first: joined.texts}).rename(columns={first: called})
    return frame, asked.model_copy(update=settled), parts


def _as_written(part: Part, frame: pd.DataFrame, asked: Asked, cell_text: CellText) -> Part:
    """Return a part of numbers with the leading zeros and the signs of the file, which numbers lack: 07h."""
    form = NumberForm.of(part.form)
    if form is None or is_text(frame[part.name]):
        return part
    short = np.flatnonzero(~part.missing & (part.numbers < MAY_BE_SHORT.get(part.kind, 10)))
    shown = short if short.size else np.flatnonzero(~part.missing)
    found = DIGITS.fullmatch(cell_text(part.name, int(frame.index[shown[0]])).strip())
    if found is not None and not (form.before or form.after):
        part = part.with_form(replace(form, before=found["before"], after=found["after"]))
    if not short.size:
        forms = dict(asked.columns.time_parts) if isinstance(asked, AskedByModel) else {}
        return part.without_zeros("%-" in forms.get(part.name, "%-"))
    digits = found["digits"] if found else ""
    return part.without_zeros(not (digits.startswith("0") and len(digits) > 1))


def _as_named(frame: pd.DataFrame, asked: Asked, names: tuple[str, ...]) -> Joined:
    """Return the times of columns that were named, or that a fit had. Raises a Misfit."""
    forms = dict(asked.columns.time_parts) if isinstance(asked, AskedByModel) else {}
    option = Option("time", ", ".join(names), is_quoted=True)
    options: list[list[Part]] = []
    wholes: list[Whole] = []
    for name in names:
        found = find_part(frame[name], forms.get(name))
        if not found and not wholes:
            wholes = read_wholes(frame, name, asked, forms.get(name))
        elif not found:
            raise Misfit((option, f': "{name}" is no part of a time, such as a month, an hour or 13:00'))
        options += [found] if found else []
    if len(options) + bool(wholes) < len(names):
        raise Misfit(
            (option, f': "{names[0]}" is no date, and no part of a time, such as a month or an hour')
        )
    made = [
        join(whole, parts, asked)
        for whole in (*wholes, None)[: max(1, len(wholes))]
        for parts in product(*options)
    ]
    ranked = [(_rank(frame, one, [[]], most=1.0), one) for one in made if one is not None]
    if not ranked:
        raise Misfit(
            (option, ": the columns make no times together, such as a date and an hour from 0 to 23")
        )
    return max(ranked, key=lambda pair: pair[0] or ())[1]


def _find(frame: pd.DataFrame, asked: Asked) -> Joined | None:
    """Return the times of several columns, where one does not tell the rows of a series apart."""
    if asked.time is not None or asked.is_complete or asked.layout == "rows":
        return None
    free = [name for name in map(str, frame.columns) if name not in asked.named]
    parts = [part for name in free for part in find_part(frame[name])]
    if not any(part.slot == "week" for part in parts):  # a weekday alone describes a date
        parts = [part for part in parts if part.slot != "weekday"]
    slots = {part.slot for part in parts}
    if not slots & {"day", "hour", "period"} and not ("year" in slots and len(slots) > 1):
        return None
    time = find_time(frame, asked)
    keys = _keys(frame, asked, {time, *(part.name for part in parts)})
    of_year = any(part.name == time and part.slot != "year" for part in parts) and "year" in slots
    if time is not None and not of_year and _repeats(frame, frame[time], keys) == 0:
        return None
    others = [name for name in free if name != time and name not in {part.name for part in parts}]
    ids = [name for name in others if ID_NAME.fullmatch(name) and frame[name].nunique() <= len(frame) / 2]
    told_apart = [keys, [*keys, *ids]]
    if time is not None and not of_year and _repeats(frame, frame[time], told_apart[1]) == 0:
        told_apart = [keys]
    wholes = read_wholes(frame, time, asked) if time is not None else []
    most = REPEATED if asked.aggregate is None else 1.0  # of events many have one time
    made = [join(whole, chosen, asked) for whole, chosen in islice(_combinations(parts, wholes), MOST_TRIED)]
    ranked = [
        (rank, one) for one in made if one is not None and (rank := _rank(frame, one, told_apart, most))
    ]
    if not ranked:
        whole_numbers = [name for name in others if _recurs(frame[name])]
        more = [
            [*keys, name] for name in whole_numbers if time is None or _repeats(frame, frame[time], [name])
        ]
        ranked = [
            (rank, one) for one in made if one is not None and more and (rank := _rank(frame, one, more, 0))
        ]
    best = [one for rank, one in ranked if rank == max(rank for rank, _ in ranked)]
    return best[0] if len({one.whole and one.whole.form for one in best}) == 1 else None


def _combinations(parts: list[Part], wholes: list[Whole]) -> Iterator[tuple[Whole | None, tuple[Part, ...]]]:
    """Return parts that may make times together, or with a column of dates."""
    days = [("year", *names) for names in DAYS]
    chains = [(*day, *clock) for day in days for clock in ((), *CLOCKS) if not clock or day[-1] in HAVE_DAYS]
    for chosen in _choose(parts, chains):
        yield None, chosen
    for whole in wholes:
        has_day = "d" in whole.form
        for chosen in _choose(parts, CLOCKS if has_day else [("day", *clock) for clock in ((), *CLOCKS)]):
            if all(part.name != whole.name for part in chosen):
                yield whole, chosen


def _choose(parts: list[Part], chains: Iterable[tuple[str, ...]]) -> Iterator[tuple[Part, ...]]:
    """Return distinct columns for the parts of each chain."""
    for chain in chains:
        for chosen in product(*([part for part in parts if part.slot == slot] for slot in chain)):
            if len({part.name for part in chosen}) == len(chosen):
                yield chosen


def _keys(frame: pd.DataFrame, asked: Asked, taken: set[str | None]) -> list[str]:
    """Return the columns that tell series apart: those that were named, or texts that recur."""
    if asked.series or asked.layout == "wide":
        return list(asked.series)
    names = [name for name in text_columns(frame) if name not in taken | asked.named]
    return [name for name in names if frame[name].nunique() <= len(frame) / 2]


def _recurs(column: "pd.Series[Any]") -> bool:
    """Return whether a column holds whole numbers, most of them several times."""
    return pd.api.types.is_integer_dtype(column.dtype) and column.nunique() <= len(column) / 2


def _repeats(frame: pd.DataFrame, times: Any, keys: list[str]) -> float:
    """Return the share of rows with the time and the keys of a row before. times: (rows,)."""
    return float(frame[keys].assign(**{"\0time": times}).duplicated().mean())


def _rank(
    frame: pd.DataFrame, joined: Joined, keys: list[list[str]], most: float = REPEATED
) -> tuple[float, ...] | None:
    """Return how well times tell rows apart, the higher the better: few repeats, an even step, many parts.

    keys: the columns of series, then those with ids of numbers. None where more than `most` times repeat.
    """
    repeated = min(_repeats(frame, joined.seconds, names) for names in keys)
    if repeated > most:
        return None
    steps = np.diff(np.unique(joined.seconds[~joined.missing]))
    common = np.bincount(np.unique(steps, return_inverse=True)[1]).max() / len(steps) if steps.size else 1.0
    return -repeated, round(float(common), 1), len(joined.parts), float(common)
