"""Draw scores on axes of matplotlib: errors, quantiles and intervals."""

import math
from itertools import cycle
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator, PercentFormatter
from numpy.typing import NDArray

from deploy.shown.drawing import BLUE, GREEN, GREY, INK, ORANGE, PINK, round_numbers, write_large_numbers
from deploy.shown.ticks import ROUND
from forecaster.evaluation.scores import Evaluation, Interval, Model, Steps, StepScores
from forecaster.show.pictures.training_picture import marker_for

# Of the model, then of the baselines in their order, and from the first again.
MODEL_LOOK: dict[str, Any] = {"color": BLUE, "linewidth": 2.4, "zorder": 3}
BASELINE_LOOKS: tuple[dict[str, Any], ...] = (
    {"color": ORANGE, "linewidth": 1.5, "linestyle": "--"},
    {"color": GREEN, "linewidth": 1.5, "linestyle": ":"},
    {"color": GREY, "linewidth": 1.5, "linestyle": ":"},
    {"color": PINK, "linewidth": 1.5},
    {"color": INK, "linewidth": 1.2, "linestyle": "--"},
)
INTERVAL_INKS = (BLUE, GREEN, PINK, GREY)
TICKS = 6  # at most, on an axis
VALUES_OF_SHARE = 40  # so many make a share with a standard error of 0.06 at 0.8


def metric_of(evaluation: Evaluation) -> str:
    """Return the metric that compares steps: mase, or mae where no series has one."""
    return "mae" if math.isnan(evaluation.model.scores.mase) else "mase"


def draw_errors(axes: Axes, evaluation: Evaluation) -> None:
    """Draw the error at each step of the horizon, of the model and of every baseline."""
    metric = metric_of(evaluation)
    _draw_steps(axes, _error(evaluation.model.steps, metric), label="model", **MODEL_LOOK)
    for (name, baseline), look in zip(evaluation.baselines.items(), cycle(BASELINE_LOOKS), strict=False):
        _draw_steps(axes, _error(baseline.steps, metric), label=name, **look)
    axes.set_ylim(bottom=0)
    write_large_numbers(axes)
    _label_steps(axes, len(evaluation.model.steps.mae))


def draw_calibration(axes: Axes, model: Model) -> None:
    """Draw the share of values at or below each quantile, over the level, which it should be."""
    levels = [quantile.level for quantile in model.quantiles]
    shares = [quantile.share_below for quantile in model.quantiles]
    axes.plot([0, 1], [0, 1], color=GREY, linestyle=":", linewidth=1.2, label="calibrated")
    axes.plot(levels, shares, color=BLUE, linewidth=1.2)
    axes.plot(levels, shares, "o", color=BLUE, markersize=6, label="share of values below")
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(PercentFormatter(1))
        axis.set_major_locator(round_numbers(TICKS))
    axes.set(xlim=(0, 1), ylim=(0, 1), xlabel="level of the quantile")


def draw_coverage(axes: Axes, intervals: tuple[Interval, ...], together: int) -> None:
    """Draw the share of values in each interval along the horizon, over what it should be, dotted.

    together: steps that make a point, see steps_together.
    """
    horizon = len(intervals[0].coverage_by_step)
    parts = np.array_split(np.arange(horizon), max(1, horizon // together))
    middles = [1 + float(part.mean()) for part in parts]
    for interval, ink in zip(chosen_intervals(intervals), INTERVAL_INKS, strict=False):
        shares, name = np.array(interval.coverage_by_step), f"{100 * interval.nominal:.3g} %"
        axes.axhline(interval.nominal, color=ink, linestyle=":", linewidth=1.2)
        means = [_mean(shares[part]) for part in parts]
        axes.plot(middles, means, color=ink, marker=marker_for(len(means)), label=name)
    axes.yaxis.set_major_formatter(PercentFormatter(1))
    axes.set_ylim(0, 1.02)
    _label_steps(axes, horizon)


def steps_together(evaluation: Evaluation) -> int:
    """Return how many steps of the horizon hold enough values for a share that is more than noise."""
    horizon, values = evaluation.subject.horizon, evaluation.counts.values
    return min(horizon, math.ceil(VALUES_OF_SHARE * horizon / max(values, 1)))


def chosen_intervals(intervals: tuple[Interval, ...]) -> tuple[Interval, ...]:
    """Return as many intervals as have a colour, evenly, the widest and the narrowest among them."""
    count = min(len(intervals), len(INTERVAL_INKS))
    places = np.linspace(0, len(intervals) - 1, count).round().astype(int)
    return tuple(intervals[place] for place in places)


def _mean(values: NDArray[np.float64]) -> float:
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else math.nan


def _error(steps: StepScores, metric: str) -> Steps:
    values: Steps = getattr(steps, metric)
    return values


def _draw_steps(axes: Axes, values: Steps, **look: Any) -> None:
    marker = "o" if len(values) == 1 else ""  # a line of one step is none
    axes.plot(np.arange(1, len(values) + 1), values, marker=marker, **look)


def _label_steps(axes: Axes, horizon: int) -> None:
    axes.set(xlabel="step of the horizon", xlim=(0.5, horizon + 0.5))
    axes.xaxis.set_major_locator(MaxNLocator(TICKS, integer=True, min_n_ticks=1, steps=[*ROUND, 10]))
    axes.yaxis.set_major_locator(round_numbers(TICKS))
