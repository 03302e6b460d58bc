"""forecaster export RUN: a bundle of ONNX graphs."""

from typing import TYPE_CHECKING, Any

import click

from forecaster.cli.options import FILE, QUIET_OPTION, RUN

if TYPE_CHECKING:
    from rich.console import Console


@click.command()
@click.argument("run", type=FILE, default=RUN)
@click.option("-o", "--output", type=FILE, help="Bundle folder to write.  [default: RUN/bundle]")
@click.option(
    "--triton",
    type=FILE,
    metavar="REPOSITORY/NAME",
    help="Also write a model of this name into a model repository of NVIDIA Triton.",
)
@QUIET_OPTION
def export(console: "Console", **options: Any) -> None:
    """Export RUN as a bundle of ONNX graphs, checked against torch."""
    from forecaster.show.console import print_exported
    from forecaster.workflows import export as workflow

    made = workflow.export(workflow.ExportRequest(**options))
    print_exported(console, made.path, made.manifest, made.triton)
