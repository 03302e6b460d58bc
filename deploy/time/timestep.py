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
CALENDAR_UNITS = ("business-day", *MONTH_UNITS)
UNITS = (*SECONDS, *CALENDAR_UNITS, "index")

MONTHS_OF_A_YEAR = 12

# Mean Gregorian lengths: only for choosing what a step spans, never for timestamps.
_MEAN_SECONDS = {"business-day": 7 * 86400 / 5, **dict.fromkeys(MONTH_UNITS, 31556952 / 12)}


@dataclass(frozen=True, slots=True)
class TimeStep:
    """The distance between two neighbouring values: `count` units. Quarters are 3 months, years 12."""

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

        timestamps: any shape; steps: broadcast against it. Returns int64 of the broadcast shape.
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
        else:
            shifted = _shift_months(dates, moved, self.unit)
        return shifted.astype(np.int64) * 86400 + seconds_of_day


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
