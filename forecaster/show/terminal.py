"""Draw forecasts in the terminal: one series as a plot, several as a line each."""

import os
import shutil
import sys
from collections.abc import Sequence
from typing import TextIO

import numpy as np
import plotille
from numpy.typing import NDArray

from deploy import Forecast
from deploy.shown.plotted import SeriesPlot
from forecaster.data import Panel
from forecaster.files import print_text
from forecaster.forecasts.series_plot import plot_of
from forecaster.show.lines import fill

BLOCKS = "▁▂▃▄▅▆▇█"
MOST_SERIES = 20  # a screen of lines
LONGEST_NAME = 24
DIGITS = 4
DIGITS_OF_LEVEL = 10  # where four would all be alike: a series varies by less than this of its size
NEAR = 1e-3
CYAN, PLAIN = "\x1b[36m", "\x1b[0m"
WIDEST = 100
HEIGHT = 14
# The axis that plotille draws on the left takes this much.
_MARGIN = 14

Array = NDArray[np.float64]


def print_plot(panel: Panel, forecast: Forecast, *, on_stderr: bool = False) -> None:
    """Print what draw_forecasts draws, on stdout or stderr."""
    if on_stderr:
        sys.stderr.write(draw_forecasts(panel, forecast, sys.stderr) + "\n")
    else:
        print_text(draw_forecasts(panel, forecast) + "\n")


def draw_forecasts(panel: Panel, forecast: Forecast, terminal: TextIO | None = None) -> str:
    """Draw history and forecast of every series, or of the first ones; targets are apart.

    terminal: where it is shown, by default stdout.
    """
    width = min(WIDEST, shutil.get_terminal_size().columns)
    coloured = (terminal or sys.stdout).isatty() and "NO_COLOR" not in os.environ
    if panel.series_count > 1:
        return draw_lines(panel, forecast, width, coloured=coloured)
    plot = plot_of(panel, forecast, 0)
    return _draw_series(plot, width, _digits([plot]), coloured=coloured)


def _draw_series(plot: SeriesPlot, width: int, digits: int, *, coloured: bool) -> str:
    """Draw history, median and outermost quantiles, as lines of text."""
    count = len(plot.history)
    step = np.arange(count + len(plot.times), dtype=float)
    figure = plotille.Figure()
    figure.width = width - _MARGIN
    figure.height = HEIGHT
    figure.with_colors = coloured
    figure.set_x_limits(0, step[-1])
    figure.x_ticks_fkt = lambda *_: ""
    figure.y_ticks_fkt = lambda low, _: f"{low:10.{digits}g}"
    observed = np.isfinite(plot.history)
    figure.plot(step[:count][observed], plot.history[observed], lc=None)
    for level in (0, -1):
        figure.plot(step[count:], plot.quantiles[:, level], lc="blue")
    figure.plot(step[count:], plot.median, lc="cyan")
    lines = figure.show().splitlines()
    drawing = [line for line in lines if "(Y)" not in line and "(X)" not in line and line.strip(" |")]
    title = f"{plot.name}: history, then the median and the quantiles {plot.levels[0]:g} and "
    times = f"{plot.history_times[0]} … {plot.history_times[-1]} | {plot.times[-1]}"
    margin = max(0, min(_MARGIN - 2, width - len(times)))
    return "\n".join(
        [fill(f"{title}{plot.levels[-1]:g}", width), *drawing, fill(" " * margin + times, width)]
    )


def draw_lines(panel: Panel, forecast: Forecast, width: int, *, coloured: bool) -> str:
    """Draw a line for each of the first series, then say how many more there are. width: in characters."""
    shown = range(min(panel.series_count, MOST_SERIES))
    plots = [plot_of(panel, forecast, series) for series in shown]
    names = [_cut(plot.name, min(LONGEST_NAME, 2 * width // 5)) for plot in plots]
    digits = _digits(plots)
    ends = [f"{_last(plot.history):.{digits}g} → {plot.median[-1]:.{digits}g}" for plot in plots]
    name_width, end_width = max(map(len, names)), max(map(len, ends))
    room = width - name_width - end_width - 5  # two spaces on either side, and the bar
    lines = [
        f"{name:<{name_width}}  {_line(plot, room, coloured=coloured)}  {end:>{end_width}}"
        for name, plot, end in zip(names, plots, ends, strict=True)
    ]
    more = panel.series_count - len(plots)
    rest = [f"… and {more:,} more series"] if more else []
    title = f"{panel.series_count:,} series: history, then the median of {len(plots[0].times)} steps"
    return "\n".join([fill(title, width), *lines, *rest])


def _digits(plots: Sequence[SeriesPlot]) -> int:
    """Return how many digits tell the values of each series apart."""
    far = [
        np.nanmax(np.abs(plot.history)) * NEAR > np.ptp(plot.history[np.isfinite(plot.history)])
        for plot in plots
    ]
    return DIGITS_OF_LEVEL if any(far) else DIGITS


def sparkline(values: Array, low: float, high: float) -> str:
    """Return a block for each value between low and high; a space where it is missing. values: (time,)."""
    share = (values - low) / (high - low) if high > low else np.zeros_like(values)
    places = np.clip(np.nan_to_num(share) * len(BLOCKS), 0, len(BLOCKS) - 1).astype(int)
    return "".join(
        " " if np.isnan(value) else BLOCKS[place] for value, place in zip(values, places, strict=True)
    )


def _line(plot: SeriesPlot, room: int, *, coloured: bool) -> str:
    """Draw history and median in `room` characters with a bar between them."""
    count, horizon = len(plot.history), len(plot.median)
    room = max(room, 2)
    of_forecast = min(horizon, max(1, round(room * horizon / (count + horizon))))
    history = _means(plot.history, min(count, room - of_forecast))
    median = _means(plot.median, of_forecast)
    both = np.concatenate([history, median])
    low, high = float(np.nanmin(both)), float(np.nanmax(both))
    ahead = sparkline(median, low, high)
    gap = " " * (room - len(history) - len(median))
    return f"{gap}{sparkline(history, low, high)}│{CYAN + ahead + PLAIN if coloured else ahead}"


def _means(values: Array, count: int) -> Array:
    """Return means of neighbours, each of its observed values; NaN without any. count: 1 to (time,)."""
    parts = np.array_split(values, max(count, 1))
    return np.array([part[np.isfinite(part)].mean() if np.isfinite(part).any() else np.nan for part in parts])


def _last(history: Array) -> float:
    """Return the last observed value; NaN without any."""
    observed = history[np.isfinite(history)]
    return float(observed[-1]) if len(observed) else float("nan")


def _cut(name: str, most: int) -> str:
    return name if len(name) <= most else name[: most - 1] + "…"
