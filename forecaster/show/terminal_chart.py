"""Draw one series as a chart of characters: lines of dots, round values on the left, dates below."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from plotille import Canvas

from deploy.shown.plotted import SeriesPlot
from deploy.shown.ticks import Tick, value_ticks

ROWS, MOST_VALUES = 15, 5  # of a chart, and distances of the axis of values
FEWEST_COLUMNS = 10
DOTS_ACROSS, DOTS_UP = 2, 4  # of a character
BORDER = 3  # dots from one to the next of the line between history and forecast
EMPTY = "\N{BRAILLE PATTERN BLANK} "

Array = NDArray[np.float64]


def draw_chart(plot: SeriesPlot, width: int, *, coloured: bool) -> list[str]:
    """Return lines of at most `width` characters: history, median and outermost quantiles with their axes."""
    drawn = np.concatenate([plot.history, plot.median, *plot.quantiles[:, [0, -1]].T])
    known = drawn[np.isfinite(drawn)]
    values = value_ticks(float(known.min()), float(known.max()), MOST_VALUES)
    margin = max(len(tick.text) for tick in values)
    each = max(1, round((ROWS - 1) / (len(values) - 1)))  # rows from one value to the next
    columns = max(FEWEST_COLUMNS, width - margin - 2)
    first, last = min(1 - len(plot.history), 1), max(len(plot.median), 2 - len(plot.history))
    canvas = _canvas(values, each, columns, (first, last))
    _draw(canvas, plot, "blue" if coloured else None, "cyan" if coloured else None)
    rows = canvas.plot("\n").split("\n")
    labels = {len(rows) - 1 - place * each: tick.text for place, tick in enumerate(values)}
    lines = [
        f"{labels.get(row, ''):>{margin}} {'┤' if row in labels else '│'}{drawn}"
        for row, drawn in enumerate(rows)
    ]
    ticks = plot.ticks(columns)
    places = [round((tick.at - first) / (last - first) * (columns - 1)) for tick in ticks]
    rule = "".join("┬" if column in places else "─" for column in range(columns))
    below = write_times(ticks, columns, lambda step: (step - first) / (last - first) * columns)
    blank = " " * (margin + 2)
    return [
        line.rstrip(EMPTY) for line in (*lines, f"{blank[:-1]}└{rule}", *(blank + line for line in below))
    ]


def write_times(ticks: Sequence[Tick], columns: int, place: Callable[[float], float]) -> list[str]:
    """Return the texts of ticks below an axis, in a line or in two.

    place: where a step is, in characters from the first column.
    """
    lines = []
    for texts in ([tick.text for tick in ticks], [tick.below for tick in ticks]):
        line = ""
        for tick, text in zip(ticks, texts, strict=True):
            begin = min(max(place(tick.at) - len(text) / 2, 0), columns - len(text))
            line += f"{'':{max(0, round(begin) - len(line))}}{text}" if text else ""
        lines.append(line)
    return [line for line in lines if line]


def _canvas(values: list[Tick], each: int, columns: int, steps: tuple[int, int]) -> Canvas:
    """Return a canvas on which each value lies inside its row, and the last step in the last column."""
    (low, high), (first, last) = (values[0].at, values[-1].at), steps
    rows = 1 + each * (len(values) - 1)
    dot = (high - low) / (DOTS_UP * (rows - 1))
    across = (last - first) / (DOTS_ACROSS * columns - 1)
    return Canvas(
        columns,
        rows,
        xmin=float(first),
        xmax=first + across * DOTS_ACROSS * columns,
        ymin=low - dot,
        ymax=low - dot + dot * DOTS_UP * rows,
    )


def _draw(canvas: Canvas, plot: SeriesPlot, outer: str | None, median: str | None) -> None:
    _line(canvas, np.arange(1 - len(plot.history), 1), plot.history, None)
    if len(plot.history):
        for height in np.linspace(canvas.ymin, canvas.ymax, canvas.height * DOTS_UP, endpoint=False)[
            ::BORDER
        ]:
            canvas.point(0.0, float(height))
    steps, quantiles = plot.ahead(plot.quantiles)
    for level in (0, -1):
        _line(canvas, steps, quantiles[:, level], outer)
    _line(canvas, *plot.ahead(plot.median), median)


def _line(canvas: Canvas, steps: NDArray[np.int64], values: Array, colour: str | None) -> None:
    """Draw a line with gaps where a value is missing; a value without neighbours is a dot."""
    points = [(float(step), float(value)) for step, value in zip(steps, values, strict=True)]
    for (before, old), (step, value) in zip(points[:1] + points[:-1], points, strict=True):
        if np.isfinite(value):
            start = (before, old) if np.isfinite(old) else (step, value)
            canvas.line(*start, step, value, color=colour)
