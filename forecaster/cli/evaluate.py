"""forecaster evaluate DATA: scores compared with baselines, a report, gates."""

from typing import TYPE_CHECKING, Any

import click

from forecaster.cli.helping import Command
from forecaster.cli.options import (
    FILE,
    HORIZON_OPTION,
    JSON_OPTION,
    NA_OPTION,
    QUIET_OPTION,
    RUN,
    report_file,
    source_argument,
)

if TYPE_CHECKING:
    from rich.console import Console

    from deploy.bundle.segments import Segments
    from forecaster.workflows.evaluate import EvaluateRequest


@click.command(
    cls=Command,
    short_help="Score a run on later values, compared with baselines.",
    example="forecaster evaluate later.csv -o report.html",
)
@source_argument("data")
@click.option(
    *("--run", "run"),
    type=FILE,
    default=RUN,
    show_default=True,
    help="Run to score: its bundle, if it has one; or the folder of runs of `fit --by`.",
)
@HORIZON_OPTION
@click.option("--stride", type=click.IntRange(min=1), help="Steps between origins.  [default: the horizon]")
@click.option(
    "--windows", type=click.IntRange(min=1), help="Windows of a series, the latest.  [default: all]"
)
@click.option(
    *("-o", "--output"),
    type=FILE,
    callback=report_file,
    help="Report to write: one HTML file that needs nothing else.",
)
@NA_OPTION
@click.option(
    "--fail-over",
    multiple=True,
    metavar="METRIC=VALUE",
    help="Exit with code 7 if an overall figure, such as mase or mase_ratio, is above; repeat.",
)
@JSON_OPTION
@QUIET_OPTION
def evaluate(console: "Console", **options: Any) -> None:
    """Score RUN on the values of DATA that follow those it was trained on, compared with simple forecasts."""
    from deploy.bundle.segments import find_segments
    from forecaster.workflows.evaluate import EvaluateRequest

    request, segments = EvaluateRequest(**options), find_segments(options["run"])
    if segments is None:
        _evaluate(console, request)
    else:
        _evaluate_segments(console, request, segments)


def _evaluate(console: "Console", request: "EvaluateRequest") -> None:
    from forecaster.show.console import waiting

    with waiting(console):
        from forecaster.show.scoreboard import print_evaluation, print_report
        from forecaster.workflows import evaluate as workflow

        scored = workflow.evaluate(request)
    print_evaluation(
        scored.evaluation,
        as_json=request.as_json,
        quiet=console.quiet,
        on_stderr=request.takes_standard_output,
    )
    if request.output:
        print_report(console, request.output, scored.write_report)
    scored.check_gates()


def _evaluate_segments(console: "Console", request: "EvaluateRequest", segments: "Segments") -> None:
    from forecaster.show.console import print_json, waiting
    from forecaster.show.segments_table import print_scores

    with waiting(console):
        from forecaster.workflows.segments.by_segment import evaluate_segments

        scored = evaluate_segments(request, segments)
    if request.as_json:
        print_json(scored.to_json())
    elif not console.quiet:
        print_scores(scored.by, {each.key: each.evaluation or each.error for each in scored.scores})
    scored.check_gates()
