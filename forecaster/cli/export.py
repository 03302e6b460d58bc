"""forecaster export RUN: a bundle of ONNX graphs."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from deploy.errors import ConfigError
from forecaster.cli.helping import Command
from forecaster.cli.options import FILE, QUIET_OPTION, RUN

if TYPE_CHECKING:
    from rich.console import Console

    from forecaster.export.for_season import SeasonModel


@click.command(
    cls=Command, short_help="Write a run as a bundle of ONNX graphs.", example="forecaster export run"
)
@click.argument("run", type=FILE, required=False)
@click.option("-o", "--output", type=FILE, help="Bundle folder to write.  [default: RUN/bundle]")
@click.option(
    "--triton",
    type=FILE,
    metavar="REPOSITORY/NAME",
    help="Also write a model of this name into a model repository of NVIDIA Triton.",
)
@click.option(
    "--pretrained",
    "season",
    type=click.IntRange(min=1),
    metavar="SEASON",
    help="Export no run, but the pretrained network for so many steps a season; 1 for none.",
)
@click.option(
    "--horizon",
    type=click.IntRange(min=1),
    help="Steps that --pretrained forecasts.  [default: whole seasons]",
)
@click.option(
    "--step", help="Step of the series of --pretrained, such as 1month.  [default: rows are counted]"
)
@click.option("--positive", is_flag=True, help="All values of the series of --pretrained are above 0.")
@QUIET_OPTION
def export(console: "Console", output: Path | None, triton: Path | None, **model: Any) -> None:
    """Export RUN, ./run if none is named, as a bundle of ONNX graphs, checked against torch.

    Of a folder of runs, as `fit --by` makes one, each run.
    """
    from forecaster.show.console import print_exported, waiting

    with waiting(console):
        from forecaster.workflows.export import ExportRequest, export_all

        exported = export_all(ExportRequest(_model(**model), output, triton))
    for made in exported:
        print_exported(console, made.path, made.manifest, made.triton)


def _model(run: Path | None, season: int | None, step: str | None, **others: Any) -> "Path | SeasonModel":
    """Return what is to be exported. Raises ConfigError for options that do not go together."""
    given = {"--step": step, **{f"--{name}": value for name, value in others.items()}}
    if season is None:
        if said := [name for name, value in given.items() if value]:
            raise ConfigError(
                f"a run knows what it forecasts: leave out {' and '.join(said)}, or add --pretrained"
            )
        return run or RUN
    if run is not None:
        raise ConfigError(f"--pretrained exports no run; leave out {run}, or --pretrained")
    from forecaster.config.asked import parse_step
    from forecaster.export.for_season import ROWS, SeasonModel

    try:
        return SeasonModel(season, step=parse_step(step) if step else ROWS, **others)
    except ValueError as error:
        raise ConfigError(f"--step: {error}, found {step!r}") from None
