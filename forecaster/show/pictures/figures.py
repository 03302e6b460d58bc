"""Draw figures in one look: text stays text, the same data give the same bytes."""

import io
import warnings
from collections.abc import Callable, Mapping
from typing import Any

from matplotlib import style
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from deploy.shown.drawing import RULE
from forecaster.show.pictures.inks import PAPER, follow_scheme

LOOK: Mapping[str, Any] = {
    "svg.fonttype": "none",  # text as text: a fifth of the size, and it can be searched
    "svg.hashsalt": "forecaster",  # ids would be random otherwise
    "figure.facecolor": PAPER,
    "font.sans-serif": ["DejaVu Sans", "Verdana"],  # of the same width, so labels fit with either
    "font.size": 9,
    "text.parse_math": False,  # a dollar in the name of a series is a dollar
    "axes.titlesize": 10,
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": RULE,
    "grid.linewidth": 0.6,
    "legend.frameon": False,
    "legend.fontsize": 8,
    "lines.linewidth": 1.5,
}
# Forms by the end of a file's name, without what would change the bytes: a date or a version.
METADATA: Mapping[str, dict[str, None]] = {
    "svg": {"Date": None, "Creator": None},
    "png": {"Software": None},
    "pdf": {"CreationDate": None, "Creator": None, "Producer": None},
}
DOTS_PER_INCH = 150  # of a png

Draw = Callable[[Figure], None]


def picture_of(
    draw: Draw,
    size: tuple[float, float],
    form: str,
    look: Mapping[str, Any] = LOOK,
    *,
    has_margins: bool = False,
) -> bytes:
    """Return a drawn figure; SVG is light or dark as what shows it is.

    size: width and height in inches; form: svg, png or pdf.
    has_margins: `draw` sets them; else they are found by the sizes of all texts, which takes as long again.
    """
    drawn = drawing_of(draw, size, form, look, has_margins=has_margins)
    return follow_scheme(drawn) if form == "svg" else drawn


def drawing_of(
    draw: Draw, size: tuple[float, float], form: str, look: Mapping[str, Any], *, has_margins: bool = False
) -> bytes:
    """Return a figure as matplotlib writes it. All as of picture_of."""
    with style.context(dict(look), after_reset=True), warnings.catch_warnings():
        # Viewers have fonts for signs that matplotlib's own lacks.
        warnings.filterwarnings("ignore", message="Glyph .* missing from", category=UserWarning)
        figure = Figure(figsize=size, layout=None if has_margins else "constrained")
        draw(figure)
        buffer = io.BytesIO()
        figure.savefig(buffer, format=form, metadata=METADATA[form], dpi=DOTS_PER_INCH)
    return buffer.getvalue()


def svg_of(draw: Draw, width: float, height: float, *, has_margins: bool = False) -> bytes:
    """Return what `draw` draws as SVG, in the common look; width and height in inches."""
    return picture_of(draw, (width, height), "svg", has_margins=has_margins)


def legend_below(axes: Axes, columns: int = 2) -> None:
    """Put a legend under the axes, where it covers no line."""
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.2), ncols=columns, borderaxespad=0)
