"""forecaster tune DATA: search settings that suit the data better than the recipe's."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from forecaster.cli.helping import Command
from forecaster.cli.options import (
    CONFIG_OPTION,
    FILE,
    JSON_OPTION,
    QUIET_OPTION,
    SET_OPTION,
    data_options,
    holiday_options,
    source_argument,
)

if TYPE_CHECKING:
    from rich.console import Console


@click.command(
    cls=Command,
    short_help="Search settings that suit data better.",
    example="forecaster tune sales.csv --max-time 10m --jobs 2",
)
@source_argument("data")
@click.option(
    *("-o", "--output"),
    type=FILE,
    default=Path("tuned.toml"),
    show_default=True,
    help="File of settings to write; the journal next to it lets the same command continue.",
)
@data_options
@holiday_options
@click.option("--horizon", type=click.IntRange(min=1), help="Steps to forecast.")
@click.option("--max-time", default="30m", show_default=True, help="Search so long, such as 90s, 5m, 1h.")
@click.option("--trials", type=click.IntRange(min=1), help="Try so many settings at most.")
@click.option(
    "--jobs",
    type=click.IntRange(min=1),
    default=1,
    help="Trials at a time, each in a process of one thread.  [default: 1]",
)
@click.option("--seed", type=click.IntRange(min=0), help="Seed of all random draws.")
@CONFIG_OPTION
@SET_OPTION
@JSON_OPTION
@QUIET_OPTION
def tune(console: "Console", data: Any, output: Path, max_time: str, as_json: bool, **options: Any) -> None:
    """Try settings on DATA, judged on windows that neither train nor calibrate, and write the best as a file.

    Where none is clearly better than what a fit chooses by itself, the file says so, and nothing else.
    """
    from forecaster.show.console import print_json, waiting
    from forecaster.show.tuning_table import TuneProgress

    with waiting(console):
        from forecaster.config.settings import collect_options, parse_duration
        from forecaster.workflows.tuning import study

        how = {name: options.pop(name) for name in ("trials", "jobs")}
        seconds = parse_duration(max_time)
        request = study.TuneRequest(data, collect_options(**options), output, seconds, **how)
    progress = TuneProgress(console)
    found = study.tune(request, progress)
    if as_json:
        print_json(found.to_json())
    progress.on_end(found)
