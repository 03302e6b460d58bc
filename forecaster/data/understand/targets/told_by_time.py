"""Columns of numbers that say what the timestamps say already: a year, a weekday, a count of hours."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from forecaster.data.times.grid import DAY, dates, day_of_month, is_month_end, months_since_1970

FEWEST_ROWS = 8  # of fewer, small numbers agree by chance
SAMPLED_ROWS = 256  # a column that differs from the time does so here
MONTH = 1 / 12  # of a year
FARTHEST_CLOCK = 14  # hours from UTC
FIRST_DAYS = (321, 621, 923, 1221)  # of spring, summer, autumn and winter, month and day

Parts = dict[str, NDArray[np.int64]]


def told_by_time(numbers: Mapping[str, NDArray[np.float64]], moments: NDArray[np.int64]) -> dict[str, str]:
    """Return the columns of numbers that moments tell, each with what it is of them: "month", "hour".

    numbers: (rows,) each, NaN = missing; moments: (rows,) seconds of the wall clock since 1970.
    Numbers decide, not names: a year may be 2011, 11, or 0 and 1 for the first and the second one.
    """
    if len(moments) < FEWEST_ROWS:
        return {}
    sample = np.unique(np.linspace(0, len(moments) - 1, SAMPLED_ROWS).astype(np.int64))
    head, parts = _Calendar(moments[sample]), _Calendar(moments)
    found = {}
    for name, column in numbers.items():
        part = head.tell(column[sample])
        # Of a few hundred rows several parts may agree, of which one does in all.
        told = next((one for one in part if parts.tell(column, (one,))), None)
        if told is not None:
            found[name] = told.split("/")[0]
    return found


def told_by_another_clock(numbers: Mapping[str, NDArray[np.float64]], moments: NDArray[np.int64]) -> set[str]:
    """Return the columns that are years, months, days or hours of a clock that is whole hours away.

    That of a time zone next to times of UTC, an hour farther in summer. numbers, moments: as above.
    """
    found: set[str] = set()
    for ahead in range(-FARTHEST_CLOCK, FARTHEST_CLOCK):
        standard, summer = (_Calendar(moments + hours * 3600) for hours in (ahead, ahead + 1))
        told = {name for name, column in numbers.items() if standard.shares(column, summer)}
        found = max(found, told, key=len)
    return found


class _Calendar:
    """The parts of some moments, each worked out once it is needed."""

    def __init__(self, moments: NDArray[np.int64]) -> None:
        self.moments = moments
        self.known: Parts = {}

    def tell(self, column: NDArray[np.float64], names: Sequence[str] = ()) -> list[str]:
        """Return which parts, of some or of all, a column is. column: (rows,)."""
        present = ~np.isnan(column)
        values = column[present]
        if len(values) < FEWEST_ROWS or values.min() == values.max():
            return []
        is_whole = bool((values % 1 == 0).all())
        tables = (_SAME, _CYCLES) if is_whole else (_FRACTIONS,)
        return [
            name
            for name in (names or [name for table in tables for name in table])
            if self._is_part(name, values, present)
        ]

    def shares(self, column: NDArray[np.float64], other: "_Calendar") -> bool:
        """Return whether each number is a part of one moment or of the other: in all rows the same part."""
        return any(
            bool(((column == _of(name, self.moments)) | (column == _of(name, other.moments))).all())
            for name in _OF_A_CLOCK
        )

    def _is_part(self, name: str, values: NDArray[np.float64], present: NDArray[np.bool_]) -> bool:
        if name not in self.known:
            self.known[name] = _of(name, self.moments)
        part = self.known[name][present]
        if part.min() == part.max():
            return False
        if name in _FRACTIONS:
            return bool((np.abs(values - part / _FRACTIONS[name]) <= MONTH).all())
        if name in _SAME:
            shift, allowed = values[0] - part[0], _SAME[name]
            return (allowed is None or shift in allowed) and bool((values - part == shift).all())
        cycle = _CYCLES[name]
        inside = values.min() >= 0 and values.max() - values.min() < cycle and values.max() <= cycle
        return bool(inside and len(np.unique((values - part) % cycle)) == 1)


# Whole numbers that are a part and a constant more: which ones, None = any.
_SAME: dict[str, tuple[int, ...] | None] = {
    "year": None,
    "decade": (0,),
    "month/since": None,
    "day/since": None,
    "hour/since": None,
    "second/since": None,
    "month/yyyymm": (0,),
    "day/yyyymmdd": (0,),
    "time of day/hhmm": (0,),
    "day of month": (0, -1),
    "day of year": (0, -1),
    "week/iso": (0, -1),
    "week/monday": (0, 1),
    "week/sunday": (0, 1),
    "week/january": (0, 1),
    "begin of the month": (0,),
    "end of the month": (0,),
    "weekend": (0,),
    "weekend/friday": (0,),
    "weekend/none": (0,),
    "weekend/none_friday": (0,),
}
# Whole numbers that start over after so many: they may begin anywhere, at 0 or at 1.
_CYCLES = {
    "month": 12,
    "quarter": 4,
    "season": 4,
    "season/days": 4,
    "weekday": 7,
    "hour": 24,
    "minute": 60,
    "second": 60,
    "half hour": 48,
    "quarter of an hour": 96,
}
_OF_A_CLOCK = ("year", "month/number", "day of month", "hour")
_FRACTIONS = {"year/decimal": 1000}  # and how many of a part are one


def _of(name: str, moments: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return a part of moments: (rows,)."""
    clock, minutes, hours = moments % DAY, moments // 60, moments // 3600
    if name in ("hour", "hour/since"):
        return hours % 24 if name == "hour" else hours
    if name in ("minute", "second", "second/since", "half hour", "quarter of an hour", "time of day/hhmm"):
        return {
            "minute": minutes % 60,
            "second": moments % 60,
            "second/since": moments,
            "half hour": clock // 1800,
            "quarter of an hour": clock // 900,
            "time of day/hhmm": clock // 3600 * 100 + minutes % 60,
        }[name]
    return _of_days(name, moments)


