"""forecaster forecast DATA: a table of quantiles, and what else is asked for."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from forecaster.cli.options import BUNDLE, FILE, HORIZON_OPTION, NA_OPTION, QUIET_OPTION, Choice

if TYPE_CHECKING:
    from rich.console import Console


@click.command()
@click.argument("data", type=FILE)
@click.option("--bundle", type=FILE, default=BUNDLE, show_default=True, help="Exported bundle.")
@click.option("--future", type=FILE, help="CSV with the known covariates of the steps to forecast.")
@HORIZON_OPTION
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
@NA_OPTION
@click.option("--plot", is_flag=True, help="Draw the forecast in the terminal.")
@click.option("--save-plot", type=FILE, metavar="FILE", help="Draw the forecast into a .png, .svg or .pdf.")
@QUIET_OPTION
def forecast(console: "Console", plot: bool, **options: Any) -> None:
    """Forecast what follows DATA, a file like the one that was trained on; - for standard input."""
    from forecaster.show.console import print_forecast
    from forecaster.workflows import forecast as workflow

    request = workflow.ForecastRequest(**options)
    made = workflow.forecast(request)
    if plot:
        from forecaster.show.terminal import print_plot

        print_plot(made.panel, made.forecast, on_stderr=request.takes_standard_output)
    print_forecast(console, made.files, made.panel, made.forecast)
