"""Draw forecasts in the terminal: one series as a plot, several as a line each."""

import os
import shutil
import sys
from collections.abc import Sequence
from typing import TextIO

import numpy as np
from numpy.typing import NDArray

from deploy import Forecast
from deploy.shown.plotted import SeriesPlot
from forecaster.data import Panel
from forecaster.files import print_text
from forecaster.forecasts.series_plot import plot_of
from forecaster.show.lines import fill
from forecaster.show.terminal_chart import draw_chart, write_times

BLOCKS = "▁▂▃▄▅▆▇█"
MOST_SERIES = 20  # a screen of lines
LONGEST_NAME = 24
DIGITS = 4
DIGITS_OF_LEVEL = 10  # where four would all be alike: a series varies by less than this of its size
NEAR = 1e-3
CYAN, PLAIN = "\x1b[36m", "\x1b[0m"
WIDEST = 100

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
    levels = f"{plot.levels[0]:g} and {plot.levels[-1]:g}"
    title = f"{plot.name}: history to {plot.history_times[-1]}, then the median and the quantiles {levels}"
    chart = draw_chart(plot, width, coloured=coloured)
    return "\n".join([fill(f"{title} to {plot.times[-1]}", width), *chart])


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
    below = [" " * (name_width + 2) + times for times in _times_of(plots, room)]
    more = panel.series_count - len(plots)
    rest = [f"… and {more:,} more series"] if more else []
    title = f"{panel.series_count:,} series: history, then the median of {len(plots[0].times)} steps"
    return "\n".join([fill(title, width), *lines, *below, *rest])


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
    gap, of_history, of_forecast = _split(plot, room)
    history, median = _means(plot.history, of_history), _means(plot.median, of_forecast)
    both = np.concatenate([history, median])
    low, high = float(np.nanmin(both)), float(np.nanmax(both))
    ahead = sparkline(median, low, high)
    return f"{' ' * gap}{sparkline(history, low, high)}│{CYAN + ahead + PLAIN if coloured else ahead}"


def _split(plot: SeriesPlot, room: int) -> tuple[int, int, int]:
    """Return how many characters are left empty, show history and show the forecast."""
    room, count, horizon = max(room, 2), len(plot.history), len(plot.median)
    of_forecast = min(horizon, max(1, round(room * horizon / (count + horizon))))
    of_history = max(1, min(count, room - of_forecast))
    return max(0, room - of_history - of_forecast), of_history, of_forecast


def _times_of(plots: Sequence[SeriesPlot], room: int) -> list[str]:
    """Return the times below lines, where those of all series are the same and there is room."""
    first, (gap, of_history, of_forecast) = plots[0], _split(plots[0], room)
    if len({(plot.history_times, plot.times) for plot in plots}) > 1 or of_history + of_forecast > room:
        return []

    def place(step: float) -> float:
        if step > 0:  # behind the bar
            return gap + of_history + 1.5 + (step - 1) * of_forecast / len(first.times)
        return gap + 0.5 + (step + len(first.history) - 1) * of_history / len(first.history)

    ticks = first.ticks(of_history + of_forecast - 1)
    return write_times(ticks, gap + of_history + 1 + of_forecast, place)


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
