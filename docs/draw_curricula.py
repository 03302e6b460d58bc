"""Draw docs/curricula.svg: every schedule over the progress of training, from the code that fits use.

usage: python docs/draw_curricula.py [FILE]
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from deploy.shown.drawing import BLUE, GREEN, GREY, ORANGE, PINK
from forecaster.config import TrainConfig
from forecaster.show.pictures.figures import svg_of
from forecaster.training.schedules import SCHEDULES, forced_share

PICTURE = Path(__file__).with_name("curricula.svg")
WIDTH, HEIGHT = 8.0, 3.2  # inches
PROGRESS = np.linspace(0, 1, 101)
COLOURS = dict(zip(SCHEDULES, (GREY, BLUE, ORANGE, GREEN, PINK), strict=True))
# A constant share of 1 would lie on the frame.
SETTINGS = {"constant": {"epsilon": 0.5}}
TITLES = {
    "decay": "decay: scheduled sampling",
    "increase": "increase: flipped classroom",
}


def draw_direction(axes: Axes, direction: str) -> None:
    """ε of every schedule that has this direction; the id of a line is its schedule and direction."""
    for name, colour in COLOURS.items():
        if name == "constant" and direction == "increase":
            continue
        config = TrainConfig(schedule=name, direction=direction, **SETTINGS.get(name, {}))
        shares = [forced_share(config, progress) for progress in PROGRESS]
        label = f"{name}, epsilon = {config.epsilon:g}" if name in SETTINGS else name
        axes.plot(PROGRESS, shares, color=colour, label=label, gid=f"{name}-{direction}")
    axes.set(title=TITLES[direction], xlabel="progress u", xlim=(0, 1), ylim=(-0.02, 1.02))


def draw(figure: Figure) -> None:
    """Both directions, side by side, with one legend."""
    decay, increase = figure.subplots(1, 2, sharey=True)
    draw_direction(decay, "decay")
    draw_direction(increase, "increase")
    decay.set_ylabel("ε, share of true patches fed")
    figure.legend(*decay.get_legend_handles_labels(), loc="outside lower center", ncols=len(SCHEDULES))


if __name__ == "__main__":
    Path(sys.argv[1] if len(sys.argv) > 1 else PICTURE).write_bytes(svg_of(draw, WIDTH, HEIGHT))
