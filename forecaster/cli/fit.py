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
    RUNS,
    SET_OPTION,
    data_options,
    holiday_options,
    source_argument,
)

if TYPE_CHECKING:
    from rich.console import Console

    from forecaster.run.segment_fits import SegmentFits
    from forecaster.workflows.fit import FitRequest, FitResult

# What these may be; the config checks it when it is loaded, and suggests the nearest.
SCHEDULE, DIRECTION = "[constant|linear|exponential|inverse-sigmoid|switch]", "[decay|increase]"
START = "[auto|pretrained|random]"
# All others are settings.
OF_REQUEST = ("data", "output", "origin", "resume", "jobs")
WEIGHTING, DEVICE = "[windows|series]", "[auto|cpu|cuda]"


@click.command(
    cls=Command,
    short_help="Train on data, and keep a run.",
    example="forecaster fit sales.csv --series store --horizon 28",
)
@source_argument("data")
@click.option("-o", "--output", type=FILE, help=f"Run folder to write.  [default: {RUN}, of segments {RUNS}]")
@click.option(
    "--by",
    multiple=True,
    metavar="COLUMN",
    help="Fit a model for each of its values, into a folder of runs; repeat for several columns.",
)
@data_options
@holiday_options
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
    help="Members, or segments of --by, that train at a time, each in a process of one thread.  [default: 1]",
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
def fit(by: tuple[str, ...], as_json: bool, console: "Console", **options: Any) -> None:
    """Train on the series in DATA: a CSV or Parquet file, a folder of Parquet, a URL; - is standard input."""
    from forecaster.show.console import print_json

    done = _fit_segments(console, by, **options) if by else _fit(console, **options)
    if as_json:
        print_json(done.describe())
    done.refuse_failures()


def _fit(console: "Console", **options: Any) -> "FitResult":
    from forecaster.show.fit_progress import FitProgress

    with FitProgress(console) as progress:  # shows that it is there before all else is loaded
        from forecaster.workflows.fit import fit as workflow

        return workflow(_request(**options), progress)


def _fit_segments(console: "Console", by: tuple[str, ...], **options: Any) -> "SegmentFits":
    from forecaster.show.segments_table import SegmentsProgress, print_segments

    with SegmentsProgress(console) as progress:
        from forecaster.workflows.segments.fit_segments import fit_segments

        fits = fit_segments(_request(**{**options, "output": options["output"] or RUNS}), by, progress)
    print_segments(console, fits)
    return fits


def _request(**options: Any) -> "FitRequest":
    from forecaster.config.settings import collect_options
    from forecaster.workflows.fit import FitRequest

    own = {name: options.pop(name) for name in OF_REQUEST}
    own["output"] = own["output"] or RUN
    return FitRequest(settings=collect_options(**options), **own)
