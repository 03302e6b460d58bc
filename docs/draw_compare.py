"""Draw docs/compare.svg: errors without a fit next to peers, and the seconds that they take.

usage: python docs/draw_compare.py [FILE]

docs/zero_shot.json are the means that `python -m benchmarks.zero_shot_page` writes next to its page: what was
measured in one run on one core, and published figures for the same sets.
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

RESULTS = Path(__file__).with_name("zero_shot.json")
PICTURE = Path(__file__).with_name("compare.svg")
WIDTH, HEIGHT = 8.6, 3.1  # inches
OURS, NAIVE = "ours, frozen", "seasonal naive"
NAMES = {OURS: "forecaster, no fit"}
MEASURE = "nine_mase"
PUBLISHED = " (published)"


@dataclass(frozen=True)
class Bar:
    """A method: its error over that of seasonal naive, and its seconds where they were measured."""

    name: str
    error: float
    seconds: float | None


def bars() -> list[Bar]:
    """Return every method that has all nine sets, the best first; published where not measured."""
    rows = [row for row in json.loads(RESULTS.read_text(encoding="utf-8")) if MEASURE in row]
    measured = {row["method"] for row in rows}
    found = []
    for row in rows:
        name = row["method"].removesuffix(PUBLISHED)
        is_published = name != row["method"]
        if name != NAIVE and not (is_published and name in measured):
            shown = NAMES.get(name, name) + "*" * is_published
            found.append(Bar(shown, row[MEASURE], row.get("cpu_s")))
    return sorted(found, key=lambda bar: bar.error)


def draw(figure: Figure) -> None:
    """Draw errors on the left, seconds on the right, a row a method."""
    shown = bars()
    left, right = figure.subplots(1, 2, sharey=True, width_ratios=(3, 2))
    draw_bars(left, shown, [bar.error for bar in shown], [f"{bar.error:.2f}" for bar in shown])
    left.set(title="Error (MASE, seasonal naive = 1)", xlim=(0, 1), yticks=range(len(shown)))
    left.set_yticklabels([bar.name for bar in shown])
    left.invert_yaxis()
    seconds = [f"{bar.seconds:.0f} s" if bar.seconds else "not measured" for bar in shown]
    draw_bars(right, shown, [bar.seconds or 0 for bar in shown], seconds)
    right.set(title="Seconds of one core", xlim=(0, 1.2 * max(bar.seconds or 0 for bar in shown)))


def draw_bars(axes: Axes, shown: list[Bar], lengths: list[float], labels: list[str]) -> None:
    """Draw a horizontal bar a method, with its figure; ours in colour."""
    colours = [BLUE if bar.name == NAMES[OURS] else GREY for bar in shown]
    drawn = axes.barh(range(len(shown)), lengths, color=colours, height=0.65)
    axes.bar_label(drawn, labels, padding=3, fontsize=8, color=INK)
    axes.set_axisbelow(True)
    axes.grid(axis="y", visible=False)
    axes.tick_params(axis="y", length=0)


if __name__ == "__main__":
    Path(sys.argv[1] if len(sys.argv) > 1 else PICTURE).write_bytes(svg_of(draw, WIDTH, HEIGHT))
