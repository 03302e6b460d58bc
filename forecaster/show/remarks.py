"""What was scored on what, and what was not, in words."""

from __future__ import annotations

from forecaster.evaluation.scores import Evaluation


def describe_subject(evaluation: Evaluation) -> tuple[str, ...]:
    """What was scored on which values; the windows; then a line for each kind of thing left out."""
    subject, counts = evaluation.subject, evaluation.counts
    scored = subject.bundle or f"{subject.run}, exported for this"
    remarks = {
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
        *(remark for remark, number in remarks.items() if number),
    )
