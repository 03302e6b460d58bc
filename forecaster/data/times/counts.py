"""Whole numbers that are timestamps: 20240131 and its like, seconds since 1970, or counts."""

import re

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from deploy.errors import ConfigError
from forecaster.data.times.forms import INDEX, compile_form
from forecaster.data.times.grid import grid_positions
from forecaster.data.times.steps import infer_step

# The digits of these are a date only if every number of the column is one in these years.
COMPACT_FORMS = ("%Y%m%d", "%Y%m%d%H", "%Y%m%d%H%M", "%Y%m%d%H%M%S", "%Y%m", "%Y%j%H", "%Y%j%H%M")
FIRST_YEAR, LAST_YEAR = 1900, 2100
# Seconds since 1970 only if every number of the column lies in 1990 to 2100, on a grid.
EPOCH = re.compile(r"%s(\d*)")  # and what follows the seconds in every number: 000 for milliseconds
EPOCH_RANGE = (631152000, 4102444800)
SAMPLE_CELLS = 1000  # enough to tell a column of dates from one of amounts
FEWEST_DATES = 3  # one or two numbers may look like dates by chance
EPOCH_DIGITS = (0, 3, 6, 9)  # after the seconds: seconds, milli-, micro-, nanoseconds


def understand_counts(
    numbers: NDArray[np.int64], trained: str | None = None, *, are_times: bool = False
) -> str:
    """Return the form of a column of whole numbers.

    trained: that of the file that was trained on, if it fits.
    are_times: where a zone was named, whose days are not regular in seconds, or rows are aggregated.
    """
    distinct = np.sort(pd.unique(numbers))
    if not distinct.size or trained == INDEX:
        return INDEX
    if trained is not None and parse_counts(distinct, trained)[1].all():
        return trained
    for form in COMPACT_FORMS:
        seconds, valid = parse_counts(distinct, form)
        years = 1970 + seconds.astype("datetime64[s]").astype("datetime64[Y]").astype(np.int64)
        if (valid & (years >= FIRST_YEAR) & (years <= LAST_YEAR)).all():
            return form
    for digits in EPOCH_DIGITS:
        seconds, rest = np.divmod(distinct, 10**digits)
        inside = EPOCH_RANGE[0] <= seconds[0] and seconds[-1] < EPOCH_RANGE[1]
        if inside and (rest == rest[0]).all() and (are_times or _is_on_grid(seconds)):
            return f"%s{rest[0]:0{digits}}" if digits else "%s"
    return INDEX


def looks_like_dates(column: "pd.Series[int]") -> bool:
    """Return whether a column holds whole numbers that say a day or a moment (from a sample)."""
    if not pd.api.types.is_integer_dtype(column.dtype):
        return False
    sample = np.asarray(column.iloc[:: max(1, len(column) // SAMPLE_CELLS)]).astype(np.int64)
    return len(pd.unique(sample)) >= FEWEST_DATES and understand_counts(sample) != INDEX


def parse_counts(numbers: NDArray[np.int64], time_format: str) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Return seconds or counts, and whether each number is of the form: (numbers,) each.

    Raises ConfigError.
    """
    if time_format == INDEX:
        return numbers, np.ones(len(numbers), dtype=np.bool_)
    epoch = EPOCH.fullmatch(time_format)
    if epoch:
        digits = epoch[1]
        seconds, rest = np.divmod(numbers, 10 ** len(digits))
        return seconds, rest == int(digits or 0)
    if "%s" in time_format:
        raise ConfigError(f'time format "{time_format}": only digits may follow %s, such as %s000')
    form = compile_form(time_format)
    if form.pattern.fullmatch("9" * len(str(numbers.max(initial=0)))) is None:
        return np.zeros(len(numbers), dtype=np.int64), np.zeros(len(numbers), dtype=np.bool_)
    codes, distinct = pd.factorize(numbers)
    letters = np.maximum(distinct, 0).astype("U20").view(np.uint32).reshape(len(distinct), 20)
    shape = "9" * int((letters != 0).sum(axis=1).max())
    fits = (distinct >= 0) & ((letters != 0).sum(axis=1) == len(shape))
    seconds, valid = form.read(np.where(fits[:, None], letters, ord("0")), shape)
    return seconds[codes], (valid & fits)[codes]


def write_counts(seconds: NDArray[np.int64], time_format: str) -> list[str]:
    """Write counts, or seconds since 1970 followed by the digits that all of them had."""
    suffix = "" if time_format == INDEX else time_format.removeprefix("%s")
    return [f"{count}{suffix}" for count in seconds.tolist()]


def _is_on_grid(seconds: NDArray[np.int64]) -> bool:
    """Return whether rising moments lie on the grid of their most frequent step; one alone does not say."""
    if len(seconds) < 2:
        return False
    ends = np.array([0, len(seconds)])
    step = infer_step(seconds, ends, has_calendar=True)
    _, on_grid = grid_positions(seconds, ends, step)
    return bool(on_grid.all())
