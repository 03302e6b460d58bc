"""Neighbouring columns that may be the parts of a period, by their names: months, weekdays, hours."""

import re

import numpy as np
import pandas as pd

from forecaster.data.files.sheet import UNNAMED
from forecaster.data.joining.time_parts import find_part
from forecaster.data.spelling.part_names import slots_of
from forecaster.data.spelling.vocabulary import lexicon
from forecaster.data.times.parts import numbers_by_name

CLOCK = re.compile(r"(\d{1,2}:\d{2}(?::\d{2})?(?: ?[AaPp][Mm])?|\d{1,2} ?[AaPp][Mm]|\d{2}00)")
SPAN = re.compile(
    r"[\D]*?(\d{1,2}(?::\d{2})?) ?[-\u2013] ?\d{1,2}(?::\d{2})?\D*"
)  # 00:00-01:00 begins at 00:00
WORD = re.compile(r"[^\W\d_]+\.?")
ROMAN = ("I", "II", "III", "IV")
HOURLY = (24, 48, 96)  # how many times a day has
NUMBERED = re.compile(r"(\D*?)(\d{1,3})(\D*)")
# How many columns of numbers a period is split into, and what their part is called.
COUNTS = {
    12: "month",
    4: "quarter",
    24: "hour",
    31: "day",
    52: "week",
    53: "week",
    48: "period",
    96: "period",
}
# What may stand before the numbers; nothing may, too.
SIGNS = {"m": "month", "q": "quarter", "t": "quarter", "d": "day", "w": "week", "h": "hour", "he": "hour"}
WEEKDAYS, FEWEST_WEEKDAYS = 7, 5
MONTHS = 12
ENGLISH = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]


def find_blocks(names: list[str]) -> list[tuple[str, tuple[str, ...], tuple[str, ...]]]:
    """Return neighbouring columns that may be the parts of a period: which part, the columns, their texts."""
    found = []
    for begin in range(len(names) - MONTHS + 1):
        block = tuple(names[begin : begin + MONTHS])
        if all(map(WORD.fullmatch, block)) and (texts := _months(block)) is not None:
            found.append(("month", block, texts))
    found += [("weekday", block, block) for block in _weekdays(names)]
    for pattern in (CLOCK, SPAN):
        matches = {name: match for name in names if (match := pattern.fullmatch(name))}
        if len(matches) in HOURLY and _are_neighbours(names, list(matches)):
            found.append(("hour", tuple(matches), tuple(match[1] for match in matches.values())))
    if all(name in names for name in ROMAN) and _are_neighbours(names, list(ROMAN)):
        found.append(("quarter", ROMAN, ("1", "2", "3", "4")))
    for run in _numbered_runs(names):
        if (part := _part_of_run(run)) is not None:
            found.append((part, run, run))
    return found


def _months(block: tuple[str, ...]) -> tuple[str, ...] | None:
    """Return names of all months from January on; of those in an unusual form their numbers."""
    numbers = tuple(str(number) for number in range(1, MONTHS + 1))
    for part in find_part(pd.Series(block, name="month", dtype="str")):
        if part.slot == "month" and part.form[-1] in "bB":
            return block if tuple(map(str, part.numbers.tolist())) == numbers else None
    folded = [name.casefold()[:3] for name in block]
    return numbers if folded == ENGLISH else None


def _weekdays(names: list[str]) -> list[tuple[str, ...]]:
    """Return neighbouring names of weekdays that follow each other: of whole weeks, or without their end."""
    for count in range(WEEKDAYS, FEWEST_WEEKDAYS - 1, -1):
        for begin in range(len(names) - count + 1):
            block = tuple(names[begin : begin + count])
            named = numbers_by_name(list(block), "weekday") if block[0] in lexicon() else None
            if named is not None and (np.diff(named[1]) % WEEKDAYS == 1).all():
                return [block]
    return []


def _are_neighbours(names: list[str], chosen: list[str]) -> bool:
    begin = names.index(chosen[0])
    return names[begin : begin + len(chosen)] == chosen


def _numbered_runs(names: list[str]) -> list[tuple[str, ...]]:
    """Return neighbouring names of one word with numbers that rise by one."""
    runs: list[list[str]] = [[]]
    before: tuple[str, int, str] | None = None
    for name in names:
        match = NUMBERED.fullmatch(name)
        this = (match[1], int(match[2]), match[3]) if match and not name.startswith(UNNAMED) else None
        if this is None or before is None or this != (before[0], before[1] + 1, before[2]):
            runs.append([])
        if this is not None:
            runs[-1].append(name)
        before = this
    return [tuple(run) for run in runs if len(run) in COUNTS]


def _part_of_run(run: tuple[str, ...]) -> str | None:
    """Return which part numbered columns are, by their count, the first number and what stands before."""
    part = COUNTS[len(run)]
    match = NUMBERED.fullmatch(run[0])
    if match is None:
        return None
    word = match[1].strip(" _-.").casefold()
    called = {SIGNS[word]} if word in SIGNS else {*slots_of(word)} if word else {part}
    first = (0, 1) if part in ("hour", "period") else (1,)
    return part if part in called and int(match[2]) in first else None
