"""Draw a fit: its losses, its curriculum and its exposure bias, side by side."""

import math

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator
from numpy.typing import NDArray

from deploy.shown.drawing import BLUE, GREEN, GREY, ORANGE, round_numbers
from deploy.shown.ticks import ROUND
from forecaster.config import TrainConfig
from forecaster.show.pictures.figures import legend_below, svg_of
from forecaster.training.epochs import Epoch, best_of
from forecaster.training.schedules import forced_share, learning_rate

WIDTH, HEIGHT = 11.0, 3.2  # inches
# Shares of these, wide enough for any axis.
MARGINS = {"left": 0.055, "right": 0.99, "top": 0.92, "bottom": 0.28, "wspace": 0.22}
# Losses that differ by more than this factor are drawn on a logarithmic axis.
LOGARITHMIC = 4.0
# A line of at most so many points shows them; one point alone is no line.
FEW_POINTS = 40
# More epochs and decoder steps than this are thinned out, so that the file stays small.
MOST_POINTS = 80


def draw_training(epochs: list[Epoch], train: TrainConfig) -> bytes:
    """Return the SVG of the epochs of a fit, one of which is the best; NaN is left out."""

    def draw(figure: Figure) -> None:
        losses, curriculum, bias = figure.subplots(1, 3, gridspec_kw=MARGINS)
        draw_losses(losses, epochs, train)
        draw_curriculum(curriculum, epochs, train)
        best = best_of(epochs)
        draw_exposure_bias(bias, best.free_loss, best.forced_loss, best.exposure_bias)

    return svg_of(draw, WIDTH, HEIGHT, has_margins=True)


def draw_losses(axes: Axes, epochs: list[Epoch], train: TrainConfig) -> None:
    """Draw training and validation loss by update, the start of the horizon rows, the weights kept."""
    shown, best = [epochs[index] for index in thinned(len(epochs))], best_of(epochs)
    updates, marker = [epoch.updates for epoch in shown], marker_for(len(shown))
    training = [epoch.train_loss for epoch in shown]
    validation = [epoch.validation_loss for epoch in shown]
    axes.plot(updates, training, color=GREY, marker=marker, label="training")
    axes.plot(updates, validation, color=BLUE, marker=marker, label="validation, free-running")
    axes.plot(best.updates, best.validation_loss, "o", color=ORANGE, label="kept")
    if 0 < train.free_from < epochs[-1].progress:
        begin = float(updates_at(np.array([train.free_from]), epochs)[0])
        axes.axvline(begin, color=GREY, linestyle=":", linewidth=1, label="horizon rows begin")
    if spread([*training, *validation]) > LOGARITHMIC:
        axes.set_yscale("log")
        axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        axes.minorticks_off()
    else:
        axes.yaxis.set_major_locator(round_numbers())
    found = "not known" if math.isnan(best.validation_loss) else f"{best.validation_loss:.4f}"
    axes.set(title=f"loss: {found}, epoch {best.epoch} kept", xlabel="update")
    axes.set_xlim(left=0)
    legend_below(axes)


def draw_curriculum(axes: Axes, epochs: list[Epoch], train: TrainConfig) -> None:
    """Draw ε with the share of true patches that was really fed, and the learning rate, by update."""
    shown, progress = thinned(len(epochs)), np.linspace(0, epochs[-1].progress, MOST_POINTS)
    updates = updates_at(progress, epochs)
    rates = [learning_rate(train, u) / train.learning_rate for u in progress]
    axes.plot(updates, rates, color=GREY, linewidth=1, label=f"learning rate / {train.learning_rate:g}")
    axes.plot(updates, [forced_share(train, u) for u in progress], color=BLUE, label="ε")
    ends = np.array([0, *(epoch.updates for epoch in epochs)])
    middles = (ends[:-1] + ends[1:]) / 2
    realised = np.array([epoch.forced_realised for epoch in epochs])
    look = marker_for(len(shown)) or "-"
    axes.plot(middles[shown], realised[shown], look, color=ORANGE, label="share fed in an epoch")
    name = train.schedule + (", increasing" if train.direction == "increase" else "")
    axes.yaxis.set_major_locator(round_numbers())
    axes.set(title=f"true patches fed: {name}", xlabel="update", ylim=(-0.03, 1.05))
    axes.set_xlim(left=0)
    legend_below(axes)


def draw_exposure_bias(
    axes: Axes, free_loss: tuple[float, ...], forced_loss: tuple[float, ...], ratio: float
) -> None:
    """Draw the loss of the `next` rows in each decoder step, fed their own medians and fed the truth.

    ratio: of the former over the latter, over all steps.
    """
    count = len(free_loss)
    shown, marker = thinned(count), marker_for(count)
    steps, free, forced = shown + 1, np.array(free_loss)[shown], np.array(forced_loss)[shown]
    axes.fill_between(steps, forced, free, color=ORANGE, alpha=0.15, linewidth=0)
    axes.plot(steps, free, color=ORANGE, marker=marker, label="free-running")
    axes.plot(steps, forced, color=GREEN, marker=marker, label="teacher-forced")
    highest = np.nan_to_num([*free, *forced]).max()
    axes.set(title=bias_title(count, ratio), xlabel="decoder step", ylabel="loss of the next rows")
    axes.set(xlim=(0.5, count + 0.5), ylim=(0, 1.1 * highest or 1))
    axes.yaxis.set_major_locator(round_numbers())
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1, steps=[*ROUND, 10]))
    legend_below(axes)


def bias_title(steps: int, ratio: float) -> str:
    """Return how much more the `next` rows lose on their own medians."""
    if steps == 1:
        return "one decoder step: no exposure bias"
    return f"exposure bias: {'not known' if math.isnan(ratio) else f'{ratio:.3f}'}"


def thinned(count: int) -> NDArray[np.intp]:
    """Return at most MOST_POINTS indices below count, evenly, the first and the last among them."""
    return np.linspace(0, count - 1, min(count, MOST_POINTS)).round().astype(np.intp)


def updates_at(progress: NDArray[np.float64], epochs: list[Epoch]) -> NDArray[np.float64]:
    """Return the update at which a fit had come so far; both (points,)."""
    known = [0.0, *(epoch.progress for epoch in epochs)]
    updates: NDArray[np.float64] = np.interp(progress, known, [0, *(epoch.updates for epoch in epochs)])
    return updates


def spread(losses: list[float]) -> float:
    """Return the largest over the smallest of those that a logarithmic axis can show; 1 without any."""
    positive = [loss for loss in losses if loss > 0]
    return max(positive) / min(positive) if positive else 1.0


def marker_for(count: int) -> str:
    """Return a marker of points as long as they can be told apart."""
    return "." if count <= FEW_POINTS else ""
