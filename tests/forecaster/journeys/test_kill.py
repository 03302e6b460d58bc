"""Fits killed without warning at random moments, and resumed. KILLS sets how many times."""

from __future__ import annotations

import hashlib
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from safetensors.numpy import load_file

pytestmark = pytest.mark.slow

KILLS = int(os.environ.get("KILLS", "2"))
FIT = [
    *(sys.executable, "-m", "forecaster", "fit", "data.csv", "--resume", "--schedule", "linear"),
    *(
        "--horizon",
        "8",
        "--context",
        "24",
        "--patch",
        "1",
        "--set",
        "hidden_size=8",
        "--set",
        "batch_size=16",
    ),
    *("--set", "updates=60", "--set", "epochs=6", "--set", "precision=f32", "--set", "threads=1"),
    *("--set", "checkpoint_seconds=0"),
]


def fitted_weights(folder: Path) -> str:
    return hashlib.sha256((folder / "run" / "model.safetensors").read_bytes()).hexdigest()


def write_data(folder: Path) -> None:
    folder.mkdir()
    hours = pd.date_range("2024-01-01", periods=300, freq="h")
    values = np.sin(np.arange(300) / 4) + np.random.default_rng(0).normal(size=300) / 4
    pd.DataFrame({"time": hours, "y": values.round(4)}).to_csv(folder / "data.csv", index=False)


def kill_after(folder: Path, seconds: float) -> bool:
    """Kill a fit so long after its training began; False if it was over before."""
    with subprocess.Popen(FIT, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as fit:
        assert fit.stderr is not None
        said = []
        for line in fit.stderr:
            said.append(line)
            if line.startswith("forecasting"):  # the last line before the first update
                break
        time.sleep(seconds)
        fit.send_signal(signal.SIGKILL)
        said.append(fit.communicate(timeout=120)[1])
    assert fit.returncode in (0, -signal.SIGKILL), "".join(said)
    return fit.returncode != 0


def test_a_fit_killed_again_and_again_ends_with_the_weights_of_an_undisturbed_one(tmp_path: Path) -> None:
    write_data(tmp_path / "undisturbed")
    began = time.monotonic()
    subprocess.run(FIT, cwd=tmp_path / "undisturbed", check=True, capture_output=True)
    expected, took = fitted_weights(tmp_path / "undisturbed"), time.monotonic() - began
    killed, round_, moments = 0, 0, random.Random(0)
    while killed < KILLS:
        folder = tmp_path / f"round{round_}"
        write_data(folder)
        while killed < KILLS and kill_after(folder, moments.uniform(0, took / 4)):
            killed += 1
            for checkpoint in folder.glob("run*/checkpoint/*.safetensors"):
                assert load_file(checkpoint)
        subprocess.run(FIT, cwd=folder, check=True, capture_output=True)
        assert fitted_weights(folder) == expected
        assert not (folder / "run" / "checkpoint").exists()
        assert not list(folder.glob("run/.*"))  # nothing that was half written
        round_ += 1
