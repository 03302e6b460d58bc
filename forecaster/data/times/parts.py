"""Times that are split over columns: the form of each part, which reads it and writes it back unchanged.

The form of a part is a strftime format, or a number of one of these kinds, with what stands around it:
%Y %y %m %d %H %M %S %q %j, %h of the half of a year, and %G %V of weeks by ISO 8601, all as in strftime;
%X %U of weeks that begin on a Sunday, the one with 4 January is the first; %H%M a number such as 930; %N30
the number of the half hour in its day, from 1 (%N60: the hour that ends), %n30 the same from 0, %J15 that of
the quarter in its hour, from 1.
%-m writes no leading zeros. %[week 0] before a date writes that of the first day of its week, 0 is Monday,
%[week to 6] that of the last.
"""

import re
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from deploy.time.clock import Clock
from forecaster.data.spelling.fields import to_seconds
from forecaster.data.spelling.vocabulary import lexicon, words_of
from forecaster.data.times.grid import DAY, dates, day_of_month, months_since_1970
from forecaster.data.times.timestamps import write_timestamps

Numbers = NDArray[np.int64]
NUMBER = re.compile(
    r"(?P<before>[^%\d]*)%(?P<bare>-?)(?P<kind>H%M|[NnJ](?:60|30|20|15|10|5)|[YyGXmdjHMSqhVU])(?P<after>[^%]*)"
)
MAY_BE_SHORT = {"j": 100, "H%M": 1000}  # numbers below have leading zeros, if any have; of other kinds: 10
WIDTH = {
    "Y": 4,
    "G": 4,
    "X": 4,
    "j": 3,
    "H%M": 4,
    "q": 1,
    "h": 1,
}  # digits of a kind with leading zeros; others: 2
DAY_OF_WEEK = re.compile(r"%\[week (?P<end>to )?(?P<day>[0-6])\]")
MINUTE, HOUR = 60, 3600
LONGEST_DAY = 26 * HOUR  # a clock that is put back makes a day longer


@dataclass(frozen=True)
class NumberForm:
    """The form of a part that is one number."""

    before: str
    is_bare: bool  # without leading zeros
    kind: str
    after: str

    @classmethod
    def of(cls, form: str) -> "NumberForm | None":
        """Take a form apart; None for one that is no number."""
        found = NUMBER.fullmatch(form)
        return cls(found["before"], bool(found["bare"]), found["kind"], found["after"]) if found else None

    def write(self, numbers: Numbers) -> list[str]:
        """Return the text of each number."""
        width = 1 if self.is_bare else WIDTH.get(self.kind, 2)
        return [f"{self.before}{number:0{width}}{self.after}" for number in numbers.tolist()]


