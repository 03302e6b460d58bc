"""Name central intervals by their level in percent, and find the quantiles at their borders."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import ConfigError

LEVEL_DIGITS = 9  # 1 - 0.9 is not exactly 0.1


def nixtla_columns(
    quantiles: NDArray[np.float64],
    levels: tuple[float, ...],
    model: str,
    wanted: Sequence[float] | None = None,
) -> dict[str, NDArray[Any]]:
    """Return the median and the borders of central intervals as columns, named as Nixtla's libraries do.

    quantiles: (series, horizon, quantile); wanted: levels of intervals in percent; None: all that there are.
    Raises ConfigError for an interval that the levels do not have.
    """
    columns = {model: quantiles[..., levels.index(0.5)].ravel()}
    for level in intervals_of(levels) if wanted is None else wanted:
        low, high = (levels.index(border) for border in choose_levels(levels, borders_of((level,))))
        columns[f"{model}-lo-{level:g}"] = quantiles[..., low].ravel()
        columns[f"{model}-hi-{level:g}"] = quantiles[..., high].ravel()
    return columns


def borders_of(level: Sequence[float]) -> tuple[float, ...]:
    """Return the quantile levels at the borders of central intervals, ascending. level: each in percent.

    Raises ConfigError for one that is not between 0 and 100.
    """
    for percent in level:
        if not 1 <= percent < 100:
            raise ConfigError(f"level: expected percents from 1 to 99.9, such as 80, found {percent:g}")
    half = [percent / 200 for percent in level]
    return tuple(sorted({round(0.5 + sign * part, LEVEL_DIGITS) for part in half for sign in (-1, 1)}))


def intervals_of(levels: tuple[float, ...]) -> tuple[float, ...]:
    """Return the levels in percent of the central intervals that quantile levels have, ascending."""
    known = {round(level, LEVEL_DIGITS) for level in levels}
    upper = [level for level in sorted(known) if level > 0.5 and round(1 - level, LEVEL_DIGITS) in known]
    return tuple(round(100 * (2 * level - 1), LEVEL_DIGITS - 2) for level in upper)


def choose_levels(trained: tuple[float, ...], levels: tuple[float, ...]) -> tuple[float, ...]:
    """Return the levels to write, all where none are named. Raises ConfigError for one not trained."""
    near = {round(level, LEVEL_DIGITS): level for level in trained}
    unknown = [level for level in levels if round(level, LEVEL_DIGITS) not in near]
    if unknown:
        known = ", ".join(f"{level:g}" for level in trained)
        intervals = ", ".join(f"{level:g} %" for level in intervals_of(trained))
        raise ConfigError(
            f"level {unknown[0]:g} was not trained; trained levels: {known}"
            + (f" (central intervals: {intervals})" if intervals else "")
        )
    return tuple(near[round(level, LEVEL_DIGITS)] for level in levels) or trained
