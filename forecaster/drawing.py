"""A forecast drawn in the terminal."""

from __future__ import annotations

import os
import shutil
import sys

import numpy as np
import plotille

from deploy.predictor import Forecast
from forecaster.data.panel import Panel
from forecaster.data.timestamps import write_timestamps

WIDEST = 100
HEIGHT = 14
# History shown beside the forecast, in horizons.
HORIZONS_OF_HISTORY = 2
DIGITS = 4
DIGITS_OF_LEVEL = 10  # where four would all be alike
# The axis that plotille draws on the left takes this much.
_MARGIN = 14


def draw_forecast(panel: Panel, forecast: Forecast, series: int = 0) -> str:
    """History, median and outermost quantiles of one series, as lines of text."""
    horizon = forecast.quantiles.shape[1]
    begin = max(panel.offsets[series], panel.ends[series] - HORIZONS_OF_HISTORY * horizon)
    history = panel.values[begin : panel.ends[series]].astype(float) + panel.levels[series]
    step = np.arange(len(history) + horizon, dtype=float)
    figure = plotille.Figure()
    figure.width = min(WIDEST, shutil.get_terminal_size().columns) - _MARGIN
    figure.height = HEIGHT
    figure.with_colors = sys.stdout.isatty() and "NO_COLOR" not in os.environ
    figure.set_x_limits(0, step[-1])
    figure.x_ticks_fkt = lambda *_: ""
    digits = DIGITS_OF_LEVEL if panel.levels[series] else DIGITS
    figure.y_ticks_fkt = lambda low, _: f"{low:10.{digits}g}"
    observed = np.isfinite(history)
    figure.plot(step[: len(history)][observed], history[observed], lc=None)
    for level, colour in ((0, "blue"), (-1, "blue")):
        figure.plot(step[len(history) :], forecast.quantiles[series, :, level].astype(float), lc=colour)
    figure.plot(step[len(history) :], forecast.median[series].astype(float), lc="cyan")
    lines = figure.show().splitlines()
    drawing = [line for line in lines if "(Y)" not in line and "(X)" not in line and line.strip(" |")]
    return "\n".join([_title(panel, forecast, series), *drawing, _time_axis(panel, begin, series, horizon)])


def _title(panel: Panel, forecast: Forecast, series: int) -> str:
    name = " / ".join(panel.ids[series]) or panel.columns.targets[0]
    low, high = forecast.quantile_levels[0], forecast.quantile_levels[-1]
    return f"{name}: history, then the median and the quantiles {low:g} and {high:g}"


def _time_axis(panel: Panel, begin: int, series: int, horizon: int) -> str:
    """First timestamp, last observed one and last forecast one, below the drawing."""
    last = panel.timestamps[panel.ends[series] - 1 : panel.ends[series]]
    stamps = np.array([panel.timestamps[begin], last[0], panel.step.shift(last, np.array([horizon]))[0]])
    first, now, end = write_timestamps(stamps, panel.columns.time_format, panel.clock)
    return f"{'':{_MARGIN - 2}}{first} … {now} | {end}"
