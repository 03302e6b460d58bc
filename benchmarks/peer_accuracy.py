"""Peers on M4 Hourly: each trains for the same time in its own process, and is scored here as ours is."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.m4 import M4Hourly

PEERS = ("neuralforecast", "darts", "gluonts", "pytorch-forecasting")
SCRIPT = Path(__file__).parent / "peers" / "accuracy_peer.py"


def peer_row(python: Path, task: M4Hourly, peer: str, seed: int, seconds: float) -> dict[str, Any]:
    """The scores of one peer. python: the peers' interpreter; seconds: of training.

    Raises SystemExit with the end of what the peer said if it fails.
    """
    with tempfile.TemporaryDirectory() as folder:
        command = [str(python.absolute()), str(SCRIPT), peer, str(task.given.absolute())]
        command += ["forecasts.npy", "--seconds", str(seconds), "--seed", str(seed)]
        environment = {**os.environ, "OMP_NUM_THREADS": "1"}
        began = time.perf_counter()
        ran = subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, text=True, check=False
        )
        if ran.returncode:
            raise SystemExit(f"{peer}: exit code {ran.returncode}\n{ran.stderr[-2000:]}")
        seconds_in_all = time.perf_counter() - began
        median = np.load(Path(folder) / "forecasts.npy").astype(np.float64)
    expected = task.actual.shape
    if median.shape != expected or not np.isfinite(median).all():
        raise SystemExit(f"{peer}: expected finite forecasts of shape {expected}, found {median.shape}")
    scores = task.score(median)
    return {"peer": peer, "seed": seed, **scores, "train_s": seconds, "process_s": seconds_in_all}
