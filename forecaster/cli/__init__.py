"""Parse the command line, and turn each command into one call of a workflow.

In: the arguments of `forecaster COMMAND`. Out: printed lines, files, an exit code. May import: workflows,
show, config and deploy.server, inside a command's body only, so that --help loads nothing heavy.

    fit         train, and keep a run folder
    export      write a run as a bundle
    forecast    write a table of quantiles, sample paths, a picture
    explain     print what forecasts rest on, write what they are made of
    evaluate    print scores, write a report, check gates
    inspect     print what a data file, a run or a bundle holds; replay what a bundle stores
    tune        search settings that suit data better
    refit       fit a run again, and keep what is better
    prepare     write a large file as a panel on disk
    score       forecast files of many series by the command of deploy
    watch       compare new values with forecasts, by the command of deploy
    serve       start the service of deploy
    options     options that several commands have
    helping     the help of commands: groups of options, an example, any width
"""

import logging

import click

from forecaster.cli.evaluate import evaluate
from forecaster.cli.explain import explain
from forecaster.cli.export import export
from forecaster.cli.fit import fit
from forecaster.cli.forecast import forecast
from forecaster.cli.helping import WIDEST, Group
from forecaster.cli.inspect import check, inspect
from forecaster.cli.prepare import prepare
from forecaster.cli.refit import refit
from forecaster.cli.score import score
from forecaster.cli.serve import serve
from forecaster.cli.tune import tune
from forecaster.cli.watch import watch


@click.group(cls=Group, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": WIDEST})
@click.version_option(package_name="lstm-forecaster", prog_name="forecaster")
def cli() -> None:
    """Train an LSTM encoder-decoder on a CSV, export it to ONNX, forecast anywhere."""


for command in (
    inspect,
    prepare,
    tune,
    fit,
    evaluate,
    export,
    check,
    forecast,
    explain,
    score,
    watch,
    refit,
    serve,
):
    cli.add_command(command)
logging.getLogger("forecaster").addHandler(logging.NullHandler())
