"""forecaster inspect PATH: what a file, a run or a bundle holds; forecaster check: replay a bundle."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from forecaster.cli.helping import Command
from forecaster.cli.options import (
    BUNDLE,
    CONFIG_OPTION,
    FILE,
    JSON_OPTION,
    RUN,
    SET_OPTION,
    data_options,
    holiday_options,
    quiet_option,
    source_argument,
)

if TYPE_CHECKING:
    from rich.console import Console


@click.command(
    cls=Command, short_help="Say what data, a run or a bundle hold.", example="forecaster inspect sales.csv"
)
@source_argument("path", RUN)
@data_options
@holiday_options
@CONFIG_OPTION
@SET_OPTION
@JSON_OPTION
@quiet_option("Print nothing; the exit code says whether PATH is whole.")
def inspect(path: Any, as_json: bool, console: "Console", **options: Any) -> None:
    """Say what is understood of a data file, or what is in a run or a bundle, at PATH.

    The options, but for --json and --quiet, are for data files.
    """
    from forecaster.show.console import waiting

    with waiting(console) as notes:
        from forecaster.config.settings import collect_options
        from forecaster.show.inspection import print_content
        from forecaster.workflows import inspect as workflow

        content = workflow.inspect(workflow.InspectRequest(path, collect_options(**options)))
        if not as_json:
            notes.forget()
    print_content(content, as_json=as_json, quiet=console.quiet)


@click.command(cls=Command, short_help="Replay what a bundle stores.", example="forecaster check run/bundle")
@click.argument("bundle", type=FILE, default=BUNDLE)
@click.option(
    "--provider", default="auto", show_default=True, help="auto, cpu, cuda or an ONNX Runtime name."
)
def check(bundle: Path, provider: str) -> None:
    """Replay the forecasts that are stored in BUNDLE, on this machine."""
    from deploy.command import commands

    commands.check(bundle, provider)
