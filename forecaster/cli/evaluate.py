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


@click.command(
    cls=Command,
    short_help="Score a run on later values, compared with baselines.",
    example="forecaster evaluate later.csv -o report.html",
)
@source_argument("data")
@click.option(
    "--run", type=FILE, default=RUN, show_default=True, help="Run to score: its bundle, if it has one."
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
    from forecaster.show.console import waiting

    with waiting(console):
        from forecaster.show.scoreboard import print_evaluation, print_report
        from forecaster.workflows import evaluate as workflow

        request = workflow.EvaluateRequest(**options)
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
