"""Draw the pictures of docs/prior.md: made-up series, from the code that pretraining uses.

usage: python docs/draw_prior.py [FOLDER]
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from deploy.shown.drawing import BLUE, GREY, ORANGE
from forecaster.pretrained.kinds import KINDS, Kind
from forecaster.pretraining.prior import corners, seasons
from forecaster.pretraining.prior.arima import seasonal_arima
from forecaster.pretraining.prior.augmentation import averaged, censored, counts, mixed, turned, with_gaps
from forecaster.pretraining.prior.draws import Array
from forecaster.pretraining.prior.kernels import kernel_series
from forecaster.pretraining.prior.mixture import draw_series
from forecaster.pretraining.prior.structural import structural
from forecaster.show.pictures.figures import LOOK, picture_of

FOLDER = Path(__file__).parent
COLUMNS, WIDTH, ROW_HEIGHT = 4, 8.0, 0.42  # series of a row; inches
GAP, FILLED = 0.06, 0.8  # between series, as a share of one; of the height of a row
POINTS = 160  # of a series at most
LINE = 0.8  # points
STYLE = {**LOOK, "axes.grid": False, "path.simplify": False}
Rows = dict[str, list[Array]]


def seeded(seed: int = 0) -> np.random.Generator:
    """Return a generator of draws."""
    return np.random.default_rng(seed)


def generators() -> Rows:
    """Return series of each generator, by its name and season."""
    made: dict[str, Callable[[int], Array]] = {
        "structural, no season": lambda count: structural(seeded(1), count, 60, 1),
        "structural, season 12": lambda count: structural(seeded(2), count, 120, 12),
        "structural, 24 and 168": lambda count: structural(seeded(8), count, POINTS, 24, longer=True),
        "seasonal_arima, 12": lambda count: seasonal_arima(seeded(3), count, 120, 12),
        "kernel_series, 12": lambda count: kernel_series(seeded(4), count, 120, 12),
        "cornered: steps": lambda count: corners.steps(seeded(5), count, 100, 12),
        "cornered: ramps": lambda count: corners.ramps(seeded(6), count, 100, 12),
        "cornered: spikes": lambda count: corners.spikes(seeded(7), count, 100, 12),
        "cornered: sawtooths": lambda count: corners.sawtooths(seeded(9), count, 100, 12),
        "counts, season 7": lambda count: counts(seeded(10), count, 84, 7),
        "season_shapes, 24": lambda count: seasons.season_shapes(seeded(12), count, 24),
        "two_seasons, 24": lambda count: seasons.two_seasons(seeded(13), count, 24)[:, -POINTS:],
    }
    return {name: list(make(COLUMNS)) for name, make in made.items()}


def of_kind(kind: Kind) -> list[Array]:
    """Return series of a kind as pools have them: the end of each, as far as it can be seen."""
    length = min(kind.context * kind.patch, max(60, POINTS))
    made = draw_series(seeded(kind.season), 40, length, kind.season, longer=kind.longer)
    return list(made[:COLUMNS])


def changes() -> dict[str, list[tuple[Array, Array]]]:
    """Return series before and after each change, of those that it changed."""
    before = structural(seeded(21), 400, 72, 12)
    counted = np.exp(before)
    made: dict[str, tuple[Array, Array]] = {
        "mixed": (before, mixed(seeded(), before)),
        "turned": (before, turned(seeded(1), before)),
        "censored": (counted, censored(seeded(), counted)),
        "with_gaps": (counted, with_gaps(seeded(), counted)),
        "averaged": (before, np.repeat(averaged(before, 12), 12, axis=1)),
    }
    found = {}
    for name, (old, new) in made.items():
        changed = np.flatnonzero((old != new).any(1))[:COLUMNS]
        found[name] = [(old[row], new[row]) for row in changed]
    return found


def draw_rows(figure: Figure, rows: Rows) -> None:
    """Draw a row of series for each name."""
    axes = prepared(figure, list(rows))
    for number, (name, series) in enumerate(rows.items()):
        for column, values in enumerate(series):
            line(axes, values, number, column, f"{marked(name)}-{column}", BLUE, limits(values))


def draw_changes(figure: Figure) -> None:
    """Draw series before and after each change, one over the other."""
    rows = changes()
    axes = prepared(figure, list(rows))
    for number, (name, pairs) in enumerate(rows.items()):
        for column, pair in enumerate(pairs):
            both = limits(np.concatenate(pair))
            for state, values, colour in zip(("before", "after"), pair, (GREY, ORANGE), strict=True):
                line(axes, values, number, column, f"{name}-{column}-{state}", colour, both)


def prepared(figure: Figure, names: list[str]) -> Axes:
    """Return axes with a place for each row, the first at the top."""
    axes = figure.subplots()
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0)
    axes.set(xlim=(0, COLUMNS), ylim=(-len(names) + 0.5, 0.5), xticks=[])
    axes.set_yticks(-np.arange(len(names)), names)
    return axes


def marked(name: str) -> str:
    """Return a name as it may stand in the id of a line."""
    return re.sub(r"\W+", "-", name)


def limits(values: Array) -> tuple[float, float]:
    """Return the least value and the range, of a constant series 1."""
    least, most = np.nanmin(values), np.nanmax(values)
    return float(least), float(most - least) or 1.0


def line(
    axes: Axes, values: Array, row: int, column: int, name: str, colour: str, within: tuple[float, float]
) -> None:
    """Draw a series into its cell; name: the id of its line."""
    least, extent = within
    time = column + GAP + (1 - 2 * GAP) * np.linspace(0, 1, len(values))
    heights = -row + FILLED * ((values - least) / extent - 0.5)
    axes.plot(time, heights, color=colour, linewidth=LINE, gid=name)


def rounded(svg: bytes) -> bytes:
    """Return a picture with a tenth of a point in its lines: a third of the bytes, and all that is seen."""

    def shorter(found: re.Match[bytes]) -> bytes:
        numbers = re.sub(rb"-?\d+\.\d+", lambda number: b"%.1f" % float(number[0]), found[0])
        return re.sub(rb"\s+(L )?", b" ", numbers)  # points after the first are lines by themselves

    return re.sub(rb' d="[^"]*"', shorter, svg)


def pictures() -> dict[str, bytes]:
    """Return all pictures by the names of their files."""
    parts, kinds = generators(), {f"season {kind.season}": of_kind(kind) for kind in KINDS}
    drawn = {
        "prior-generators.svg": (partial(draw_rows, rows=parts), len(parts)),
        "prior-kinds.svg": (partial(draw_rows, rows=kinds), len(kinds)),
        "prior-changes.svg": (draw_changes, len(changes())),
    }
    return {
        name: rounded(picture_of(draw, (WIDTH, ROW_HEIGHT * rows + 0.2), "svg", STYLE))
        for name, (draw, rows) in drawn.items()
    }


if __name__ == "__main__":
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER
    for name, picture in pictures().items():
        (folder / name).write_bytes(picture)
