"""Forms of numbers that measure time: decimal years, and the serial days of spreadsheets.

%[year.4 month]      1980.0833 is February; .1-4 has no zeros at its end, .* is as programs write a float64,
                     and a comma in place of the point is written as one
%[year.4 mid-month]  1980.0417 is January; middle-of-month is the same by the days of each month, and
                     mid-quarter, mid-year, day and mid-day are parts of the year, too
%[year.month]        2010.01 is January and 2010.1 is October; %[year.week] likewise
%[excel]             40179 is 2010-01-01; %[excel.5 hour] has hours, minute and second are finer;
                     matlab, julian, mjd and unix-days count from another day
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from deploy.errors import ConfigError
from forecaster.data.spelling.fields import DAY, to_seconds

# Days from the first of each count to 1970-01-01.
ORIGINS = {"excel": 25569, "matlab": 719529, "julian": 2440587.5, "mjd": 40587, "unix-days": 0}
FINENESS = {"day": DAY, "hour": 3600, "minute": 60, "second": 1}  # what a serial day is rounded to
PARTS = {"month": (12, 0.0), "mid-month": (12, 0.5), "mid-quarter": (4, 0.5), "mid-year": (1, 0.5)}
DAYS = {"day": 0.0, "mid-day": 0.5}
MIDDLE = "middle-of-month"
LAST_DIGITS = {"month": ("Y", "m"), "week": ("G", "V")}
YEAR_PARTS = (
    "mid-year",
    "month",
    "mid-quarter",
    "mid-month",
    MIDDLE,
    "mid-day",
    "day",
)  # the likeliest first
FORM = re.compile(
    r"%\[(?:(?P<unit>year|" + "|".join(ORIGINS) + r")"
    r"(?:(?P<sign>[.,])(?P<digits>\d+|\d+-\d+|\*))?(?: (?P<part>[a-z-]+))?"
    r"|year(?P<last_sign>[.,])(?P<last>month|week))\]"
)
NUMBER = re.compile(r"-?\d+(?:[.,]\d+)?(?:[eE][+-]?\d+)?")
SLACK = 0.1  # of a part of the year: months have 28 to 31 days
SLACK_OF_DAY = 0.02
MANY_DIGITS = 8  # after the sign: as programs write a float64


@dataclass(frozen=True)
class Measure:
    """A form of numbers, taken apart."""

    unit: str  # year, or one of ORIGINS
    part: str  # of a year, or FINENESS; the last two digits of LAST_DIGITS
    sign: str  # between whole and fraction
    digits: tuple[int, int] | None  # fewest and most after the sign; None: as a float is written
    has_last: bool = False  # the digits after the sign are a number of their own

    def read(self, texts: NDArray[Any]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """Return seconds since 1970 and whether each text is such a number: (texts,) each."""
        is_number = np.array([NUMBER.fullmatch(text) is not None for text in texts.tolist()], dtype=np.bool_)
        plain = [
            float(text.replace(",", ".")) if fits else 0.0
            for text, fits in zip(texts.tolist(), is_number, strict=True)
        ]
        numbers = np.array(plain)
        if self.has_last:
            seconds, valid = _read_last(numbers, LAST_DIGITS[self.part])
        else:
            exact = 0.5 * 10.0 ** -np.array([_decimals(text, self.sign) for text in texts.tolist()])
            read = _read_year if self.unit == "year" else _read_serial
            seconds, valid = read(self, numbers, exact)
        return seconds, valid & is_number

    def write(self, seconds: NDArray[np.int64]) -> list[str]:
        """Return the number of each moment as text: read backwards, with as many digits as it had."""
        if self.has_last:
            numbers = _last_digits(seconds, self.part)
        elif self.unit == "year":
            numbers = _years(seconds, self.part)
        else:
            numbers = seconds / DAY + ORIGINS[self.unit]
        return [_write(number, self.digits, self.sign) for number in numbers.tolist()]


@lru_cache(maxsize=256)
def compile_measure(time_format: str) -> Measure:
    """Return the form of numbers that a format such as %[year.4 month] names. Raises ConfigError."""
    found = FORM.fullmatch(time_format)
    known = YEAR_PARTS if found and found["unit"] == "year" else tuple(FINENESS)
    part = (found and found["part"]) or ("month" if known is YEAR_PARTS else "day")
    if found is None or part not in known:
        raise ConfigError(
            f'time format "{time_format}" is not known; known: %[year.4 PART], PART one of '
            f"{', '.join(YEAR_PARTS)}, %[year.month], %[year.week], and %[UNIT.5 hour], UNIT one of "
            f"{', '.join(ORIGINS)}"
        )
    if found["last"]:
        return Measure("year", found["last"], found["last_sign"], (0, 2), has_last=True)
    written = found["digits"] or "0"
    low, _, high = written.partition("-")
    digits = None if written == "*" else (int(low), int(high or low))
    return Measure(found["unit"], part, found["sign"] or ".", digits)


def is_measure(time_format: str) -> bool:
    """Return whether a format is one of numbers that measure time."""
    return time_format.startswith("%[") and time_format.endswith("]")


def digits_of(texts: list[str]) -> list[str]:
    """Return how a form may say the digits of such texts, the likeliest first."""
    sign = "," if any("," in text for text in texts) else "."
    counts = [_decimals(text, sign) for text in texts]
    low, high = min(counts), max(counts)
    if high == 0:
        return [""]
    if low == high:
        return [f"{sign}{high}"]
    return [*([f"{sign}*"] if high >= MANY_DIGITS else []), f"{sign}{low}-{high}"]


def _decimals(text: str, sign: str) -> int:
    return len(text.partition(sign)[2])


def _write(number: float, digits: tuple[int, int] | None, sign: str) -> str:
    if digits is None:
        text = repr(number)
    else:
        low, high = digits
        text = f"{number:.{high}f}"
        while low < high and text[-1] == "0" and _decimals(text, ".") > low:
            text = text[:-1]
        text = text.removesuffix(".")
    return text.replace(".", sign)


def _months(seconds: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return months since January 1970."""
    return (seconds // DAY).astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)


def _read_last(
    numbers: NDArray[np.float64], directives: tuple[str, str]
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    hundredths = np.round(numbers * 100).astype(np.int64)
    year, part = np.divmod(hundredths, 100)
    seconds, valid = to_seconds(dict(zip(directives, (year, part), strict=True)), len(numbers))
    return seconds, valid & (np.abs(numbers * 100 - hundredths) < 1e-6)


def _last_digits(seconds: NDArray[np.int64], part: str) -> NDArray[np.float64]:
    if part == "month":
        months = _months(seconds)
        return 1970 + months // 12 + (months % 12 + 1) / 100
    days = (seconds // DAY).astype("datetime64[D]")
    thursday = days - ((seconds // DAY + 3) % 7) + 3
    year = thursday.astype("datetime64[Y]")
    week = (thursday - year.astype("datetime64[D]")).astype(np.int64) // 7 + 1
    weeks: NDArray[np.float64] = 1970 + year.astype(np.int64) + week / 100
    return weeks


def _read_serial(
    measure: Measure, numbers: NDArray[np.float64], exact: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    size = FINENESS[measure.part]
    moments = (numbers - ORIGINS[measure.unit]) * DAY
    seconds = np.round(moments / size).astype(np.int64) * size
    return seconds, np.abs(moments - seconds) <= exact * DAY * (exact < 0.5) + 1e-3


def _read_year(
    measure: Measure, numbers: NDArray[np.float64], exact: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    year = np.floor(numbers)
    if measure.part in DAYS:
        length = _days_of(year)
        places = (numbers - year) * length - DAYS[measure.part]
        count = np.round(places)
        days = _first_day(year) + count.astype(np.int64)
        return days * DAY, np.abs(places - count) <= np.minimum(exact * length + SLACK_OF_DAY, 0.5)
    parts, shift = PARTS["mid-month" if measure.part == MIDDLE else measure.part]
    places = (numbers - year) * parts - shift
    count = np.round(places)
    months = ((year - 1970) * 12).astype(np.int64) + count.astype(np.int64) * (12 // parts)
    days = months.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    return days * DAY, np.abs(places - count) <= np.minimum(exact * parts + SLACK, 0.5)


def _years(seconds: NDArray[np.int64], part: str) -> NDArray[np.float64]:
    """Return moments as decimal years: (texts,)."""
    months, days = _months(seconds), seconds // DAY
    year = 1970 + months // 12
    first = _first_day(year.astype(np.float64))
    length = _days_of(year.astype(np.float64))
    if part in DAYS:
        return year + (days - first + DAYS[part]) / length
    if part == MIDDLE:
        begin, end = (
            shifted.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
            for shifted in (months, months + 1)
        )
        middle: NDArray[np.float64] = year + ((begin + end) / 2 - first) / length
        return middle
    parts, shift = PARTS[part]
    years: NDArray[np.float64] = year + (months % 12 // (12 // parts) + shift) / parts
    return years


def _first_day(year: NDArray[np.float64]) -> NDArray[np.int64]:
    return (year - 1970).astype(np.int64).astype("datetime64[Y]").astype("datetime64[D]").astype(np.int64)


def _days_of(year: NDArray[np.float64]) -> NDArray[np.int64]:
    return _first_day(year + 1) - _first_day(year)
