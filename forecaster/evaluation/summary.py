"""Summaries: scores from sums of losses."""

import math

import numpy as np
from numpy.typing import NDArray

from forecaster.evaluation.accumulators import Losses, Units, central_intervals
from forecaster.evaluation.scores import (
    BaselineScores,
    Interval,
    Model,
    Quantile,
    Steps,
    StepScores,
)
from forecaster.evaluation.unit_table import PointScores

Array = NDArray[np.float64]
# Scores that are also given over those of the seasonal naive forecast.
RATIOS = ("mase", "smape", "rmsse", "mae", "rmse", "mse")


def point_scores(sums: Losses, units: Units) -> PointScores:
    """Return the scores over all units."""
    return PointScores(
        mase=mean_over_units(sums["scaled"].by_unit),
        smape=mean_over_units(sums["symmetric"].by_unit),
        rmsse=mean_over_units(_rmsse(sums, units)),
        mae=sums["absolute"].mean,
        rmse=math.sqrt(sums["squared"].mean),
        mse=sums["squared"].mean,
    )


def point_scores_by_unit(sums: Losses, units: Units) -> Array:
    """Return the scores of each unit, in the order of the fields of PointScores: (units, 6)."""
    squared = sums["squared"].by_unit
    columns = (
        sums["scaled"].by_unit,
        sums["symmetric"].by_unit,
        _rmsse(sums, units),
        sums["absolute"].by_unit,
        np.sqrt(squared),
        squared,
    )
    return np.stack(columns, axis=1)


def step_scores(sums: Losses) -> StepScores:
    """Return the scores of each step of the horizon."""
    return StepScores(
        mase=_listed(sums["scaled"].by_step_evenly),
        smape=_listed(sums["symmetric"].by_step_evenly),
        mae=_listed(sums["absolute"].by_step),
        rmse=_listed(np.sqrt(sums["squared"].by_step)),
    )


def baseline_scores(sums: Losses, units: Units) -> BaselineScores:
    """Return the scores of a baseline."""
    return BaselineScores(point_scores(sums, units), step_scores(sums))


def model_scores(sums: Losses, units: Units, levels: tuple[float, ...], naive: PointScores) -> Model:
    """Return the scores of the model. naive: those of the seasonal naive forecast on the same windows."""
    scores = point_scores(sums, units)
    return Model(
        scores=scores,
        owa=(ratio(scores.smape, naive.smape) + ratio(scores.mase, naive.mase)) / 2,
        crps=2 * sums["loss"].mean,
        wql=2 * ratio(float(sums["loss"].step[0].sum()), float(sums["size"].step[0].sum())),
        steps=step_scores(sums),
        crps_by_step=_listed(2 * sums["loss"].by_step),
        intervals=tuple(_interval(sums, pair) for pair in central_intervals(levels)),
        quantiles=tuple(
            Quantile(level, sums[f"below {level}"].mean, sums[f"loss {level}"].mean) for level in levels
        ),
    )


def relative_scores(scores: PointScores, naive: PointScores) -> dict[str, float]:
    """Divide each score by that of the seasonal naive forecast: mase_ratio and so on; NaN over 0."""
    return {f"{name}_ratio": ratio(getattr(scores, name), getattr(naive, name)) for name in RATIOS}


def ratios(figures: Array, others: Array) -> Array:
    """Divide figures by others; NaN where these are 0 or not known. (units,) each."""
    known = others > 0
    return np.where(known, figures / np.where(known, others, 1.0), np.nan)


def ratio(figure: float, other: float) -> float:
    """Divide a figure by another; NaN where that is 0 or not known."""
    return figure / other if other > 0 else math.nan


def mean_over_units(figures: Array) -> float:
    """Return the mean of the known figures, NaN where none is. figures: (units,)."""
    known = figures[~np.isnan(figures)]
    return float(known.mean()) if len(known) else math.nan


def _interval(sums: Losses, pair: tuple[float, float]) -> Interval:
    lower, upper = pair
    inside, width, scaled = (sums[f"{name} {lower}"] for name in ("inside", "width", "scaled width"))
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


def _rmsse(sums: Losses, units: Units) -> Array:
    scale = units.squared_scale
    rmsse: Array = np.sqrt(sums["squared"].by_unit) / np.where(scale > 0, scale, np.nan)
    return rmsse


def _listed(values: Array) -> Steps:
    return tuple(values.tolist())
