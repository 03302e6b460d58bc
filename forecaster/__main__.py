"""Entry point: errors become one line and an exit code."""

from __future__ import annotations

import sys

from deploy.errors import ForecasterError

# Modules of the extra `train`; any other missing module is a defect and raises.
_TRAIN_MODULES = {"torch", "pandas", "onnx", "click", "rich", "pydantic", "safetensors", "plotille"}


def main() -> None:
    """Run the command line and exit."""
    try:
        from forecaster.cli import cli

        cli(prog_name="forecaster")
    except ModuleNotFoundError as error:
        if error.name not in _TRAIN_MODULES:
            raise
        _fail(
            f"{error.name} is not installed; install the extra: pip install 'lstm-forecaster[train,cpu]'", 2
        )
    except ForecasterError as error:
        _fail(str(error), error.exit_code)


def _fail(message: str, code: int) -> None:
    sys.stderr.write(f"error: {message}\n")
    raise SystemExit(code)


if __name__ == "__main__":
    main()
