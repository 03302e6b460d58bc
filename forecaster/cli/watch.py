"""forecaster watch: do forecasts still hold what they say, by the command of deploy."""

import click


@click.command(
    context_settings={"ignore_unknown_options": True},
    add_help_option=False,
    short_help="Compare new values with forecasts; exit with 7 to fit again.",
)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def watch(arguments: tuple[str, ...]) -> None:
    """Compare the last values of a file with forecasts made before them; exit code 7: fit again."""
    from deploy.command.watch_command import run_watch

    run_watch(arguments, "forecaster watch")
