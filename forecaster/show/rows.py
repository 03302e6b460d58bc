"""An evaluation as rows of texts: what a table of it holds, in a terminal or on a page."""

from __future__ import annotations

import math

from forecaster.evaluation.scores import Evaluation, PointScores, UnitScores
from forecaster.evaluation.summary import ratio
from forecaster.evaluation.units import rank_units

COLUMNS = ("MASE", "sMAPE", "RMSSE", "MAE", "RMSE")
MODEL_ROW = "model"


def overall_rows(evaluation: Evaluation) -> list[tuple[str, ...]]:
    """The model, then every baseline: name, COLUMNS, the model's error over its own."""
    model = evaluation.model.scores
    return [
        (MODEL_ROW, *_cells(model), ""),
        *(
            (name, *_cells(baseline.scores), _beside(model, baseline.scores))
            for name, baseline in evaluation.baselines.items()
        ),
    ]


def unit_rows(evaluation: Evaluation) -> list[tuple[str, ...]]:
    """The best, the median and the worst series: name, role, COLUMNS, its error over the first baseline's."""
    return [
        ("/".join(unit.id), role, *_cells(unit.scores), beside_naive(unit))
        for role, unit in rank_units(evaluation.units).items()
    ]


def beside_naive(unit: UnitScores) -> str:
    """The error of a series over that of the first baseline."""
    return number(ratio(unit.scores.mae, next(iter(unit.baselines_mae.values()))), ".3f")


def number(figure: float, form: str) -> str:
    """The figure; "-" where it is not known."""
    return "-" if math.isnan(figure) else format(figure, form)


def _beside(scores: PointScores, other: PointScores) -> str:
    """By mase, or by mae where no series has one."""
    by_mase = ratio(scores.mase, other.mase)
    return number(ratio(scores.mae, other.mae) if math.isnan(scores.mase) else by_mase, ".3f")


def _cells(scores: PointScores) -> tuple[str, ...]:
    scaled = (scores.mase, scores.smape, scores.rmsse)
    return (
        *(number(figure, ".3f") for figure in scaled),
        *(number(figure, ".4g") for figure in (scores.mae, scores.rmse)),
    )
