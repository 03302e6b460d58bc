"""`python -m deploy.server BUNDLE...`: serve bundles over HTTP.

Exit codes as in ../errors.py; 0 after SIGTERM and Ctrl-C, 2 for a wrong command line or a missing extra.
"""

import sys
from collections.abc import Sequence

from ..errors import ForecasterError
from . import serve
from .arguments import read_settings


def main(
    arguments: Sequence[str] | None = None,
    program: str = "python -m deploy.server",
    default: str | None = None,
) -> int:
    """Run the command line; return the exit code. default: the bundle if none is named."""
    try:
        return run(arguments, program, default)
    except ForecasterError as error:
        line = "".join(letter if letter.isprintable() else " " for letter in str(error))
        sys.stderr.write(f"error: {line}\n")
        return error.exit_code


def run(arguments: Sequence[str] | None, program: str, default: str | None) -> int:
    """Run the command line; return the exit code. Raises ForecasterError."""
    return serve(read_settings(arguments, program, default))


if __name__ == "__main__":
    sys.exit(main())
