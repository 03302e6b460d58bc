"""Memory and windows a second of a panel read from a CSV and of the same prepared on disk.

usage: python -m benchmarks.panel_memory [--series N] [--length N] [--rounds N]

Anonymous memory (RssAnon) beyond torch and imports, at its highest, a row; each way in a process of its own.
Pages of a prepared panel that are in memory belong to the cache of the system, which takes them back at need.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

PROGRAM = """
import json, sys, threading, time
from pathlib import Path
import numpy as np, torch
from benchmarks.panel_memory import anonymous
from benchmarks.trainer import Trainer
from forecaster.config import ModelConfig, TrainConfig
from forecaster.data import read_data
from forecaster.model.network import Network
from forecaster.windows.split import split

def watch():
    while True:
        highest[0] = max(highest[0], anonymous())
        time.sleep(0.005)

torch.zeros(1)
before = anonymous()
highest = [before]
threading.Thread(target=watch, daemon=True).start()
panel = read_data(Path(sys.argv[1]))
config = ModelConfig(context_length=168, horizon=24, patch_length=24, season=24, hidden_size=64)
windows = split(panel, config).train
windows.gather(windows.draw(256, "windows", torch.Generator().manual_seed(0)))
time.sleep(0.02)
peak = highest[0] - before
trainer = Trainer(windows, Network(config), TrainConfig())
trainer.updates(3)
began = time.process_time()
trainer.updates(20)
print(json.dumps([peak / len(panel.values), 20 * 256 / (time.process_time() - began)]))
"""


def anonymous() -> int:
    """Bytes of this process that no file backs."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("RssAnon"))


def write_file(path: Path, series: int, length: int) -> None:
    """Write hourly sales of stores, store after store."""
    generator = np.random.default_rng(0)
    times = pd.date_range("2024-01-01", periods=length, freq="h").strftime("%Y-%m-%d %H:%M").to_numpy()
    day = 1 + 0.5 * np.sin(2 * np.pi * np.arange(length) / 24)
    for begin in range(0, series, 500):
        stores = [f"store{number:06d}" for number in range(begin, min(begin + 500, series))]
        sales = 50 * day + generator.gamma(2, 10, (len(stores), length))
        frame = pd.DataFrame(
            {
                "store": np.repeat(stores, length),
                "time": np.tile(times, len(stores)),
                "sales": sales.ravel().round(2),
            }
        )
        frame.to_csv(path, index=False, mode="a", header=begin == 0)


def measure(series: int, length: int, rounds: int) -> dict[str, dict[str, float]]:
    """Bytes a row and windows a second of each way, in turn; medians."""
    with tempfile.TemporaryDirectory() as folder:
        data, prepared = Path(folder, "data.csv"), Path(folder, "prepared")
        write_file(data, series, length)
        command = [sys.executable, "-m", "forecaster", "prepare", str(data), str(prepared), "--quiet"]
        subprocess.run(command, check=True)
        runs: dict[str, list[list[float]]] = {"csv": [], "prepared": []}
        for _ in range(rounds):
            for way, path in (("csv", data), ("prepared", prepared)):
                done = subprocess.run(
                    [sys.executable, "-c", PROGRAM, str(path)], check=True, capture_output=True, text=True
                )
                runs[way].append(json.loads(done.stdout))
    return {
        way: {
            "bytes_a_row": round(statistics.median(run[0] for run in of_way), 1),
            "windows_a_second": round(statistics.median(run[1] for run in of_way)),
        }
        for way, of_way in runs.items()
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--series", type=int, default=10_000)
    parser.add_argument("--length", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    print(json.dumps(measure(given.series, given.length, given.rounds), indent=2))


if __name__ == "__main__":
    main()
