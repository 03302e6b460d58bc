"""`python -m deploy check | forecast | explain | calibrate | watch | score`: a bundle at work.

Exit codes as in errors.py; 2 for a wrong command line, 130 after Ctrl-C.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from .command.commands import ForecastRequest, calibrate, check, forecast
from .command.explain_command import explain
from .command.forecast_rows import write
from .command.score_command import ABOUT, add_score_options, score
from .command.watch_command import ABOUT as WATCH
from .command.watch_command import add_watch_options, watch_file
from .errors import ForecasterError
from .places import STANDARD

INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None, program: str = "python -m deploy") -> int:
    """Run the command line; return the exit code."""
    try:
        try:
            _run(_parser(program).parse_args(arguments))
        finally:
            write()
    except ForecasterError as error:
        line = "".join(letter if letter.isprintable() else " " for letter in str(error))
        sys.stderr.write(f"error: {line}\n")
        return error.exit_code
    except KeyboardInterrupt:
        return INTERRUPTED
    return 0


def _run(asked: argparse.Namespace) -> None:
    if asked.command == "check":
        check(asked.bundle, asked.provider)
    elif asked.command == "calibrate":
        calibrate(asked.bundle, asked.provider, asked.history, asked.new)
    elif asked.command == "watch":
        watch_file(asked)
    elif asked.command == "score":
        score(asked)
    elif asked.command == "explain":
        explain(asked.bundle, asked.provider, _request(asked))
    else:
        forecast(asked.bundle, asked.provider, _request(asked))


def _request(asked: argparse.Namespace) -> ForecastRequest:
    return ForecastRequest(
        asked.history, asked.horizon, asked.last_timestamp, asked.method, tuple(asked.level), asked.output
    )


def _parser(program: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=program, description="Check a bundle, or forecast with it.")
    commands = parser.add_subparsers(dest="command", required=True)
    checked = commands.add_parser("check", help="replay the forecasts that are stored in a bundle")
    made = commands.add_parser("forecast", help="forecast what comes after a file of histories")
    moved = commands.add_parser("calibrate", help="let actuals move the intervals of the forecasts to come")
    add_watch_options(commands.add_parser("watch", help="say when to fit again", description=WATCH))
    add_score_options(commands.add_parser("score", help="forecast files of many series", description=ABOUT))
    explained = commands.add_parser(
        "explain", help="say what such forecasts are made of, and what they rest on"
    )
    for command in (checked, made, explained, moved):
        command.add_argument(
            "bundle", metavar="BUNDLE", type=Path, help="a folder that `forecaster export` wrote"
        )
        command.add_argument("--provider", default="auto", help="cpu, cuda, or a name of onnxruntime's")
    for command in (made, explained, moved):
        _add_history(command)
    for command in (made, explained):
        _add_forecast(command)
    moved.add_argument(
        "--new", type=int, help="steps at the end to compare; by default those after the last call, by times"
    )
    made.add_argument(
        "--method", choices=("graph", "step"), default="graph", help="one graph, or the step loop"
    )
    made.add_argument(
        "--level", type=float, action="append", default=[], help="a quantile to write; repeatable"
    )
    explained.set_defaults(method="graph", level=[])
    return parser


def _add_history(command: argparse.ArgumentParser) -> None:
    """Give a command the option of what it reads."""
    command.add_argument(
        "--history",
        metavar="FILE",
        type=Path,
        required=True,
        help="CSV: a column of values, or the columns value (of a joint model its targets), series and time; "
        "- for standard input",
    )


def _add_forecast(command: argparse.ArgumentParser) -> None:
    """Give a command the options of what it forecasts, and where it writes."""
    command.add_argument("--horizon", type=int, help="steps; by default as trained")
    command.add_argument(
        "--last-timestamp", metavar="T", help="when every history ends, in place of a column time"
    )
    command.add_argument(
        *("-o", "--output"),
        metavar="FILE",
        type=Path,
        default=STANDARD,
        help="a CSV file; by default -, standard output",
    )


if __name__ == "__main__":
    sys.exit(main())
