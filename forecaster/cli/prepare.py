"""forecaster prepare DATA OUTPUT: the series of a file of any size as a panel on disk."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from forecaster.cli.helping import Command
from forecaster.cli.options import CONFIG_OPTION, FILE, JSON_OPTION, QUIET_OPTION, SET_OPTION, data_options

if TYPE_CHECKING:
    from rich.console import Console


@click.command(
    cls=Command,
    short_help="Write a large file as a panel on disk, once.",
    example="forecaster prepare meters.csv meters",
)
@click.argument("data", type=FILE)
@click.argument("output", type=FILE)
@data_options
@CONFIG_OPTION
@SET_OPTION
@JSON_OPTION
@QUIET_OPTION
def prepare(data: Path, output: Path, as_json: bool, console: "Console", **options: Any) -> None:
    """Write the series of DATA, a file of any size, into OUTPUT, a folder to fit, evaluate and forecast.

    A CSV is read in parts, and OUTPUT page by page, so that neither has to fit in memory.
    """
    from forecaster.config.settings import collect_options
    from forecaster.show.console import print_json, share_done
    from forecaster.workflows import prepare as workflow

    request = workflow.PrepareRequest(data, collect_options(**options), output)
    with share_done(console, f"preparing {data.name}") as progress:
        understood = workflow.prepare(request, progress)
    console.print("\n".join(understood.lines()))
    if as_json:
        print_json({"kind": "data", **understood.model_dump(mode="json")})
