"""Numbers that are dates, by their texts: 201801 a week, 2000-1 a quarter, 06292018 a day, 1980.0417 a month.

All distinct texts have to be dates of one form that follow each other by a step. A name of the column tells
weeks and quarters from months; else what leaves no gaps.
"""

import re
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from forecaster.data.spelling.measures import (
    FINENESS,
    ORIGINS,
    YEAR_PARTS,
    compile_measure,
    digits_of,
    is_measure,
)
from forecaster.data.times.forms import compile_form
from forecaster.data.times.grid import DAY, grid_positions
from forecaster.data.times.shapes import group_by_shape
from forecaster.data.times.steps import infer_step

FIRST_YEAR, LAST_YEAR = 1700, 2200
LONGEST_STEP = 367 * DAY
LONGEST_OF_DAYS = 100 * DAY  # of forms with a day and a month, which is no time where the year alone changes
LAST_SHORT = 2037  # of years of two digits
FEWEST = 3  # one or two numbers may look like dates by chance
REGULAR = 0.8  # of the steps of a grid that have a row
WITHOUT_ZEROS = 10_000  # of the largest of numbers with years of two digits
SMALLEST, LARGEST = 1000, 10**12  # of whole numbers: yyjjj without its zero, and days with minutes
SAMPLE = 1000  # texts that tell how many digits there are
# A year and a part of it, of which the sign between them is that of the texts.
YEAR_PART = re.compile(r"\d{4}(?P<sign>[-/. ,_]?)\d{1,3}")
PARTS_OF_YEAR = {"month": "%Y{}%m", "quarter": "%Y{}%q", "week": "%G{}%V", "day": "%Y{}%j"}
SHORT_PARTS = {"month": "%Y{}%-m", "week": "%G{}%-V"}
# By how many digits the longest text has; the first digit of a number may have been a zero.
COMPACT = {
    5: ("%y%j",),
    6: ("%y%m%d", "%d%m%y", "%m%d%y"),
    8: ("%m%d%Y", "%d%m%Y", "%Y%d%m", "%y%m%d%H"),
    10: ("%m%d%Y%H", "%d%m%Y%H", "%y%m%d%H%M"),
    12: ("%m%d%Y%H%M", "%d%m%Y%H%M"),
}
# Serial days: those of 1980 to 2050, which differ from count to count.
FIRST_DAY, LAST_DAY = 3653, 29220
SERIAL_NAMES = {"excel": "excel", "matlab": "matlab", "datenum": "matlab", "julian": "julian", "jd": "julian"}


@dataclass(frozen=True)
class Reading:
    """One form of all texts."""

    form: str
    seconds: NDArray[np.int64]  # (texts,)
    share: float  # of the steps from the first to the last that have a row
    kept: float  # of the texts that are written back as they were

    @property
    def has_plain_parts(self) -> bool:
        """Return whether decimals are years, halves or quarters, as rising numbers of any kind may be."""
        return self.form.startswith("%[year") and bool(np.median(np.diff(np.sort(self.seconds))) > 80 * DAY)

    @property
    def is_serial(self) -> bool:
        """Return whether the numbers count days."""
        return self.form.startswith("%[") and not self.form.startswith("%[year")

    @property
    def order(self) -> tuple[bool, float, float]:
        """Return what the best reading has most of."""
        return self.share >= REGULAR, round(self.kept, 3), round(self.share, 6)


def read_number_dates(texts: NDArray[Any], kind: str | None, words: frozenset[str]) -> list[Reading]:
    """Return the likeliest readings of distinct texts, several where nothing tells them apart.

    kind: week, quarter, month or day, if the column is called so; words: of its name. Empty where no reading
    is one of dates that follow each other.
    """
    if len(texts) < FEWEST:
        return []
    forms = [*_measures(texts, words), *_year_parts(texts, kind), *_compact(texts)]
    readings = [reading for form in dict.fromkeys(forms) if (reading := _read(texts, form)) is not None]
    if not readings:
        return []
    best = max(reading.order for reading in readings)
    likely = [reading for reading in readings if reading.order == best]
    others = [other for other in likely[1:] if (other.seconds != likely[0].seconds).any()]
    return [likely[0], *(other for other in others if _say_days(likely[0].form, other.form))]


def is_number_date(time_format: str) -> bool:
    """Return whether only the text of a number tells that it is of a form, and not its value."""
    if is_measure(time_format):
        return True
    named = re.fullmatch(r"%([YG])([-/. ,_]?)%(-?[qmVj])", time_format)
    if named:
        return named[3] in ("q", "-V", "V", "j", "-m") or bool(named[2])
    return time_format in {
        form for forms in COMPACT.values() for each in forms for form in (each, _first_short(each))
    }


