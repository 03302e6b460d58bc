"""Every method of compare: what it is told, and how it forecasts a task in so many seconds."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.neural_peers import NEURAL, configuration, neural
from benchmarks.statistical_peers import STATISTICAL, statistical
from benchmarks.zero_shot import OUR_WAY, OURS, cpu_seconds, imported
from benchmarks.zero_shot_means import NAIVE, Row
from benchmarks.zero_shot_tasks import LEVELS, Task
from forecaster import Forecaster, __version__

FIT = "ours, default fit"
OWN = (NAIVE, FIT, OURS)  # what takes no other interpreter
SEED = 0
MOST_SECONDS = 900  # of a statistical model on a set
SAMPLED = 10  # series that tell how long all take


@dataclass(frozen=True)
class Method:
    """One method: its configuration in words; forecast(task, seconds) gives scores, or why it has none.

    is_trained: it takes as many seconds as it is given.
    """

    name: str
    configuration: str
    forecast: Callable[[Task, float], Row]
    is_trained: bool = False


def methods(peers: Path | None, statistical_python: Path | None) -> list[Method]:
    """Return all methods whose interpreters are named, ours first."""
    found = [
        Method(NAIVE, "repeats the last season", lambda task, _: task.score(task.naive_quantiles())),
        Method(FIT, f"Forecaster(horizon, seed={SEED})", lambda task, _: fit(task)),
        Method(OURS, "Forecaster.pretrained(horizon)", lambda task, _: without_a_fit(task)),
    ]
    if peers is not None:
        found += [by_network(peers, name) for name in NEURAL]
    if statistical_python is not None:
        found += [by_model(statistical_python, name) for name in STATISTICAL]
    return found


def fit(task: Task) -> Row:
    """Score our fit with nothing said but the horizon, on a table with a row a series, without times."""
    table = wide(task)
    began = cpu_seconds()
    made = Forecaster(horizon=task.horizon, seed=SEED).fit(table).predict()
    used = cpu_seconds() - began
    quantiles = made[[f"q{level:g}" for level in LEVELS]].to_numpy(np.float64)
    return {**task.score(quantiles.reshape(*task.actual.shape, len(LEVELS))), "cpu_s": used, **ours()}


def without_a_fit(task: Task) -> Row:
    """Score the pretrained network as it is."""
    forecast = imported(OUR_WAY)
    began = cpu_seconds()
    quantiles = forecast(task.histories, task.season, task.horizon, task.step)
    used = cpu_seconds() - began
    return {**task.score(quantiles), "cpu_s": used, **ours()}


def ours() -> Row:
    return {"version": f"forecaster {__version__}, torch {version('torch')}"}


def wide(task: Task) -> Any:
    """Return a table as M4's files are: a row a series, its name first, short ones ending in empty cells."""
    import pandas as pd

    longest = max(len(history) for history in task.histories)
    values = np.full((len(task.histories), longest), np.nan)
    for row, history in zip(values, task.histories, strict=True):
        row[: len(history)] = history
    table = pd.DataFrame(values, columns=[f"V{number + 2}" for number in range(longest)])
    table.insert(0, "V1", list(task.names))
    return table


def by_network(python: Path, name: str) -> Method:
    """Return a neural peer."""

    def forecast(task: Task, seconds: float) -> Row:
        return neural(python, name, task, seconds, SEED)

    return Method(name, configuration(name), forecast, is_trained=True)


def by_model(python: Path, name: str) -> Method:
    """Return a statistical model, which is left out where some series say that all take too long."""

    def forecast(task: Task, _: float) -> Row:
        count = len(task.names)
        places = np.unique(np.linspace(0, count - 1, SAMPLED).astype(int))
        (part,) = statistical(python, name, [task.part(places)])
        expected = float(part.cpu.mean()) * count
        if expected > MOST_SECONDS:
            sampled = f"would take about {expected / 60:.0f} minutes by {len(places)} of its {count} series"
            return {"left_out": f"{sampled}; the limit is {MOST_SECONDS / 60:.0f}"}
        (made,) = statistical(python, name, [task])
        return {**task.score(made.quantiles), **made.summary(), "version": made.version}

    return Method(name, "season_length; the latest 2,500 values", forecast)
