"""Time zones for whole arrays: UTC and local wall-clock time, by tables of when a zone's clocks change.

The rules are those that the standard library's zoneinfo finds on the machine. Timestamps are int64 seconds.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..errors import ExtraMissingError
from .timestep import MISSING_TIME, SECONDS, Timestamps

if TYPE_CHECKING:  # what has no time zone does not load it
    from zoneinfo import ZoneInfo

DAY = SECONDS["day"]
BLOCK = 2048 * DAY  # of a table: short enough to be made in milliseconds, long enough to need few
FIRST = -5364662400  # 1800: no clock was changed by law before
# From here on only rules without an end hold, and the calendar repeats after 400 years, weekdays too.
LAST, CYCLE = 16725225600, 146097 * DAY  # 2500


@dataclass(frozen=True)
class _Table:
    """The periods of a zone between one clock change and the next: each (periods,)."""

    starts: Timestamps  # in UTC
    offsets: NDArray[np.int64]  # seconds that the wall clock is ahead of UTC
    # On the wall clock, for the earlier and for the later reading of a time that occurs twice.
    early_starts: Timestamps
    late_starts: Timestamps


@dataclass(frozen=True, slots=True)
class Zone:
    """A time zone by its IANA name. Unknown moments (MISSING_TIME) stay what they are."""

    name: str

    def offsets(self, utc: Timestamps) -> NDArray[np.int64]:
        """Return the seconds that the wall clock is ahead of UTC at each moment, of the shape of `utc`."""
        folded = _fold(utc)
        table = self._table(folded)
        found: NDArray[np.int64] = table.offsets[np.searchsorted(table.starts, folded, side="right") - 1]
        return found

    def to_wall(self, utc: Timestamps) -> Timestamps:
        """Return what the wall clock shows at each moment."""
        wall: Timestamps = np.where(utc == MISSING_TIME, MISSING_TIME, utc + self.offsets(utc))
        return wall

    def to_utc(self, wall: Timestamps) -> tuple[Timestamps, Timestamps]:
        """Return the moments at which the wall clock shows `wall`: its earlier and its later reading.

        They are equal but where clocks change: where one goes back the first is before the second; where
        one goes forward and skips the time, the first is after the second, and as long after the change as
        the time is after the one at which the clock stopped.
        """
        folded = _fold(wall)
        table = self._table(folded)
        early, late = (
            table.offsets[np.searchsorted(starts, folded, side="right") - 1]
            for starts in (table.early_starts, table.late_starts)
        )
        missing = wall == MISSING_TIME
        return np.where(missing, wall, wall - early), np.where(missing, wall, wall - late)

    def _table(self, folded: Timestamps) -> _Table:
        """Return the table that holds some moments and the days around them."""
        if not folded.size:
            return _table(self.name, 0, 0)
        return _table(self.name, int(folded.min() - 2 * DAY) // BLOCK, int(folded.max() + 2 * DAY) // BLOCK)


@lru_cache(maxsize=1024)
def find_zone(name: str) -> Zone:
    """Return the zone of that name. Raises ExtraMissingError if this machine does not know it."""
    from zoneinfo import ZoneInfo

    try:
        ZoneInfo(name)
    except (OSError, ValueError, KeyError):  # a folder of zones, a path, a name that is not there
        raise ExtraMissingError(
            f'this machine does not know the time zone "{name}"; '
            "a list of all zones comes with: pip install --upgrade tzdata"
        ) from None
    return Zone(name)


def _fold(moments: Timestamps) -> Timestamps:
    """Return the same moments of the years 1800 to 2500, at which the same rules hold."""
    folded: Timestamps = np.maximum(moments, FIRST)
    if folded.size and folded.max() >= LAST:
        folded = np.where(folded >= LAST, LAST - CYCLE + (folded - LAST) % CYCLE, folded)
    return folded


@lru_cache(maxsize=256)
def _table(name: str, first: int, last: int) -> _Table:
    """Return the periods of some blocks of time, the last included."""
    blocks = [_block(name, number) for number in range(first, last + 1)]
    starts = np.array([start for block in blocks for start in block[0]], dtype=np.int64)
    offsets = np.array([offset for block in blocks for offset in block[1]], dtype=np.int64)
    before = np.concatenate([offsets[:1], offsets[:-1]])
    return _Table(starts, offsets, starts + np.maximum(before, offsets), starts + np.minimum(before, offsets))


@lru_cache(maxsize=4096)
def _block(name: str, number: int) -> tuple[list[int], list[int]]:
    """Return the starts and offsets of the periods in one block of time; its own start begins the first."""
    from zoneinfo import ZoneInfo

    zone = ZoneInfo(name)
    begin = number * BLOCK
    days = range(begin, begin + BLOCK + DAY, DAY)
    offsets = [offset_at(zone, day) for day in days]
    starts, found = [begin], [offsets[0]]
    for day, offset, following in zip(days, offsets[:-1], offsets[1:], strict=False):
        if offset != following:  # no zone has changed twice within a day
            starts.append(_find_change(zone, day, offset))
            found.append(following)
    return starts, [offset // timedelta(seconds=1) for offset in found]


def _find_change(zone: "ZoneInfo", day: int, offset: timedelta) -> int:
    """Return the first second of the day that follows `day` at which the offset is another."""
    low, high = day, day + DAY
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if offset_at(zone, middle) == offset else (low, middle)
    return high


def offset_at(zone: "ZoneInfo", moment: int) -> timedelta:
    """Return how far the wall clock is ahead of UTC. moment: seconds of UTC since 1970."""
    shown = zone.fromutc(datetime(1970, 1, 1, tzinfo=zone) + timedelta(seconds=moment))
    return shown.utcoffset() or timedelta()
