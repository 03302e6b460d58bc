"""The help of commands: options in groups, an example and a link at the foot, as wide as the terminal."""

import re
import shutil
from collections.abc import Iterable
from typing import Any

import click

DISTRIBUTION, PAGES = "lstm-forecaster", "Documentation"  # whose address the metadata say, under this label
WIDEST = 110  # columns
NARROW, NARROWEST = 60, 24  # columns: below these an option stands above its text; the fewest that are filled
INDENT = 4
# Groups in the order of the help, each with the names of its options; all others follow.
GROUPS: dict[str, tuple[str, ...]] = {
    "Data": (
        *("sql", "database", "time", "time_format", "timezone", "target", "joint", "series", "known", "past"),
        *("static", "layout", "no_header", "sheet", "na", "step", "aggregate", "season", "future", "sample"),
    ),
    "Model": (
        *("bundle", "run", "pretrained", "origin", "horizon", "context", "patch", "lower", "members"),
        *("provider", "method"),
    ),
    "Training": (
        *(
            "start",
            "schedule",
            "direction",
            "weighting",
            "effort",
            "max_time",
            "seed",
            "device",
            "jobs",
            "trials",
            "resume",
        ),
    ),
    "Scores": ("stride", "windows", "fail_over", "gates", "judge"),
    "Output": (*("output", "levels", "shape", "paths", "plot", "save_plot", "triton", "as_json", "console"),),
}
OTHERS = "Other options"


class Formatter(click.HelpFormatter):
    """A formatter that cuts no word: on a narrow terminal each text stands below its option."""

    def __init__(
        self, indent_increment: int = 2, width: int | None = None, max_width: int | None = None
    ) -> None:
        columns = min(shutil.get_terminal_size().columns, max_width or WIDEST)
        super().__init__(indent_increment, width or max(columns, NARROWEST) - 1)

    def write_dl(self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2) -> None:
        """Write a list of names and texts."""
        if self.width >= NARROW:
            super().write_dl([*rows], col_max, col_spacing)
            return
        for name, text in rows:
            self._write(
                re.sub(r"\|", "| ", name) if len(name) > self.width - self.current_indent else name, 0
            )
            self._write(text, INDENT)

    def _write(self, text: str, indent: int) -> None:
        margin = " " * (self.current_indent + indent)
        self.write(click.formatting.wrap_text(text, self.width, margin, margin) + "\n")


class Context(click.Context):
    """A context whose help is written by the formatter above."""

    formatter_class = Formatter


class Command(click.Command):
    """A command whose help has its options in groups, an example and a link."""

    context_class = Context

    def __init__(self, *arguments: Any, example: str = "", **settings: Any) -> None:
        super().__init__(*arguments, **settings)
        self._example = example

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options, group by group."""
        records = {param: param.get_help_record(ctx) for param in self.get_params(ctx)}
        group_of = {name: group for group, names in GROUPS.items() for name in names}
        for group in (*GROUPS, OTHERS):
            own = [
                record
                for param, record in records.items()
                if isinstance(param, click.Option)
                and record
                and group_of.get(param.name or "", OTHERS) == group
            ]
            if own:
                with formatter.section(group):
                    formatter.write_dl(own)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """Write the example and the link."""
        write_foot(formatter, self._example)


class Group(click.Group):
    """Commands in the order of work, in which they were added."""

    context_class = Context
    command_class = Command

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """Return the names of the commands."""
        return list(self.commands)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """Write what each command does, in whole sentences."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, command.short_help or "") for name, command in self.commands.items()])

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """Write an example and the link."""
        write_foot(formatter, "forecaster forecast sales.csv --pretrained --plot")


def write_foot(formatter: click.HelpFormatter, example: str) -> None:
    """Write an example, and where the pages are, if the distribution says it."""
    lines = {"Example": example, PAGES: address_of_pages()}
    for title, text in lines.items():
        if text:
            with formatter.section(title):
                formatter.write_text(text)


def address_of_pages() -> str:
    """Return the address of the documentation, nothing where there is none yet."""
    from importlib.metadata import PackageNotFoundError, metadata

    try:
        urls = metadata(DISTRIBUTION).get_all("Project-URL") or []
    except PackageNotFoundError:  # run from a folder, without an installation
        return ""
    known = dict(url.split(", ", 1) for url in urls)
    return str(known.get(PAGES, ""))
