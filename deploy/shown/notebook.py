"""Write what notebooks show: HTML with an SVG chart and a table; no script, no style sheet, texts escaped."""

import math
from collections.abc import Sequence
from html import escape

import numpy as np
from numpy.typing import NDArray

from .drawing import BAND_OPACITY, BLUE, GREY, INK
from .plotted import Array, SeriesPlot, bands

WIDTH, HEIGHT = 560, 180  # of a chart, in pixels
LEFT, RIGHT, TOP, BOTTOM = 60, 10, 12, 22  # margins, for the texts
SIGNIFICANT = 5  # digits of a number
LARGEST = 1e15  # numbers from here on have an exponent
FONT = "font:12px system-ui,sans-serif"
CELL = "padding:1px 10px 1px 0;text-align:right"
MOST_ROWS = 8  # of a table


def chart(plot: SeriesPlot) -> str:
    """Return a series and its forecast as an SVG element that reads well on light and dark pages."""
    past, horizon = len(plot.history), len(plot.times)
    steps = np.arange(1, horizon + 1)
    shown = [part.ravel() for part in (plot.history, plot.quantiles, plot.median) if part.size]
    known = np.concatenate(shown)
    known = known[np.isfinite(known)]
    low, high = (float(known.min()), float(known.max())) if known.size else (0.0, 1.0)
    span = high - low or abs(high) or 1.0

    def x(step: NDArray[np.int64]) -> Array:
        shares: Array = (step + past - 1) / max(past + horizon - 1, 1)
        return LEFT + (WIDTH - LEFT - RIGHT) * shares

    def y(value: Array) -> Array:
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * (value - low) / span

    parts = [_rule(float(y(np.array(value))), value) for value in (low, high)]
    for lower, upper, _ in bands(plot.levels):
        across = np.concatenate([x(steps), x(steps[::-1])])
        along = np.concatenate([y(plot.quantiles[:, lower]), y(plot.quantiles[::-1, upper])])
        points = " ".join(_point(*pair) for pair in zip(across, along, strict=True))
        parts.append(f'<polygon points="{points}" fill="{BLUE}" fill-opacity="{BAND_OPACITY}"/>')
    parts.append(_line(x(np.arange(1 - past, 1)), y(plot.history), GREY, 1.3))
    if past and np.isfinite(plot.history[-1]):
        joined = np.array([plot.history[-1], plot.median[0]])
        parts.append(_line(x(np.array([0, 1])), y(joined), GREY, 1.3))
    parts.append(_line(x(steps), y(plot.median), BLUE, 2))
    if plot.actual is not None:
        parts.append(_line(x(steps), y(plot.actual), INK, 1.3))
    times = (*plot.history_times[:1], *plot.times)
    parts += [_text(LEFT, "start", times[0]), _text(WIDTH - RIGHT, "end", times[-1])]
    label = escape(f"{plot.name}: history and forecast", quote=True)
    return (
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" role="img" '
        f'aria-label="{label}" style="display:block;max-width:100%">{"".join(parts)}</svg>'
    )


def block(title: str, facts: Sequence[tuple[str, str]], drawn: str = "", tabled: str = "") -> str:
    """Return a title, facts below it in two columns, a chart and a table. drawn, tabled: HTML already."""
    rows = "".join(
        f'<tr><td style="{CELL};text-align:left;color:{GREY};vertical-align:top">{escape(name)}</td>'
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
    more = f'<div style="color:{GREY}">… {left} more step{"s" if left > 1 else ""}</div>' if left else ""
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


def _line(across: Array, along: Array, colour: str, width: float) -> str:
    """Return a line with gaps where a value is missing; a value without neighbours is a point."""
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
    look = f'stroke="{colour}"' if colour != INK else 'stroke="currentColor"'
    return f'<path d="{"".join(pieces)}" fill="none" {look} stroke-width="{width:g}" stroke-linecap="round"/>'


def _rule(height: float, value: float) -> str:
    return (
        f'<path d="M{LEFT} {height:.1f}H{WIDTH - RIGHT}" stroke="{GREY}" stroke-opacity="0.3"/>'
        f'<text x="{LEFT - 6}" y="{height + 4:.1f}" text-anchor="end" fill="{GREY}" font-size="11">'
        f"{number(value)}</text>"
    )


def _text(place: float, anchor: str, text: str) -> str:
    said = escape(text)
    look = f'text-anchor="{anchor}" fill="{GREY}" font-size="11"'
    return f'<text x="{place}" y="{HEIGHT - 5}" {look}>{said}</text>'


def _point(x: float, y: float) -> str:
    return f"{x:.1f} {y:.1f}"
