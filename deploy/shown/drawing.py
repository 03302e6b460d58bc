"""Draw a series and its forecast on axes of matplotlib, which is imported when something is drawn."""

from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import ExtraMissingError
from .plotted import Array, SeriesPlot, Steps, bands
from .ticks import ROUND

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.ticker import MaxNLocator

# Colours that stay apart for most of the colour-blind (Okabe and Ito, 2008).
BLUE, ORANGE, GREEN, PINK, GREY = "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#666666"
INK, RULE = "#000000", "#e4e4e4"
BAND_OPACITY = 0.16  # of one band; inner ones lie on outer ones
MOST_BAND_POINTS = 180  # of either border; more could not be told apart
LETTER = 0.62  # width of a letter or a digit, in sizes of its font
LINE = 1.25  # from line to line, in sizes of the font
POINTS_PER_INCH = 72
LONE = 0.4  # steps on either side of a band of one step
LARGE = 10_000  # numbers from here on have separators


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
    past = np.arange(1 - len(plot.history), 1)
    _line(axes, *plot.ahead(plot.median), color=BLUE, linewidth=2.2, zorder=5, label="forecast, median")
    steps, quantiles = plot.ahead(plot.quantiles)
    for lower, upper, name in bands(plot.levels):
        outline = _outline(steps, quantiles[:, lower], quantiles[:, upper])
        axes.fill_between(*outline, color=BLUE, alpha=BAND_OPACITY, lw=0, label=name)
    if plot.actual is not None:
        _line(axes, *plot.ahead(plot.actual), color=INK, linewidth=1.3, zorder=4, label="actual")
    for name, forecast in plot.baselines.items():
        joined = plot.ahead(forecast)
        _line(axes, *joined, color=ORANGE, linestyle="--", linewidth=1.1, zorder=3, label=name)
    _line(axes, past, plot.history, color=GREY, linewidth=1.3, zorder=2, label="history")
    if len(past):
        axes.axvline(0, color=GREY, linewidth=0.8, linestyle=":")
    width = LONE if len(steps) == 1 else 0.0  # of a band that nothing leads to
    axes.set_xlim(past[0] if len(past) else steps[0] - width, steps[-1] + width)
    axes.margins(y=0.06)
    axes.yaxis.set_major_locator(round_numbers())
    write_large_numbers(axes)
    write_times(axes, plot)


def _outline(steps: Steps, low: Array, high: Array) -> tuple[Array, Array, Array]:
    """Return the outline of a band: one step is given a width, many are drawn by the extremes of a few."""
    if len(steps) == 1:
        return steps[0] + np.array([-LONE, LONE]), np.repeat(low, 2), np.repeat(high, 2)
    first = np.arange(0, len(steps), -(-len(steps) // MOST_BAND_POINTS))
    return steps[first].astype(float), np.minimum.reduceat(low, first), np.maximum.reduceat(high, first)


def _line(axes: "Axes", steps: Steps, values: Array, **look: Any) -> None:
    """Draw a line, with points for values that have no neighbour to be joined with."""
    axes.plot(steps, values, **look)
    known = np.concatenate([[False], np.isfinite(values), [False]])
    alone = known[1:-1] & ~known[:-2] & ~known[2:]
    if alone.any():
        axes.plot(steps[alone], values[alone], ".", color=look["color"], zorder=look["zorder"])


def write_times(axes: "Axes", plot: SeriesPlot) -> None:
    """Mark round times below the axes, as many as fit; steps count from the last value of the history."""
    from matplotlib import rcParams

    size, pad = float(rcParams["font.size"]), rcParams["xtick.major.size"] + rcParams["xtick.major.pad"]
    inches = axes.get_window_extent().width / axes.figure.dpi
    ticks = plot.ticks(inches * POINTS_PER_INCH / (LETTER * size))
    axes.set_xticks([tick.at for tick in ticks], [tick.text for tick in ticks])
    for tick in ticks:  # a text of two lines would be placed by the width that matplotlib takes it to have
        axes.annotate(
            tick.below,
            (tick.at, 0),
            xycoords=("data", "axes fraction"),
            xytext=(0, -pad - LINE * size),
            textcoords="offset points",
            ha="center",
            va="top",
            color=GREY,
        )
    axes.tick_params(axis="x", colors=GREY)
    axes.grid(visible=False, axis="x")


def round_numbers(most: int | None = None) -> "MaxNLocator":
    """Return a locator of round numbers for an axis. most: intervals; None: as many as fit."""
    from matplotlib.ticker import MaxNLocator

    return MaxNLocator(most or "auto", steps=[*ROUND, 10])


def write_large_numbers(axes: "Axes") -> None:
    """Write the values of an axis out: 1,000,000,012, and no 1e9 above it."""
    from matplotlib.ticker import FuncFormatter

    if max(map(abs, axes.get_ylim())) >= LARGE:
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.12g}"))
