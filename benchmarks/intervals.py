"""How honest intervals are: coverage and width on simulated series whose true intervals are known.

usage: python -m benchmarks.intervals [--json] [--groups NAME ...] [--seconds N] [--seed N]

Each group is one fit with the defaults of the public API, and forecasts of other series of the same
processes. `coverage` is of the nominal 80 %; `width` is in units of the true width; `shape_gap` is how far
the width of any step is from growing as the true one does (0.1: 10 %); `error` is that of the median in units
of the error of one who knows the process. On one core:

    OMP_NUM_THREADS=1 taskset -c 0 python -m benchmarks.intervals
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import NormalDist
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.accuracy_scores import Array, Forecasts, StepSums
from benchmarks.markdown import table
from benchmarks.processes import Process
from deploy import Predictor
from forecaster import Forecaster

LENGTH = 500  # values of each history
START = pd.Timestamp("2020-01-01")
LEVELS = (0.5, 0.1, 0.9)
WIDTH = 2 * NormalDist().inv_cdf(0.9)  # of the central 80 %, in deviations
MEAN_ERROR = (2 / np.pi) ** 0.5  # mean distance from the median, in deviations
FIRST_UNSEEN = 1_000_000  # seeds of the series that are forecast
DIGITS = 3

STATIONARY = (
    Process("AR(1)", (0.7,)),
    Process("AR(2), slow", (0.5, 0.3)),
    Process("AR(2), cycles", (1.2, -0.6)),
    Process("AR(2), week", (0.5, 0.2), week=2.0),
    Process("noise, week", (), week=2.0),
)


@dataclass(frozen=True)
class Group:
    """Processes that one model forecasts."""

    processes: tuple[Process, ...]
    fitted: int  # series that the fit sees, of all processes together
    forecast: int  # others, which are forecast


GROUPS = {
    "stationary": Group(STATIONARY, 500, 10_000),
    "stationary, 5 series": Group(STATIONARY, 5, 10_000),
    "random walks": Group((Process("random walk", (1.0,)),), 500, 500),
    "white noise": Group((Process("white noise"),), 500, 500),
}


def simulate(group: Group, count: int, length: int, seed: int) -> Array:
    """As many series of each process, one process after the other: (count, length)."""
    generator = np.random.default_rng(seed)
    each = count // len(group.processes)
    return np.concatenate([process.simulate(each, length, generator) for process in group.processes])


def to_frame(values: Array) -> pd.DataFrame:
    """A row a day and series. values: (series, days)."""
    count, length = values.shape
    days = pd.date_range(START, periods=length)
    names = [f"series {number}" for number in range(count)]
    return pd.DataFrame({"day": np.tile(days, count), "id": np.repeat(names, length), "y": values.ravel()})


def forecast_others(predictor: Predictor, group: Group, seed: int) -> tuple[Array, Forecasts]:
    """What came and what was forecast of series that no fit saw: (series, horizon)."""
    values = simulate(group, group.forecast, LENGTH + predictor.manifest.horizon, FIRST_UNSEEN + seed)
    last = (START + pd.Timedelta(days=LENGTH - 1)).to_datetime64()
    made = predictor.forecast(values[:, :LENGTH].astype(np.float32), last_timestamp=last)
    median, lower, upper = (
        made.quantiles[..., made.quantile_levels.index(level)].astype(np.float64) for level in LEVELS
    )
    return values[:, LENGTH:], Forecasts(median, lower, upper)


def sums_of(process: Process, actual: Array, made: Forecasts) -> StepSums:
    """In units of the true width at each step."""
    unit = WIDTH * process.deviations(actual.shape[1])
    return StepSums.of(actual / unit, made.in_units(unit))


def figures(sums: StepSums) -> dict[str, float]:
    """Those of a row. sums: in units of the true width."""
    widths = sums.width / sums.windows  # (horizon,)
    return {
        **sums.interval(),
        "shape_gap": float(np.abs(widths / widths.mean() - 1).max()),
        "error": sums.errors()["mae"] * WIDTH / MEAN_ERROR,
    }


def measure(name: str, group: Group, parameters: dict[str, Any]) -> list[dict[str, Any]]:
    """A row a process, and one of all where there are several. parameters: of the Forecaster."""
    seed = int(parameters["seed"])
    began = time.perf_counter()
    model = Forecaster(**parameters).fit(to_frame(simulate(group, group.fitted, LENGTH, seed)))
    seconds = time.perf_counter() - began
    with TemporaryDirectory() as folder:
        predictor = Predictor.load(model.export(Path(folder) / "bundle"))
    actual, made = forecast_others(predictor, group, seed)
    each = group.forecast // len(group.processes)
    sums = {}
    for number, process in enumerate(group.processes):
        own = slice(number * each, (number + 1) * each)
        sums[process.name] = sums_of(process, actual[own], made.of(own))
    if len(sums) > 1:
        first, *others = sums.values()
        sums["all"] = sum(others, first)
    rows = [{"group": name, "process": process, **figures(part)} for process, part in sums.items()]
    rows[-1] |= {"horizon": predictor.manifest.horizon, "fit_s": seconds}
    return [
        {key: round(value, DIGITS) if isinstance(value, float) else value for key, value in row.items()}
        for row in rows
    ]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object as the last line")
    parser.add_argument("--groups", nargs="+", default=list(GROUPS), choices=GROUPS, metavar="NAME")
    parser.add_argument("--seconds", type=float, help="of each fit; default: no limit")
    parser.add_argument("--seed", type=int, default=0, help="of the fits and of the series")
    arguments = parser.parse_args()
    parameters = {"seed": arguments.seed, "max_time": arguments.seconds}
    rows = []
    for name in arguments.groups:
        rows += measure(name, GROUPS[name], parameters)
        print(f"{name}: {rows[-1]}", file=sys.stderr, flush=True)
    print(table(rows))
    if arguments.json:
        print(json.dumps({"benchmark": "intervals", **parameters, "rows": rows}))


if __name__ == "__main__":
    main()
