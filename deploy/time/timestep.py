"""The step of a series and the timestamps on its grid: seconds to years, by the calendar where it has to be.

Timestamps are int64 seconds of local wall-clock time since 1970-01-01, or plain counts for unit "index".
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError

Timestamps = NDArray[np.int64]
# A timestamp that is not known; the graphs then leave the calendar out of that series.
MISSING_TIME = np.iinfo(np.int64).min

SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400, "week": 7 * 86400}
# "month-end" stays on the last day of the month, and business months on the first or last day from Monday to
# Friday; "index" is a series without a calendar.
MONTH_UNITS = ("month", "month-end", "business-month-start", "business-month-end")
# Parts of a month by their first days: such a unit stays on them, or on the last days of the parts.
MONTH_PARTS: dict[str, tuple[int, ...]] = {}
MONTH_PARTS |= {"half-month": (1, 16), "half-month-end": (1, 16), "semi-month": (1, 15)}
MONTH_PARTS |= {"dekad": (1, 11, 21), "dekad-end": (1, 11, 21)}
CALENDAR_UNITS = ("business-day", *MONTH_UNITS, *MONTH_PARTS)
UNITS = (*SECONDS, *CALENDAR_UNITS, "index")

MONTHS_OF_A_YEAR = 12

# Mean Gregorian lengths: only for choosing what a step spans, never for timestamps.
_MEAN_SECONDS = {"business-day": 7 * 86400 / 5, **dict.fromkeys(MONTH_UNITS, 31556952 / 12)}
_MEAN_SECONDS |= {unit: 31556952 / 12 / len(parts) for unit, parts in MONTH_PARTS.items()}


@dataclass(frozen=True, slots=True)
class TimeStep:
    """The distance between two neighbouring values: `count` units. Quarters are 3 months, years 12.

    Args:
        count: How many units, from 1.
        unit: second, minute, hour, day, business-day, week, month, ... or index, which counts rows.

    Raises:
        InputError: There is no such unit, or no such count.

    Examples:
        >>> str(TimeStep(15, "minute")), str(TimeStep(12, "month")), TimeStep(1, "index").has_calendar
        ('15 minutes', '1 year', False)
    """

    count: int
    unit: str

    def __post_init__(self) -> None:
        if self.unit not in UNITS:
            raise InputError(f"unknown time unit {self.unit!r}; known: {', '.join(UNITS)}")
        if self.count < 1:
            raise InputError(f"a time step is at least 1 {self.unit}, found {self.count}")

    def __str__(self) -> str:
        count, name = self.count, "row" if self.unit == "index" else self.unit
        if name == "month" and count % MONTHS_OF_A_YEAR == 0:
            count, name = count // MONTHS_OF_A_YEAR, "year"
        return f"{count} {name}{'s' if count > 1 else ''}"

    @property
    def has_calendar(self) -> bool:
        """Return whether timestamps are times, not plain counts."""
        return self.unit != "index"

    @property
    def mean_seconds(self) -> float:
        """Return how long a step lasts on average; 0 without a calendar."""
        return self.count * float(SECONDS.get(self.unit) or _MEAN_SECONDS.get(self.unit, 0))

    def shift(self, timestamps: Timestamps, steps: NDArray[np.int64]) -> Timestamps:
        """Return the timestamps that lie `steps` steps after (negative: before) each of `timestamps`.

        Args:
            timestamps: Any shape.
            steps: Broadcast against it.

        Returns:
            int64 of the broadcast shape.
        """
        moved = steps * self.count
        if self.unit == "index":
            return timestamps + moved
        if self.unit in SECONDS:
            return timestamps + moved * SECONDS[self.unit]
        days, seconds_of_day = np.divmod(timestamps, 86400)
        dates = days.astype("datetime64[D]")
        if self.unit == "business-day":
            shifted = np.busday_offset(dates, moved, roll="backward")
        elif self.unit in MONTH_PARTS:
            shifted = _first_of_part(parts_since_1970(dates, self.unit) + moved, self.unit)
        else:
            shifted = _shift_months(dates, moved, self.unit)
        return shifted.astype(np.int64) * 86400 + seconds_of_day


def parts_since_1970(dates: NDArray[np.datetime64], unit: str) -> NDArray[np.int64]:
    """Return how many parts of months lie between January 1970 and each date, of any shape."""
    month = dates.astype("datetime64[M]")
    day = (dates - month.astype("datetime64[D]")).astype(np.int64) + 1
    firsts = np.array(MONTH_PARTS[unit])
    parts: NDArray[np.int64] = (
        month.astype(np.int64) * len(firsts) + np.searchsorted(firsts, day, "right") - 1
    )
    return parts


def _first_of_part(parts: NDArray[np.int64], unit: str) -> NDArray[np.datetime64]:
    """Return the first day of parts of months since January 1970, or the last of units that end in "end"."""
    firsts = np.array(MONTH_PARTS[unit])
    at_end = int(unit.endswith("end"))  # the day before the next part
    month, part = np.divmod(parts + at_end, len(firsts))
    first = month.astype("datetime64[M]").astype("datetime64[D]")
    dates: NDArray[np.datetime64] = first + (firsts[part] - 1 - at_end)
    return dates


def _shift_months(
    dates: NDArray[np.datetime64], months: NDArray[np.int64], unit: str
) -> NDArray[np.datetime64]:
    """Move dates by whole months: to the day of the unit, the same day, or the last one of the month."""
    month = dates.astype("datetime64[M]")
    first = (month + months).astype("datetime64[D]")
    last = (month + months + 1).astype("datetime64[D]") - 1
    moved: NDArray[np.datetime64]
    if unit == "month":
        moved = np.minimum(first + (dates - month.astype("datetime64[D]")), last)
    elif unit == "month-end":
        moved = last
    elif unit == "business-month-start":
        moved = np.busday_offset(first, 0, roll="forward")
    else:
        moved = np.busday_offset(last, 0, roll="backward")
    return moved
