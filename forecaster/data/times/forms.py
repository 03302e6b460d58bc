"""A form is how timestamps are written: a strftime format that reads texts and writes them back unchanged.

Apart from strftime's directives: %q is the quarter, %s seconds since 1970, %-d a day without its leading zero
(likewise %-m, %-H, %-I), %^b a month as JAN, and %z, %:z and %:::z UTC offsets: +0100, +01:00, +01.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from deploy.errors import ConfigError
from forecaster.data.times.grid import DAY, months_since_1970
from forecaster.data.times.offsets import DIRECTIVES, read_offsets, write_offsets

Letters = NDArray[np.uint32]  # (texts, width) code points, 0 after the end
Fields = dict[str, NDArray[np.int64]]  # of each directive: (texts,)

INDEX = "index"  # the "form" of timestamps that are plain counts
DIGITS = {"Y": 4, "y": 2, "m": 2, "d": 2, "H": 2, "I": 2, "M": 2, "S": 2, "q": 1, "G": 4, "V": 2, "u": 1}
MONTHS = [
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
]
NAMES = {
    "b": [name[:3] for name in MONTHS],
    "B": MONTHS,
    "^b": [name[:3].upper() for name in MONTHS],
    "p": ["AM", "PM"],
}
MAY_BE_SHORT = ("m", "d", "H", "I")
DIRECTIVE = re.compile(r"%(-?[A-Za-z]|\^b|:z|:::z|%)")
SHORTENED = re.compile(rf"(?<![A-Za-z])%([{''.join(MAY_BE_SHORT)}])(?!%)")
# Two digits are the years 1969 to 2068, as in Python.
CENTURY_TURN = 69


@dataclass(frozen=True)
class Form:
    """A time format, taken apart."""

    directives: tuple[str, ...]  # without %
    pattern: re.Pattern[str]  # of a text in which every digit is a 9; one group for each directive
    template: str  # for the % operator; one field for each directive

    def read(self, letters: Letters, shape: str) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """Return seconds and whether the calendar has them, both (texts,), of texts that all have this shape.

        shape: a text in which every digit is a 9, that the pattern matches.
        """
        match = self.pattern.fullmatch(shape)
        if match is None:
            raise ValueError(f"{shape} is not of the form {self.template}")
        fields: Fields = {}
        for number, directive in enumerate(self.directives, start=1):
            begin, end = match.span(number)
            if directive in DIRECTIVES:
                continue
            if directive in NAMES:
                fields[directive] = np.full(len(letters), NAMES[directive].index(match[number]) + 1)
            else:
                powers = 10 ** np.arange(end - begin)[::-1]
                fields[directive.removeprefix("-")] = (letters[:, begin:end].astype(np.int64) - 48) @ powers
        return to_seconds(fields, len(letters))

    def read_offsets(self, letters: Letters, shape: str) -> NDArray[np.int64]:
        """Return the seconds ahead of UTC of texts as in `read`, (texts,); 0 for a form without them."""
        written = [number for number, name in enumerate(self.directives, start=1) if name in DIRECTIVES]
        match = self.pattern.fullmatch(shape)
        if not written or match is None:
            return np.zeros(len(letters), dtype=np.int64)
        return read_offsets(as_texts(letters[:, slice(*match.span(written[0]))]))

    def write(self, seconds: NDArray[np.int64], offsets: NDArray[np.int64] | None = None) -> list[str]:
        """Return the text of each timestamp. seconds: (texts,) of the wall clock.

        offsets: (texts,) ahead of UTC.
        """
        columns = [
            write_offsets(np.zeros_like(seconds) if offsets is None else offsets, directive)
            if directive in DIRECTIVES
            else _field(seconds, directive.removeprefix("-"))
            for directive in self.directives
        ]
        return [self.template % row for row in zip(*columns, strict=True)]


@lru_cache(maxsize=1024)
def compile_form(time_format: str) -> Form:
    """Return the form of a strftime format. Raises ConfigError for a directive that is not known."""
    pattern, template, directives = "", "", []
    literals = DIRECTIVE.split(time_format)  # literal, directive, literal ...
    for literal, directive in zip(literals[::2], [*literals[1::2], ""], strict=True):
        pattern += re.escape(re.sub(r"\d", "9", literal))
        template += literal.replace("%", "%%")
        if directive in ("", "%"):
            pattern += directive
            template += 2 * directive
            continue
        name = directive.removeprefix("-")
        if directive in NAMES:
            pattern += f"({'|'.join(NAMES[directive])})"
            template += "%s"
        elif directive in DIRECTIVES:
            pattern += f"({DIRECTIVES[directive]})"
            template += "%s"
        elif name in DIGITS and (name == directive or name in MAY_BE_SHORT):
            pattern += "(9{1,2})" if name != directive else f"(9{{{DIGITS[name]}}})"
            template += "%d" if name != directive else f"%0{DIGITS[name]}d"
        else:
            known = ", ".join(f"%{known}" for known in (*DIGITS, *NAMES, *DIRECTIVES))
            raise ConfigError(f'time format "{time_format}": %{directive} is not known; known: {known}')
        directives.append(directive)
    return Form(tuple(directives), re.compile(pattern), template)


def has_offset(time_format: str) -> bool:
    """Return whether texts of this form have UTC offsets of their own."""
    return any(f"%{directive}" in time_format for directive in DIRECTIVES)


def as_texts(letters: NDArray[Any]) -> NDArray[Any]:
    """Return code points, (texts, width), as texts: (texts,) str."""
    fixed = np.ascontiguousarray(letters, dtype=np.uint32)
    return fixed.view(f"U{letters.shape[1]}").ravel()


def without_zeros(time_format: str) -> str:
    """Return the form in which days, months and hours may have one digit, where a sign bounds them."""
    return SHORTENED.sub(r"%-\1", time_format)


def to_seconds(fields: Fields, count: int) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Return seconds since 1970 and whether the calendar has such a moment: both (count,)."""
    zero = np.zeros(count, dtype=np.int64)
    days, valid = _to_days_by_week(fields) if "G" in fields else _to_days(fields, zero)
    hour, minute, second = (fields.get(name, zero) for name in "HMS")
    if "I" in fields:
        half = fields.get("p", zero + 1) - 1
        valid = valid & (fields["I"] >= 1) & (fields["I"] <= 12)
        hour = fields["I"] % 12 + 12 * half
    valid = valid & (hour < 24) & (minute < 60) & (second < 60)
    return days * DAY + hour * 3600 + minute * 60 + second, valid


