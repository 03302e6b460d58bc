"""forecaster forecast DATA: a table of quantiles, and what else is asked for."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from deploy.errors import ConfigError
from forecaster.cli.helping import Command
from forecaster.cli.options import (
    BUNDLE,
    FILE,
    QUIET_OPTION,
    READING,
    SOURCE,
    Choice,
    data_options,
    source_argument,
)

if TYPE_CHECKING:
    from rich.console import Console

    from forecaster.workflows.forecast import ForecastRequest


@click.command(
    cls=Command,
    short_help="Forecast what follows the data, with or without a fit.",
    example="forecaster forecast sales.csv --plot",
)
@source_argument("data")
@click.option(
    "--bundle", type=FILE, help=f"Exported bundle, or the folder of runs of `fit --by`.  [default: {BUNDLE}]"
)
@click.option(
    "--pretrained",
    is_flag=True,
    help="Forecast without a fit, by the pretrained network of the season. The data are read as `fit` "
    "reads them, and with this alone options say how: --time to --season.",
)
@click.option(
    "--future", type=SOURCE, metavar="FILE", help="CSV with the known covariates of the steps to forecast."
)
@click.option(
    "--horizon",
    type=click.IntRange(min=1),
    help="Steps to forecast.  [default: as trained; of --pretrained whole seasons]",
)
@click.option(
    "-o",
    "--output",
    type=FILE,
    default=Path("forecast.csv"),
    show_default=True,
    help="CSV to write; - for standard output.",
)
@click.option("--level", "levels", type=float, multiple=True, help="Quantile level to write; repeat.")
@click.option(
    "--shape",
    type=Choice(["long", "wide"]),
    default="long",
    show_default=True,
    help="A row a step; or as DATA with time across the columns: medians, or a row for each --level.",
)
@click.option(
    "--method",
    type=Choice(["graph", "step"]),
    default="graph",
    show_default=True,
    help="One graph, or the loop over the decoder step.",
)
@click.option("--paths", type=click.IntRange(min=1), help="Also draw so many sample paths of each series.")
@click.option("--seed", type=click.IntRange(min=0), help="Seed of the sample paths.  [default: 0]")
@click.option(
    "--provider", default="auto", show_default=True, help="auto, cpu, cuda or an ONNX Runtime name."
)
@data_options
@click.option("--plot", is_flag=True, help="Draw the forecast in the terminal.")
@click.option("--save-plot", type=FILE, metavar="FILE", help="Draw the forecast into a .png, .svg or .pdf.")
@QUIET_OPTION
def forecast(console: "Console", plot: bool, **options: Any) -> None:
    """Forecast what follows DATA, a file like the one that was trained on; - for standard input."""
    from forecaster.show.console import print_forecast, print_pretrained, waiting

    with waiting(console) as notes:
        from forecaster.workflows import forecast as workflow

        request = _request(**options)
        made = workflow.forecast(request, lambda *found: print_pretrained(console, notes, *found))
    if plot:
        from forecaster.show.terminal import print_plot

        for part in made.parts:
            print_plot(part.panel, part.forecast, on_stderr=request.takes_standard_output)
    print_forecast(console, made.files, made.parts, is_calibrated=made.is_calibrated)


def _request(bundle: Path | None, pretrained: bool, **options: Any) -> "ForecastRequest":
    """Return the request of a command line. Raises ConfigError for options that do not go together."""
    from forecaster.config.settings import collect_options
    from forecaster.workflows.forecast import ForecastRequest, Pretrained

    reading = {name: options.pop(name) for name in READING}
    if not pretrained:
        if said := [f"--{name.replace('_', '-')}" for name, value in reading.items() if value]:
            raise ConfigError(
                f"a bundle knows its columns, its step and its season: leave out {' and '.join(said)}, or "
                "forecast without a bundle by --pretrained"
            )
        return ForecastRequest(bundle=bundle or BUNDLE, **options)
    if bundle is not None:
        raise ConfigError("--pretrained forecasts without a bundle; leave out --bundle, or --pretrained")
    settings = collect_options(None, (), **reading)
    return ForecastRequest(bundle=Pretrained.of(settings), **options)
