"""Forecasts drawn in the terminal: one series as a plot, several as a line each."""

from __future__ import annotations

import os
import shutil
import sys

import numpy as np
import plotille

from deploy.forecast import Forecast
from forecaster.data.panel.panel import Panel
from forecaster.forecasts.series_plot import Course, course_of
from forecaster.show.sparklines import DIGITS, DIGITS_OF_LEVEL, draw_lines

WIDEST = 100
HEIGHT = 14
# The axis that plotille draws on the left takes this much.
_MARGIN = 14


def draw_forecasts(panel: Panel, forecast: Forecast) -> str:
    """History and forecast of every series, or of the first ones; targets are apart."""
    width = min(WIDEST, shutil.get_terminal_size().columns)
    coloured = sys.stdout.isatty() and "NO_COLOR" not in os.environ
    if panel.series_count > 1:
        return draw_lines(panel, forecast, width, coloured=coloured)
    digits = DIGITS_OF_LEVEL if panel.levels[0] else DIGITS
    return _draw_course(course_of(panel, forecast, 0), width, digits, coloured=coloured)


def _draw_course(course: Course, width: int, digits: int, *, coloured: bool) -> str:
    """History, median and outermost quantiles, as lines of text."""
    count = len(course.history)
    step = np.arange(count + len(course.times), dtype=float)
    figure = plotille.Figure()
    figure.width = width - _MARGIN
    figure.height = HEIGHT
    figure.with_colors = coloured
    figure.set_x_limits(0, step[-1])
    figure.x_ticks_fkt = lambda *_: ""
    figure.y_ticks_fkt = lambda low, _: f"{low:10.{digits}g}"
    observed = np.isfinite(course.history)
    figure.plot(step[:count][observed], course.history[observed], lc=None)
    for level in (0, -1):
        figure.plot(step[count:], course.quantiles[:, level], lc="blue")
    figure.plot(step[count:], course.median, lc="cyan")
    lines = figure.show().splitlines()
    drawing = [line for line in lines if "(Y)" not in line and "(X)" not in line and line.strip(" |")]
    title = f"{course.name}: history, then the median and the quantiles {course.levels[0]:g} and "
    times = f"{course.history_times[0]} … {course.history_times[-1]} | {course.times[-1]}"
    return "\n".join([f"{title}{course.levels[-1]:g}", *drawing, f"{'':{_MARGIN - 2}}{times}"])
