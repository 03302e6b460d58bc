"""Run the commands that need the runtime alone, where what the extra `train` brings is not installed.

forecaster forecast values.csv     what `python -m deploy forecast run/bundle --history values.csv` does
forecaster explain values.csv      what `python -m deploy explain run/bundle --history values.csv` does
forecaster check run/bundle        what `python -m deploy check` does
forecaster serve                   what `python -m deploy.server run/bundle` does
"""

import argparse
import sys
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

BUNDLE = Path("run/bundle")
OUTPUTS = {"forecast": Path("forecast.csv"), "explain": Path("explanation.csv")}
# Commands that only the extra `train` brings.
OTHERS = ("fit", "export", "evaluate", "inspect", "prepare")
HELP = """usage: forecaster COMMAND ...

Only the runtime is installed, which forecasts with a bundle:

  forecast  what follows a CSV of values, such as: forecaster forecast values.csv --bundle run/bundle
  explain   say what such forecasts are made of, and what they rest on
  check     replay the forecasts that are stored in a bundle, such as: forecaster check run/bundle
  score     files of many series, with the extra `arrow`
  watch     new values of a CSV, compared with forecasts: is it time to fit again?
  serve     bundles over HTTP, with the extra `serve`, such as: forecaster serve --bundle run/bundle

  --version, and COMMAND --help for the options of a command

fit, export, evaluate, inspect and prepare need: pip install 'lstm-forecaster[train,cpu]'
"""


def can_run(arguments: Sequence[str]) -> bool:
    """Return whether the runtime alone can do what a command line says."""
    return not arguments or arguments[0] not in OTHERS


def run(arguments: Sequence[str]) -> int:
    """Run a command line; return the exit code."""
    if not arguments or arguments[0] in ("-h", "--help"):
        sys.stdout.write(HELP)
        return 0
    if arguments[0] == "--version":
        sys.stdout.write(f"forecaster, version {version('lstm-forecaster')}\n")
        return 0
    if arguments[0] == "serve":
        from deploy.server.__main__ import main as serve

        return serve(arguments[1:], "forecaster serve", str(BUNDLE))
    from deploy.__main__ import main as work

    return work(as_of_deploy(arguments), "forecaster")


def as_of_deploy(arguments: Sequence[str]) -> list[str]:
    """Return the command line that deploy knows: `forecast DATA` is `forecast BUNDLE --history DATA`."""
    command = arguments[0]
    if command not in OUTPUTS or {"-h", "--help", "--history"} & set(arguments):
        return list(arguments)
    parser = argparse.ArgumentParser(f"forecaster {command}", add_help=False)
    parser.add_argument("data", metavar="DATA")
    parser.add_argument("--bundle", default=str(BUNDLE))
    parser.add_argument("-o", "--output", default=str(OUTPUTS[command]))
    asked, others = parser.parse_known_args(arguments[1:])
    return [command, asked.bundle, "--history", asked.data, "--output", asked.output, *others]