def _to_days(fields: Fields, zero: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    year = fields.get("Y")
    if year is None:
        short = fields.get("y", zero)
        year = short + np.where(short < CENTURY_TURN, 2000, 1900)
    month = next((fields[name] for name in ("m", "b", "B", "^b") if name in fields), zero + 1)
    quarter = fields.get("q", zero + 1)
    if "q" in fields:
        month = 3 * quarter - 2
    day = fields.get("d", zero + 1)
    first = ((year - 1970) * 12 + month - 1).astype("datetime64[M]")
    begin = first.astype("datetime64[D]").astype(np.int64)
    length = (first + 1).astype("datetime64[D]").astype(np.int64) - begin
    valid = (year >= 1) & (month >= 1) & (month <= 12) & (day >= 1) & (day <= length)
    return begin + day - 1, valid & (quarter >= 1) & (quarter <= 4)


def _to_days_by_week(fields: Fields) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Count days by ISO 8601: the week that holds 4 January is the first.

    A week without a weekday is its Monday.
    """
    year, week = fields["G"], fields["V"]
    weekday = fields.get("u", np.ones_like(week))
    fourth = (year - 1970).astype("datetime64[Y]").astype("datetime64[D]").astype(np.int64) + 3
    days = fourth - _weekday(fourth) + 7 * (week - 1)
    valid = (year >= 1) & (week >= 1) & (weekday >= 1) & (weekday <= 7) & (_iso_year(days) == year)
    return days + weekday - 1, valid


def _field(seconds: NDArray[np.int64], directive: str) -> list[int] | list[str]:
    """Return what a directive stands for at each moment. seconds: (texts,)."""
    if directive in NAMES:
        number = seconds % DAY // 43200 if directive == "p" else months_since_1970(seconds) % 12
        return [NAMES[directive][index] for index in number.tolist()]
    numbers: list[int] = _number(seconds, directive).tolist()
    return numbers


def _number(seconds: NDArray[np.int64], directive: str) -> NDArray[np.int64]:
    months, days = months_since_1970(seconds), seconds // DAY
    match directive:
        case "Y" | "y":
            year = 1970 + months // 12
            return year % 100 if directive == "y" else year
        case "m" | "q":
            return months % 12 // (3 if directive == "q" else 1) + 1
        case "d":
            first = months.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
            return days - first + 1
        case "G":
            return _iso_year(days)
        case "V":
            thursday = days - _weekday(days) + 3
            january = (_iso_year(days) - 1970).astype("datetime64[Y]").astype("datetime64[D]")
            return (thursday - january.astype(np.int64)) // 7 + 1
        case "u":
            return _weekday(days) + 1
        case "H":
            return seconds % DAY // 3600
        case "I":
            return (seconds % DAY // 3600 - 1) % 12 + 1
        case "M":
            return seconds % 3600 // 60
    return seconds % 60


def _weekday(days: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return 0 for Monday, 6 for Sunday; 1970 began on a Thursday."""
    return (days + 3) % 7


def _iso_year(days: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the year of the Thursday in each day's week."""
    thursday = (days - _weekday(days) + 3).astype("datetime64[D]")
    year: NDArray[np.int64] = 1970 + thursday.astype("datetime64[Y]").astype(np.int64)
    return year
