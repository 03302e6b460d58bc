"""forecaster explain DATA: what forecasts rest on, in a sentence and a picture; their parts as a table."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from forecaster.cli.helping import Command
from forecaster.cli.options import (
    BUNDLE,
    FILE,
    HORIZON_OPTION,
    JSON_OPTION,
    NA_OPTION,
    QUIET_OPTION,
    SOURCE,
    source_argument,
)

if TYPE_CHECKING:
    from rich.console import Console


@click.command(
    cls=Command,
    short_help="Say what forecasts are made of, and what they rest on.",
    example="forecaster explain sales.csv --save-plot explained.svg",
)
@source_argument("data")
@click.option("--bundle", type=FILE, default=BUNDLE, show_default=True, help="Exported bundle.")
@click.option(
    "--pretrained", is_flag=True, help="Explain the pretrained network of the season, without a bundle."
)
@click.option(
    "--future", type=SOURCE, metavar="FILE", help="CSV with the known covariates of the steps to forecast."
)
@HORIZON_OPTION
@click.option(
    "-o",
    "--output",
    type=FILE,
    default=Path("explanation.csv"),
    show_default=True,
    help="CSV of level, linear and recurrent part of each step; - for standard output.",
)
@click.option(
    "--provider", default="auto", show_default=True, help="auto, cpu, cuda or an ONNX Runtime name."
)
@NA_OPTION
@click.option(
    "--save-plot", type=FILE, metavar="FILE", help="Draw the first series into a .png, .svg or .pdf."
)
@JSON_OPTION
@QUIET_OPTION
def explain(console: "Console", as_json: bool, **options: Any) -> None:
    """Explain forecasts of what follows DATA: level + linear part + recurrent part, and what they rest on."""
    from forecaster.show.console import waiting
    from forecaster.show.explained_words import print_explained

    with waiting(console):
        from forecaster.workflows import explain as workflow

        request = workflow.ExplainRequest(**options)
        explained = workflow.explain(request)
    print_explained(console, explained, request.files, as_json=as_json and not request.takes_standard_output)
