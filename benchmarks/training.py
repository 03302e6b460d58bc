"""How many windows a second are trained on: every way to unroll the decoder, in one run on one core.

usage: python -m benchmarks.training [--json] [--rounds N] [--updates N] [--shapes N]
                                     [--peers PYTHON [--peer-seconds S] [--peer-rounds N]]
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import torch

from benchmarks.comparison import compare
from benchmarks.timing import pin_to_one_core, time_in_turn
from benchmarks.trainer import BATCH, Trainer, make_config, make_windows, precisions
from forecaster.config import TrainConfig
from forecaster.model.network import Network
from forecaster.training.machine.processor import set_for_training

SHAPES = [(64, 24, 1), (64, 96, 1), (128, 24, 1), (128, 96, 1), (64, 24, 24), (64, 96, 24), (128, 24, 24)]
# The ways to unroll, as settings of TrainConfig. free_from > 1: the loss of `next` alone, whichever way.
WAYS: dict[str, dict[str, Any]] = {
    "forced": {"epsilon": 1.0},
    "free": {"epsilon": 0.0},
    "sequence": {"epsilon": 0.5, "sampling": "sequence"},
    "step": {"epsilon": 0.5, "sampling": "step"},
    "parallel": {"epsilon": 0.5, "parallel_passes": 2},
}


def measure(shape: tuple[int, int, int], updates: int, rounds: int) -> dict[str, Any]:
    """One row: windows a second when teacher-forced, the other ways as a multiple of that, and which share
    of the fastest update sampling takes.
    """
    hidden, horizon, patch = shape
    config = make_config(hidden, horizon, patch)
    windows = make_windows(config)
    calls: dict[str, Callable[[], object]] = {}
    for precision, dtype in precisions().items():
        for way, settings in WAYS.items():
            torch.manual_seed(0)
            train = TrainConfig(schedule="constant", batch_size=BATCH, free_from=1.0, **settings)
            trainer = Trainer(windows, Network(config), train, dtype)
            calls[f"{precision} {way}"] = partial(trainer.updates, updates)
    calls["sampling"] = partial(trainer.drawings, updates)
    took = time_in_turn(calls, rounds)
    row: dict[str, Any] = {"hidden": hidden, "horizon": horizon, "p": patch}
    for precision in precisions():
        forced = took[f"{precision} forced"]
        row[f"{precision} windows/s"] = round(BATCH * updates / forced * 1000)
        row |= {f"{precision} {way}": round(forced / took[f"{precision} {way}"], 2) for way in list(WAYS)[1:]}
    row["sampling share"] = round(took["sampling"] / min(took[f"{name} forced"] for name in precisions()), 3)
    return row


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON object as the last line")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--updates", type=int, default=4, help="of each way in each round")
    parser.add_argument("--shapes", type=int, default=len(SHAPES), help="only the first so many rows")
    parser.add_argument("--peers", type=Path, help="an interpreter that has the peers: see benchmarks/peers/")
    parser.add_argument("--peer-seconds", type=float, default=20, help="of training, each time")
    parser.add_argument("--peer-rounds", type=int, default=2)
    arguments = parser.parse_args()
    pin_to_one_core()
    torch.set_num_threads(1)
    result: dict[str, Any] = {"benchmark": "training", "rows": []}
    with set_for_training(keep_memory=True):
        for shape in SHAPES[: arguments.shapes]:
            result["rows"].append(measure(shape, arguments.updates, arguments.rounds))
            print(line(result["rows"][-1]), flush=True)
        if arguments.peers is not None:
            result |= compare(arguments.peers, arguments.peer_seconds, arguments.peer_rounds)
            print("\n".join([*map(line, result["peers"]), f"fastest peer: {result['fastest_peer']}"]))
    if arguments.json:
        print(json.dumps(result))


def line(row: dict[str, Any]) -> str:
    """A row of a table, to be read."""
    return "  ".join(f"{name} {value}" for name, value in row.items())


if __name__ == "__main__":
    main()
