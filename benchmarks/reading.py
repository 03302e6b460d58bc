"""Time to read a large CSV, compared with plain pandas.read_csv: 4 columns, 10,000 series, one core.

usage: python -m benchmarks.reading [--json] [--rows N] [--rounds N]
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

SERIES = 10_000
SHARES = (0.5, 1.0)  # of the rows: twice as many should take twice as long
WAYS = {
    "pandas": "import pandas; read = pandas.read_csv",
    "panel": "from forecaster.data import read_data as read",
}
# A fresh process for each reading, so that its peak memory is its own.
PROGRAM = """
import json, resource, sys, time
from pathlib import Path
from benchmarks.timing import pin_to_one_core
pin_to_one_core()
{way}
began = time.perf_counter()
result = read(Path(sys.argv[1]))
seconds = time.perf_counter() - began
print(json.dumps([seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024]))
"""


def write_file(path: Path, rows: int) -> None:
    """Hourly sales and promotions of 10,000 stores, store after store."""
    length = rows // SERIES
    generator = np.random.default_rng(0)
    times = pd.date_range("2024-01-01", periods=length, freq="h").strftime("%Y-%m-%d %H:%M").to_numpy()
    for begin in range(0, SERIES, 500):  # in parts, which take little memory
        stores = [f"store{number:05d}" for number in range(begin, begin + 500)]
        frame = pd.DataFrame(
            {
                "time": np.tile(times, len(stores)),
                "store": np.repeat(stores, length),
                "sales": generator.gamma(2, 50, length * len(stores)).round(2),
                "promo": generator.integers(0, 2, length * len(stores)),
            }
        )
        frame.to_csv(path, index=False, mode="a", header=begin == 0)


def read_once(path: Path, way: str) -> tuple[float, float]:
    """Seconds and peak MiB of one reading in a fresh process."""
    command = [sys.executable, "-c", PROGRAM.format(way=WAYS[way]), str(path)]
    seconds, peak = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return seconds, peak


def measure(rows: int, rounds: int) -> dict[str, Any]:
    """One row of the table; the two ways in turn, A B A B."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "data.csv"
        write_file(path, rows)
        size = path.stat().st_size / 2**20
        runs: dict[str, list[tuple[float, float]]] = {way: [] for way in WAYS}
        for _ in range(rounds):
            for way, results in runs.items():
                results.append(read_once(path, way))
    pairs = [panel[0] / plain[0] for plain, panel in zip(runs["pandas"], runs["panel"], strict=True)]
    return {
        "rows": rows,
        "file_mib": round(size),
        **{f"{way}_s": round(statistics.median(run[0] for run in runs[way]), 2) for way in WAYS},
        "ratio": round(statistics.median(pairs), 2),
        "peak_mib": round(max(run[1] for run in runs["panel"])),
        "peak_over_file": round(max(run[1] for run in runs["panel"]) / size, 2),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON object as the last line")
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    rows = [measure(int(arguments.rows * share), arguments.rounds) for share in SHARES]
    for row in rows:
        print("  ".join(f"{name} {value}" for name, value in row.items()))
    if arguments.json:
        print(json.dumps({"benchmark": "reading", "rows": rows}))


if __name__ == "__main__":
    main()
