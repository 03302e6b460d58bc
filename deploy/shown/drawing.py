"""Draw a series and its forecast on axes of matplotlib, which is imported when something is drawn."""

import re
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..errors import ExtraMissingError
from .plotted import Array, SeriesPlot, bands, legible

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Colours that stay apart for most of the colour-blind (Okabe and Ito, 2008).
BLUE, ORANGE, GREEN, PINK, GREY = "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#666666"
INK, RULE = "#000000", "#e4e4e4"
BAND_OPACITY = 0.16  # of one band; inner ones lie on outer ones
DATE_END = re.compile(r" |(?<=\d)T(?=\d)")  # what stands before a time of day
MOST_BAND_POINTS = 240  # of either border; more could not be told apart
LABEL_GAP, LABEL_LINE = 5, 1.25  # below the axis, in points; from line to line, in letter heights
LARGE = 10_000  # numbers from here on have separators

Steps = NDArray[np.int64]


def new_axes(count: int, size: tuple[float, float]) -> "list[Axes]":
    """Return so many axes below each other, on a new figure of pyplot. size: of all, in inches.

    Raises ExtraMissingError where matplotlib is not installed.
    """
    try:
        from matplotlib import pyplot
    except ModuleNotFoundError as error:
        raise ExtraMissingError("a plot needs matplotlib; pip install matplotlib") from error
    figure, rows = pyplot.subplots(count, figsize=size, squeeze=False, layout="constrained")
    del figure
    return list(rows[:, 0])


def draw_series(axes: "Axes", plot: SeriesPlot) -> None:
    """Draw a series, every line with a label for a legend; the last time of the history is that of step 0."""
    past, steps = np.arange(1 - len(plot.history), 1), np.arange(1, len(plot.times) + 1)
    _line(axes, steps, plot.median, color=BLUE, linewidth=2.2, zorder=5, label="forecast, median")
    for lower, upper, name in bands(plot.levels):
        low, high = plot.quantiles[:, lower], plot.quantiles[:, upper]
        axes.fill_between(*_outline(steps, low, high), color=BLUE, alpha=BAND_OPACITY, lw=0, label=name)
    if plot.actual is not None:
        _line(axes, steps, plot.actual, color=INK, linewidth=1.3, zorder=4, label="actual")
    for name, forecast in plot.baselines.items():
        _line(axes, steps, forecast, color=ORANGE, linestyle="--", linewidth=1.1, zorder=3, label=name)
    _line(axes, past, plot.history, color=GREY, linewidth=1.3, zorder=2, label="history")
    axes.axvline(0.5, color=GREY, linewidth=0.8, linestyle=":")
    axes.set_xlim(past[0] if len(past) else 0, steps[-1] + 0.5)
    axes.margins(y=0.06)
    write_large_numbers(axes)
    _write_times(axes, plot)


def _outline(steps: Steps, low: Array, high: Array) -> tuple[Array, Array, Array]:
    """Return the outline of a band: one step is given a width, many are drawn by the extremes of a few."""
    if len(steps) == 1:
        return np.array([0.6, 1.4]), np.repeat(low, 2), np.repeat(high, 2)
    first = np.arange(0, len(steps), -(-len(steps) // MOST_BAND_POINTS))
    return steps[first].astype(float), np.minimum.reduceat(low, first), np.maximum.reduceat(high, first)


def _line(axes: "Axes", steps: Steps, values: Array, **look: Any) -> None:
    """Draw a line, with points for values that have no neighbour to be joined with."""
    axes.plot(steps, values, **look)
    known = np.concatenate([[False], np.isfinite(values), [False]])
    alone = known[1:-1] & ~known[:-2] & ~known[2:]
    if alone.any():
        axes.plot(steps[alone], values[alone], ".", color=look["color"], zorder=look["zorder"])


def _write_times(axes: "Axes", plot: SeriesPlot) -> None:
    """Write the first time, the last of the history and of the forecast, a date over its time of day."""
    from matplotlib import rcParams

    count, horizon = len(plot.history_times), len(plot.times)
    is_long = count >= horizon  # so that there is room for three
    marks = [(horizon, plot.times[-1], "right")]
    if count:
        marks.append((0, plot.history_times[-1], "right" if is_long and count > 1 else "left"))
    if is_long and count > 1:
        marks.append((1 - count, plot.history_times[0], "left"))
    axes.set_xticks([place for place, _, _ in marks], [""] * len(marks))
    height = float(rcParams["font.size"])
    for place, text, side in marks:
        for row, line in enumerate(DATE_END.split(legible(text), maxsplit=1)):
            axes.annotate(
                line,
                (place, 0),
                xycoords=("data", "axes fraction"),
                xytext=(0, -LABEL_GAP - row * LABEL_LINE * height),
                textcoords="offset points",
                ha=side,
                va="top",
                color=GREY,
            )


def write_large_numbers(axes: "Axes") -> None:
    """Write the values of an axis out: 1,000,000,012, and no 1e9 above it."""
    from matplotlib.ticker import FuncFormatter

    if max(map(abs, axes.get_ylim())) >= LARGE:
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.12g}"))
