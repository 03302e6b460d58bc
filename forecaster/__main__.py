"""Run the command line; an error becomes one line and an exit code."""

import shlex
import sys
from typing import NoReturn

from deploy.errors import ForecasterError

# Modules of the extra `train`; any other missing module is a defect and raises.
TRAIN_MODULES = {
    "torch",
    "pandas",
    "onnx",
    "click",
    "rich",
    "pydantic",
    "safetensors",
    "plotille",
    "narwhals",
    "matplotlib",
    "jinja2",
}
USAGE, INTERRUPTED = 2, 130


def main() -> None:
    """Run the command line and exit."""
    try:
        from io import StringIO

        import click

        from forecaster.cli import cli

        try:
            sys.exit(cli.main(prog_name="forecaster", standalone_mode=False))
        except click.ClickException as error:
            error.show(said := StringIO())
            sys.stderr.write(said.getvalue().replace("Error: ", "error: ", 1))
            sys.exit(error.exit_code)
        except click.Abort as error:
            stop = error.__cause__ or error.__context__
            if exit_code := getattr(stop, "exit_code", None):  # of a fit that wrote a checkpoint
                _fail(f"{stop}; continue with: {resuming_command()}", exit_code)
            _fail(str(stop) or "interrupted", INTERRUPTED)
    except ModuleNotFoundError as error:
        if error.name not in TRAIN_MODULES:
            raise
        remedy = "install the extra: pip install 'lstm-forecaster[train,cpu]'"
        _fail(f"{error.name} is not installed; {remedy}", USAGE)
    except ForecasterError as error:
        _fail(str(error), error.exit_code)


def resuming_command() -> str:
    """Return the command line that continues this fit."""
    arguments = [argument for argument in sys.argv[1:] if argument != "--resume"]
    return shlex.join(["forecaster", *arguments, "--resume"])


def _fail(message: str, code: int) -> NoReturn:
    sys.stderr.write(f"error: {message}\n")
    sys.exit(code)


if __name__ == "__main__":
    main()
