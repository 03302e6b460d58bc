"""Fields of a timestamp, such as year, week and hour: from those that were read to seconds, and back.

And the ends of intervals, by their length: +1h, or +1month-1d for the last day of a month.
"""

import re

import numpy as np
from numpy.typing import NDArray

from deploy import TimeStep
from deploy.time.timestep import SECONDS

Fields = dict[str, NDArray[np.int64]]  # of each directive, without its flags: (texts,)

DAY = SECONDS["day"]
# Two digits are the years 1969 to 2068, as in Python.
CENTURY_TURN = 69
LENGTH = re.compile(r"\+(?:(?P<months>\d+)month)?(?P<rest>(?:[+-]?\d+(?:d|h|min|s))*)")
UNITS = {"d": DAY, "h": 3600, "min": 60, "s": 1}
MONTH = 30.44 * DAY  # on average
USUAL_SHARE = 0.5  # of intervals that have one length: the others are mistakes to be named


def to_seconds(fields: Fields, count: int) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Return seconds since 1970 and whether the calendar has such a moment: both (count,)."""
    zero = np.zeros(count, dtype=np.int64)
    days, valid = _to_days_by_week(fields) if "G" in fields or "g" in fields else _to_days(fields, zero)
    hour, minute, second = (fields.get(name, zero) for name in "HMS")
    if "I" in fields:
        half = fields.get("p", zero + 1) - 1
        valid = valid & (fields["I"] >= 1) & (fields["I"] <= 12)
        hour = fields["I"] % 12 + 12 * half
    valid = valid & (hour < 24) & (minute < 60) & (second < 60)
    if "[24]H" in fields:  # there midnight is the end of a day, and has no other text
        hour = fields["[24]H"]
        of_day = hour * 3600 + minute * 60 + second
        valid = valid & (of_day > 0) & (of_day <= DAY)
    if "a" in fields:
        valid = valid & (_weekday(days) + 1 == fields["a"])
    return days * DAY + hour * 3600 + minute * 60 + second, valid


def _to_days(fields: Fields, zero: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    year = fields.get("Y")
    if year is None:
        year = _full_year(fields.get("y", zero))
    month = fields.get("m", fields.get("b", zero + 1))
    quarter = fields.get("q", zero + 1)
    if "q" in fields:
        month = 3 * quarter - 2
    half = fields.get("[half]q", zero + 1)
    if "[half]q" in fields:
        month = 6 * half - 5
    day = fields.get("d", zero + 1)
    if "j" in fields:
        month, day = zero + 1, fields["j"]
    first = ((year - 1970) * 12 + month - 1).astype("datetime64[M]")
    begin = first.astype("datetime64[D]").astype(np.int64)
    length = (first + (12 if "j" in fields else 1)).astype("datetime64[D]").astype(np.int64) - begin
    valid = (year >= 1) & (month >= 1) & (month <= 12) & (day >= 1) & (day <= length)
    if "[+1]Y" in fields:
        valid &= fields["[+1]Y"] == year + 1
    if "[+1]y" in fields:
        valid &= fields["[+1]y"] == (year + 1) % 100
    return begin + day - 1, valid & (quarter >= 1) & (quarter <= 4) & (half >= 1) & (half <= 2)


def _to_days_by_week(fields: Fields) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Count days by ISO 8601: the week that holds 4 January is the first.

    A week without a weekday is its Monday.
    """
    year = fields["G"] if "G" in fields else _full_year(fields["g"])
    week = fields["V"]
    weekday = fields.get("u", np.ones_like(week))
    fourth = (year - 1970).astype("datetime64[Y]").astype("datetime64[D]").astype(np.int64) + 3
    days = fourth - _weekday(fourth) + 7 * (week - 1)
    valid = (year >= 1) & (week >= 1) & (weekday >= 1) & (weekday <= 7) & (_iso_year(days) == year)
    return days + weekday - 1, valid


def field_of(seconds: NDArray[np.int64], name: str) -> NDArray[np.int64]:
    """Return the number that a directive, without its flags, stands for at each moment.

    seconds: (texts,). Of words it is which of them, from 1.
    """
    days = seconds // DAY
    months = days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    match name:
        case "Y" | "y" | "[+1]Y" | "[+1]y":
            year = 1970 + months // 12 + name.startswith("[")
            return year % 100 if name.endswith("y") else year
        case "m" | "q" | "b" | "[half]q":
            return months % 12 // {"q": 3, "[half]q": 6}.get(name, 1) + 1
        case "d":
            first = months.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
            return days - first + 1
        case "j":
            year_begin = months.astype("datetime64[M]").astype("datetime64[Y]").astype("datetime64[D]")
            return days - year_begin.astype(np.int64) + 1
        case "G" | "g":
            return _iso_year(days) % (100 if name == "g" else 10000)
        case "V":
            thursday = days - _weekday(days) + 3
            january = (_iso_year(days) - 1970).astype("datetime64[Y]").astype("datetime64[D]")
            return (thursday - january.astype(np.int64)) // 7 + 1
        case "u" | "a":
            return _weekday(days) + 1
        case "H":
            return seconds % DAY // 3600
        case "[24]H":
            return np.where(seconds % DAY == 0, 24, seconds % DAY // 3600)
        case "I":
            return (seconds % DAY // 3600 - 1) % 12 + 1
        case "p":
            return seconds % DAY // 43200 + 1
        case "M":
            return seconds % 3600 // 60
    return seconds % 60


def ends_of(seconds: NDArray[np.int64], directive: str) -> NDArray[np.int64]:
    """Return the ends of intervals of the length that a directive begins with. seconds: (intervals,)."""
    length = LENGTH.match(directive)
    if length is None:
        raise ValueError(f"{directive} has no length")
    months = int(length["months"] or 0)
    ends = TimeStep(months, "month").shift(seconds, np.ones_like(seconds)) if months else seconds
    parts = re.findall(r"([+-]?\d+)(d|h|min|s)", length["rest"])
    return ends + sum(int(count) * UNITS[unit] for count, unit in parts)


def length_of(seconds: NDArray[np.int64], ends: NDArray[np.int64]) -> str | None:
    """Return the length of most intervals, as a form has it; None where it is not above 0, or changes.

    seconds, ends: (intervals,).
    """
    lengths, counts = np.unique(ends - seconds, return_counts=True)
    usual = int(lengths[counts.argmax()])
    if usual <= 0:
        return None
    unit = next(unit for unit, size in UNITS.items() if usual % size == 0)
    months = round(int(ends[0] - seconds[0]) / MONTH)
    in_months = [f"+{months}month-1d", f"+{months}month"] if months else []
    found = [f"+{usual // UNITS[unit]}{unit}", *in_months]
    shares = [(ends_of(seconds, length) == ends).mean() for length in found]
    best = int(np.argmax(shares))
    return found[best] if shares[best] > USUAL_SHARE else None


def _full_year(short: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the year that two digits mean."""
    year: NDArray[np.int64] = short + np.where(short < CENTURY_TURN, 2000, 1900)
    return year


def _weekday(days: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return 0 for Monday, 6 for Sunday; 1970 began on a Thursday."""
    return (days + 3) % 7


def _iso_year(days: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the year of the Thursday in each day's week."""
    thursday = (days - _weekday(days) + 3).astype("datetime64[D]")
    year: NDArray[np.int64] = 1970 + thursday.astype("datetime64[Y]").astype(np.int64)
    return year
