"""Options that several commands have."""

import difflib
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.shell_completion import CompletionItem

from deploy.errors import ConfigError

if TYPE_CHECKING:
    from rich.console import Console

    from deploy.sources.named import Remote, Source

FILE = click.Path(path_type=Path)
RUN = Path("run")
RUNS = Path("runs")  # of segments
BUNDLE = RUN / "bundle"
HTML = (".html", ".htm")


class Choice(click.Choice[str]):
    """A choice that suggests what comes nearest to a text that it does not know."""

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the value as it is listed, or fail."""
        try:
            return super().convert(value, param, ctx)
        except click.BadParameter as error:
            near = difflib.get_close_matches(value, list(self.choices), n=1)
            hint = f" Did you mean {near[0]!r}?" if near else ""
            self.fail(f"{error.message}{hint}", param, ctx)


class SourceType(click.ParamType[Any]):
    """A path, or a URL."""

    name = "source"

    def shell_complete(
        self,
        ctx: click.Context,  # noqa: ARG002
        param: click.Parameter,  # noqa: ARG002
        incomplete: str,
    ) -> list[CompletionItem]:
        """Let the shell complete the names of files."""
        return [CompletionItem(incomplete, type="file")]

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:  # noqa: ARG002
        """Return the source that a text names."""
        from deploy.sources.named import source_of

        return source_of(value) if isinstance(value, str) else value


SOURCE = SourceType()
SQL_OPTIONS = (
    click.option("--sql", metavar="SELECT", help="Query whose rows are the data, in place of a file."),
    click.option(
        "--database",
        metavar="FILE|URL",
        help="Database of --sql: a DuckDB file, or postgresql://USER@HOST/NAME, the password in PGPASSWORD.  "
        "[default: none; --sql names files, as in FROM 'sales/*.parquet']",
    ),
)


def source_argument(
    name: str, default: Path | None = None
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Return what gives a command an argument for its data, or --sql and --database in its place."""

    def give(command: Callable[..., None]) -> Callable[..., None]:
        @wraps(command)
        def read(*, sql: str | None, database: str | None, **options: Any) -> None:
            source = _chosen(name.upper(), options.pop(name), sql, database) or default
            if source is None:
                raise click.UsageError(f"Missing argument '{name.upper()}', or --sql.")
            command(**{name: source}, **options)

        given: Callable[..., None] = read
        for option in reversed(SQL_OPTIONS):
            given = option(given)
        return click.argument(name, type=SOURCE, required=False)(given)

    return give


def _chosen(
    argument: str, source: "Path | Remote | None", sql: str | None, database: str | None
) -> "Source | None":
    """Return the data that a command line names. Raises ConfigError where it names two."""
    from deploy.sources.named import Query, source_name

    if sql is None and database is not None:
        raise ConfigError('--database is that of a query; say which with --sql "SELECT ...", or leave it out')
    if sql is not None and source is not None:
        raise ConfigError(f"--sql is the data; leave out {argument}, {source_name(source)}, or --sql")
    return source if sql is None else Query(sql, database)


NA_OPTION = click.option("--na", multiple=True, help="Text that means missing; repeat for several.")
HORIZON_OPTION = click.option(
    "--horizon", type=click.IntRange(min=1), help="Steps to forecast.  [default: as trained]"
)
JSON_OPTION = click.option("--json", "as_json", is_flag=True, help="Print what was found as JSON, on stdout.")
# How a data file is read; what is left out is found in the file.
DATA_OPTIONS = (
    click.option("--time", multiple=True, help="Time column; repeat for a date and an hour, and their like."),
    click.option(
        "--time-format",
        help="How times are written, such as %d/%m/%Y; %s = seconds since 1970, index = counts.",
    ),
    click.option("--timezone", metavar="ZONE", help="Time zone of the data, such as Europe/Berlin."),
    click.option("--target", multiple=True, help="Column to forecast; repeat for several."),
    click.option(
        "--joint", is_flag=True, default=None, help="Forecast the targets of a series together, as one."
    ),
    click.option("--series", multiple=True, help="Column that tells series apart; repeat for several."),
    click.option("--known", multiple=True, help="Covariate known ahead; repeat for several."),
    click.option("--past", multiple=True, help="Covariate known up to the last value; repeat for several."),
    click.option("--static", multiple=True, help="Category or number of a series; repeat for several."),
    click.option(
        "--layout",
        type=Choice(["auto", "long", "wide", "rows", "grid"]),
        help="long: a column tells series apart; wide: a column a series; rows: a row a series; "
        "grid: a row a period, a column each part of it.",
    ),
    click.option(
        "--no-header", is_flag=True, default=None, help="The file has no header: its columns are c1, c2, ..."
    ),
    click.option("--sheet", metavar="NAME", help="Sheet of a workbook.  [default: the first]"),
    NA_OPTION,
    click.option("--step", help="Step of the series, such as 15min, 1h, 1d, 1w, 1month."),
    click.option(
        "--aggregate",
        type=Choice(["sum", "mean", "count", "last", "min", "max"]),
        help="Make one row of all rows of a step, which --step names.",
    ),
    click.option("--season", type=click.IntRange(min=1), help="Steps in one season; 1 for none."),
)
# By name, those that a bundle knows of its data; of texts that mean missing it does not.
READING = (
    *("time", "time_format", "timezone", "target", "joint", "series", "known", "past", "static", "layout"),
    *("no_header", "sheet", "step", "season", "aggregate"),
)
CONFIG_OPTION = click.option(
    "--config",
    type=FILE,
    help="TOML file with [data], [model] and [train] settings, or config.json of a run.",
)
SET_OPTION = click.option(
    "--set", "settings", multiple=True, metavar="KEY=VALUE", help="Any setting of the config."
)


def report_file(_context: click.Context, _option: click.Parameter, path: Path | None) -> Path | None:
    """Return the place of a report. Raises ConfigError where its name is that of another kind of file."""
    is_special = path is not None and (str(path) == "-" or (path.exists() and not path.is_file()))
    if path is None or is_special or path.suffix.lower() in HTML:
        return path
    raise ConfigError(
        f"cannot write {path}: a report is HTML, so its name ends in {' or '.join(HTML)}; choose another "
        f"with -o, such as -o {path.with_suffix(HTML[0])}"
    )


def quiet_option(text: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Return the option --quiet, which gives a command the console that it speaks on."""

    def console(_context: click.Context, _option: click.Parameter, quiet: bool) -> "Console":
        from forecaster.show.console import messages  # rich takes a tenth of a second to load

        return messages(quiet=quiet)

    return click.option("--quiet", "console", is_flag=True, callback=console, help=text)


QUIET_OPTION = quiet_option("Print errors only.")


def data_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command every option that says how a data file is read."""
    for option in reversed(DATA_OPTIONS):
        command = option(command)
    return command


def holiday_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options that say which holidays there are."""
    of_column = click.option(
        "--holidays-of", metavar="COLUMN", help="Column of such codes, one for each series."
    )
    codes = click.option(
        "--holidays",
        multiple=True,
        metavar="CODE",
        help="Holidays, known ahead, of DE, DE-BY, NYSE or their like; repeat for several.",
    )
    return codes(of_column(command))
