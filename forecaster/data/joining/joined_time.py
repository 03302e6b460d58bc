"""Times that several columns make together: a date and an hour, or a year, a month and a day."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from deploy.time.clock import Clock
from deploy.time.zones import find_zone
from forecaster.config import Asked
from forecaster.data.files.sheet import is_text
from forecaster.data.joining.time_parts import TEXT, WEEKDAY, Part
from forecaster.data.times.counts import looks_like_dates, parse_counts, understand_counts
from forecaster.data.times.grid import DAY
from forecaster.data.times.parts import DAY_OF_WEEK, clocks_of, days_of, weekdays_of
from forecaster.data.times.timestamps import parse_timestamps, write_timestamps

Moments = NDArray[np.int64]
ORDERS = ("%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%m-%d-%Y")  # of day and month
OF_DAY = ("hour", "minute", "second", "period")
HOUR = 3600
# One for each rule of clock changes; others with its rule number the periods of a day alike.
ZONES = ("Europe/London", "America/New_York", "Australia/Sydney", "Pacific/Auckland", "America/Santiago")


@dataclass(frozen=True)
class Whole:
    """A column of dates without a time of day, or one of years and months."""

    name: str
    form: str
    seconds: Moments  # (rows,)
    missing: NDArray[np.bool_]  # (rows,)
    is_end: bool | None = None  # whether dates of weeks are their last day; None: their days tell

    @property
    def weekday(self) -> int | None:
        """Return the weekday of all dates, 0 is Monday; None where they differ."""
        found = np.unique(weekdays_of(self.seconds[~self.missing] // DAY))
        return int(found[0]) if len(found) == 1 else None


@dataclass(frozen=True)
class Joined:
    """Times that several columns make together."""

    whole: Whole | None
    parts: tuple[Part, ...]
    seconds: Moments  # (rows,) of the wall clock, or of UTC with a clock
    missing: NDArray[np.bool_]  # (rows,) whether some part is
    clock: Clock | None = None

    @property
    def forms(self) -> dict[str, str]:
        """Return how each of the columns writes its part."""
        forms = {part.name: part.form for part in self.parts}
        if self.whole is not None:
            is_week = any(part.slot == "weekday" for part in self.parts)
            day = f"%[week {'to ' if self.whole.is_end else ''}{self.whole.weekday}]" if is_week else ""
            forms[self.whole.name] = day + self.whole.form
        return forms

    @property
    def time_format(self) -> str:
        """Return the form of the times as one text, by ISO 8601."""
        kinds = {part.kind for part in self.parts}
        if self.clock is not None:
            return "%Y-%m-%d %H:%M%:z"
        if any(part.slot in OF_DAY for part in self.parts):
            return "%Y-%m-%d %H:%M" + (":%S" if (self.seconds % 60).any() else "")
        if self.whole is not None or kinds & {"d", "j", "U", WEEKDAY}:
            return "%Y-%m-%d"
        forms = {"V": "%G-W%V", "q": "%YQ%q", "h": "%Y-H%[half]q"}
        return next((form for kind, form in forms.items() if kind in kinds), "%Y-%m")

    @property
    def texts(self) -> pd.Categorical:
        """Return the times as texts: (rows,)."""
        codes, seconds = pd.factorize(np.where(self.missing, self.seconds[~self.missing][0], self.seconds))
        texts = write_timestamps(seconds, self.time_format, self.clock)
        found: pd.Categorical = pd.Categorical.from_codes(
            np.where(self.missing, -1, codes), categories=pd.Index(texts, dtype="str"), validate=False
        )
        return found


def join(whole: Whole | None, parts: Sequence[Part], asked: Asked) -> Joined | None:
    """Return the times of parts, and of a column of dates; None where the calendar lacks one of them."""
    missing = np.logical_or.reduce([part.missing for part in parts] + ([whole.missing] if whole else []))
    if missing.all():
        return None
    kinds = {part.slot: part.kind for part in parts}
    if (
        "week" in kinds and kinds.get("year") == "Y"
    ):  # by ISO 8601, or from Sunday as American epidemiologists
        for year, week in (("G", "V"), ("X", "U")):
            weekly = tuple(
                part.as_kind({"year": year, "week": week}.get(part.slot, part.kind)) for part in parts
            )
            if (joined := join(whole, weekly, asked)) is not None:
                return joined
        return None
    numbered = next((part.kind[0] for part in parts if part.slot == "period"), "")
    if numbered and (numbered == "J") != ("hour" in kinds):  # a period of an hour, or one of a day
        return None
    count = len(missing)
    if whole is not None and whole.is_end is None and "weekday" in kinds:
        whole = replace(whole, is_end=_is_end(whole, parts))
    days, valid = _days(whole, parts, count)
    passed, possible = clocks_of(
        {p.kind: p.numbers for p in parts if p.slot in OF_DAY and p.kind != TEXT}, count
    )
    passed = passed + sum(part.numbers for part in parts if part.kind == TEXT)
    if not (valid & possible | missing).all():
        return None
    clock = None
    counted = [int(part.kind[1:]) * 60 for part in parts if part.kind[0] in "Nn"]
    if counted:
        zone = asked.timezone or _find_zone(days[~missing], passed[~missing], counted[0])
        clock = Clock(find_zone(zone), in_utc=True) if zone else None
    if clock is not None:
        days = clock.zone.to_utc(days)[0]
    elif (passed[~missing] >= DAY).any():
        return None
    return Joined(whole, tuple(parts), days + passed, missing, clock)


def _days(whole: Whole | None, parts: Sequence[Part], count: int) -> tuple[Moments, NDArray[np.bool_]]:
    """Return the midnights of dates, or of parts, and which the calendar has: (rows,) each."""
    chosen = {part.slot: part for part in parts}
    if whole is not None:
        days, valid = whole.seconds, np.ones(count, dtype=np.bool_)
    else:
        of_days = (part for part in parts if part.slot not in (*OF_DAY, "weekday"))
        days, valid = days_of({part.kind: part.numbers for part in of_days}, count)
    if "weekday" in chosen:
        first = whole.weekday if whole is not None else _first_of_weeks(chosen)
        after = (chosen["weekday"].numbers - 1 - (first or 0)) % 7
        is_before = whole is not None and bool(whole.is_end)
        return days + np.where(is_before & (after > 0), after - 7, after) * DAY, valid & (first is not None)
    if whole is not None and "day" in chosen:
        day = chosen["day"].numbers
        month = days.astype("datetime64[s]").astype("datetime64[M]")
        days = days + (day - 1) * DAY
        valid = (day >= 1) & (days.astype("datetime64[s]").astype("datetime64[M]") == month)
    return days, valid


def _is_end(whole: Whole, parts: Sequence[Part]) -> bool:
    """Return whether dates are the last days of weeks: the rows, or the columns, have that weekday last."""
    numbers = next(part.numbers for part in parts if part.slot == "weekday")
    order = pd.unique(numbers).tolist()
    return len(order) > 1 and order[-1] - 1 == whole.weekday


def _first_of_weeks(parts: dict[str, Part]) -> int | None:
    """Return the weekday at which numbered weeks begin, 0 is Monday; None without weeks."""
    return {"V": 0, "U": 6}.get(parts["week"].kind) if "week" in parts else None


def _find_zone(days: Moments, passed: Moments, length: int) -> str | None:
    """Return a zone whose clocks change on the days that have an hour more or less; None where all are alike.

    days, passed: (rows,) midnights, and seconds since; length: seconds of a numbered period.
    """
    if passed.max() < DAY - length:  # no day is whole
        return None
    midnights, codes = np.unique(days, return_inverse=True)
    seen = np.zeros(len(midnights), dtype=np.int64)
    np.maximum.at(seen, codes, passed + length)
    changed = np.isin(seen, (DAY - HOUR, DAY + HOUR))
    changed[:1] = changed[-1:] = False  # they may be parts of a day
    if not changed.any():
        return None
    for name in ZONES:
        zone = find_zone(name)
        lasts = zone.to_utc(midnights + DAY)[0] - zone.to_utc(midnights)[0]
        inner = slice(1, -1)
        if ((lasts == seen) | ~changed)[inner].all() and ((lasts == DAY) | changed)[inner].all():
            return name
    return None


def read_wholes(frame: pd.DataFrame, name: str, asked: Asked, trained: str | None = None) -> list[Whole]:
    """Return a column of dates without a time of day, or of months; none for any other column.

    They are several where no cell tells the day from the month. trained: the form that it had in a fit.
    """
    week = DAY_OF_WEEK.match(trained or "")
    is_end, trained = (bool(week["end"]), DAY_OF_WEEK.sub("", trained or "")) if week else (None, trained)
    column = frame[name]
    missing = column.isna().to_numpy(dtype=np.bool_)
    if is_text(column):
        first = parse_timestamps(column, asked.time_format, trained)
        parsed = [first] if first.problem is None else [parse_timestamps(column, form) for form in ORDERS]
        found = [
            Whole(name, one.time_format, one.seconds, missing, is_end)
            for one in parsed
            if one.offsets is None and (one.valid | missing).all()
        ]
    elif pd.api.types.is_integer_dtype(column.dtype):
        numbers = np.asarray(column).astype(np.int64)
        form = asked.time_format or understand_counts(numbers, trained)
        seconds, valid = parse_counts(numbers, form)
        is_date = "%d" in form or ("%m" in form and (trained is not None or looks_like_dates(column)))
        found = [Whole(name, form, seconds, missing, is_end)] if valid.all() and is_date else []
    else:
        found = []
    return [] if missing.all() else [one for one in found if not (one.seconds[~missing] % DAY).any()]
