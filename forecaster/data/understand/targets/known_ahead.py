"""Columns of numbers that are known ahead: they continue where what is to be forecast has ended."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from forecaster.config import Asked
from forecaster.data.complaints import Option
from forecaster.data.notes import infer
from forecaster.data.panel.listing import first_few
from forecaster.data.table import SortedTable

NEVER = np.iinfo(np.int64).min
# A single value beyond the targets' last is a missing cell, not what is known of the future.
LEAST_AHEAD = 2
# Statistics are published up to this many rows late; a forecast of the weather is longer.
LATE = 3
FEWEST_ROWS = 8  # fewer do not show what a column is like
# The future that files hold is short next to their past: two days of a season, 39 weeks of three years.
SHORT, SHARE, LONG_SHARE = 60, 1 / 3, 1 / 10
PLANS_SHARE, MIXED_SHARE = 1, 1 / 2  # of plans alone, and of plans among what may be measured
APART = 0.1  # of the rows ahead: how far targets that end together may end from each other
PLANNED_VALUES = 10  # a flag, a price: of few values, each of which occurs again
SAMPLED_ROWS = 1000
TOGETHER = 0.3  # correlation
ALL_FORECAST, NAMES_KNOWN = "all are forecast (", "names what is known ahead"  # in notes


@dataclass(frozen=True)
class _Ends:
    """Columns and where each ends in every series."""

    names: list[str]
    last: NDArray[np.int64]  # (columns, series) the time of its last value, NEVER without any
    stops: NDArray[np.bool_]  # (columns, series) it is to be forecast, or ends before others
    latest: NDArray[np.int64]  # (series,) the last value of what stops, NEVER if nothing does
    ahead: NDArray[np.int64]  # (columns, series) its values after that
    past: NDArray[np.int64]  # (series,) rows up to there

    @classmethod
    def of(cls, rows: SortedTable, names: list[str], asked: Asked) -> Self:
        """Find where the columns end; with named targets these are what stops."""
        present = [~np.isnan(rows.table.numbers[name]) for name in names]
        last = np.stack([_last_times(rows, chosen) for chosen in present])
        is_target = np.array([name in asked.target for name in names], dtype=np.bool_)
        stops = is_target[:, None] if asked.target else last < last.max(axis=0)
        stops = stops & (last > NEVER)
        latest = np.where(stops, last, NEVER).max(axis=0)
        after = rows.table.timestamps > np.repeat(latest, rows.lengths)  # (rows,)
        begins = rows.offsets[:-1]
        ahead = np.stack([np.add.reduceat(chosen & after, begins, dtype=int) for chosen in present])
        return cls(names, last, stops, latest, ahead, np.add.reduceat(~after, begins, dtype=int))

    def chosen(self, names: set[str]) -> NDArray[np.bool_]:
        """Return which columns are among some: (columns,)."""
        return np.array([name in names for name in self.names], dtype=np.bool_)


def find_known(rows: SortedTable, names: list[str], asked: Asked) -> set[str]:
    """Return the columns of numbers that are known ahead, and say so where it is inferred.

    With named targets these are all that continue in most series. Without, those that reach the end of
    all series where others stop together: what is published late is a target, and so is a sensor that died.
    """
    candidates = [name for name in names if name not in asked.target]
    if len(candidates) < (1 if asked.target else 2):
        return set()
    ends = _Ends.of(rows, names, asked)
    if not ends.stops.any():
        return set()
    found, clear = _find_continuing(ends, asked)
    if not found or found == set(names):
        if not asked.target:
            _say_uneven(ends)
        return set()
    if asked.target:
        return found
    is_known = _is_future(rows, ends, found, clear)
    _say(ends, found, clear, is_known=is_known)
    return found if is_known else set()


def _find_continuing(ends: _Ends, asked: Asked) -> tuple[set[str], NDArray[np.bool_]]:
    """Return the columns that continue in most of the series where any does, and these series: (series,)."""
    candidates = ~ends.chosen({*asked.target})
    continues = candidates[:, None] & (ends.ahead >= (1 if asked.target else LEAST_AHEAD))
    clear: NDArray[np.bool_] = np.any(ends.stops, axis=0) & np.any(continues, axis=0)
    if not asked.target:
        end = ends.last.max(axis=0)
        earliest = np.where(ends.stops, ends.last, end).min(axis=0)
        clear &= ends.latest - np.where(clear, earliest, 0) < end - np.where(clear, ends.latest, 0)
    votes = (continues & clear).sum(axis=1).tolist()
    return {name for name, count in zip(ends.names, votes, strict=True) if count > clear.sum() / 2}, clear


def _is_future(rows: SortedTable, ends: _Ends, found: set[str], clear: NDArray[np.bool_]) -> bool:
    """Return whether columns that continue are the known future of those that stop. clear: (series,)."""
    known = ends.chosen(found)
    has_values = ends.last > NEVER
    # A series that ended for good needs no future.
    finished = ~clear & (ends.last.max(axis=0) <= ends.latest[clear].max())
    continues = (ends.ahead[known] >= LEAST_AHEAD) & clear
    stopped = ends.stops[~known] & clear
    everywhere = (continues | finished | ~has_values[known]).all() and (
        stopped | finished | ~has_values[~known]
    ).all()
    if not everywhere or 2 * clear.sum() < has_values.any(axis=0).sum():
        return False
    ahead, past = float(np.median(ends.ahead[known].max(axis=0)[clear])), float(np.median(ends.past[clear]))
    return _end_together(ends, known, clear) and _look_like_plans(rows, ends, found, ahead, past)


def _end_together(ends: _Ends, known: NDArray[np.bool_], clear: NDArray[np.bool_]) -> bool:
    """Return whether all that stops does so at nearly one time. known: (columns,); clear: (series,)."""
    last = np.where(ends.stops[~known], ends.last[~known], ends.latest)[:, clear]
    apart = last.max(axis=0) - last.min(axis=0)
    beyond = ends.last.max(axis=0)[clear] - last.max(axis=0)
    return bool((apart <= APART * beyond).all())


def _look_like_plans(rows: SortedTable, ends: _Ends, found: set[str], ahead: float, past: float) -> bool:
    """Return whether values look like what is known beforehand rather than like what is measured, too.

    ahead: rows for which they continue; past: rows before these.
    """
    if len(rows.table.times) < FEWEST_ROWS:
        return not _is_long(ahead, past)
    sample = np.arange(0, len(rows.table.times), 1 + len(rows.table.times) // SAMPLED_ROWS)
    cells = {name: rows.table.numbers[name][sample] for name in ends.names}
    planned = {name for name, column in cells.items() if _is_planned(column)}
    targets = set(ends.names) - found
    if targets <= planned and found - planned:
        return False
    share = PLANS_SHARE if found <= planned else MIXED_SHARE
    is_plan = bool(found & planned) and not targets & planned
    if _is_long(ahead, past) and not (is_plan and ahead <= share * past):
        return False
    free = found - planned
    if any(_are_alike(cells[name], cells[other]) for name in free for other in targets):
        return False
    return ahead > LATE or bool(found & planned)


def _is_long(ahead: float, past: float) -> bool:
    """Return whether that many rows ahead are more than what is not planned is known for."""
    return ahead > max(LATE, SHARE * past) or ahead > max(SHORT, LONG_SHARE * past)


def _is_planned(column: NDArray[np.float64]) -> bool:
    """Return whether a column has few values that occur again."""
    present = column[~np.isnan(column)]
    return len(np.unique(present)) <= min(PLANNED_VALUES, len(present) / 2)


def _are_alike(left: NDArray[np.float64], right: NDArray[np.float64]) -> bool:
    """Return whether columns are at one level and rise and fall together: sensors of one kind."""
    both = ~(np.isnan(left) | np.isnan(right))
    pair = np.stack([left[both], right[both]])
    if both.sum() < FEWEST_ROWS or (pair.min(axis=1) == pair.max(axis=1)).any():
        return False
    low, middle, high = np.quantile(pair, (0.1, 0.5, 0.9), axis=1)
    is_one_level = (low <= middle[::-1]).all() and (middle[::-1] <= high).all()
    from_mean = pair - pair.mean(axis=1, keepdims=True)
    correlation = from_mean.prod(axis=0).mean() / pair.std(axis=1).prod()
    return bool(is_one_level and correlation >= TOGETHER)


def _say(ends: _Ends, found: set[str], clear: NDArray[np.bool_], *, is_known: bool) -> None:
    """Note how columns that end at different times are read. clear: (series,) where they do."""
    known, stopped = (
        first_few([f'"{name}"' for name in ends.names if (name in found) == chosen])
        for chosen in (True, False)
    )
    rows = int(np.median(ends.ahead[ends.chosen(found)].max(axis=0)[clear]))
    where = "" if clear.all() else f" in {clear.sum()} of {len(clear)} series"
    fact = f"{stopped} {_verb(len(ends.names) - len(found), 'end')} {rows} rows before {known}{where}: "
    if is_known:
        taken = f"{known} {'is' if len(found) == 1 else 'are'} read as known ahead by {rows} steps ("
        infer(fact + taken, Option("target"), alternative="with all of them forecasts them, too")
    else:
        infer(fact + ALL_FORECAST, Option("known"), alternative=NAMES_KNOWN)


def _say_uneven(ends: _Ends) -> None:
    """Note that columns end at different times, where none is known ahead."""
    early = [name for name, stops in zip(ends.names, ends.stops, strict=True) if stops.any()]
    listed = first_few([f'"{name}"' for name in early])
    fact = f"{listed} {_verb(len(early), 'end')} before others: "
    infer(fact + ALL_FORECAST, Option("known"), alternative=NAMES_KNOWN)


def _verb(count: int, verb: str) -> str:
    return f"{verb}s" if count == 1 else verb


def _last_times(rows: SortedTable, present: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return the timestamp of each series' last row that is present, NEVER without one: (series,).

    present: (rows,).
    """
    _, end = rows.first_and_end(present)
    return np.where(end > 0, rows.table.times[end - 1], NEVER)
