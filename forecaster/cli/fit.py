"""forecaster fit DATA: train, and keep a run folder."""

from typing import TYPE_CHECKING, Any

import click

from forecaster.cli.helping import Command
from forecaster.cli.options import (
    CONFIG_OPTION,
    FILE,
    JSON_OPTION,
    QUIET_OPTION,
    RUN,
    SET_OPTION,
    data_options,
    source_argument,
)

if TYPE_CHECKING:
    from rich.console import Console

    from deploy.sources.named import Source

# What these may be; the config checks it when it is loaded, and suggests the nearest.
SCHEDULE, DIRECTION = "[constant|linear|exponential|inverse-sigmoid|switch]", "[decay|increase]"
START = "[auto|pretrained|random]"
OF_REQUEST = ("data", "output", "origin", "resume", "jobs")  # all others are settings
WEIGHTING, DEVICE = "[windows|series]", "[auto|cpu|cuda]"


@click.command(
    cls=Command,
    short_help="Train on data, and keep a run.",
    example="forecaster fit sales.csv --series store --horizon 28",
)
@source_argument("data")
@click.option("-o", "--output", type=FILE, default=RUN, show_default=True, help="Run folder to write.")
@data_options
@click.option("--horizon", type=click.IntRange(min=1), help="Steps to forecast.")
@click.option("--context", type=click.IntRange(min=1), help="Steps of history to look at.")
@click.option("--patch", type=click.IntRange(min=1), help="Steps in one recurrent step.")
@click.option("--lower", help="Forecasts are never below this number; 'none' for no bound.")
@click.option("--start", metavar=START, help="First weights; auto: pretrained, where the settings allow it.")
@click.option("--schedule", metavar=SCHEDULE, help="Share of true values fed to the decoder during training.")
@click.option("--direction", metavar=DIRECTION, help="decay: from forced to free; increase: the other way.")
@click.option("--level", "levels", type=float, multiple=True, help="Quantile level; repeat for several.")
@click.option(
    "--weighting",
    metavar=WEIGHTING,
    help="windows: long series count more; series: all count alike.",
)
@click.option("--sample", type=click.IntRange(min=1), help="Fit so many series at most, drawn by their ids.")
@click.option("--members", type=click.IntRange(min=1), help="Networks to train and average.  [default: 1]")
@click.option(
    "--jobs",
    type=click.IntRange(min=1),
    default=1,
    help="Members that train at a time, each in a process of one thread.  [default: 1]",
)
@click.option("--fast", "effort", flag_value="fast", help="A quarter of the updates.")
@click.option("--thorough", "effort", flag_value="thorough", help="Four times the updates, several networks.")
@click.option("--max-time", help="Stop after this long, such as 90s, 5m, 1h.")
@click.option("--seed", type=click.IntRange(min=0), help="Seed of all random draws.")
@click.option("--device", metavar=DEVICE, help="Where to train; auto: CUDA where there is any.")
@CONFIG_OPTION
@SET_OPTION
@click.option("--from", "origin", type=FILE, metavar="RUN", help="Continue from a finished run, on new data.")
@click.option("--resume", is_flag=True, help="Continue where a killed fit of the same command stopped.")
@JSON_OPTION
@QUIET_OPTION
def fit(as_json: bool, console: "Console", **options: Any) -> None:
    """Train on the series in DATA: a CSV or Parquet file, a folder of Parquet, a URL; - is standard input."""
    from forecaster.show.fit_progress import FitProgress

    with FitProgress(console) as progress:  # shows that it is there before all else is loaded
        from forecaster.config.settings import collect_options
        from forecaster.show.console import print_json
        from forecaster.workflows import fit as workflow

        own = {name: options.pop(name) for name in OF_REQUEST}
        request = workflow.FitRequest(settings=collect_options(**options), **own)
        result = workflow.fit(request, progress)
    if as_json:
        print_json(result.describe())
