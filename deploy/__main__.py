"""`python -m deploy check | forecast`: a bundle at work with numpy and onnxruntime alone.

Exit codes as in errors.py; 2 for a wrong command line, 130 after Ctrl-C.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from .command.forecast_rows import forecast_rows, write_rows
from .command.history_file import read_history
from .engine.providers import runtime
from .errors import ConfigError, ForecasterError
from .predictor import Method, Predictor

INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; the exit code."""
    asked = _parser().parse_args(arguments)
    try:
        if asked.command == "check":
            check(asked)
        else:
            forecast(asked)
        sys.stdout.flush()
    except ForecasterError as error:
        line = "".join(letter if letter.isprintable() else " " for letter in str(error))
        sys.stderr.write(f"error: {line}\n")
        return error.exit_code
    except BrokenPipeError:  # `| head` has read enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except KeyboardInterrupt:
        return INTERRUPTED
    return 0


def check(asked: argparse.Namespace) -> None:
    """Replay the golden cases by both ways through the bundle, and say how far off they were."""
    predictor = Predictor.load(asked.bundle, providers=asked.provider)
    ways: tuple[tuple[Method, str], ...] = (
        ("graph", "forecast.onnx"),
        ("step", "encoder.onnx, decoder_step.onnx"),
    )
    lines = [f"bundle    {asked.bundle}: whole, as its manifest says"]
    members = predictor.manifest.members
    for method, files in ways:
        found = predictor.verify(method)
        if method == "step" and members > 1:
            files += f" (the first of {members} members)"
        lines.append(
            f"{method:8}  {files}: {found.cases} golden cases replayed, off by at most "
            f"{found.difference:.2g} of a series' largest value; allowed is {found.tolerance:.2g}"
        )
    lines.append(f"provider  {', '.join(predictor.providers)}")
    lines.append(
        f"versions  Python {platform.python_version()}, numpy {np.__version__}, "
        f"onnxruntime {runtime().__version__}"
    )
    sys.stdout.write("\n".join(lines) + "\n")


def forecast(asked: argparse.Namespace) -> None:
    """A file of histories to a table of forecasts."""
    predictor = Predictor.load(asked.bundle, providers=asked.provider)
    manifest = predictor.manifest
    if manifest.known:
        raise ConfigError(
            f"this model needs the covariates {', '.join(manifest.known)} of the coming steps, which a file "
            "of histories does not hold: call deploy.Predictor.forecast(known=..., future_known=...)"
        )
    if manifest.past:
        raise ConfigError(
            f"this model needs the covariates {', '.join(manifest.past)} along each history: "
            "call deploy.Predictor.forecast(past=...)"
        )
    histories = read_history(asked.history, manifest)
    last = asked.last_timestamp if asked.last_timestamp is not None else histories.last_timestamps
    if asked.last_timestamp is not None and not manifest.time_step.has_calendar:
        last = whole_number(asked.last_timestamp)
    found = predictor.forecast(histories.values, asked.horizon, last_timestamp=last, method=asked.method)
    write_rows(forecast_rows(manifest, histories.series, found, tuple(asked.level)), asked.output)


def whole_number(text: str) -> int:
    """A count of rows. Raises ConfigError."""
    try:
        return int(text)
    except ValueError:
        raise ConfigError(
            f"--last-timestamp: this model counts rows, expected a number, found {text!r}"
        ) from None


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m deploy", description="Check a bundle, or forecast with it."
    )
    commands = parser.add_subparsers(dest="command", required=True)
    checked = commands.add_parser("check", help="replay the forecasts that are stored in a bundle")
    made = commands.add_parser("forecast", help="forecast what comes after a file of histories")
    for command in (checked, made):
        command.add_argument(
            "bundle", metavar="BUNDLE", type=Path, help="a folder that `forecaster export` wrote"
        )
        command.add_argument("--provider", default="auto", help="cpu, cuda, or a name of onnxruntime's")
    made.add_argument(
        "--history",
        metavar="FILE",
        type=Path,
        required=True,
        help="CSV: a column of values, or the columns value (of a joint model its targets), series and time",
    )
    made.add_argument("--horizon", type=int, help="steps; by default as trained")
    made.add_argument(
        "--last-timestamp", metavar="T", help="when every history ends, in place of a column time"
    )
    made.add_argument(
        "--method", choices=("graph", "step"), default="graph", help="one graph, or the step loop"
    )
    made.add_argument(
        "--level", type=float, action="append", default=[], help="a quantile to write; repeatable"
    )
    made.add_argument(
        "-o", "--output", metavar="FILE", type=Path, help="a CSV file; by default standard output"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
