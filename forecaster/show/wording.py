"""Describe an evaluation in words and as rows of texts, for a terminal or a page."""

import math

from forecaster.evaluation.scores import Evaluation
from forecaster.evaluation.summary import ratio
from forecaster.evaluation.unit_table import PointScores, UnitScores
from forecaster.evaluation.units import rank_units
from forecaster.show.console import NOT_CALIBRATED

COLUMNS = ("MASE", "sMAPE", "RMSSE", "MAE", "RMSE")
MODEL_ROW = "model"


def describe_subject(evaluation: Evaluation) -> tuple[str, ...]:
    """Return what was scored on which values, the windows, then a line for each kind of thing left out."""
    subject, counts = evaluation.subject, evaluation.counts
    scored = subject.bundle or f"{subject.run}, exported for this"
    remarks = {
        NOT_CALIBRATED: not subject.calibrated,
        f"{counts.new_series:,} series are new to the run": counts.new_series,
        f"{counts.left_out:,} series have nothing to score": counts.left_out,
        f"{counts.unobserved:,} windows have no observed value": counts.unobserved,
        f"{counts.unknown_covariates:,} windows lack a known covariate": counts.unknown_covariates,
        f"{counts.unscaled:,} series without a seasonal change have no MASE": counts.unscaled,
    }
    return (
        f"{scored} on {subject.file}: {subject.label}",
        f"{counts.windows:,} windows of {subject.horizon} steps, the first after {subject.first_origin}, "
        f"the last up to {subject.last_target}",
        *(remark for remark, applies in remarks.items() if applies),
    )


def overall_rows(evaluation: Evaluation) -> list[tuple[str, ...]]:
    """Return the model, then every baseline: name, COLUMNS, the model's error over its own."""
    model = evaluation.model.scores
    return [
        (MODEL_ROW, *_cells(model), ""),
        *(
            (name, *_cells(baseline.scores), _relative(model, baseline.scores))
            for name, baseline in evaluation.baselines.items()
        ),
    ]


def unit_rows(evaluation: Evaluation) -> list[tuple[str, ...]]:
    """Return the best, the median and the worst series: name, role, COLUMNS, error over a baseline's."""
    return [
        ("/".join(unit.id), role, *_cells(unit.scores), relative_to_naive(unit))
        for role, unit in rank_units(evaluation.units).items()
    ]


def relative_to_naive(unit: UnitScores) -> str:
    """Return the error of a series over that of the first baseline."""
    return number(ratio(unit.scores.mae, next(iter(unit.baselines_mae.values()))), ".3f")


def number(figure: float, form: str) -> str:
    """Return the figure; "-" where it is not known."""
    return "-" if math.isnan(figure) else format(figure, form)


def _relative(scores: PointScores, other: PointScores) -> str:
    """Return the error over the other's: by mase, or by mae where no series has one."""
    by_mase = ratio(scores.mase, other.mase)
    return number(ratio(scores.mae, other.mae) if math.isnan(scores.mase) else by_mase, ".3f")


def _cells(scores: PointScores) -> tuple[str, ...]:
    scaled = (scores.mase, scores.smape, scores.rmsse)
    return (
        *(number(figure, ".3f") for figure in scaled),
        *(number(figure, ".4g") for figure in (scores.mae, scores.rmse)),
    )
