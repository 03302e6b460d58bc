"""Figures as SVG: one look for all, text that stays text, the same bytes for the same data."""

from __future__ import annotations

import io
from collections.abc import Callable

from matplotlib import style
from matplotlib.axes import Axes
from matplotlib.figure import Figure

# Colours that stay apart for most of the colour-blind (Okabe and Ito, 2008).
BLUE, ORANGE, GREEN, PINK, GREY = "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#666666"

LOOK = {
    "svg.fonttype": "none",  # text as text: a fifth of the size, and it can be searched
    "svg.hashsalt": "forecaster",  # ids would be random otherwise
    "figure.facecolor": "white",  # a white card reads well on a dark page, too
    "font.sans-serif": ["DejaVu Sans", "Verdana"],  # of the same width, so labels fit with either
    "font.size": 9,
    "axes.titlesize": 10,
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": "#e4e4e4",
    "grid.linewidth": 0.6,
    "legend.frameon": False,
    "legend.fontsize": 8,
    "lines.linewidth": 1.5,
}
# A date or a version would change the bytes.
METADATA = {"Date": None, "Creator": None}


def svg_of(draw: Callable[[Figure], None], width: float, height: float) -> bytes:
    """What `draw` draws on an empty figure, in the look of all; width and height in inches."""
    with style.context(LOOK, after_reset=True):
        figure = Figure(figsize=(width, height), layout="constrained")
        draw(figure)
        buffer = io.BytesIO()
        figure.savefig(buffer, format="svg", metadata=METADATA)
    return buffer.getvalue()


def legend_below(axes: Axes, columns: int = 2) -> None:
    """A legend under the axes, where it covers no line."""
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.2), ncols=columns, borderaxespad=0)
