"""Forecasts as a line of text each: the history, a bar, the median."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from deploy.forecast import Forecast
from forecaster.data.panel.panel import Panel
from forecaster.forecasts.series_plot import Course, course_of

BLOCKS = "▁▂▃▄▅▆▇█"
MOST_SERIES = 20  # a screen of lines
LONGEST_NAME = 24
DIGITS = 4
DIGITS_OF_LEVEL = 10  # where four would all be alike
CYAN, PLAIN = "\x1b[36m", "\x1b[0m"

Array = NDArray[np.float64]


def draw_lines(panel: Panel, forecast: Forecast, width: int, *, coloured: bool) -> str:
    """A line for each of the first series, then how many more there are. width: in characters."""
    shown = range(min(panel.series_count, MOST_SERIES))
    courses = [course_of(panel, forecast, series) for series in shown]
    names = [_cut(course.name) for course in courses]
    digits = DIGITS_OF_LEVEL if panel.levels.any() else DIGITS
    ends = [f"{_last(course.history):.{digits}g} → {course.median[-1]:.{digits}g}" for course in courses]
    name_width, end_width = max(map(len, names)), max(map(len, ends))
    room = width - name_width - end_width - 5  # two spaces on either side, and the bar
    lines = [
        f"{name:<{name_width}}  {_line(course, room, coloured=coloured)}  {end:>{end_width}}"
        for name, course, end in zip(names, courses, ends, strict=True)
    ]
    more = panel.series_count - len(courses)
    rest = [f"… and {more:,} more series"] if more else []
    title = f"{panel.series_count:,} series: history, then the median of {len(courses[0].times)} steps"
    return "\n".join([title, *lines, *rest])


def sparkline(values: Array, low: float, high: float) -> str:
    """A block for each value between low and high; a space where it is missing. values: (time,)."""
    share = (values - low) / (high - low) if high > low else np.zeros_like(values)
    places = np.clip(np.nan_to_num(share) * len(BLOCKS), 0, len(BLOCKS) - 1).astype(int)
    return "".join(
        " " if np.isnan(value) else BLOCKS[place] for value, place in zip(values, places, strict=True)
    )


def _line(course: Course, room: int, *, coloured: bool) -> str:
    """History and median in `room` characters and a bar between them."""
    count, horizon = len(course.history), len(course.median)
    room = max(room, 2)
    of_forecast = min(horizon, max(1, round(room * horizon / (count + horizon))))
    history = _means(course.history, min(count, room - of_forecast))
    median = _means(course.median, of_forecast)
    both = np.concatenate([history, median])
    low, high = float(np.nanmin(both)), float(np.nanmax(both))
    ahead = sparkline(median, low, high)
    gap = " " * (room - len(history) - len(median))
    return f"{gap}{sparkline(history, low, high)}│{CYAN + ahead + PLAIN if coloured else ahead}"


def _means(values: Array, count: int) -> Array:
    """So many means of neighbours, each of what is observed; NaN where nothing is. count: 1 to (time,)."""
    parts = np.array_split(values, max(count, 1))
    return np.array([part[np.isfinite(part)].mean() if np.isfinite(part).any() else np.nan for part in parts])


def _last(history: Array) -> float:
    """The last observed value; NaN without any."""
    observed = history[np.isfinite(history)]
    return float(observed[-1]) if len(observed) else float("nan")


def _cut(name: str) -> str:
    return name if len(name) <= LONGEST_NAME else name[: LONGEST_NAME - 1] + "…"
