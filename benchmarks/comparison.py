"""Training compared with peers: the same series, shape, core and environment, ours and theirs in turn."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import torch

from benchmarks.trainer import BATCH, Trainer, make_config, make_values, make_windows, precisions
from forecaster.config import TrainConfig
from forecaster.model.network import Network

PEERS = ("neuralforecast", "darts", "gluonts", "pytorch-forecasting")
SCRIPT = Path(__file__).parent / "peers" / "train_peer.py"
HIDDEN, HORIZON = 64, 24
PATCHES = (1, 24)
OUR_SHARE = 0.15  # of a peer's seconds, for each of ours: enough, as nothing has to be loaded


def compare(python: Path, seconds: float, rounds: int) -> dict[str, Any]:
    """A row a peer: its windows a second, and ours, teacher-forced, as a multiple of it. Medians.

    python: the peers' interpreter; seconds: of training, each time. A peer is compared with what ours did
    just before it. Child processes keep to the core of this one.
    """
    ours = make_trainers()
    rates: dict[str, list[float]] = {peer: [] for peer in PEERS}
    ratios: dict[str, list[dict[str, float]]] = {peer: [] for peer in PEERS}
    with tempfile.TemporaryDirectory() as folder:
        np.save(Path(folder) / "values.npy", make_values())
        for turn in range(rounds):
            for peer in PEERS:
                before = {
                    name: trainer.windows_per_second(OUR_SHARE * seconds) for name, trainer in ours.items()
                }
                rates[peer].append(train_peer(python, peer, seconds, Path(folder)))
                ratios[peer].append({name: rate / rates[peer][-1] for name, rate in before.items()})
                print(f"{peer}: {rates[peer][-1]:.0f} windows/s in round {turn + 1} of {rounds}", flush=True)
    rows = [
        {
            "peer": peer,
            "windows/s": round(median(rates[peer])),
            **{name: round(median(ratio[name] for ratio in ratios[peer]), 2) for name in ours},
        }
        for peer in PEERS
    ]
    return {"peers": rows, "fastest_peer": max(PEERS, key=lambda peer: median(rates[peer]))}


def make_trainers() -> dict[str, Trainer]:
    """Ours, teacher-forced, in each precision and by patches of each length."""
    trainers = {}
    for patch in PATCHES:
        config = make_config(HIDDEN, HORIZON, patch)
        windows = make_windows(config)
        for precision, dtype in precisions().items():
            torch.manual_seed(0)
            train = TrainConfig(schedule="constant", batch_size=BATCH, free_from=1.0)
            trainers[f"ours {precision} p={patch}"] = Trainer(windows, Network(config), train, dtype)
    return trainers


def train_peer(python: Path, peer: str, seconds: float, folder: Path) -> float:
    """Windows a second of one peer, in a process of its own.

    folder: holds values.npy, and takes what a peer writes.
    """
    command = [str(python.absolute()), str(SCRIPT), peer, "values.npy", "--seconds", str(seconds)]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    ran = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    if ran.returncode:
        raise SystemExit(f"{peer}: exit code {ran.returncode}\n{ran.stderr[-2000:]}")
    return float(json.loads(ran.stdout.splitlines()[-1])["windows_per_s"])
