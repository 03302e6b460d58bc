"""forecaster serve: bundles over HTTP, by the service of deploy."""

import sys

import click

from forecaster.cli.options import BUNDLE


@click.command(context_settings={"ignore_unknown_options": True}, add_help_option=False)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def serve(arguments: tuple[str, ...]) -> None:
    """Serve bundles over HTTP, such as --bundle run/bundle."""
    from deploy.server.__main__ import run

    sys.exit(run(arguments, "forecaster serve", str(BUNDLE)))
