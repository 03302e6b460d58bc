"""Columns that may be a part of a time: by how they are called, and by what their cells are."""

import re
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from forecaster.data.files.sheet import NUMBERS, is_text
from forecaster.data.spelling.part_names import slots_of
from forecaster.data.spelling.vocabulary import lexicon
from forecaster.data.table import Texts
from forecaster.data.times.grid import DAY
from forecaster.data.times.parts import NumberForm, numbers_by_name
from forecaster.data.times.timestamps import parse_timestamps

ENDING = re.compile(r"he|.*end.*", re.IGNORECASE)
DIGITS = re.compile(r"(?P<before>[^\d%]*)(?P<digits>\d{1,4})(?P<after>:00(?::00)?|[^\d%]*)")
TIME_OF_DAY = re.compile(r"\d{1,2}(?:([:.])\d{2}(?:\1\d{2}(?:[.,]\d+)?)?)? ?(?:[AaPp]\.?[Mm]\.?)?")
LEADING = {"M": "month", "Q": "quarter", "W": "week", "H": "hour"}  # of a period: M01, Q1
OF_YEAR = {(1, 12): ("month",), (1, 4): ("quarter",), (1, 52): ("week",), (1, 53): ("week",)}
PERIODS = {60: 24, 30: 48, 15: 96, 10: 144, 5: 288}  # minutes: how many a day has
CALLED = {30: re.compile("(?i)half|halb|settlement"), 15: re.compile("(?i)quarter|viertel")}  # minutes
IN_HOUR = {2: 30, 4: 15, 6: 10, 12: 5}  # how many an hour has: minutes
FIRST_YEAR, LAST_YEAR = 1700, 2200
HEAD = 100  # rows that show a text
WEEKDAY = "u"  # the kind of a day of the week, 1 is Monday
TEXT = "text"  # the kind of a time of day in a form of strftime's
A_DAY = "2000-01-01 "


@dataclass(frozen=True)
class Part:
    """A column that may be a part of a time."""

    name: str
    slot: str  # which part: year, quarter, month, week, weekday, day, yearday, hour, minute, second, period
    form: str  # as in times/parts.py
    kind: str  # of NumberForm, or TEXT
    numbers: NDArray[np.int64]  # (rows,); of TEXT seconds since midnight; 0 where missing
    missing: NDArray[np.bool_]  # (rows,)

    def as_kind(self, kind: str) -> "Part":
        """Return the same numbers as another kind: a year as that of weeks."""
        form = NumberForm.of(self.form)
        if form is None or kind == self.kind:
            return self
        return replace(self, kind=kind, form=_form_of(replace(form, kind=kind)))

    def with_form(self, form: NumberForm) -> "Part":
        """Return the same numbers in another form."""
        return replace(self, form=_form_of(form))

    def without_zeros(self, is_bare: bool) -> "Part":
        """Return the part with numbers that are written without leading zeros, or with."""
        form = NumberForm.of(self.form)
        return self if form is None else self.with_form(replace(form, is_bare=is_bare))


@dataclass(frozen=True)
class _Cells:
    """The cells of a column as whole numbers, and what stands around each."""

    numbers: NDArray[np.int64]
    missing: NDArray[np.bool_]
    before: str = ""
    after: str = ""
    is_bare: bool = True

    @property
    def range(self) -> tuple[int, int]:
        """Return the smallest and the largest."""
        present = self.numbers[~self.missing]
        return int(present.min()), int(present.max())


