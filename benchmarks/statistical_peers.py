"""AutoETS, AutoTheta and AutoARIMA on the tasks of zero_shot and small_files."""

import argparse
import os
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

import numpy as np

from benchmarks.zero_shot_tasks import Array, Task

STATISTICAL = ("AutoETS", "AutoTheta", "AutoARIMA")
SCRIPT = Path(__file__).parent / "peers" / "statistical_peer.py"


class PeerFailed(SystemExit):
    """A peer ended with an error; its text is the end of what the peer said."""


@dataclass(frozen=True)
class PeerForecasts:
    """What one model made of one task: (series, horizon, 9), seconds and failures of each; its release."""

    quantiles: Array
    cpu: Array
    failed: Array
    version: str = ""

    def summary(self) -> dict[str, float]:
        """Return the seconds of all series, and how many the model failed on."""
        return {"cpu_s": float(self.cpu.sum()), "failed": int(self.failed.sum())}


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of every benchmark with such peers: which, and where their forecasts are kept."""
    parser.add_argument("--peers", type=Path, help="an interpreter: see benchmarks/peers/")
    parser.add_argument("--models", nargs="+", choices=STATISTICAL, default=STATISTICAL)
    parser.add_argument("--cache", type=Path, help="a folder that keeps what peers forecast")
    parser.add_argument("--json", action="store_true", help="print one JSON object as the last line")


def statistical(
    python: Path, model: str, tasks: Sequence[Task], cache: Path | None = None
) -> list[PeerForecasts]:
    """Return what a model forecasts of each task.

    python: the peers' interpreter; cache: a folder in which forecasts are kept, by their histories.
    Raises PeerFailed with the end of what the peer said if it fails.
    """
    given = joined(tasks)
    kept = cache / f"{model}-{digest(given)}.npz" if cache is not None else None
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out.npz"
        if kept is None or not kept.exists():
            np.savez(Path(folder) / "in.npz", **given)
            run([str(python.absolute()), str(SCRIPT), model, "in.npz", "out.npz"], folder)
        if kept is not None and out.exists():
            kept.parent.mkdir(parents=True, exist_ok=True)
            kept.write_bytes(out.read_bytes())
        with np.load(kept or out) as found:
            made = split(tasks, *(found[name] for name in ("quantiles", "cpu", "failed")))
            return [replace(one, version=f"statsforecast {found['version']}") for one in made]


def joined(tasks: Sequence[Task]) -> dict[str, Array]:
    """Return all series of all tasks as the peers' script reads them."""
    counts = [len(task.names) for task in tasks]
    histories = [history for task in tasks for history in task.histories]
    return {
        "values": np.concatenate(histories),
        "lengths": np.array([len(history) for history in histories]),
        "seasons": np.repeat([task.season for task in tasks], counts),
        "horizons": np.repeat([task.horizon for task in tasks], counts),
    }


def digest(given: dict[str, Array]) -> str:
    """Return a name for what a peer is given; other values have another."""
    return sha256(b"".join(array.tobytes() for array in given.values())).hexdigest()[:16]


def split(tasks: Sequence[Task], quantiles: Array, cpu: Array, failed: Array) -> list[PeerForecasts]:
    """Return the rows of each task. quantiles: (steps of all horizons, 9)."""
    found = []
    for task in tasks:
        count = len(task.names)
        rows, quantiles = np.split(quantiles, [count * task.horizon])
        (used, cpu), (gave_up, failed) = np.split(cpu, [count]), np.split(failed, [count])
        found.append(PeerForecasts(rows.reshape(count, task.horizon, -1), used, gave_up))
    return found


def run(command: list[str], folder: str) -> None:
    """Run a peer on one thread. Raises PeerFailed with the end of what it said if it fails."""
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    ran = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    if ran.returncode:
        raise PeerFailed(f"{command[2]}: exit code {ran.returncode}\n{ran.stderr[-2000:]}")
