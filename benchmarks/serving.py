"""How long one forecast takes: 168 points of history, hidden 64, one layer, p = 1 and p = 24, one core.

usage: python -m benchmarks.serving [--json] [--rounds N]
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import torch

from benchmarks.timing import pin_to_one_core, time_in_turn
from deploy.predictor import Predictor
from forecaster.config import ModelConfig, RunConfig
from forecaster.export.bundle import write_bundle
from forecaster.model.network import Network
from forecaster.model.unrolling import unroll_steps
from forecaster.model.window import Window
from forecaster.run import DataRecord, Run

CONTEXT, HIDDEN, SEASON = 168, 64, 24
HORIZONS = (24, 96)
PATCHES = (1, 24)
MANY = 1000  # series in the throughput row


def make_run(patch: int, horizon: int) -> Run:
    """An untrained network: its speed is that of a trained one."""
    torch.manual_seed(0)
    config = ModelConfig(
        context_length=CONTEXT, horizon=horizon, patch_length=patch, season=SEASON, hidden_size=HIDDEN
    )
    data = DataRecord(
        file="",
        sha256="",
        values=0,
        missing=0,
        series=0,
        shortest=0,
        longest=0,
        first="",
        last="",
        season=SEASON,
        step={"count": 1, "unit": "index"},
        time=None,
        time_format="index",
        targets=("y",),
        series_columns=(),
        known=(),
        static=(),
        vocabularies={},
        ids=(),
        training_cutoff=(),
    )
    return Run(Path(), RunConfig(model=config), data, {}, Network(config).eval())


def torch_loop(network: Network, history: np.ndarray, horizon: int) -> torch.Tensor:
    """What a service would do with torch: nn.LSTM, one decoder step after the other."""
    with torch.inference_mode():
        window = Window(torch.from_numpy(history[None]), torch.tensor([len(history)]), horizon)
        encoding = network.encode(window)
        start = network.start(encoding, window)
        hidden = unroll_steps(network.decoder, start)
        return network.emit(network.decoder.rows(hidden, start.highway).horizon, encoding.stats)


def measure(patch: int, horizon: int, rounds: int) -> dict[str, Any]:
    """One row of the table: median milliseconds of each way, one series at a time."""
    run = make_run(patch, horizon)
    generator = np.random.default_rng(0)
    history = generator.standard_normal(CONTEXT).cumsum().astype(np.float32)
    many = generator.standard_normal((MANY, CONTEXT)).cumsum(1).astype(np.float32)
    with tempfile.TemporaryDirectory() as folder:
        write_bundle(run, Path(folder) / "bundle")
        predictor = Predictor.load(Path(folder) / "bundle")
        times = time_in_turn(
            {
                "graph": lambda: predictor.forecast(history, horizon),
                "step": lambda: predictor.forecast(history, horizon, method="step"),
                "torch": lambda: torch_loop(run.network, history, horizon),
            },
            rounds,
        )
        batch = time_in_turn({"many": lambda: predictor.forecast(many, horizon)}, max(3, rounds // 20))
    return {
        "patch": patch,
        "horizon": horizon,
        **{f"{name}_ms": round(value, 3) for name, value in times.items()},
        "torch_over_graph": round(times["torch"] / times["graph"], 2),
        "step_over_graph": round(times["step"] / times["graph"], 2),
        "series_per_s": round(MANY / batch["many"] * 1e3),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON object as the last line")
    parser.add_argument("--rounds", type=int, default=200)
    arguments = parser.parse_args()
    pin_to_one_core()
    torch.set_num_threads(1)
    rows = [measure(patch, horizon, arguments.rounds) for patch in PATCHES for horizon in HORIZONS]
    for row in rows:
        print("  ".join(f"{name} {value}" for name, value in row.items()))
    if arguments.json:
        print(json.dumps({"benchmark": "serving", "rows": rows}))


if __name__ == "__main__":
    main()
