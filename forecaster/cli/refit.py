"""forecaster refit RUN DATA: fit again on newer data, and let the run be replaced by what is better."""

from typing import TYPE_CHECKING, Any

import click

from forecaster.cli.helping import Command
from forecaster.cli.options import FILE, JSON_OPTION, NA_OPTION, QUIET_OPTION, SET_OPTION, source_argument

if TYPE_CHECKING:
    from rich.console import Console
STAGES = {
    "candidate": "a candidate, without the values that it is judged by",
    "next": "better: it continues with all values",
}


@click.command(
    cls=Command,
    short_help="Fit a run again on newer data; keep what is better.",
    example="forecaster refit run sales.csv --gate mase_ratio=1.0",
)
@click.argument("run", type=FILE)
@source_argument("data")
@click.option(
    *("--gate", "gates"),
    multiple=True,
    metavar="METRIC=VALUE",
    help="Keep the run, and exit with code 7, if a figure of the new one is above; repeat.",
)
@click.option(
    "--judge",
    metavar="METRIC",
    default="mase",
    show_default=True,
    help="Figure by which the new one has to be better, such as crps.",
)
@click.option(
    "--windows",
    type=click.IntRange(min=1),
    help="Horizons at the end of each series that judge.  [default: half of what is new]",
)
@click.option("--max-time", help="Stop each of the two fits after this long, such as 90s, 5m, 1h.")
@click.option(
    *("--jobs",), type=click.IntRange(min=1), default=1, help="Members that train at a time.  [default: 1]"
)
@NA_OPTION
@SET_OPTION
@JSON_OPTION
@QUIET_OPTION
def refit(
    console: "Console",
    na: tuple[str, ...],
    max_time: str | None,
    settings: tuple[str, ...],
    as_json: bool,
    **options: Any,
) -> None:
    """Continue RUN on DATA, judge the result on values that neither saw, export it, and swap if it is better.

    What was decided is a line in RUN.refits.jsonl. The run that was there moves to RUN.1; five are kept.
    """
    from forecaster.show.console import print_json, waiting
    from forecaster.show.fit_progress import FitProgress

    def listening(stage: str) -> FitProgress:
        console.print(STAGES[stage])
        return FitProgress(console)

    with waiting(console):
        from forecaster.config.settings import collect_options
        from forecaster.workflows.upkeep import refitting

    said = collect_options(None, settings, na=na, max_time=max_time)
    done = refitting.refit(refitting.RefitRequest(settings=said, **options), listening)
    if as_json:
        print_json(done.decision)
    else:
        console.print(done.decision["reason"])
    done.check_gates()