def find_part(column: "pd.Series[Any]", trained: str | None = None) -> list[Part]:
    """Return what a column may be of a time, none to two parts. trained: its form in the data of a fit."""
    name, form = str(column.name), NumberForm.of(trained) if trained else None
    slots, first = slots_of(name), _first_text(column)
    is_clock = bool(TIME_OF_DAY.fullmatch(first)) and not first.isdigit()
    is_named = first in lexicon()
    is_number = not first or DIGITS.fullmatch(first) is not None
    if not (is_clock or is_named or (is_number and (slots or form))):
        return []
    texts = Texts.of(column) if is_text(column) else None
    if texts is not None and is_clock and form is None:
        return _read_clock(name, texts)
    if texts is not None and is_named:
        return _read_names(name, texts)
    if not slots and form is None:
        return []
    cells = _read_cells(column, texts)
    if cells is None or cells.missing.all():
        return []
    if form is not None:
        return [_part(name, _slot_of(form.kind), form.kind, cells, form.after)]
    if cells.before.strip().upper() in LEADING and "period" in slots:
        slots = (LEADING[cells.before.strip().upper()],)
    if "period" in slots:  # of a year
        slots = (*slots, *OF_YEAR.get(cells.range, ()))
    made = [_understand(name, slot, cells) for slot in slots]
    return [part for part in made if part is not None]


def _first_text(column: "pd.Series[Any]") -> str:
    """Return the first cell that is a text, of a sample; nothing where none is."""
    if column.dtype.kind in NUMBERS:
        return ""
    return next((cell for cell in column.iloc[:HEAD] if isinstance(cell, str)), "")


def _read_names(name: str, texts: Texts) -> list[Part]:
    """Return names of months or of weekdays as a part."""
    for slot, kind in (("month", "m"), ("weekday", WEEKDAY)):
        if (named := numbers_by_name(texts.values.tolist(), slot)) is not None:
            directive, numbers = named
            cells = np.array([*numbers, 0], dtype=np.int64)[texts.codes]
            return [Part(name, slot, f"%{directive}", kind, cells, np.asarray(texts.codes < 0))]
    return []


def _slot_of(kind: str) -> str:
    """Return which part of a time a kind of numbers is."""
    slots = {"Y": "year", "y": "year", "G": "year", "X": "year", "q": "quarter", "m": "month", "d": "day"}
    slots |= {"h": "half"}
    slots |= {"V": "week", "U": "week", "j": "yearday", "M": "minute", "S": "second"}
    return slots.get(kind, "hour" if kind in ("H", "H%M", "N60") else "period")


