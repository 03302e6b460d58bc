"""Run the command line; an error becomes one line and an exit code."""

import gc
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
    "sklearn",
    "jinja2",
}
USAGE, UNWRITTEN, INTERRUPTED = 2, 5, 130
# New objects before Python looks for circles among them. Libraries make hundreds of thousands that stay: with
# Python's 700 a fifteenth of a small fit is spent on looking through these. A service keeps the 700.
OBJECTS = 50_000
SERVICE = "serve"


def main() -> None:
    """Run the command line and exit."""
    if sys.argv[1:2] != [SERVICE]:
        from forecaster.jobs.freed_memory import reuse_small_pieces

        gc.set_threshold(OBJECTS)
        reuse_small_pieces()
    try:
        try:
            _run()
        finally:
            _write_rest()
    except ForecasterError as error:
        _fail(str(error), error.exit_code)
    except OSError as error:
        if not _is_full(error):
            raise
        # Of a library's: standard output, or a temporary folder.
        _fail(f"cannot write {error.filename or 'all output'}: {error.strerror}; make room", UNWRITTEN)


def _is_full(error: OSError) -> bool:
    """Return whether a disk, or the share of it that a user may have, is full."""
    from errno import EDQUOT, ENOSPC

    return error.errno in (EDQUOT, ENOSPC)


def _run() -> NoReturn:
    """Run the command line and exit; standard output may still hold what was printed."""
    try:
        from io import StringIO

        import click

        from forecaster.cli import cli

        try:
            sys.exit(cli.main(prog_name="forecaster", standalone_mode=False))
        except click.ClickException as error:
            error.show(said := StringIO())
            _say(said.getvalue().replace("Error: ", "error: ", 1).rstrip("\n"))
            sys.exit(error.exit_code)
        except click.Abort as error:
            stop = error.__cause__ or error.__context__
            if exit_code := getattr(stop, "exit_code", None):  # of a fit that wrote a checkpoint
                sys.stderr.write(f"error: {stop}; continue with: {resuming_command()}\n")  # to be copied
                sys.exit(exit_code)
            _fail(str(stop) or "interrupted", INTERRUPTED)
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in TRAIN_MODULES:
            raise
        from forecaster import bare

        if bare.can_run(sys.argv[1:]):
            sys.exit(bare.run(sys.argv[1:]))
        remedy = "install the extra: pip install 'lstm-forecaster[train,cpu]'"
        _fail(f"{error.name} is not installed; {remedy}", USAGE)
    except ForecasterError as error:
        _fail(str(error), error.exit_code)


def _write_rest() -> None:
    """Write what waits for standard output. Raises RunError, such as on a full disk."""
    from forecaster.files import print_text

    print_text()


def resuming_command() -> str:
    """Return the command line that continues this fit, without passwords."""
    from deploy.sources.named import without_secrets

    arguments = [without_secrets(argument) for argument in sys.argv[1:] if argument != "--resume"]
    return shlex.join(["forecaster", *arguments, "--resume"])


def _fail(message: str, code: int) -> NoReturn:
    _say(f"error: {message}")
    sys.exit(code)


def _say(text: str) -> None:
    """Write lines to standard error, on a terminal as wide as it is."""
    from forecaster.show.lines import fill, width_of

    sys.stderr.write(fill(text, width_of(sys.stderr)) + "\n")


if __name__ == "__main__":
    main()
