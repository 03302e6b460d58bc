"""From sums of losses to scores."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from forecaster.evaluation.accumulators import Tally, Units, central_intervals
from forecaster.evaluation.scores import Baseline, Interval, Model, PointScores, Quantile, Steps, StepScores

Array = NDArray[np.float64]
# What has a ratio to the seasonal naive forecast.
RATIOS = ("mase", "smape", "rmsse", "mae", "rmse", "mse")


def point_scores(tally: Tally, units: Units) -> PointScores:
    """Over all units."""
    return PointScores(
        mase=mean_over_units(tally["scaled"].by_unit),
        smape=mean_over_units(tally["symmetric"].by_unit),
        rmsse=mean_over_units(_rmsse(tally, units)),
        mae=tally["absolute"].mean,
        rmse=math.sqrt(tally["squared"].mean),
        mse=tally["squared"].mean,
    )


def point_scores_by_unit(tally: Tally, units: Units) -> list[PointScores]:
    """Of each unit."""
    squared = tally["squared"].by_unit
    columns = (
        tally["scaled"].by_unit,
        tally["symmetric"].by_unit,
        _rmsse(tally, units),
        tally["absolute"].by_unit,
        np.sqrt(squared),
        squared,
    )
    return [PointScores(*row) for row in np.stack(columns, axis=1).tolist()]


def step_scores(tally: Tally) -> StepScores:
    """Of each step of the horizon."""
    return StepScores(
        mase=_listed(tally["scaled"].by_step_evenly),
        smape=_listed(tally["symmetric"].by_step_evenly),
        mae=_listed(tally["absolute"].by_step),
        rmse=_listed(np.sqrt(tally["squared"].by_step)),
    )


def baseline_scores(tally: Tally, units: Units) -> Baseline:
    """Of a forecast to beat."""
    return Baseline(point_scores(tally, units), step_scores(tally))


def model_scores(tally: Tally, units: Units, levels: tuple[float, ...], naive: PointScores) -> Model:
    """Of the scored model. naive: of the seasonal naive forecast on the same windows."""
    scores = point_scores(tally, units)
    return Model(
        scores=scores,
        owa=(ratio(scores.smape, naive.smape) + ratio(scores.mase, naive.mase)) / 2,
        crps=2 * tally["loss"].mean,
        wql=2 * ratio(float(tally["loss"].step[0].sum()), float(tally["size"].step[0].sum())),
        steps=step_scores(tally),
        crps_by_step=_listed(2 * tally["loss"].by_step),
        intervals=tuple(_interval(tally, pair) for pair in central_intervals(levels)),
        quantiles=tuple(
            Quantile(level, tally[f"below {level}"].mean, tally[f"loss {level}"].mean) for level in levels
        ),
    )


def relative_scores(scores: PointScores, naive: PointScores) -> dict[str, float]:
    """Each figure over that of the seasonal naive forecast: mase_ratio and so on; NaN over 0."""
    return {f"{name}_ratio": ratio(getattr(scores, name), getattr(naive, name)) for name in RATIOS}


def ratio(figure: float, other: float) -> float:
    """figure / other; NaN where the other is 0 or not known."""
    return figure / other if other > 0 else math.nan


def mean_over_units(figures: Array) -> float:
    """The mean of those that are known; NaN where none is. figures: (units,)."""
    known = figures[~np.isnan(figures)]
    return float(known.mean()) if len(known) else math.nan


def _interval(tally: Tally, pair: tuple[float, float]) -> Interval:
    lower, upper = pair
    inside, width, scaled = (tally[f"{name} {lower}"] for name in ("inside", "width", "scaled width"))
    return Interval(
        nominal=round(upper - lower, 9),  # 0.9 - 0.1 is not exactly 0.8
        lower=lower,
        upper=upper,
        coverage=inside.mean,
        width=width.mean,
        scaled_width=mean_over_units(scaled.by_unit),
        coverage_by_step=_listed(inside.by_step),
        width_by_step=_listed(width.by_step),
        scaled_width_by_step=_listed(scaled.by_step_evenly),
    )


def _rmsse(tally: Tally, units: Units) -> Array:
    scale = units.squared_scale
    rmsse: Array = np.sqrt(tally["squared"].by_unit) / np.where(scale > 0, scale, np.nan)
    return rmsse


def _listed(values: Array) -> Steps:
    return tuple(values.tolist())
