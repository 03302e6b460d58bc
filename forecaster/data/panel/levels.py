"""Series that 32-bit floats cannot hold, since they vary little so far from 0: they lose a level before."""

import logging
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forecaster.data.table import SortedTable

logger = logging.getLogger("forecaster")

# float32 has 7 digits: below this share of its size, what a series varies by has two at most.
LEAST_SPREAD = 1e-5
# What is left of the level, in spreads: the sign, the bound 0 and logarithms keep their meaning.
SPREADS_LEFT = 1000
SAMPLES = 5  # values of a series that show whether to look at all of them


def needs_level(model: Mapping[str, Any]) -> bool:
    """Return whether a model has to see values as they are: not normalised, or with a bound among them.

    model: settings of the section [model], or what is set of them.
    """
    return model.get("normalization") == "none" or model.get("lower") not in (None, 0)


def find_levels(rows: SortedTable, names: tuple[str, ...]) -> NDArray[np.float64]:
    """Return the levels to subtract from columns of numbers: (columns, series).

    0 where float32 holds the values, as it does nearly all.
    """
    levels = np.zeros((len(names), len(rows.lengths)))
    for column, name in enumerate(names):
        numbers = rows.table.numbers[name]
        for series in _candidates(numbers, rows.offsets):
            levels[column, series] = _level(numbers[rows.offsets[series] : rows.offsets[series + 1]])
    return levels


def report_levels(levels: NDArray[np.float64], ids: list[tuple[str, ...]], *, keeps_level: bool) -> None:
    """Say which series float32 cannot hold. levels: (series,)."""
    far = np.flatnonzero(levels)
    if not far.size:
        return
    names = ", ".join(ids[far[0]]) or "the series"
    others = f" and {len(far) - 1} more" if len(far) > 1 else ""
    done = "differences are lost" if keeps_level else "a level is subtracted, and added to the forecast"
    logger.warning(
        "%s%s: varies by less than %g of its size, which 32-bit floats cannot hold; %s",
        *(names, others, LEAST_SPREAD, done),
    )


def _candidates(numbers: NDArray[np.float64], offsets: NDArray[np.int64]) -> list[int]:
    """Return the series of which a few values are as near each other as all of them would have to be."""
    shares = np.linspace(0, 1, SAMPLES)
    places = offsets[:-1] + (shares[:, None] * (np.diff(offsets) - 1)).astype(np.int64)
    sample = numbers[places]  # (SAMPLES, series)
    spread = np.fmax.reduce(sample) - np.fmin.reduce(sample)
    size = np.fmax.reduce(np.abs(sample))
    return np.flatnonzero(~(spread >= LEAST_SPREAD * size)).tolist()


def _level(values: NDArray[np.float64]) -> float:
    """Return the level to subtract from one series. values: (rows,)."""
    low, high = float(np.fmin.reduce(values)), float(np.fmax.reduce(values))
    spread = high - low
    if not 0 < spread < LEAST_SPREAD * max(-low, high):
        return 0.0
    level = low - SPREADS_LEFT * spread if low > 0 else high + SPREADS_LEFT * spread
    unit = 10.0 ** np.floor(np.log10(spread))  # a round number leaves short ones
    return float(np.round(level / unit) * unit)
