"""forecaster score: files of many series, by the command of deploy."""

import click


@click.command(
    context_settings={"ignore_unknown_options": True},
    add_help_option=False,
    short_help="Forecast files of many series, part by part.",
)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def score(arguments: tuple[str, ...]) -> None:
    """Forecast a file or a folder of many series, sorted by id and time, into a folder of Parquet."""
    from deploy.command.score_command import run_score

    run_score(arguments, "forecaster score")
