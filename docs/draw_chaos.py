"""Draw docs/chaos.svg: error against seconds of each curriculum, from what benchmarks.chaos measured.

usage: python docs/draw_chaos.py [FILE]

chaos.json holds the rows of `python -m benchmarks.chaos --json`.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from pathlib import Path
from statistics import median
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, NullFormatter

from deploy.shown.drawing import BLUE, GREEN, GREY, ORANGE
from forecaster.show.pictures.figures import svg_of

FOLDER = Path(__file__).parent
PICTURE, RESULTS = FOLDER / "chaos.svg", FOLDER / "chaos.json"
WIDTH, HEIGHT = 8.0, 5.2  # inches
COLOURS = {"forced": GREY, "linear": ORANGE, "mixture": BLUE, "mixture-rows": GREEN}
NAMES = {
    "forced": "teacher forcing",
    "linear": "draws per step",
    "mixture": "mixture",
    "mixture-rows": "mixture, with widths",
}
TITLES = {"roessler": "Rössler", "hyper-roessler": "hyper-Rössler", "lorenz96": "Lorenz '96"}
TICKS = (0.01, 0.02, 0.03, 0.05, 0.07, 0.1, 0.2, 0.3, 0.5, 0.7, 0.8, 0.9)


def draw_system(axes: Axes, system: str, rows: Iterable[dict[str, Any]]) -> None:
    """Draw a point a seed and a larger one for their median; the id of a row is its system and curriculum."""
    for row in rows:
        name, errors = row["curriculum"], row["seeds"]
        colour, seconds = COLOURS[name], row["core_s"]
        axes.plot([seconds] * len(errors), errors, "_", color=colour, markersize=7)
        axes.plot(seconds, median(errors), "o", color=colour, label=NAMES[name], gid=f"{system}-{name}")
    axes.set(title=TITLES.get(system, system.title()), xscale="log", yscale="log", xlim=(22, 130))
    axes.set_xticks((30, 60, 120))
    axes.set_yticks([tick for tick in TICKS if axes.get_ylim()[0] < tick < axes.get_ylim()[1]])
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_minor_formatter(NullFormatter())
        axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))


def draw(figure: Figure) -> None:
    """Draw a panel a system, with one legend."""
    rows = json.loads(RESULTS.read_text())
    systems = list(dict.fromkeys(row["system"] for row in rows))
    panels = figure.subplots(2, -(-len(systems) // 2)).ravel()
    for axes, system in zip(panels, systems, strict=True):
        draw_system(axes, system, [row for row in rows if row["system"] == system])
    figure.supxlabel("seconds of a core for 600 updates")
    figure.supylabel("NRMSE over one Lyapunov time")
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside upper center", ncols=len(NAMES))


if __name__ == "__main__":
    Path(sys.argv[1] if len(sys.argv) > 1 else PICTURE).write_bytes(svg_of(draw, WIDTH, HEIGHT))
