"""Write what notebooks show: HTML with an SVG chart and a table; no script, no style sheet, texts escaped."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from html import escape

import numpy as np

from .drawing import BAND_OPACITY, BLUE, GREY, INK
from .plotted import Array, SeriesPlot, Steps, bands
from .ticks import Tick, centred, value_ticks

WIDTH, HEIGHT = 560, 200  # of a chart, in pixels
RIGHT, TOP, BOTTOM = 10, 10, 36  # margins; that on the left is as wide as its numbers
LETTER, LINE = 6.2, 14  # pixels of a letter or a digit, and from line to line
MOST_VALUES = 5  # distances of the axis of values
SIGNIFICANT = 5  # digits of a number
LARGEST = 1e15  # numbers from here on have an exponent
FONT = "font:12px system-ui,sans-serif"
SOFT = 0.75  # opacity of what is said by the way: a grey that stands out on white would not on a dark page
CELL = "padding:1px 10px 1px 0;text-align:right"
SOFT = 0.65  # opacity of what is next to the forecast
# What is drawn in the colour of the page's text, so that it stands out on light and on dark ones.
OF_PAGE = {INK: 'stroke="currentColor"', GREY: f'stroke="currentColor" stroke-opacity="{SOFT}"'}
MOST_ROWS = 8  # of a table


def chart(plot: SeriesPlot) -> str:
    """Return a series and its forecast as an SVG element that reads well on light and dark pages."""
    frame = _Frame.of(plot)
    past = np.arange(1 - len(plot.history), 1)
    steps, quantiles = plot.ahead(plot.quantiles)
    parts = [_rule(frame, tick) for tick in frame.values]
    for lower, upper, _ in bands(plot.levels):
        across = np.concatenate([frame.x(steps), frame.x(steps[::-1])])
        along = np.concatenate([frame.y(quantiles[:, lower]), frame.y(quantiles[::-1, upper])])
        points = " ".join(_point(*pair) for pair in zip(across, along, strict=True))
        parts.append(f'<polygon points="{points}" fill="{BLUE}" fill-opacity="{BAND_OPACITY}"/>')
    parts.append(_line(frame, past, plot.history, GREY, 1.3))
    parts.append(_line(frame, *plot.ahead(plot.median), BLUE, 2))
    if plot.actual is not None:
        parts.append(_line(frame, *plot.ahead(plot.actual), INK, 1.3))
    parts += _times(frame, plot)
    label = escape(f"{plot.name}: history and forecast", quote=True)
    return (
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" role="img" '
        f'aria-label="{label}" style="display:block;max-width:100%">{"".join(parts)}</svg>'
    )


def block(title: str, facts: Sequence[tuple[str, str]], drawn: str = "", tabled: str = "") -> str:
    """Return a title, facts below it in two columns, a chart and a table. drawn, tabled: HTML already."""
    rows = "".join(
        f'<tr><td style="{CELL};text-align:left;opacity:{SOFT};vertical-align:top">{escape(name)}</td>'
        f'<td style="{CELL};text-align:left">{escape(said)}</td></tr>'
        for name, said in facts
    )
    listed = f'<table style="{FONT};border-collapse:collapse">{rows}</table>' if rows else ""
    return f'<div style="{FONT}"><strong>{escape(title)}</strong>{listed}{drawn}{tabled}</div>'


def table(plot: SeriesPlot) -> str:
    """Return the first steps of a forecast: time, the outermost quantiles and the median, as HTML."""
    outer = bands(plot.levels)[:1]
    positions = [plot.levels.index(0.5)] if 0.5 in plot.levels else []
    positions = sorted({*positions, *(place for low, high, _ in outer for place in (low, high))})
    heads = ["time", *(f"q{plot.levels[place]:g}" for place in positions)]
    body = [
        [time, *(number(float(plot.quantiles[step, place])) for place in positions)]
        for step, time in enumerate(plot.times[:MOST_ROWS])
    ]
    left = len(plot.times) - len(body)
    more = f'<div style="opacity:{SOFT}">… {left} more step{"s" if left > 1 else ""}</div>' if left else ""
    return rows_of(heads, body) + more


def rows_of(heads: Sequence[str], body: Sequence[Sequence[str]]) -> str:
    """Return a table as HTML, whose first column names the rows."""
    above = "".join(f'<th style="{CELL}">{escape(head)}</th>' for head in heads)
    rows = "".join(
        f'<tr><td style="{CELL};text-align:left">{escape(name)}</td>'
        + "".join(f'<td style="{CELL}">{escape(cell)}</td>' for cell in cells)
        + "</tr>"
        for name, *cells in body
    )
    return f'<table style="{FONT};border-collapse:collapse"><tr>{above}</tr>{rows}</table>'


def number(value: float) -> str:
    """Return a number to five digits, with separators of thousands; – for one that is not known."""
    if not math.isfinite(value):
        return "–"
    if not value:
        return "0"
    if abs(value) >= LARGEST:
        return f"{value:.4g}"
    places = SIGNIFICANT - 1 - math.floor(math.log10(abs(value)))
    return f"{value:,.{min(max(places, 0), SIGNIFICANT + 4)}f}"


@dataclass(frozen=True)
class _Frame:
    """Place steps and values in a chart, in pixels."""

    first: int  # step
    last: int
    values: list[Tick]
    left: float

    @classmethod
    def of(cls, plot: SeriesPlot) -> "_Frame":
        """Return the frame that all of a plot fits in."""
        drawn = [plot.history, plot.quantiles, plot.median, *([] if plot.actual is None else [plot.actual])]
        known = np.concatenate([part.ravel() for part in drawn])
        known = known[np.isfinite(known)]
        low, high = (float(known.min()), float(known.max())) if known.size else (0.0, 1.0)
        values = value_ticks(low, high, MOST_VALUES)
        left = 10 + LETTER * max(len(tick.text) for tick in values)
        return cls(min(1 - len(plot.history), 1), len(plot.median), values, left)

    @property
    def width(self) -> float:
        """Return the pixels from the first step to the last."""
        return WIDTH - RIGHT - self.left

    def x(self, steps: Steps) -> Array:
        """Return where steps are: (steps,)."""
        places: Array = self.left + self.width * (steps - self.first) / max(self.last - self.first, 1)
        return places

    def y(self, values: Array) -> Array:
        """Return where values are: (steps,)."""
        low, high = self.values[0].at, self.values[-1].at
        places: Array = HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * (values - low) / (high - low)
        return places


def _line(frame: _Frame, steps: Steps, values: Array, colour: str, width: float) -> str:
    """Return a line with gaps where a value is missing; a value without neighbours is a point."""
    across, along = frame.x(steps), frame.y(values)
    known = np.isfinite(along)
    pieces, begin = [], True
    for place in range(len(along)):
        if known[place]:
            pieces.append(("M" if begin else "L") + _point(across[place], along[place]))
            if begin and (place + 1 == len(along) or not known[place + 1]):
                pieces.append("h0")  # a point, by the round end of the line
        begin = not known[place]
    if not pieces:
        return ""
    look = OF_PAGE.get(colour, 'stroke="{}"').format(colour)
    return f'<path d="{"".join(pieces)}" fill="none" {look} stroke-width="{width:g}" stroke-linecap="round"/>'


def _rule(frame: _Frame, tick: Tick) -> str:
    height = float(frame.y(np.array(tick.at)))
    path = f"M{frame.left:.1f} {height:.1f}H{WIDTH - RIGHT}"
    line = f'<path d="{path}" stroke="currentColor" stroke-opacity="0.15"/>'
    return line + _text(frame.left - 6, height + 4, "end", tick.text)


def _times(frame: _Frame, plot: SeriesPlot) -> list[str]:
    """Return the ticks below the chart, in two lines, and the texts that stand there."""
    room, length = frame.width / LETTER, frame.last - frame.first + 1
    parts = []
    for tick in plot.ticks(room):
        place = float(frame.x(np.array(tick.at)))
        parts.append(
            f'<path d="M{place:.1f} {HEIGHT - BOTTOM}v4" stroke="currentColor" stroke-opacity="0.4"/>'
        )
        from_first = replace(tick, at=tick.at - frame.first)
        for line, text in enumerate(filter(None, (tick.text, tick.below)), 1):
            middle = frame.left + LETTER * centred(from_first, text, length, room)
            parts.append(_text(middle, HEIGHT - BOTTOM + 2 + LINE * line, "middle", text))
    return parts


def _text(x: float, y: float, anchor: str, text: str) -> str:
    look = f'text-anchor="{anchor}" fill="currentColor" fill-opacity="{SOFT}" font-size="11"'
    return f'<text x="{x:.1f}" y="{y:.1f}" {look}>{escape(text)}</text>'


def _point(x: float, y: float) -> str:
    return f"{x:.1f} {y:.1f}"
