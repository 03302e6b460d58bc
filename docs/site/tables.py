"""Pages of the reference that are made from the code: settings, commands, errors."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from typing import Annotated, Any, get_args, get_origin

import click
from annotated_types import Gt

from deploy import errors
from forecaster.cli import cli
from forecaster.config import Asked, ModelConfig, TrainConfig

SECTIONS = {"data": Asked, "model": ModelConfig, "train": TrainConfig}
SETTINGS = """# Settings

All settings of a fit, by section. Each is set in the file that `--config` names, by `--set key=value`, or in
Python by `Forecaster(settings={"key": value})`; what an option says wins. Where the default reads *from the
data*, a fit [decides it](../recipe.md) where nobody says otherwise, and may decide others, too; `config.json`
of a run has all of them.
"""
COMMANDS = """# Commands

`forecaster COMMAND --help` says the same in a terminal. Wherever a file is read `-` is standard input, and
after `-o` it is standard output.
"""
ERRORS = """# Errors and exit codes

Errors go to standard error as one line that begins with `error:` and says where, what was found and what was
expected. The exit code says of which kind it is; in Python each kind is an exception, of `deploy.errors`,
that carries the code as `exit_code`.
"""
WORDS: dict[Any, str] = {
    **{str: "text", bool: "true or false", int: "whole number", float: "number"},
    Annotated[int, Gt(gt=0)]: "whole number",
}
SIGNALS = {
    2: ("", "a command line that cannot be understood"),
    130: ("", "interrupted by Ctrl-C; a fit says how it continues"),
}


def table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    """Return rows as a table of Markdown."""
    lines = [head, tuple("---" for _ in head), *rows]
    return "".join(f"| {' | '.join(map(escaped, line))} |\n" for line in lines)


def escaped(cell: str) -> str:
    """Return a cell whose bars, but for those in code, end no cell."""
    parts = cell.split("`")
    return "`".join(part if index % 2 else part.replace("|", r"\|") for index, part in enumerate(parts))


def settings() -> str:
    """Return the page of all settings, from the models that check them."""
    parts = [SETTINGS]
    for section, model in SECTIONS.items():
        rows = [
            (f"`{name}`", kind(field.annotation), default(field), field.description or "")
            for name, field in model.model_fields.items()
        ]
        parts.append(f"## [{section}]\n\n{table(('setting', 'type', 'default', 'meaning'), rows)}")
    return "\n".join(parts)


def kind(annotation: Any) -> str:
    """Return a type in words, or its choices."""
    if annotation in WORDS:
        return WORDS[annotation]
    values = [value for value in get_args(annotation) if value not in (type(None), ...)]
    if values and all(isinstance(value, str) for value in values):
        return ", ".join(f"`{value}`" for value in values)
    listed = "list of " if get_origin(annotation) is tuple else ""
    return listed + " or ".join(dict.fromkeys(map(kind, values)))


def default(field: Any) -> str:
    """Return a default as the configuration file says it."""
    value = field.get_default(call_default_factory=True)
    if field.is_required() or value is None or value == ():
        return "*from the data*"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    return f"`{list(value)}`" if isinstance(value, tuple) else f"`{value}`"


def commands() -> str:
    """Return the page of all commands, from the options that they take."""
    parts = [COMMANDS]
    for name, command in cli.commands.items():
        with click.Context(command, info_name=f"forecaster {name}") as context:
            usage = command.get_usage(context).removeprefix("Usage: ")
            parts.append(f"## {name}\n\n    {usage}\n\n{inspect.cleandoc(command.help or '')}\n")
            rows = list(options(command, context))
            if rows:
                parts.append(table(("option", "meaning"), rows))
    parts.append("The options of `serve` are those of [the service](../service.md#limits).\n")
    return "\n".join(parts)


def options(command: click.Command, context: click.Context) -> Iterator[tuple[str, str]]:
    """Yield each option as it is written, and what it means."""
    for parameter in command.get_params(context):
        record = parameter.get_help_record(context)
        if record is not None:
            yield f"`{record[0]}`", record[1].replace("<", "&lt;")


def exit_codes() -> str:
    """Return the page of errors, from the exceptions that carry the codes."""
    rows = [
        (found.exit_code, f"`{name}`", (found.__doc__ or "").partition("\n")[0])
        for name, found in vars(errors).items()
        if inspect.isclass(found) and issubclass(found, errors.ForecasterError)
    ]
    rows += [(code, *said) for code, said in SIGNALS.items()]
    body = table(("exit code", "exception", "when"), [(str(row[0]), *row[1:]) for row in sorted(rows)])
    return f"{ERRORS}\n{body}"


PAGES: dict[str, Callable[[], str]] = {
    "reference/settings.md": settings,
    "reference/commands.md": commands,
    "reference/errors.md": exit_codes,
}
