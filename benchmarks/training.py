"""How many windows a second are trained on: every way to unroll the decoder, in one run on one core.

usage: python -m benchmarks.training [--json] [--rounds N] [--updates N]
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import torch

from benchmarks.timing import pin_to_one_core, time_in_turn
from forecaster.config import ModelConfig, TrainConfig
from forecaster.data.frames import read_frame
from forecaster.data.windows import WindowSet, split
from forecaster.model.network import Network
from forecaster.model.recurrence import recurrent_dtype
from forecaster.training.curriculum import Curriculum
from forecaster.training.fit import draw_batch, step, training_loss
from forecaster.training.processor import set_for_training

CONTEXT, BATCH = 168, 256
SHAPES = [(64, 24, 1), (64, 96, 1), (128, 24, 1), (128, 96, 1), (64, 24, 24), (64, 96, 24), (128, 24, 24)]
# The ways to unroll, as settings of TrainConfig. free_from > 1: the loss of `next` alone, whichever way.
WAYS: dict[str, dict[str, Any]] = {
    "forced": {"epsilon": 1.0},
    "free": {"epsilon": 0.0},
    "sequence": {"epsilon": 0.5, "sampling": "sequence"},
    "step": {"epsilon": 0.5, "sampling": "step"},
    "parallel": {"epsilon": 0.5, "parallel_passes": 2},
}

PRECISIONS = {"f32": None, "bf16": torch.bfloat16}


def make_windows(config: ModelConfig) -> WindowSet:
    """400 hourly series of 800 values: days, a level that wanders, noise."""
    generator = np.random.default_rng(0)
    hours = np.arange(800)
    days = np.sin(2 * np.pi * (hours / 24 + generator.random((400, 1))))
    values = (
        10 + 3 * days + 0.1 * generator.normal(size=(400, 800)).cumsum(1) + generator.normal(size=(400, 800))
    )
    frame = pd.DataFrame(values.T, columns=[f"y{number}" for number in range(400)])
    return split(read_frame(frame), config).train


@dataclass(frozen=True)
class Trainer:
    """One network in training, one way."""

    windows: WindowSet
    network: Network
    train: TrainConfig
    dtype: torch.dtype | None = None  # of the LSTMs

    def updates(self, count: int) -> None:
        """Some updates, sampling included."""
        generator = torch.Generator().manual_seed(0)
        curriculum = Curriculum(self.train, generator)
        optimizer = torch.optim.AdamW(self.network.parameters())
        for _ in range(count):
            window, future = draw_batch(self.windows, self.train, generator)
            with recurrent_dtype(self.dtype):
                loss = training_loss(self.network, window, future, curriculum, 0.0)
            step(optimizer, loss, 1e-4, 1.0)

    def drawings(self, count: int) -> None:
        """The sampling of some updates, alone."""
        generator = torch.Generator().manual_seed(0)
        for _ in range(count):
            draw_batch(self.windows, self.train, generator)


def measure(shape: tuple[int, int, int], updates: int, rounds: int) -> dict[str, Any]:
    """One row: windows a second when teacher-forced, the other ways as a multiple of that, and which share
    of the fastest update sampling takes.
    """
    hidden, horizon, patch = shape
    config = ModelConfig(
        context_length=CONTEXT, horizon=horizon, patch_length=patch, season=24, hidden_size=hidden
    )
    windows = make_windows(config)
    calls: dict[str, Callable[[], object]] = {}
    for precision, dtype in PRECISIONS.items():
        for way, settings in WAYS.items():
            torch.manual_seed(0)
            train = TrainConfig(schedule="constant", batch_size=BATCH, free_from=1.0, **settings)
            trainer = Trainer(windows, Network(config), train, dtype)
            calls[f"{precision} {way}"] = partial(trainer.updates, updates)
    calls["sampling"] = partial(trainer.drawings, updates)
    took = time_in_turn(calls, rounds)
    row: dict[str, Any] = {"hidden": hidden, "horizon": horizon, "p": patch}
    for precision in PRECISIONS:
        forced = took[f"{precision} forced"]
        row[f"{precision} windows/s"] = round(BATCH * updates / forced * 1000)
        row |= {f"{precision} {way}": round(forced / took[f"{precision} {way}"], 2) for way in list(WAYS)[1:]}
    row["sampling share"] = round(took["sampling"] / min(took[f"{name} forced"] for name in PRECISIONS), 3)
    return row


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON object as the last line")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--updates", type=int, default=4, help="of each way in each round")
    parser.add_argument("--shapes", type=int, default=len(SHAPES), help="only the first so many rows")
    arguments = parser.parse_args()
    pin_to_one_core()
    rows = []
    with set_for_training(1, keep_memory=True):
        for shape in SHAPES[: arguments.shapes]:
            rows.append(measure(shape, arguments.updates, arguments.rounds))
            print("  ".join(f"{name} {value}" for name, value in rows[-1].items()), flush=True)
    if arguments.json:
        print(json.dumps({"benchmark": "training", "rows": rows}))


if __name__ == "__main__":
    main()
