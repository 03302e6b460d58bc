"""Draw docs/compare.svg: our errors next to those of others, and the seconds that each takes.

usage: python docs/draw_compare.py [FILE]

The means are those of docs/compare.md, which `python -m benchmarks.compare` keeps in docs/compare.json: of
what was measured on one core, and of published figures for the same sets.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from deploy.shown.drawing import BLUE, GREY, INK
from forecaster.show.pictures.figures import svg_of

RESULTS = Path(__file__).with_name("compare.json")
PICTURE = Path(__file__).with_name("compare.svg")
WIDTH, ROW, MARGIN = 8.6, 0.21, 0.75  # inches: a method's row, and what titles and axes take
NAMES = {"ours, default fit": "forecaster, fitted", "ours, frozen": "forecaster, no fit"}
NAIVE = "seasonal naive"
PUBLISHED = " (published)"


@dataclass(frozen=True)
class Bar:
    """A method: its error over that of seasonal naive, and its seconds where they were measured."""

    name: str
    error: float
    seconds: float | None


def bars() -> list[Bar]:
    """Return every method that has all sets, the best first; what is published has a star."""
    rows = json.loads(RESULTS.read_text(encoding="utf-8"))["means"]
    return [
        Bar(NAMES.get(row["method"], row["method"].replace(PUBLISHED, "*")), row["mase"], row.get("cpu_s"))
        for row in rows
        if row["method"] != NAIVE
    ]


def height() -> float:
    """Return the inches that all methods take."""
    return MARGIN + ROW * len(bars())


def draw(figure: Figure) -> None:
    """Draw errors on the left, seconds on the right, a row a method."""
    shown = bars()
    left, right = figure.subplots(1, 2, sharey=True, width_ratios=(3, 2))
    draw_bars(left, shown, [bar.error for bar in shown], [f"{bar.error:.2f}" for bar in shown])
    furthest = 1.1 * max(bar.error for bar in shown)
    left.set(title="Error (MASE, seasonal naive = 1)", xlim=(0, furthest), yticks=range(len(shown)))
    left.set_yticklabels([bar.name for bar in shown])
    left.invert_yaxis()
    seconds = [f"{bar.seconds:.0f} s" if bar.seconds else "not measured" for bar in shown]
    draw_bars(right, shown, [bar.seconds or 0 for bar in shown], seconds)
    right.set(title="Seconds of one core", xlim=(0, 1.2 * max(bar.seconds or 0 for bar in shown)))


def draw_bars(axes: Axes, shown: list[Bar], lengths: list[float], labels: list[str]) -> None:
    """Draw a horizontal bar a method, with its figure; ours in colour."""
    colours = [BLUE if bar.name in NAMES.values() else GREY for bar in shown]
    drawn = axes.barh(range(len(shown)), lengths, color=colours, height=0.65)
    axes.bar_label(drawn, labels, padding=3, fontsize=8, color=INK)
    axes.set_axisbelow(True)
    axes.grid(axis="y", visible=False)
    axes.tick_params(axis="y", length=0)


if __name__ == "__main__":
    Path(sys.argv[1] if len(sys.argv) > 1 else PICTURE).write_bytes(svg_of(draw, WIDTH, height()))
