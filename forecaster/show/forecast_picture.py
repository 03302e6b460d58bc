"""Draw forecasts as pictures: history, bands, median, and the actual values where they are known."""

import re
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib import rcParams
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from deploy import Forecast
from deploy.errors import ConfigError
from forecaster.data import Panel
from forecaster.files import write_output
from forecaster.forecasts.series_plot import Array, SeriesPlot, legible, plot_of
from forecaster.show.figures import BLUE, GREY, INK, METADATA, ORANGE, picture_of, write_large_numbers

MOST_SERIES = 6  # of one picture
WIDTH, ROW, MARGIN = 8.0, 2.2, 0.4  # inches: of the picture, of a series, for the legend
BAND_OPACITY = 0.16  # of one band; inner ones lie on outer ones
DATE_END = re.compile(r" |(?<=\d)T(?=\d)")  # what stands before a time of day
SAME_LEVEL = 1e-9  # 1 - 0.9 is not exactly 0.1
MOST_BAND_POINTS = 240  # of either border; more could not be told apart
LABEL_GAP, LABEL_LINE = 5, 1.25  # below the axis, in points; from line to line, in letter heights


Steps = NDArray[np.int64]


def check_picture(path: Path) -> None:
    """Raise ConfigError if the name of a picture ends in no form of one."""
    if _form(path) not in METADATA:
        found = f"ends in {path.suffix}" if path.suffix else "has no ending"
        forms = ", ".join(f".{name}" for name in METADATA)
        raise ConfigError(f"cannot draw {path}: its name {found}, expected one of {forms}")


def save_picture(path: Path, panel: Panel, forecast: Forecast) -> None:
    """Draw the first series below each other; targets are apart. Raises RunError if it cannot be written."""
    plots = [plot_of(panel, forecast, series) for series in range(min(panel.series_count, MOST_SERIES))]

    def draw(figure: Figure) -> None:
        rows = figure.subplots(len(plots), squeeze=False)[:, 0]
        for axes, plot in zip(rows, plots, strict=True):
            draw_series(axes, plot)
            axes.set_title(plot.name)
        if panel.series_count > len(plots):
            figure.suptitle(f"{len(plots)} of {panel.series_count:,} series", color=GREY)
        figure.legend(*rows[0].get_legend_handles_labels(), loc="outside lower center", ncols=3)

    size = (WIDTH, MARGIN + ROW * len(plots))
    write_output(path, picture_of(draw, size, _form(path)))


def _form(path: Path) -> str:
    return path.suffix.lower().removeprefix(".")


def draw_series(axes: Axes, plot: SeriesPlot) -> None:
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


def bands(levels: tuple[float, ...]) -> list[tuple[int, int, str]]:
    """Return pairs of levels from the outside in, as positions; the first has a name, others have none."""
    pairs = [(low, len(levels) - 1 - low) for low in range(len(levels) // 2)]
    names = [_name(levels[low], levels[high]) for low, high in pairs[:1]]
    if len(pairs) > 1:
        names[0] += ", inner ones darker"
    return [
        (low, high, names[0] if not low else "_nolegend_")
        for low, high in pairs
        if levels[low] < levels[high]
    ]


def _name(lower: float, upper: float) -> str:
    if abs(lower + upper - 1) < SAME_LEVEL:
        return f"{100 * (upper - lower):.3g} % interval"
    return f"quantiles {lower:g} to {upper:g}"


def _outline(steps: Steps, low: Array, high: Array) -> tuple[Array, Array, Array]:
    """Return the outline of a band: one step is given a width, many are drawn by the extremes of a few."""
    if len(steps) == 1:
        return np.array([0.6, 1.4]), np.repeat(low, 2), np.repeat(high, 2)
    first = np.arange(0, len(steps), -(-len(steps) // MOST_BAND_POINTS))
    return steps[first].astype(float), np.minimum.reduceat(low, first), np.maximum.reduceat(high, first)


def _line(axes: Axes, steps: Steps, values: Array, **look: Any) -> None:
    """Draw a line, with points for values that have no neighbour to be joined with."""
    axes.plot(steps, values, **look)
    known = np.concatenate([[False], np.isfinite(values), [False]])
    alone = known[1:-1] & ~known[:-2] & ~known[2:]
    if alone.any():
        axes.plot(steps[alone], values[alone], ".", color=look["color"], zorder=look["zorder"])


def _write_times(axes: Axes, plot: SeriesPlot) -> None:
    """Write the first time, the last of the history and of the forecast, a date over its time of day."""
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
