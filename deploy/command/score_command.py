"""The command `score`: files of series into a folder of their forecasts, and how far it is on a terminal."""

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import ConfigError
from .forecast_rows import write

if TYPE_CHECKING:
    from ..arrow.files.score_files import Receipt, ScoreRequest

BUNDLE = Path("run/bundle")
EVERY = 0.5  # seconds between two lines of progress
ABOUT = (
    "Forecast the series of INPUT, a Parquet file, a folder of them or a CSV, into OUTPUT, a folder of "
    "Parquet. The rows of a series follow one another, oldest first, in one file. Parts appear whole, and a "
    "command that was ended continues after them."
)


def add_score_options(parser: argparse.ArgumentParser) -> None:
    """Declare the options of the command."""
    parser.add_argument("data", metavar="INPUT", help="a Parquet file, a folder of them, a URL, or a CSV")
    parser.add_argument(
        "output", metavar="OUTPUT", type=Path, help="a folder; one that is begun is continued"
    )
    parser.add_argument(
        "--bundle",
        type=Path,
        default=BUNDLE,
        help=f"or a folder of `fit --by`, whose bundles are chosen by column; by default {BUNDLE}",
    )
    parser.add_argument("--id", action="append", help="column of the id; repeatable; by default as fitted")
    parser.add_argument("--time", help="column of the time; by default as fitted")
    parser.add_argument(
        "--target", action="append", help="column to forecast; repeatable; by default as fitted"
    )
    parser.add_argument("--horizon", type=int, help="steps; by default as trained")
    parser.add_argument(
        "--level", type=float, action="append", default=[], help="a quantile to write; repeatable"
    )
    parser.add_argument(
        "--anomalies",
        metavar="N",
        type=int,
        default=0,
        help="also judge the last N values of each series by a forecast from before them",
    )
    parser.add_argument("--sort", action="store_true", help="rows lie in any order: sort them, on disk")
    parser.add_argument("--memory", default="400MB", help="for sorting, next to the ids; by default 400MB")
    parser.add_argument("--workers", type=int, default=1, help="processes, each on files of its own")
    parser.add_argument(
        "--part",
        metavar="I/N",
        default="1/1",
        help="this share of the files alone, such as 3/8: a job of many",
    )
    parser.add_argument("--provider", default="auto", help="cpu, cuda, or a name of onnxruntime's")
    parser.add_argument("--quiet", action="store_true", help="print errors only")


def run_score(arguments: Sequence[str], prog: str) -> None:
    """Run the command by its options. prog: how it is called. Raises ForecasterError."""
    parser = argparse.ArgumentParser(prog=prog, usage=f"{prog} INPUT OUTPUT", description=ABOUT)
    add_score_options(parser)
    score(parser.parse_args(arguments))


def score(asked: argparse.Namespace) -> None:
    """Score what was asked for, and print what was done. Raises ForecasterError."""
    from ..arrow.files.score_files import score_files  # pyarrow, which no other command needs

    request = _request(asked)
    progress = _Progress(request, is_shown=sys.stderr.isatty() and not asked.quiet)
    try:
        receipt = score_files(request, progress)
    finally:
        progress.end()
    if not asked.quiet:
        write(data=f"{_summary(request, receipt)}\n".encode())


def _request(asked: argparse.Namespace) -> "ScoreRequest":
    from ..arrow.files.score_files import ScoreRequest
    from ..arrow.files.scoring_table import Scoring
    from ..sources.named import source_of

    number, _, shares = asked.part.partition("/")
    if not (number.isdecimal() and shares.isdecimal()):
        raise ConfigError(f"--part: expected I/N, such as 3/8, found {asked.part!r}")
    ids, targets = (None if names is None else tuple(names) for names in (asked.id, asked.target))
    return ScoreRequest(
        source_of(asked.data),
        asked.output,
        asked.bundle,
        Scoring(ids, asked.time, targets, tuple(asked.level), asked.horizon, asked.anomalies),
        sort=asked.sort,
        memory=asked.memory,
        workers=asked.workers,
        part=(int(number), int(shares)),
        provider=asked.provider,
    )


def _summary(request: "ScoreRequest", receipt: "Receipt | None") -> str:
    number, shares = request.part
    if receipt is None:
        return (
            f"{request.output}: part {number}/{shares} is done; others are not, and the last of them checks "
            "that no series is there twice"
        )
    parts = sum(entry["parts"] for entry in receipt.inputs)
    failed = f"; {receipt.errors:,} without a forecast, whose column error says why" if receipt.errors else ""
    return f"{request.output}: {receipt.ids_out:,} series in {parts:,} files{failed}"


class _Progress:
    """A line on the terminal that says how far it is."""

    def __init__(self, request: "ScoreRequest", *, is_shown: bool) -> None:
        from ..arrow.files.tables import find_tables

        self._is_shown, self._begin, self._next = is_shown, time.monotonic(), 0.0
        number, shares = request.part
        tables = find_tables(request.data)[number - 1 :: shares] if is_shown else ()
        self._bytes = max(sum(table.size for table in tables), 1)

    def __call__(self, size: float, series: int) -> None:
        now = time.monotonic()
        if not self._is_shown or now < self._next:
            return
        self._next = now + EVERY
        took, share = now - self._begin, min(size / self._bytes, 1.0)
        left = f", {took * (1 - share) / share:,.0f} s left" if share > 0 else ""
        rate = series / took if took else 0.0
        sys.stderr.write(f"\r\033[K{share:4.0%}  {series:,} series, {rate:,.0f} a second{left}")
        sys.stderr.flush()

    def end(self) -> None:
        """Leave the terminal as it was."""
        if self._is_shown:
            sys.stderr.write("\r\033[K")
            sys.stderr.flush()
