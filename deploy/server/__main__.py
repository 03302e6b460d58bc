"""`python -m deploy.server BUNDLE...`: serve bundles over HTTP.

Exit codes as in ../errors.py; 0 after SIGTERM and Ctrl-C, 2 for a wrong command line or a missing extra. With
--health 0 if a service is ready, else 1.
"""

import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from ..errors import ForecasterError
from . import serve
from .arguments import health_address, read_settings
from .health import check_health

if TYPE_CHECKING:
    from .reading.readers import Reader


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


def run(
    arguments: Sequence[str] | None,
    program: str,
    default: str | None,
    make_reader: "Callable[[], Reader] | None" = None,
) -> int:
    """Run the command line; return the exit code. make_reader: as serve takes it. Raises ForecasterError."""
    if address := health_address(arguments, program):
        return check_health(*address)
    return serve(read_settings(arguments, program, default), make_reader)


if __name__ == "__main__":
    sys.exit(main())
