"""Time to read a large CSV, compared with pandas, polars and pyarrow: 4 columns, 10,000 series, one core.

usage: python -m benchmarks.reading [--json] [--rows N] [--rounds N]

Processor time. pandas leaves texts and times as they are; the others make the same panel (reading_ways.py).
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
WAYS = ("pandas", "panel", "polars", "pyarrow")  # functions of reading_ways.py
# A fresh process for each reading, so that its peak memory is its own.
PROGRAM = """
import json, resource, sys, time
from pathlib import Path
from benchmarks.timing import pin_to_one_core
pin_to_one_core()  # so polars and pyarrow have one thread, too
from benchmarks.reading_ways import {way} as read
began = time.process_time()
result = read(Path(sys.argv[1]))
seconds = time.process_time() - began
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
    command = [sys.executable, "-c", PROGRAM.format(way=way), str(path)]
    seconds, peak = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return seconds, peak


def measure(rows: int, rounds: int) -> dict[str, Any]:
    """One row of the table; the ways in turn, A B A B. Ratios are of ours to theirs."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "data.csv"
        write_file(path, rows)
        size = path.stat().st_size / 2**20
        runs: dict[str, list[tuple[float, float]]] = {way: [] for way in WAYS}
        for _ in range(rounds):
            for way, results in runs.items():
                results.append(read_once(path, way))
    own = [seconds for seconds, _ in runs["panel"]]
    pairs = {way: zip(own, runs[way], strict=True) for way in WAYS if way != "panel"}
    ratios = {f"over_{way}": statistics.median(a / b for a, (b, _) in pair) for way, pair in pairs.items()}
    return {
        "rows": rows,
        "file_mib": round(size),
        **{f"{way}_s": round(statistics.median(run[0] for run in runs[way]), 2) for way in WAYS},
        **{name: round(ratio, 2) for name, ratio in ratios.items()},
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
