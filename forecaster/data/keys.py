"""Which columns tell series apart."""

from __future__ import annotations

from deploy.errors import ConfigError, DataError

from .columns import ColumnChoice
from .table import Table, count_distinct


def choose_series(table: Table, choice: ColumnChoice) -> tuple[str, ...]:
    """The columns that tell series apart.

    Raises DataError if there is nothing to forecast, ConfigError for a layout that does not fit.
    """
    if not table.filled and not choice.targets:
        listed = ", ".join(f'"{name}"' for name in table.names)
        raise DataError(f"no column of numbers to forecast; columns: {listed}")
    if choice.series or choice.layout == "wide":
        return choice.series
    series = _find_texts(table)
    if choice.layout == "long" and not series:
        raise ConfigError("--layout long: no column of text tells series apart; --series COLUMN names one")
    return series


def _find_texts(table: Table) -> tuple[str, ...]:
    """The fewest text columns that make (series, timestamp) unique, or come nearest to it."""
    rows = len(table.timestamps)

    def distinct(names: tuple[str, ...]) -> int:
        if not names and table.distinct_times < rows:
            return table.distinct_times
        return count_distinct(table, names)

    if distinct(()) == rows:
        return ()
    counts = {name: column.distinct_count(missing=True) for name, column in table.texts.items()}
    # A text that is new in more than every second row is a remark, not a key.
    keys = [name for name in reversed(counts) if 1 < counts[name] <= rows / 2]
    candidates = sorted(keys, key=counts.__getitem__)
    best = distinct(tuple(candidates))
    chosen = list(candidates)
    for name in candidates:  # fewest values first: of a region and its stores, the region is dropped
        fewer = [other for other in chosen if other != name]
        if distinct(tuple(fewer)) == best:
            chosen = fewer
    return table.in_order(set(chosen))
