"""The clock that the steps of a series in a time zone run on: UTC below a day, the wall clock from a day on.

So hours stay regular where the wall clock jumps, and days stay regular though some have 23 or 25 hours.
"""

from dataclasses import dataclass

import numpy as np

from .timestep import Timestamps, TimeStep
from .zones import DAY, Zone, find_zone

UNITS_IN_UTC = ("second", "minute", "hour")


@dataclass(frozen=True, slots=True)
class Clock:
    """The clock of timestamps in a time zone: seconds since 1970 of UTC, or of the wall clock."""

    zone: Zone
    in_utc: bool

    def to_wall(self, timestamps: Timestamps) -> Timestamps:
        """Return what the wall clock shows at timestamps of this clock, for a calendar."""
        return self.zone.to_wall(timestamps) if self.in_utc else timestamps

    def to_utc(self, timestamps: Timestamps) -> Timestamps:
        """Return the moments of timestamps of this clock; the first of two."""
        return timestamps if self.in_utc else self.zone.to_utc(timestamps)[0]

    def from_utc(self, moments: Timestamps) -> Timestamps:
        """Return what this clock shows at some moments.

        A day whose midnight is skipped begins at midnight, too.
        """
        if self.in_utc:
            return moments
        wall = self.zone.to_wall(moments)
        skipped = self.zone.to_wall(moments - 1) + 1
        shown: Timestamps = np.where((skipped < wall) & (skipped % DAY == 0), skipped, wall)
        return shown


def clock_of(timezone: str | None, step: TimeStep) -> Clock | None:
    """Return the clock of series with that step; None without a time zone. Raises ExtraMissingError."""
    return None if timezone is None else Clock(find_zone(timezone), step.unit in UNITS_IN_UTC)
