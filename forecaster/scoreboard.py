"""An evaluation as people read it: the verdict, the model beside the baselines, a few series."""

from __future__ import annotations

import math

from rich.console import Console
from rich.table import Table

from forecaster.evaluation.scores import Evaluation, PointScores, UnitScores
from forecaster.evaluation.summary import ratio
from forecaster.evaluation.units import rank_units

COLUMNS = ("MASE", "sMAPE", "RMSSE", "MAE", "RMSE")
WIDTH = 100  # characters that the tables need


def print_evaluation(evaluation: Evaluation) -> None:
    """On stdout."""
    console = Console(highlight=False, soft_wrap=True, markup=False, emoji=False)
    console.width = max(console.width, WIDTH)  # a narrow terminal wraps lines, and loses no figure
    console.print(evaluation.verdict)
    console.print(f"  {_subject(evaluation)}")
    console.print(_overall(evaluation))
    console.print("\n".join(f"  {line}" for line in _figures(evaluation)))
    if len(evaluation.units) > 1:
        console.print(_units(evaluation))


def _subject(evaluation: Evaluation) -> str:
    subject, counts = evaluation.subject, evaluation.counts
    scored = subject.bundle or f"{subject.run}, exported for this"
    facts = [
        f"{scored} on {subject.file}: {subject.label}",
        f"{counts.windows:,} windows of {subject.horizon} steps, the first after {subject.first_origin}, "
        f"the last up to {subject.last_target}",
    ]
    remarks = {
        f"{counts.new_series:,} series are new to the run": counts.new_series,
        f"{counts.left_out:,} series have nothing to score": counts.left_out,
        f"{counts.unobserved:,} windows have no observed value": counts.unobserved,
        f"{counts.unknown_covariates:,} windows lack a known covariate": counts.unknown_covariates,
        f"{counts.unscaled:,} series without a seasonal change have no MASE": counts.unscaled,
    }
    return "\n  ".join([*facts, *(remark for remark, number in remarks.items() if number)])


def _overall(evaluation: Evaluation) -> Table:
    """The model and every baseline, a row each."""
    table = _table("", *COLUMNS, "model / it")
    model = evaluation.model.scores
    table.add_row("model", *_cells(model), "")
    for name, baseline in evaluation.baselines.items():
        table.add_row(name, *_cells(baseline.scores), _beside(model, baseline.scores))
    return table


def _figures(evaluation: Evaluation) -> list[str]:
    model, bias = evaluation.model, evaluation.exposure_bias
    lines = [
        f"{100 * interval.nominal:.3g} % interval covers {100 * interval.coverage:.1f} %, "
        f"{interval.width:.4g} wide"
        for interval in model.intervals
        if not math.isnan(interval.coverage)
    ]
    lines.append(f"wQL {model.wql:.4f}, CRPS {model.crps:.4g}, OWA {model.owa:.3f} (to seasonal naive)")
    if not math.isnan(bias.ratio):
        lines.append(f"exposure bias {bias.ratio:.3f}: free-running over teacher-forced loss")
    return lines


def _units(evaluation: Evaluation) -> Table:
    """The best, the median and the worst series."""
    table = _table("series", "", *COLUMNS, "/ seasonal naive")
    for role, unit in rank_units(evaluation.units).items():
        table.add_row("/".join(unit.id), role, *_cells(unit.scores), _beside_naive(unit))
    return table


def _beside_naive(unit: UnitScores) -> str:
    return _number(ratio(unit.scores.mae, next(iter(unit.baselines_mae.values()))), ".3f")


def _beside(scores: PointScores, other: PointScores) -> str:
    """By mase, or by mae where no series has one."""
    by_mase = ratio(scores.mase, other.mase)
    return _number(ratio(scores.mae, other.mae) if math.isnan(scores.mase) else by_mase, ".3f")


def _cells(scores: PointScores) -> tuple[str, ...]:
    scaled = (scores.mase, scores.smape, scores.rmsse)
    return (
        *(_number(figure, ".3f") for figure in scaled),
        *(_number(f, ".4g") for f in (scores.mae, scores.rmse)),
    )


def _number(figure: float, form: str) -> str:
    return "-" if math.isnan(figure) else format(figure, form)


def _table(*titles: str) -> Table:
    table = Table(box=None, pad_edge=False)
    for position, title in enumerate(titles):
        is_text = position == 0 or not title
        table.add_column(title, justify="left" if is_text else "right", no_wrap=True)
    return table
