"""Holidays as covariates: the days of each, by region, as they were known when a model was fitted."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from .timestep import Timestamps, TimeStep

DAY = 86400
ANY, BEFORE, AFTER = "any holiday", "day before a holiday", "day after a holiday"
BY_DATE = (ANY, BEFORE, AFTER)  # covariates of all names together
MAX_SPAN = 100_000  # days from the first to the last, 270 years
MAX_NAMES, MAX_REGIONS = 256, 4096
MAX_CELLS = 1 << 24  # of the table that a process makes of them, 64 MB
UNKNOWN = -1  # the number of a region that is none


@dataclass(frozen=True)
class Holidays:
    """Days by region and name. A covariate is how many days of a step are that holiday."""

    column: str | None  # the static category that names the region of a series; None: there is one region
    names: tuple[str, ...]
    first: int  # the days that are known, since 1970-01-01
    last: int
    days: Mapping[str, tuple[tuple[int, ...], ...]]  # region -> for each name its days, ascending

    @property
    def columns(self) -> tuple[str, ...]:
        """Return the names of the covariates, in the order of the tensors."""
        return (*self.names, *BY_DATE)

    @property
    def regions(self) -> tuple[str, ...]:
        """Return the regions by number."""
        return tuple(self.days)

    def to_json(self) -> dict[str, Any]:
        """Return the form of manifest.json: days as ISO dates."""
        days = {
            region: [[_written(day) for day in of_name] for of_name in names]
            for region, names in self.days.items()
        }
        known = {"first": _written(self.first), "last": _written(self.last)}
        return {"column": self.column, "names": list(self.names), **known, "days": days}

    @classmethod
    def from_json(cls, content: Any) -> Self:
        """Return what to_json wrote. Raises ValueError for anything else."""
        fields = {"column", "names", "first", "last", "days"}
        if not isinstance(content, dict) or set(content) != fields or not isinstance(content["days"], dict):
            raise ValueError(f"holidays: expected {', '.join(sorted(fields))}")
        names, column = content["names"], content["column"]
        is_list = isinstance(names, list) and all(isinstance(name, str) for name in names)
        if not is_list or not 1 <= len(set(names)) == len(names) <= MAX_NAMES:
            raise ValueError(f"holidays.names: expected 1 to {MAX_NAMES} different texts")
        if not isinstance(column, str | None) or (column is None) != (len(content["days"]) == 1):
            raise ValueError("holidays.column: expected the column of several regions, or null for one")
        if not 1 <= len(content["days"]) <= MAX_REGIONS:
            raise ValueError(f"holidays.days: expected 1 to {MAX_REGIONS} regions")
        first, last = _day(content["first"]), _day(content["last"])
        if not 0 < last - first <= MAX_SPAN:
            raise ValueError(f"holidays: expected last up to {MAX_SPAN} days after first")
        if (last - first) * (len(names) + len(BY_DATE)) * (len(content["days"]) + 1) > MAX_CELLS:
            raise ValueError("holidays: too many regions, names and days")
        days = {region: _days_of(found, len(names), first, last) for region, found in content["days"].items()}
        return cls(column, tuple(names), first, last, days)

    def region_of(self, texts: list[str]) -> NDArray[np.int64]:
        """Return the numbers of regions by the codes of their category: 0 is no text, i + 1 the i-th."""
        number = {region: place for place, region in enumerate(self.days)}
        return np.array([UNKNOWN, *(number.get(text, UNKNOWN) for text in texts)], dtype=np.int64)

    def count(self, step: TimeStep, times: Timestamps, regions: NDArray[np.int64]) -> NDArray[np.float32]:
        """Return how many days of each step are each holiday, or next to one: (*times, covariate).

        times: wall-clock seconds since 1970; regions: numbers, broadcast against them; a region that is none
        has no holidays. NaN before the first day that is known. Raises InputError for a step after the last.
        """
        begin, end = days_of_steps(step, times)
        if end.size and end.max() > self.last + 1:
            raise InputError(
                f"the holidays of this model are known up to {_written(self.last)}, and a step lies after "
                "that; fit again"
            )
        table = self._table
        first, after = np.maximum(begin, self.first) - self.first, np.maximum(end, self.first) - self.first
        counts: NDArray[np.float32] = table[regions, after] - table[regions, first]
        counts[begin < self.first] = np.nan
        return counts

    @cached_property
    def _table(self) -> NDArray[np.float32]:
        """How many days before each are each holiday: (region, day, covariate); the last is no region."""
        table = np.zeros((len(self.days) + 1, self.last - self.first + 2, len(self.columns)), np.float32)
        for region, of_names in enumerate(self.days.values()):
            for place, days in enumerate(of_names):
                table[region, np.array(days, dtype=np.int64) - self.first + 1, place] = 1
            every = np.unique(np.concatenate([np.array(days, dtype=np.int64) for days in of_names]))
            for place, near in ((-2, every - 1), (-1, every + 1)):
                inside = near[(near >= self.first) & (near <= self.last)]
                table[region, np.setdiff1d(inside, every) - self.first + 1, place] = 1
            table[region, every - self.first + 1, -3] = 1
        np.cumsum(table, axis=1, out=table)
        return table


def days_of_steps(step: TimeStep, times: Timestamps) -> tuple[Timestamps, Timestamps]:
    """Return the first day of each step, and the day after its last; a step below a day is within one.

    times: wall-clock seconds; those of units that end in "end" are of the last day of a step.
    """
    begin = times // DAY
    if step.unit in ("second", "minute", "hour", "business-day"):
        return begin, begin + 1
    if step.unit.endswith("end"):
        return step.shift(times, np.array(-1)) // DAY + 1, begin + 1
    return begin, step.shift(times, np.array(1)) // DAY


def _days_of(found: Any, names: int, first: int, last: int) -> tuple[tuple[int, ...], ...]:
    if (
        not isinstance(found, list)
        or len(found) != names
        or not all(isinstance(days, list) for days in found)
    ):
        raise ValueError(f"holidays.days: expected the days of {names} names in each region")
    read = tuple(tuple(_day(text) for text in days) for days in found)
    if any(list(days) != sorted(set(days)) for days in read):
        raise ValueError("holidays.days: expected them to ascend")
    if any(days and not first <= days[0] <= days[-1] <= last for days in read):
        raise ValueError("holidays.days: expected them from first to last")
    return read


def _day(text: Any) -> int:
    if not isinstance(text, str) or len(text) != len("2000-01-01"):
        raise ValueError(f"holidays: expected a date such as 2000-01-01, found {text!r}")
    return int(np.datetime64(text, "D").astype(np.int64))


def _written(day: int) -> str:
    return str(np.datetime64(day, "D"))
