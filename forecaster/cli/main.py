"""The command line: a module a command; heavy imports wait until one runs."""

from __future__ import annotations

import logging

import click

from forecaster.cli.evaluate import evaluate
from forecaster.cli.export import export
from forecaster.cli.fit import fit
from forecaster.cli.forecast import forecast
from forecaster.cli.inspect import inspect
from forecaster.cli.serve import serve


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="lstm-forecaster", prog_name="forecaster")
def cli() -> None:
    """Train an LSTM encoder-decoder on a CSV, export it to ONNX, forecast anywhere."""


for command in (fit, export, forecast, evaluate, inspect, serve):
    cli.add_command(command)
logging.getLogger("forecaster").addHandler(logging.NullHandler())
