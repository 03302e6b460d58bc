"""Choose the ticks of an axis and write them: round numbers, and dates by what they span.

A tick of times stands on a value, the first of its year, month, day or hour, and says that value's own time.
So it is true of every grid: of the ends of months, of weekdays and of a series that begins at 13:07.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count, pairwise

import numpy as np
from numpy.typing import NDArray

MOST = 10  # ticks of an axis of times
GAP = 3  # characters between the texts of neighbours
ROUND = (1, 2, 5)  # a distance of numbers is one of these times a power of ten
LARGEST, MOST_PLACES = 1e15, 9  # numbers from here on, or with more places, have an exponent
SMALLEST_SPAN = 1e-12  # of the size of the numbers: less is rounding
SMALLEST = 1e-280  # numbers below have too few digits to be divided
LARGE = 10_000  # counts from here on have separators
ALMOST = 1e-6  # a power of ten that a difference of floats misses by rounding
DAY = 86_400
LENGTHS = {"second": 1, "minute": 60, "hour": 3600, "day": DAY, "week": 7 * DAY}
MONDAY = 3 * DAY  # 1970 began on a Thursday
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
# Distances from the finest to the coarsest: so many of a unit.
DISTANCES = (
    *(("second", number) for number in (1, 2, 5, 10, 15, 30)),
    *(("minute", number) for number in (1, 2, 5, 10, 15, 30)),
    *(("hour", number) for number in (1, 2, 3, 6, 12)),
    *(("day", number) for number in (1, 2)),
    *(("week", number) for number in (1, 2)),
    *(("month", number) for number in (1, 3, 6)),
    *(("year", number * ten) for ten in (1, 10, 100, 1000) for number in ROUND),
)
# The coarsest unit that tells values apart, by the seconds that lie between them.
UNITS_OF_STEPS = ((360 * DAY, "year"), (28 * DAY, "month"), (DAY, "day"), (60, "minute"), (0, "second"))

Moments = NDArray[np.int64]


@dataclass(frozen=True)
class Tick:
    """A mark of an axis.

    Attributes:
        at: Its place: a number, or of times the position of a value, from 0.
        text: The text of the value.
        below: What holds from here on, in a second line: the year of months, the day of hours.
    """

    at: float
    text: str
    below: str = ""


def time_ticks(moments: Moments, room: float, *, has_calendar: bool = True) -> list[Tick]:
    """Return from 2 to MOST ticks whose texts do not touch, or one where there is no room for two.

    moments: (time,) seconds since 1970 on the clock that is shown, or counts without a calendar.
    room: characters that fit side by side from the first value to the last.
    """
    if not len(moments):
        return []
    moments = np.maximum.accumulate(moments)  # a clock that is set back stands still
    finest = _unit_of(moments) if has_calendar else "count"
    for unit, number in _distances_from(finest) if has_calendar else _round_distances(moments):
        places = _firsts(moments, unit, number)
        if 2 <= len(places) <= MOST:
            ticks = _written(moments, places, unit)
            if _fits(ticks, len(moments), room):
                return ticks
    ends = _written(moments, np.unique([0, len(moments) - 1]), finest)
    return ends if _fits(ends, len(moments), room) else ends[-1:]


def value_ticks(low: float, high: float, most: int) -> list[Tick]:
    """Return ticks a round number apart, from at most `low` to at least `high`. most: intervals, from 2."""
    size = max(abs(low), abs(high))
    size = size if size > SMALLEST else 1.0
    if high - low <= SMALLEST_SPAN * size:
        low, high = low - size / 2, high + size / 2
    power = math.floor(math.log10((high - low) / most))
    steps = (one * 10.0**ten for ten in count(power) for one in ROUND)
    step = next(step for step in steps if math.ceil(high / step) - math.floor(low / step) <= most)
    values = [number * step for number in range(math.floor(low / step), math.ceil(high / step) + 1)]
    return [Tick(value, text) for value, text in zip(values, write_values(values), strict=True)]


def write_values(values: Sequence[float]) -> list[str]:
    """Return numbers that lie evenly apart as texts, with as many places as tell them apart."""
    step = min((after - before for before, after in pairwise(values)), default=1.0)
    places = max(0, -math.floor(math.log10(step) + ALMOST))
    if places > MOST_PLACES or max(map(abs, values), default=0.0) >= LARGEST:
        return [f"{value:.{MOST_PLACES}g}" for value in values]
    return [f"{round(value, places) + 0.0:,.{places}f}" for value in values]


def places_of(span: float) -> int:
    """Return how many places tell apart values that span so much, to a thousandth of it."""
    return min(max(0, 2 - math.floor(math.log10(span))), 2 * MOST_PLACES) if span > SMALLEST else 0


def centred(tick: Tick, text: str, length: int, room: float) -> float:
    """Return the middle of a text, within the room. length: values, the first of which is at 0 characters."""
    middle = tick.at * room / max(length - 1, 1)
    return min(max(middle, len(text) / 2), max(room - len(text) / 2, len(text) / 2))


def _distances_from(finest: str) -> Iterator[tuple[str, int]]:
    """Yield the distances in a unit, and in coarser ones."""
    begin = next(place for place, (unit, _) in enumerate(DISTANCES) if unit == finest)
    yield from DISTANCES[begin:]


def _round_distances(moments: Moments) -> Iterator[tuple[str, int]]:
    """Yield round distances of counts, as far as one takes all of them."""
    span, ten = int(moments[-1] - moments[0]), 1
    while ten <= max(span, 1):
        yield from (("count", one * ten) for one in ROUND)
        ten *= 10


def _numbers(moments: Moments, unit: str) -> Moments:
    """Return in which unit each of the moments lies, numbered in order."""
    if unit == "count":
        return moments
    if unit in LENGTHS:
        return (moments + (MONDAY if unit == "week" else 0)) // LENGTHS[unit]
    months = _months(moments)
    return months if unit == "month" else 1970 + months // 12


def _months(moments: Moments) -> Moments:
    months: Moments = (moments // DAY).astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    return months


def _firsts(moments: Moments, unit: str, number: int) -> NDArray[np.intp]:
    """Return the positions of the first values of each so many units."""
    step = np.diff(moments).max(initial=0)  # the very first value is one if a step before it is not
    periods = _numbers(np.concatenate([moments[:1] - step, moments]), unit) // number
    return np.flatnonzero(np.diff(periods))


def _unit_of(moments: Moments) -> str:
    """Return the coarsest unit that tells the moments apart."""
    step = int(np.diff(moments).max(initial=0)) or (60 if (moments % DAY).any() else DAY)
    return next(unit for least, unit in UNITS_OF_STEPS if step >= least)


def _written(moments: Moments, places: NDArray[np.intp], unit: str) -> list[Tick]:
    """Return the ticks at some of the moments, and below each what was another one before it."""
    ticks, (year, day) = [], ("", "")
    for place in places.tolist():
        text, *context = _texts(int(moments[place]), unit)
        below = context[1:] if context[0] == year else [*context[1:], context[0]]
        is_new = (year, day) != tuple(context)
        year, day = context
        ticks.append(Tick(place, text, " ".join(filter(None, below)) if is_new else ""))
    return ticks


def _texts(moment: int, unit: str) -> tuple[str, str, str]:
    """Return the text of a moment to that unit, and the year and the day that it is a part of."""
    if unit == "count":
        return f"{moment}" if abs(moment) < LARGE else f"{moment:,}", "", ""
    month = int(_months(np.array([moment]))[0])
    year, name = str(1970 + month // 12), MONTHS[month % 12]
    if unit in ("year", "month"):
        return (year, "", "") if unit == "year" else (name, year, "")
    first = np.datetime64(month, "M").astype("datetime64[D]").astype(np.int64)
    day = f"{1 + moment // DAY - int(first)} {name}"
    if unit in ("day", "week"):
        return day, year, ""
    minutes, second = divmod(moment % DAY, 60)
    clock = f"{minutes // 60:02}:{minutes % 60:02}"
    return f"{clock}:{second:02}" if second or unit == "second" else clock, year, day


def _fits(ticks: list[Tick], length: int, room: float) -> bool:
    """Return whether no text touches its neighbour, where those at the ends are moved inside."""
    for lines in (
        [(tick, tick.text) for tick in ticks],
        [(tick, tick.below) for tick in ticks if tick.below],
    ):
        for (tick, text), (after, later) in pairwise(lines):
            distance = centred(after, later, length, room) - centred(tick, text, length, room)
            if distance < (len(text) + len(later)) / 2 + GAP:
                return False
    return True