def may_be_dates(column: "pd.Series[float]", *, is_called: bool = False) -> bool:
    """Return whether numbers may be dates, by their size: the texts need not be read where they are not.

    is_called: like a date, so that some may have lost their zeros, as 00001 does among years of two digits.
    """
    sample = np.asarray(column.dropna()[:: max(1, len(column) // SAMPLE)], dtype=np.float64)
    if len(np.unique(sample)) < FEWEST or not np.isfinite(sample).all():
        return False
    low, high = float(sample.min()), float(sample.max())
    if (sample % 1 == 0).all():
        return (low >= SMALLEST or (is_called and low >= 1 and high >= WITHOUT_ZEROS)) and high < LARGEST
    is_serial = any(low - origin >= FIRST_DAY and high - origin <= LAST_DAY for origin in ORIGINS.values())
    return is_serial or (low >= FIRST_YEAR and high < LAST_YEAR)


def has_weeks_of_no_calendar(texts: NDArray[Any]) -> str | None:
    """Return the first text of a year and a week that no calendar has, where all are such pairs."""
    if not all(re.fullmatch(r"\d{4}[-/. ,_]?[0-5]?\d", text) for text in texts.tolist()):
        return None
    sign = str(YEAR_PART.fullmatch(texts[0])["sign"])  # type: ignore[index]
    valid = _parse(texts, f"%G{sign}%-V")[1]
    return None if valid.all() else str(texts[int(valid.argmin())])


def _year_parts(texts: NDArray[Any], kind: str | None) -> list[str]:
    """Return the forms of a year and a part of it, those that the name of the column tells first."""
    found = YEAR_PART.fullmatch(texts[0])
    if found is None:
        return []
    sign = found["sign"]
    width = {len(text) - 4 - len(sign) for text in texts[:SAMPLE].tolist()}
    kinds = [kind] if kind in PARTS_OF_YEAR and (kind != "day" or 3 in width) else list(PARTS_OF_YEAR)
    written = SHORT_PARTS if width == {1} else {}
    forms = [written.get(name, PARTS_OF_YEAR[name]) for name in kinds]
    if width == {1, 2}:  # without zeros before them, or after them where they are a fraction
        forms = [SHORT_PARTS[name] for name in kinds if name in SHORT_PARTS]
        lost = [f"%[year{sign}{name}]" for name in ("month", "week") if name in kinds and sign in (".", ",")]
        has_ten = bool(sign) and any(text.endswith(f"{sign}10") for text in texts.tolist())
        return [form.format(sign) for form in forms] if has_ten else [*lost, *(f.format(sign) for f in forms)]
    return [form.format(sign) for form in forms]


def _compact(texts: NDArray[Any]) -> list[str]:
    if not all(text.isdecimal() for text in texts[:SAMPLE].tolist()):
        return []
    widths = {len(text) for text in texts.tolist()}
    longest = max(widths)
    if longest < 5:  # years
        return []
    if len(widths) > 1:
        return [_first_short(form) for form in COMPACT.get(longest, ()) if min(widths) == longest - 1]
    all_short = [_first_short(form) for form in COMPACT.get(longest + 1, ())]
    return [*COMPACT.get(longest, ()), *all_short]


def _first_short(form: str) -> str:
    return form if form.startswith("%Y") else f"%-{form[1:]}"


def _measures(texts: NDArray[Any], words: frozenset[str]) -> list[str]:
    try:
        numbers = np.array([float(text.replace(",", ".")) for text in texts[:SAMPLE].tolist()])
    except ValueError:
        return []
    ways = digits_of(texts[:SAMPLE].tolist())
    if numbers.min() >= FIRST_YEAR and numbers.max() < LAST_YEAR:
        parts = () if ways == [""] else YEAR_PARTS
        return [f"%[year{way} {part}]" for part in parts for way in ways]
    named = {SERIAL_NAMES[word] for word in words if word in SERIAL_NAMES}
    days = {unit: numbers - origin for unit, origin in ORIGINS.items() if not named or unit in named}
    units = [unit for unit, day in days.items() if day.min() >= FIRST_DAY and day.max() <= LAST_DAY]
    if ways == [""]:
        return [f"%[{unit}]" for unit in units if unit != "julian"]
    return [f"%[{unit}{way} {size}]" for unit in units for size in FINENESS for way in ways]


def _read(texts: NDArray[Any], form: str) -> Reading | None:
    """Return the texts in one form; None unless all are distinct dates on the grid of a step."""
    sample = texts[:: max(1, len(texts) // SAMPLE)]
    if len(sample) < len(texts) and not _parse(sample, form)[1].all():
        return None
    seconds, valid, written = _parse(texts, form)
    if not valid.all():
        return None
    years = 1970 + seconds.astype("datetime64[s]").astype("datetime64[Y]").astype(np.int64)
    moments = np.unique(seconds)
    last = LAST_SHORT if re.search("%-?y", form) else LAST_YEAR
    if len(moments) < len(texts) or years.min() < FIRST_YEAR or years.max() > last:
        return None
    ends = np.array([0, len(moments)])
    step = infer_step(moments, ends, has_calendar=True)
    positions, on_grid = grid_positions(moments, ends, step)
    longest = DAY - 1 if "%H" in form else LONGEST_OF_DAYS if re.search("%-?d", form) else LONGEST_STEP
    if not on_grid.all() or step.mean_seconds > longest:
        return None
    kept = np.mean([before == after for before, after in zip(texts.tolist(), written, strict=True)])
    return Reading(form, seconds, len(moments) / (int(positions[-1]) + 1), float(kept))


def _parse(texts: NDArray[Any], form: str) -> tuple[NDArray[np.int64], NDArray[np.bool_], list[str]]:
    if form.startswith("%["):
        measure = compile_measure(form)
        seconds, valid = measure.read(texts)
        return seconds, valid, measure.write(seconds) if valid.all() else []
    compiled = compile_form(form)
    seconds, valid = np.zeros(len(texts), dtype=np.int64), np.zeros(len(texts), dtype=np.bool_)
    for shape in group_by_shape(texts):
        if compiled.pattern.fullmatch(shape.shape):
            seconds[shape.texts], valid[shape.texts] = compiled.read(shape.letters, shape.shape)
    return seconds, valid, compiled.write(seconds) if valid.all() else []


def _say_days(*forms: str) -> bool:
    """Return whether forms say days in different ways, so that a choice between them would be a guess."""
    ways = [re.search(r"%-?d|%j|unix-days|excel", form) for form in forms]
    return all(ways)