def _of_days(name: str, moments: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return a part of moments that all moments of a day share: (rows,)."""
    since = months_since_1970(moments)
    year, month, day = 1970 + since // 12, since % 12 + 1, day_of_month(moments)
    days = moments // DAY
    first = dates(moments).astype("datetime64[Y]").astype("datetime64[D]").astype(np.int64)
    of_year, weekday = days - first + 1, (days + 3) % 7  # Monday is 0
    month_and_day = 100 * month + day
    if name == "week/iso":
        return _iso_week(days, weekday)
    is_friday_or_saturday = (weekday == 4) | (weekday == 5)
    parts = {
        "year": year,
        "decade": year // 10 * 10,
        "year/decimal": 1000 * year + (of_year - 1) * 1000 // 365,
        "month": month,
        "month/number": month,
        "month/since": since,
        "month/yyyymm": 100 * year + month,
        "day/since": days,
        "day/yyyymmdd": 10000 * year + month_and_day,
        "day of month": day,
        "day of year": of_year,
        "quarter": (month - 1) // 3,
        "season": month % 12 // 3,
        "season/days": np.searchsorted(FIRST_DAYS, month_and_day, side="right") % 4,
        "weekday": weekday,
        "week/monday": (of_year + 6 - weekday) // 7,
        "week/sunday": (of_year + 6 - (weekday + 1) % 7) // 7,
        "week/january": (of_year - 1) // 7,
        "begin of the month": day == 1,
        "end of the month": is_month_end(moments),
        "weekend": weekday >= 5,
        "weekend/none": weekday < 5,
        "weekend/friday": is_friday_or_saturday,
        "weekend/none_friday": ~is_friday_or_saturday,
    }
    part: NDArray[np.int64] = parts[name].astype(np.int64)
    return part


def _iso_week(days: NDArray[np.int64], weekday: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the week of the year that the week's Thursday lies in: (rows,)."""
    thursday = days - weekday + 3
    first = thursday.astype("datetime64[D]").astype("datetime64[Y]").astype("datetime64[D]").astype(np.int64)
    week: NDArray[np.int64] = (thursday - first) // 7 + 1
    return week
