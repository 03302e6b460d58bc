"""How accurate forecasts are on M4 Hourly and ETTh1: the public API with its defaults, several seeds.

usage: python -m benchmarks.accuracy m4-hourly|etth1 --data PATH [--horizon N] [--seconds N] [--members N]
                                     [--seeds N] [--json]

PATH: the folder with train.csv and test.csv of M4 Hourly, or the file ETTh1.csv. A fit is told the horizon,
the seed and, where the protocol says it, which rows validate (m4.py, etth1.py): nothing else, unless
--seconds or --members do. Progress goes to stderr. On one core:

    OMP_NUM_THREADS=1 taskset -c 0 python -m benchmarks.accuracy m4-hourly --data m4_hourly --seeds 3 --json
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from statistics import mean, stdev
from typing import Any

from benchmarks.etth1 import ETTh1
from benchmarks.m4 import M4Hourly
from benchmarks.markdown import table
from forecaster import Forecaster

Task = M4Hourly | ETTh1
TASKS: dict[str, type[Task]] = {"m4-hourly": M4Hourly, "etth1": ETTh1}
NUMBERS = ("seed", "worst_step")  # figures without a mean
DIGITS = 4


def make_task(dataset: str, path: Path, horizon: int | None) -> Task:
    """The task, its data checked. Raises SystemExit for data or a horizon that the protocol does not have."""
    kind = TASKS[dataset]
    if horizon is not None and horizon not in kind.HORIZONS:
        raise SystemExit(f"--horizon: {dataset} has {', '.join(map(str, kind.HORIZONS))}, found {horizon}")
    task = kind(path, horizon or kind.HORIZONS[0])
    try:
        task.check()
    except OSError as error:
        raise SystemExit(f"{error.filename}: {error.strerror}; --data is {kind.EXPECTED}") from None
    return task


def fit_and_score(task: Task, parameters: dict[str, Any]) -> tuple[dict[str, Any], Forecaster]:
    """A row: one fit and its scores. parameters: of the Forecaster, apart from those that the task fixes."""
    model = Forecaster(horizon=task.horizon, settings=task.settings).set_params(**parameters)
    began = time.perf_counter()
    model.fit(task.given)
    seconds = time.perf_counter() - began
    kept = model.metrics_["validation"]
    row = {
        "seed": model.seed,
        **task.measure(model),
        "validation_mase": kept["mase"],
        "kept_update": kept["updates"],  # of the first member
        "fit_s": seconds,
    }
    return rounded(row), model


def rounded(row: dict[str, Any]) -> dict[str, Any]:
    """Its fractions to a few digits."""
    return {name: round(value, DIGITS) if isinstance(value, float) else value for name, value in row.items()}


def summarise(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The mean of each figure over the rows, and the deviation between them where there are several."""
    names = [name for name, value in rows[0].items() if name not in NUMBERS and not isinstance(value, str)]
    summary = [{"of": "mean", **{name: mean(row[name] for row in rows) for name in names}}]
    if len(rows) > 1:
        summary += [{"of": "deviation", **{name: stdev([row[name] for row in rows]) for name in names}}]
    return [rounded(row) for row in summary]


def run(task: Task, seeds: int, given: dict[str, Any]) -> dict[str, Any]:
    """Fits from several seeds. given: parameters of the Forecaster that the command line names."""
    rows, model = [], Forecaster()
    for number in range(seeds):
        seed = number * (given.get("members") or 1)  # members take the seeds after the first
        row, model = fit_and_score(task, {**given, "seed": seed, "verbose": True})
        rows.append(row)
        report(row)
    return {
        "horizon": task.horizon,
        **given,
        **task.trained(model),
        "rows": rows,
        "summary": summarise(rows),
        "published": task.published(),
        "config": model.config_.model_dump(mode="json"),  # of the last seed
    }


def report(row: dict[str, Any]) -> None:
    """A row for people, as soon as it is known."""
    print("  ".join(f"{name} {value}" for name, value in row.items()), file=sys.stderr, flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("dataset", choices=TASKS)
    parser.add_argument("--data", type=Path, required=True, metavar="PATH")
    parser.add_argument("--horizon", type=int, help="of ETTh1: 96, 192, 336 or 720")
    parser.add_argument("--seconds", type=float, help="of each fit, all members together; default: no limit")
    parser.add_argument("--members", type=int, help="networks of each fit")
    parser.add_argument("--seeds", type=int, default=1, help="fits")
    parser.add_argument("--json", action="store_true", help="print one JSON object as the last line")
    arguments = parser.parse_args()
    if arguments.seeds < 1:
        parser.error(f"--seeds: expected 1 at least, found {arguments.seeds}")
    task = make_task(arguments.dataset, arguments.data, arguments.horizon)
    chosen = {"max_time": arguments.seconds, "members": arguments.members}
    given = {name: value for name, value in chosen.items() if value is not None}
    result = {"benchmark": "accuracy", "dataset": arguments.dataset, **run(task, arguments.seeds, given)}
    for name in ("rows", "summary", "published"):
        if name in result:
            print(f"{name}\n{table(result[name])}\n")
    if arguments.json:
        print(json.dumps(result))


if __name__ == "__main__":
    main()