def _read_clock(name: str, texts: Texts) -> list[Part]:
    """Return texts such as 13:00 or 1 PM as the times of a day; whole hours up to 24:00 as their numbers."""
    dots = all("." in text and ":" not in text for text in texts.values.tolist())  # 18.00.00
    plain = [text.replace(".", ":") if dots else text for text in texts.values.tolist()]
    parsed = parse_timestamps(pd.Series([A_DAY + text for text in plain], dtype="str"))
    if parsed.valid.all() and parsed.problem is None and parsed.offsets is None:
        seconds = np.append(parsed.seconds % DAY, 0)[texts.codes]
        form = parsed.time_format.removeprefix("%Y-%m-%d ")
        if (parsed.seconds // DAY == parsed.seconds[0] // DAY).all() and form != parsed.time_format:
            form = form.replace(":", ".") if dots else form
            return [Part(name, "hour", form, TEXT, seconds, texts.codes < 0)]
    cells = _read_texts(texts)
    if cells is None or cells.range[0] < 1 or cells.range[1] not in (24, 25):
        return []
    return [_part(name, "hour", "N60", cells)]


def _read_cells(column: "pd.Series[Any]", texts: Texts | None) -> _Cells | None:
    """Return the cells as whole numbers; None where some are not."""
    if texts is not None:
        return _read_texts(texts)
    if not pd.api.types.is_numeric_dtype(column.dtype) or pd.api.types.is_bool_dtype(column.dtype):
        return None
    missing = column.isna().to_numpy(dtype=np.bool_)
    values = column.to_numpy(dtype=np.float64)
    if not (np.where(missing, 0, values) % 1 == 0).all() or (np.abs(values[~missing]) > 9999).any():
        return None
    return _Cells(np.where(missing, 0, values).astype(np.int64), missing)


def _read_texts(texts: Texts) -> _Cells | None:
    """Return texts such as Q1, W05 or 07h as numbers; None where what stands around them differs."""
    found = [DIGITS.fullmatch(str(text)) for text in texts.values.tolist()]
    around = {(match["before"], match["after"]) if match else None for match in found}
    if len(around) != 1 or None in around:
        return None
    digits = [match["digits"] for match in found if match]
    ((before, after),) = (pair for pair in around if pair)
    is_bare = not any(text[0] == "0" and len(text) > 1 for text in digits)
    numbers = np.append(np.array(digits, dtype=np.int64), 0)[texts.codes]
    return _Cells(numbers, np.asarray(texts.codes < 0), before, after, is_bare)


def _part(name: str, slot: str, kind: str, cells: _Cells, after: str | None = None) -> Part:
    """Return a part of numbers. after: what follows every number, and is no part of it."""
    numbers, follows = cells.numbers, cells.after if after is None else after
    if follows == "00" and not cells.after:  # 100, 200 ... 2400
        numbers = numbers // 100
    form = NumberForm(cells.before, cells.is_bare, kind, follows)
    return Part(name, slot, _form_of(form), kind, numbers, cells.missing)


def _form_of(form: NumberForm) -> str:
    has_zeros = not form.is_bare or form.kind in ("Y", "G", "X", "q", "h")  # always as many digits
    return f"{form.before}%{'' if has_zeros else '-'}{form.kind}{form.after}"


def _understand(name: str, slot: str, cells: _Cells) -> Part | None:
    """Return the part of a time that a column of numbers is, if their range is that of such a part."""
    low, high = cells.range
    ranges = {
        "half": (1, 2),
        "quarter": (1, 4),
        "month": (1, 12),
        "week": (1, 53),
        "day": (1, 31),
        "yearday": (1, 366),
    }
    kinds = {
        "quarter": "q",
        "half": "h",
        "month": "m",
        "week": "V",
        "day": "d",
        "yearday": "j",
        "minute": "M",
        "second": "S",
    }
    ranges |= {"minute": (0, 59), "second": (0, 59)}
    if slot in ranges:
        return (
            _part(name, slot, kinds[slot], cells)
            if ranges[slot][0] <= low and high <= ranges[slot][1]
            else None
        )
    if slot == "year":
        short = 10 <= high <= 99 and low >= 0
        kind = "Y" if low >= FIRST_YEAR and high <= LAST_YEAR else "y" if short else None
    elif slot == "hour":
        kind = _kind_of_hours(name, cells)
        if kind == "N6000":
            return _part(name, slot, "N60", cells, "00")
    else:
        kind = _kind_of_periods(name, low, high)
    return _part(name, slot, kind, cells) if kind else None


def _kind_of_hours(name: str, cells: _Cells) -> str | None:
    low, high = cells.range
    if low >= 1 and (high in (24, 25) or (high < 24 and ENDING.fullmatch(name))):
        return "N60"
    if low >= 0 and high < 24:
        return "H"
    if low >= 100 and high in (2400, 2500) and (cells.numbers % 100 == 0).all():
        return "N6000"
    return "H%M" if low >= 0 and 100 <= high < 2400 and (cells.numbers % 100 < 60).all() else None


def _kind_of_periods(name: str, low: int, high: int) -> str | None:
    """Return the kind of numbered periods of a day, an hour more or less where clocks change."""
    called = next((minutes for minutes, words in CALLED.items() if words.search(name)), 0)
    if called and low >= 1 and high <= PERIODS[called] + 60 // called:
        return f"N{called}"
    for minutes, count in PERIODS.items():
        change = 60 // minutes
        if low >= 1 and high in (count - change, count, count + change):
            return f"N{minutes}"
        if low == 0 and high == count - 1:
            return f"n{minutes}"
    return f"J{IN_HOUR[high]}" if low == 1 and high in IN_HOUR else None