def number_of(seconds: Numbers, kind: str, since_midnight: Numbers) -> Numbers:
    """Return the number that a part of this kind has at each time: (times,).

    seconds: of the wall clock; since_midnight: seconds that have passed since the day began.
    """
    months, clock = months_since_1970(seconds), seconds % DAY
    if kind in ("X", "U"):
        wednesday = _sunday(seconds // DAY) * DAY + 3 * DAY
        day = number_of(wednesday, "Y" if kind == "X" else "j", since_midnight)
        return day if kind == "X" else (day - 1) // 7 + 1
    if kind in ("G", "V"):
        return np.array(write_timestamps(seconds, f"%{kind}"), dtype=np.int64)
    if kind[0] in "Nn":
        return since_midnight // (int(kind[1:]) * MINUTE) + (kind[0] == "N")
    if kind[0] == "J":
        return clock % HOUR // (int(kind[1:]) * MINUTE) + 1
    year = 1970 + months // 12
    january = (year - 1970).astype("datetime64[Y]").astype("datetime64[D]").astype(np.int64)
    return {
        "Y": year,
        "y": year % 100,
        "q": months % 12 // 3 + 1,
        "h": months % 12 // 6 + 1,
        "m": months % 12 + 1,
        "d": day_of_month(seconds),
        "j": dates(seconds).astype(np.int64) - january + 1,
        "H": clock // HOUR,
        "M": clock % HOUR // MINUTE,
        "S": clock % MINUTE,
        "H%M": clock // HOUR * 100 + clock % HOUR // MINUTE,
    }[kind]


def weekdays_of(days: Numbers) -> Numbers:
    """Return the weekday of days since 1970, which began on a Thursday: 0 is Monday."""
    return (days + 3) % 7


def _sunday(days: Numbers) -> Numbers:
    """Return the Sunday on or before each day since 1970, which began on a Thursday."""
    return days - (days + 4) % 7


def days_of(fields: dict[str, Numbers], count: int) -> tuple[Numbers, NDArray[np.bool_]]:
    """Return the midnight that years, months, days, quarters or weeks name, and whether the calendar has it.

    fields: by kind, (count,) each.
    """
    if "X" in fields:
        fourth = (fields["X"] - 1970).astype("datetime64[Y]").astype("datetime64[D]").astype(np.int64) + 3
        seconds = (_sunday(fourth) + 7 * (fields["U"] - 1)) * DAY
        return seconds, (fields["U"] >= 1) & (number_of(seconds, "X", seconds) == fields["X"])
    fields_of = {"h": "[half]q"}
    named = {
        "b" if words_of(kind) else fields_of.get(kind, kind): numbers
        for kind, numbers in fields.items()
        if kind != "j"
    }
    first, valid = to_seconds(named, count)
    if "j" not in fields:
        return first, valid
    seconds = first + (fields["j"] - 1) * DAY
    return seconds, valid & (fields["j"] >= 1) & (
        months_since_1970(seconds) // 12 == months_since_1970(first) // 12
    )


def clocks_of(fields: dict[str, Numbers], count: int) -> tuple[Numbers, NDArray[np.bool_]]:
    """Return the seconds since midnight that hours, minutes or periods name, and whether a day has them.

    fields: by kind, (count,) each.
    """
    clock, valid = np.zeros(count, dtype=np.int64), np.ones(count, dtype=np.bool_)
    for kind, numbers in fields.items():
        if kind == "H%M":
            clock = clock + numbers // 100 * HOUR + numbers % 100 * MINUTE
            valid &= (numbers >= 0) & (numbers % 100 < 60) & (numbers < 2400)
        elif kind in "HMS":
            clock = clock + numbers * {"H": HOUR, "M": MINUTE, "S": 1}[kind]
            valid &= (numbers >= 0) & (numbers < (24 if kind == "H" else 60))
        else:
            length, first = int(kind[1:]) * MINUTE, int(kind[0] != "n")
            clock = clock + (numbers - first) * length
            valid &= (numbers >= first) & (
                (numbers - first) * length < (HOUR if kind[0] == "J" else LONGEST_DAY)
            )
    return clock, valid


def write_parts(
    timestamps: Numbers, parts: tuple[tuple[str, str], ...], clock: Clock | None
) -> dict[str, list[str]]:
    """Return the texts of each column that is a part of the time, by its name. timestamps: (times,)."""
    codes, distinct = pd.factorize(timestamps)
    wall = distinct if clock is None else clock.to_wall(distinct)
    passed = wall % DAY
    if clock is not None:
        passed = clock.to_utc(distinct) - clock.zone.to_utc(wall - wall % DAY)[0]
    columns = {name: np.array(write_part(wall, form, passed), dtype=object) for name, form in parts}
    return {name: texts[codes].tolist() if len(texts) else [] for name, texts in columns.items()}


def write_part(wall: Numbers, form: str, passed: Numbers) -> list[str]:
    """Return the text of one part at times of the wall clock. passed: seconds since the day began."""
    number = NumberForm.of(form)
    if number is not None:
        return number.write(number_of(wall, number.kind, passed))
    if (week := DAY_OF_WEEK.match(form)) is not None:
        days = wall // DAY
        before, after = (weekdays_of(days) - int(week["day"])) % 7, (int(week["day"]) - weekdays_of(days)) % 7
        wall, form = (days + after if week["end"] else days - before) * DAY, form[week.end() :]
    # A date that is written with a time of day is a midnight.
    return write_timestamps(wall - wall % DAY if "%d" in form or "%-d" in form else wall, form)


def numbers_by_name(texts: list[str], kind: str = "month") -> tuple[str, list[int]] | None:
    """Return the directive that writes names of months or weekdays, and the number of each text, from 1.

    None where they are no such names.
    """
    found = [lexicon().get(text, {}).get(kind, ()) for text in texts]
    common = (
        [directive for directive in found[0] if all(directive in each for each in found)] if found else []
    )
    if not common:
        return None
    words = words_of(common[0])
    return common[0], [words.index(text) + 1 for text in texts]
