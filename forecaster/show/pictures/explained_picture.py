"""Draw what a forecast is made of and rests on: its parts, shares of its inputs, slopes on the history."""

from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from numpy.typing import NDArray

from deploy import Forecast
from deploy.shown.drawing import (
    BLUE,
    GREEN,
    GREY,
    INK,
    MOST_BAND_POINTS,
    ORANGE,
    PINK,
    round_numbers,
    write_large_numbers,
    write_times,
)
from deploy.shown.plotted import SeriesPlot, legible
from forecaster.files import write_output
from forecaster.forecasts.explained import Explained
from forecaster.forecasts.series_plot import plot_of
from forecaster.show.explained_words import name_of
from forecaster.show.pictures.figures import picture_of

WIDTH, ROW, MARGIN = 8.0, 2.6, 0.4  # inches: of the picture, of a series, for the legend
PARTS = {"linear": BLUE, "recurrent": ORANGE, "bound": PINK}
NAMES = {"linear": "linear part", "recurrent": "recurrent part", "bound": "lower bound"}
# Nothing is no colour, so that it is dark in the dark.
DIVERGING = LinearSegmentedColormap.from_list(
    "slopes", [(0, ORANGE), (0.5, f"{ORANGE}00"), (0.5, f"{BLUE}00"), (1, BLUE)]
)
MOST_SHARES = 6  # bars of a series
LONGEST_NAME = 34  # letters of what a bar is of
Array = NDArray[np.float64]
OPACITY = 0.5
MOST_COLUMNS = 90  # of slopes side by side


def save_explained(path: Path, explained: Explained) -> None:
    """Draw the first series below each other. Raises RunError if it cannot be written."""
    count = len(explained.shown)

    def draw(figure: Figure) -> None:
        draw_explained(figure, explained)

    form = path.suffix.lower().removeprefix(".")
    write_output(path, picture_of(draw, (WIDTH, MARGIN + ROW * count), form))


def draw_explained(figure: Figure, explained: Explained) -> None:
    """Draw a row for each of the first series: parts, shares, slopes."""
    rows = figure.subplots(len(explained.shown), 3, squeeze=False, width_ratios=[4, 2, 3])
    for row, place in zip(rows, explained.shown, strict=True):
        _draw_parts(row[0], explained, place[0])
        _draw_shares(row[1], explained.first.shares(*place[1:]))
        _draw_slopes(row[2], explained, *place[1:])
    handles, labels = rows[0][0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=len(labels))


def _draw_parts(axes: Axes, explained: Explained, series: int) -> None:
    parts = {name: part[series] for name, part in explained.parts.items()}
    medians = Forecast(explained.median[..., None], (0.5,), None)
    draw_parts(axes, plot_of(explained.panel, medians, series), parts)
    axes.set_title(legible(name_of(explained, series)))


def draw_parts(axes: Axes, plot: SeriesPlot, parts: dict[str, Array]) -> None:
    """Draw the level, and areas from there to the median, one on top of the other. parts: (horizon,) each."""
    history, steps = plot.history, np.arange(1, len(plot.median) + 1)
    axes.plot(np.arange(1 - len(history), 1), history, color=GREY, linewidth=1.2, label="history")
    low = parts["level"]
    axes.plot(steps, low, color=GREEN, linewidth=1.2, linestyle="--", label="level")
    drawn = np.arange(0, len(steps), -(-len(steps) // MOST_BAND_POINTS))  # as many as can be told apart
    ends = np.array([0.6, 1.4]) if len(steps) == 1 else steps[drawn]
    for name, colour in PARTS.items():
        part = parts[name]
        if part.any():
            bottom, top = (np.resize(values[drawn], len(ends)) for values in (low, low + part))
            axes.fill_between(ends, bottom, top, color=colour, alpha=OPACITY, lw=0, label=NAMES[name])
        low = low + part
    dots = "." if len(steps) == 1 else ""
    axes.plot(*plot.ahead(plot.median), color=INK, linewidth=1.6, label="median", marker=dots)
    axes.axvline(0, color=GREY, linewidth=0.8, linestyle=":")
    axes.yaxis.set_major_locator(round_numbers())
    write_large_numbers(axes)
    write_times(axes, plot)


def _draw_shares(axes: Axes, shares: dict[str, float]) -> None:
    """Draw the largest shares as bars, each with its name and its percent on it."""
    largest = list(shares.items())[:MOST_SHARES]
    place = np.arange(len(largest))
    axes.barh(place, [share for _, share in largest], color=BLUE, alpha=OPACITY, height=0.8)
    for at, (name, share) in enumerate(largest):
        short = name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1]}…"
        axes.text(0.01, at, f"{legible(short)}  {100 * share:.0f} %", va="center", fontsize=7)
    axes.set_xlim(0, 1)
    axes.set_ylim(len(largest) - 0.4, -0.6)
    axes.set_yticks([])
    axes.set_xticks([])
    axes.grid(visible=False)
    axes.spines["bottom"].set_visible(False)
    axes.set_title("rests on")


def _draw_slopes(axes: Axes, explained: Explained, series: int, target: int) -> None:
    """Draw by how much each step moves with each value of the history: blue up, orange down."""
    found = explained.first
    if found.sensitivities is None:
        return
    slopes = found.sensitivities.lags[series]  # (horizon, [D,] context[, D])
    if found.median.ndim == 3:
        slopes = slopes[:, target, :, target]
    moving = np.flatnonzero(slopes.any(axis=0))
    first = int(moving[0]) if len(moving) else 0
    slopes = slopes[:, first:]
    largest = float(np.abs(slopes).max()) or 1.0
    horizon, shown = slopes.shape
    slopes = _pooled(slopes)
    box = (-shown + 0.5, 0.5, horizon + 0.5, 0.5)
    axes.imshow(
        slopes,
        aspect="auto",
        cmap=DIVERGING,
        vmin=-largest,
        vmax=largest,
        extent=box,
        interpolation="nearest",
    )
    axes.grid(visible=False)
    axes.set_xlabel("value of the history")
    axes.set_ylabel("step")
    axes.set_title(f"moves by up to {largest:.2g} a unit")


def _pooled(slopes: Array) -> Array:
    """Return of each few neighbouring values the largest slope, so that none is too narrow to be seen."""
    width = -(-slopes.shape[1] // MOST_COLUMNS)
    padded = np.pad(slopes, ((0, 0), (-slopes.shape[1] % width, 0)))
    groups = padded.reshape(len(slopes), -1, width)
    largest: Array = np.take_along_axis(groups, np.abs(groups).argmax(2)[..., None], 2)[..., 0]
    return largest
