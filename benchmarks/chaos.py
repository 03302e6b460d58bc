"""Which curriculum forecasts chaos: six systems, 150 samples in, one Lyapunov time out, free-running.

usage: python -m benchmarks.chaos [--json] [--systems NAME ...] [--curricula NAME ...]
                                  [--updates N | --seconds N] [--seeds N] [--learning-rate R]
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray

from benchmarks.markdown import table
from benchmarks.systems import SYSTEMS, System
from benchmarks.timing import pin_to_one_core
from forecaster.config import Asked, ModelConfig, RunConfig, TrainConfig
from forecaster.data import Panel, read_data
from forecaster.model.network import Network
from forecaster.training.epochs import Epoch
from forecaster.training.fit_network import fit
from forecaster.training.machine.pace import Pace
from forecaster.windows.window import Window

CONTEXT = 150
TRAJECTORIES, LENGTH = 100, 3000  # to train on, and as many again to test on
TEST_WINDOWS = 5  # of each test trajectory
TRAIN_SEED, TEST_SEED = 0, 1  # of the systems: every fit sees the same data
UNBOUNDED = 10**9  # updates, where seconds count

HIDDEN = 64
# Alike for all curricula; docs/chaos.md says what else was tried.
TRAINING: dict[str, Any] = {
    "refit": 0.0,
    "averaging": 0.0,
    "batch_size": 64,
    "learning_rate": 5e-3,
    "weight_decay": 0.0,
    "epochs": 4,
    "patience": 4,
    "precision": "f32",
    "device": "cpu",
    "threads": 1,
}

# Only the rows that the curriculum trains: the free pass of the second half is a curriculum of its own.
PURE = {"free_from": 1.0}
CURRICULA: dict[str, dict[str, Any]] = {
    "free": {**PURE, "epsilon": 0.0},
    "forced": PURE,
    "switch": {**PURE, "schedule": "switch"},
    "linear": {**PURE, "schedule": "linear"},
    "inverse-sigmoid": {**PURE, "schedule": "inverse-sigmoid"},
    "increase": {**PURE, "schedule": "linear", "direction": "increase"},
    "deterministic": {**PURE, "schedule": "linear", "draw": "deterministic"},
    "sequence": {**PURE, "schedule": "linear", "sampling": "sequence"},
    "mixture": {**PURE, "schedule": "linear", "sampling": "mixture"},
    "mixture-half": {**PURE, "epsilon": 0.5, "sampling": "mixture"},
    "mixture-quarter": {**PURE, "epsilon": 0.25, "sampling": "mixture"},
    "mixture-increase": {**PURE, "schedule": "linear", "direction": "increase", "sampling": "mixture"},
    "mixture-free-run": {"schedule": "linear", "sampling": "mixture"},
    # What `forecaster fit` does with so many steps.
    "mixture-rows": {"schedule": "linear", "sampling": "mixture", "free_run": "rows"},
    "parallel": {**PURE, "schedule": "linear", "parallel_passes": 2},
    "linear-free-run": {"schedule": "linear"},
}


@dataclass(frozen=True)
class Data:
    """A system in units of its long-run deviation around its long-run mean, so that a forecast of the mean
    has an error of 1.
    """

    panel: Panel  # joint
    tests: NDArray[np.float32]  # (windows, context + horizon, D)


class Silence:
    """A listener that says nothing."""

    def on_pace(self, pace: Pace) -> None: ...

    def on_start(self, baselines: dict[str, float]) -> None: ...

    def on_update(self, progress: float, loss: float) -> None: ...

    def on_stage(self, stage: str) -> None: ...

    def on_epoch(self, epochs: list[Epoch]) -> None: ...

    def on_resumed(self, where: str) -> None: ...

    def on_interrupt(self, where: str) -> bool:  # noqa: ARG002
        return False


def make_data(system: System) -> Data:
    """Trajectories to train on, normalised by their own statistics, and windows of others to test on."""
    train = system.trajectories(TRAJECTORIES, LENGTH, TRAIN_SEED)
    mean, deviation = train.mean((0, 1)), train.std((0, 1))  # of 300,000 samples
    window = CONTEXT + system.horizon
    test = (system.trajectories(TRAJECTORIES, TEST_WINDOWS * window, TEST_SEED) - mean) / deviation
    tests = test.reshape(TRAJECTORIES * TEST_WINDOWS, window, -1).astype(np.float32)
    return Data(to_panel((train - mean) / deviation), tests)


def to_panel(values: NDArray[np.float64]) -> Panel:
    """One joint series a trajectory. values: (trajectories, samples, D)."""
    count, length, size = values.shape
    names = tuple(f"x{channel}" for channel in range(size))
    frame = pd.DataFrame(values.reshape(-1, size), columns=list(names))
    frame["trajectory"] = np.repeat([f"trajectory {number}" for number in range(count)], length)
    frame["step"] = np.tile(np.arange(length), count)
    choice = Asked(time="step", time_format="index", target=names, series=("trajectory",), joint=size > 1)
    return read_data(frame, choice)


def configure(system: System, size: int, train: dict[str, Any]) -> RunConfig:
    """The same network and the same training for every curriculum. size: D."""
    model = ModelConfig(
        context_length=CONTEXT,
        horizon=system.horizon,
        patch_length=1,
        season=1,
        hidden_size=HIDDEN,
        normalization="none",
        highway=0,
        target_size=size,
    )
    return RunConfig(model=model, train=TrainConfig(**{**TRAINING, **train}))


def nrmse(network: Network, tests: NDArray[np.float32]) -> float:
    """Free-running error of the median over one Lyapunov time, in units of the long-run deviation.

    The root of the mean square over the channels, averaged over steps and windows (Teutsch and Mäder, 2022).
    tests: (windows, context + horizon, D), normalised.
    """
    history, future = torch.from_numpy(tests).split([CONTEXT, network.config.horizon], dim=1)
    window = Window(history, torch.full((len(history),), CONTEXT), network.config.horizon)
    with torch.inference_mode():
        median = network.forecast(window)[..., network.config.median_index].reshape(future.shape)
    return float((median - future).square().mean(2).sqrt().mean())


def measure(system: System, data: Data, curriculum: str, budgets: list[dict[str, Any]]) -> dict[str, Any]:
    """One row: the errors of a fit for each of some budgets, which hold the seeds, and their median."""
    errors, losses, updates, seconds = [], [], [], []
    for budget in budgets:
        config = configure(system, data.tests.shape[2], {**CURRICULA[curriculum], **budget})
        began = time.process_time()
        fitted = fit(data.panel, config, Silence())
        seconds.append(time.process_time() - began)
        updates.append(fitted.logs[0][-1].updates)
        losses.append(fitted.best.validation_loss)
        errors.append(nrmse(fitted.ensemble.first, data.tests))
    return {
        "curriculum": curriculum,
        "nrmse": round(statistics.median(errors), 4),
        "seeds": [round(error, 4) for error in errors],
        "validation_loss": round(statistics.median(losses), 4),  # to choose settings by
        "updates": round(statistics.median(updates)),
        "core_s": round(statistics.median(seconds), 1),  # time of the processor, the validations included
    }


def by_system(rows: list[dict[str, Any]]) -> list[dict[str, object]]:
    """The medians: a row a curriculum, a column a system."""
    medians = {(row["curriculum"], row["system"]): f"{row['nrmse']:.4f}" for row in rows}
    curricula, systems = (dict.fromkeys(row[name] for row in rows) for name in ("curriculum", "system"))
    return [
        {"curriculum": curriculum, **{system: medians[curriculum, system] for system in systems}}
        for curriculum in curricula
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON object as the last line")
    parser.add_argument("--systems", nargs="+", default=list(SYSTEMS), choices=SYSTEMS, metavar="NAME")
    parser.add_argument("--curricula", nargs="+", default=list(CURRICULA), choices=CURRICULA, metavar="NAME")
    budget = parser.add_mutually_exclusive_group()
    budget.add_argument("--updates", type=int, default=600, help="of each fit")
    budget.add_argument("--seconds", type=float, help="of each fit")
    parser.add_argument("--seeds", type=int, default=1, help="fits of each curriculum; the median counts")
    parser.add_argument("--learning-rate", type=float, default=TRAINING["learning_rate"])
    arguments = parser.parse_args()
    pin_to_one_core()
    limit: dict[str, Any] = {"updates": arguments.updates}
    if arguments.seconds:
        limit = {"updates": UNBOUNDED, "max_seconds": arguments.seconds}
    limit["learning_rate"] = arguments.learning_rate
    budgets = [{**limit, "seed": seed} for seed in range(arguments.seeds)]
    rows = []
    for name in arguments.systems:
        system = SYSTEMS[name]
        data = make_data(system)
        for curriculum in arguments.curricula:
            rows.append({"system": name, **measure(system, data, curriculum, budgets)})
            print("  ".join(f"{name} {value}" for name, value in rows[-1].items()), flush=True)
    print(table(by_system(rows)))
    if arguments.json:
        print(json.dumps({"benchmark": "chaos", **limit, "rows": rows}))


if __name__ == "__main__":
    main()
