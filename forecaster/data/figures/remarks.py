"""Notes of columns of texts that were read as numbers or left out, and of numbers for missing ones."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forecaster.data.audience import WRITE_NUMBERS
from forecaster.data.complaints import BadCells, Option
from forecaster.data.figures.grammar import Figure
from forecaster.data.figures.marks import means_zero_often
from forecaster.data.figures.readings import Units, Written
from forecaster.data.figures.separators import NAMES
from forecaster.data.notes import infer, note
from forecaster.data.spelling.candidates import is_like_time
from forecaster.data.table import Texts

# Nines, and what programs take for no number.
NINES = re.compile(r"-?9{2,}(\.9+)?|-(7{3,}|8{3,})|-[1-9]0{2,4}")  # -999, and -200 as stations write it
OTHERS = (-32768.0, -2147483648.0, 2147483647.0, 1e20, -1e20, 1e30, -1e30, 1e31, -1e31, 1e36, -1e36)
LEAST_VARIED = 5  # distinct other numbers
# Texts that hold digits and signs, and hardly a letter: 1_234, 12/34. A sample, and the share of it.
DIGITS, SAMPLE, MOST = re.compile(r"[^\w]{0,3}\d(?:[\d\W_])*[^\W\d]{0,3}"), 1000, 0.8
TIME_SIGNS = re.compile(r"[-/:. ]")
FAR = 3.0  # times the range of the others, for a number that stands once
SHOWN = 3  # examples of a column, and columns of a note


@dataclass(frozen=True)
class Remark:
    """One thing to say of a column."""

    kind: str  # columns with the same one share a note
    text: str
    options: tuple[Option, ...] = ()
    alternative: str = ""
    end: str = ""  # of the note


@dataclass(frozen=True)
class LeftOut:
    """A column of digits that was not read as numbers."""

    complaint: BadCells
    example: str  # a text that is the reason

    def say(self) -> None:
        """Add a note of it, and of what makes a column of numbers of it."""
        found = f'column "{self.complaint.column}" is left out: "{self.example}" {self.complaint}; '
        if isinstance(self.complaint.remedy, str) and self.complaint.remedy:
            note(found + self.complaint.remedy)
        elif any(map(str.isdecimal, self.example)):
            note(found + WRITE_NUMBERS)
        else:
            infer(found, Option("na", self.example, is_quoted=True), alternative="reads it as missing")


def describe(written: Written, units: Units, values: NDArray[np.float64], decimal: str) -> list[Remark]:
    """Return what is to be said of the texts of a column. values: (distinct,) what they were read as."""
    is_told = decimal in written.tells()
    texts = written.texts.values.tolist()
    groups: dict[tuple[str, ...], list[int]] = {}
    for place, figure in written.figures.items():
        is_inferred = not is_told and figure.separators.unclear not in ("", decimal)
        if kind := _kind(figure, place in units.footnotes, is_inferred):
            groups.setdefault(kind, []).append(place)
    remarks = []
    plain = [kind for kind in groups if kind[0] == "read"]
    if plain:
        examples = [groups[kind][0] for kind in plain[:SHOWN]]
        said = [f'"{texts[place].strip()}" is read as {_number(values[place])}' for place in examples]
        why = ""
        if any(kind[-1] for kind in plain):
            why = f", since other numbers tell that a {NAMES[decimal]} marks decimals"
        remarks.append(Remark(str(plain), f"{', '.join(said)}{why}"))
    for kind in groups:
        if kind[0] != "read":
            place, count = groups[kind][0], _cells(written, groups[kind])
            said_so = f'"{texts[place]}" ({count}) is read as {_number(values[place])}'
            said_so += ", and what follows as a footnote" if kind[0] == "footnote" else ""
            if 2 * sum(written.counts[each] for each in groups[kind]) > written.counts.sum():
                remarks.append(Remark(str(kind), said_so))  # so are most numbers
                continue
            missing = Option("na", texts[place].strip(), is_quoted=True)
            remarks.append(Remark(str(kind), f"{said_so} (", (missing,), "reads it as missing"))
    return remarks + _describe_marks(written)


def _kind(figure: Figure, is_footnote: bool, is_inferred: bool) -> tuple[str, ...]:
    """Return what is special about a number, by which notes are grouped; nothing of a plain one."""
    if figure.limit:
        return ("limit", figure.limit)
    if is_footnote:
        return ("footnote",)
    if figure.is_plain and not is_inferred:
        return ()
    minus = "minus" if figure.has_odd_minus else ""
    group = figure.separators.group if figure.separators.group in (" ", "'") else ""
    return ("read", figure.unit, figure.suffix.multiplier, minus, group, "inferred" if is_inferred else "")


def _describe_marks(written: Written) -> list[Remark]:
    marks = np.flatnonzero(written.marks).tolist()
    if not marks:
        return []
    texts = [str(written.texts.values[place]).strip() for place in marks]
    shown = ", ".join(f'"{text}"' for text in texts[:SHOWN]) + (", ..." if len(texts) > SHOWN else "")
    said = f"{shown} ({_cells(written, marks)}) {'is' if len(texts) == 1 else 'are'} read as missing ("
    zero = "; write 0 where it means 0" if any(map(means_zero_often, texts)) else ""
    options = tuple(Option("na", text, is_quoted=True) for text in texts[:SHOWN])
    return [Remark(f"missing {texts[:SHOWN]}", said, options, "says so", zero)]


def say_remarks(remarks: Mapping[str, list[Remark]], left_out: Iterable[LeftOut]) -> None:
    """Add the notes of columns that were read, and of those of digits that were left out."""
    groups: dict[str, list[str]] = {}
    said: dict[str, Remark] = {}
    for name, listed in remarks.items():
        for remark in listed:
            groups.setdefault(remark.kind, []).append(name)
            said.setdefault(remark.kind, remark)
    for kind, names in groups.items():
        found, one = f"{_columns(names)}: {said[kind].text}", said[kind]
        if one.options:
            infer(found, *one.options, alternative=one.alternative, between=" ", end=one.end)
        else:
            note(found)
    for each in left_out:
        each.say()


def note_digits(columns: Mapping[str, Texts]) -> None:
    """Add a note of each column of texts, none of which has a role, that are mostly digits and no times."""
    for name, column in columns.items():
        texts = [str(text) for text in column.values[np.unique(column.codes[column.codes >= 0])][:SAMPLE]]
        digits = [text for text in texts if DIGITS.fullmatch(text.strip()) and not _may_be_time(text)]
        if len(texts) >= LEAST_VARIED and len(digits) > MOST * len(texts):
            note(f'column "{name}" is left out: "{digits[0]}" is not a number as it stands; {WRITE_NUMBERS}')


def _may_be_time(text: str) -> bool:
    return TIME_SIGNS.search(text) is not None and is_like_time(text)


def _columns(names: Iterable[str]) -> str:
    quoted = [f'"{name}"' for name in names]
    if len(quoted) == 1:
        return f"column {quoted[0]}"
    shown = ", ".join(quoted[:SHOWN])
    return f"columns {shown}" + (f", ... ({len(quoted)} in all)" if len(quoted) > SHOWN else "")


def _cells(written: Written, places: list[int]) -> str:
    count = int(written.counts[places].sum())
    return f"{count} cell{'' if count == 1 else 's'}"


def _number(value: float) -> str:
    return f"{value:.0f}" if value.is_integer() and abs(value) < 1e15 else f"{value:.15g}"


def note_sentinels(columns: Mapping[str, NDArray[np.float64]]) -> None:
    """Add a note of each column whose lowest or highest number seems to mean missing.

    columns: each (rows,), NaN = missing.
    """
    for name, column in columns.items():
        rest = column
        extremes = [float(np.fmin.reduce(rest)), float(np.fmax.reduce(rest))]
        while extremes:
            extreme = extremes.pop()
            said = _lies_apart(rest, extreme) if is_sentinel_like(extreme) else None
            if said is None:
                continue
            text = f"{extreme:.0f}" if extreme.is_integer() and abs(extreme) < 1e15 else f"{extreme:g}"
            found = (
                f'column "{name}": {text} ({said}) is read as a number, though it lies far from all others; '
            )
            infer(found, Option("na", text), alternative="reads it as missing")
            rest = rest[rest != extreme]  # -9999 may hide -999
            extremes = [float(np.fmin.reduce(rest)), float(np.fmax.reduce(rest))]


def is_sentinel_like(number: float) -> bool:
    """Return whether people and programs write a number for a missing one."""
    return number in OTHERS or NINES.fullmatch(f"{number:.10g}") is not None


def _lies_apart(column: NDArray[np.float64], extreme: float) -> str | None:
    """Return how many cells hold a number; None where it lies near the others."""
    others = column[~np.isnan(column) & (column != extreme)]
    count = int((column == extreme).sum())
    if len(others) < LEAST_VARIED or len(np.unique(others[:1000])) < LEAST_VARIED:
        return None
    low, high = float(others.min()), float(others.max())
    gap = low - extreme if extreme < low else extreme - high
    is_far = gap > max(high - low, abs(low), abs(high)) * (1 if count > 1 else FAR)
    is_below_zero = extreme < 0 <= low and count > 1 and extreme % 100 != 0  # -100 may be a loss
    if not (is_far or is_below_zero):
        return None
    return f"{count} cell{'' if count == 1 else 's'}"
