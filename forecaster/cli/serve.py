"""forecaster serve: bundles over HTTP, by the service of deploy."""

import shutil
import sys

import click

from deploy.errors import BundleError
from forecaster.cli.options import BUNDLE

HELP = ("-h", "--help")
ABOUT = (
    "--pretrained, with any option below: serve the pretrained network, a model for each usual step of "
    "series, before anything is fitted."
)


@click.command(
    context_settings={"ignore_unknown_options": True},
    add_help_option=False,
    short_help="Serve bundles over HTTP, with a page for people.",
)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def serve(arguments: tuple[str, ...]) -> None:
    """Serve bundles over HTTP, such as --bundle run/bundle, or --pretrained before there is any."""
    from deploy.server.__main__ import run
    from forecaster.workflows.serve import file_reader, with_pretrained

    if any(argument in HELP for argument in arguments):
        click.echo(click.wrap_text(ABOUT, shutil.get_terminal_size().columns - 2) + "\n")
    try:
        with with_pretrained(arguments) as given:
            sys.exit(run(given, "forecaster serve", str(BUNDLE), file_reader))
    except BundleError as error:
        if str(BUNDLE) not in str(error) or BUNDLE.exists():
            raise
        raise BundleError(f"{error}; before any fit, serve --pretrained") from None
