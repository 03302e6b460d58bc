"""`python -m deploy.server BUNDLE...`: serve bundles over HTTP.

Exit codes as in ../errors.py; 0 after SIGTERM and Ctrl-C, 2 for a wrong command line or a missing extra.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from ..errors import ExtraMissingError, ForecasterError
from .arguments import read_settings

# What the extra `serve` installs; any other missing module is a defect and raises.
SERVE_MODULES = {"starlette", "uvicorn", "orjson", "prometheus_client", "anyio", "h11"}


def main(
    arguments: Sequence[str] | None = None,
    program: str = "python -m deploy.server",
    default: str | None = None,
) -> int:
    """Run the command line; the exit code. default: the bundle if none is named."""
    try:
        return run(arguments, program, default)
    except ForecasterError as error:
        line = "".join(letter if letter.isprintable() else " " for letter in str(error))
        sys.stderr.write(f"error: {line}\n")
        return error.exit_code


def run(arguments: Sequence[str] | None, program: str, default: str | None) -> int:
    """The same, with errors for whoever calls. Raises ForecasterError."""
    settings = read_settings(arguments, program, default)
    try:
        from .service import serve
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in SERVE_MODULES:
            raise
        raise ExtraMissingError(
            f"{error.name} is not installed; install the extra: pip install 'lstm-forecaster[serve,cpu]'"
        ) from None
    return serve(settings)


if __name__ == "__main__":
    sys.exit(main())
