"""Time to read files of several shapes, compared with another checkout: a change must not make it slower.

usage: python -m benchmarks.reading_before FOLDER [--json] [--rounds N]

FOLDER: the other checkout, such as a clone at an earlier commit. Processor time of warm readings on one core,
in turn in fresh processes; ratios of here to there, their median.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

HERE = Path(__file__).parents[1]
PROGRAM = """
import gc, logging, os, sys, time
from pathlib import Path
os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
logging.disable(logging.WARNING)
from forecaster.data import read_data
path, taken = Path(sys.argv[1]), []
for _ in range(int(sys.argv[2]) + 1):
    gc.collect()
    began = time.process_time()
    read_data(path)
    taken.append(time.process_time() - began)
print(min(taken[1:]))  # the first is a warm-up
"""
READINGS = 5  # of one process


def write_files(folder: Path) -> dict[str, Path]:
    """Write a file of each shape: a long panel, a row a series, and columns with and without a time."""
    generator = np.random.default_rng(0)
    times = pd.date_range("2024-01-01", periods=2000, freq="h").strftime("%Y-%m-%d %H:%M").to_numpy()
    columns = pd.DataFrame(
        generator.normal(size=(2000, 300)).round(3), columns=[f"s{number}" for number in range(300)]
    )
    stores, length = 2000, 1000
    panel = pd.DataFrame(
        {
            "time": np.tile(times[:length], stores),
            "store": np.repeat([f"store{number:04d}" for number in range(stores)], length),
            "sales": generator.gamma(2, 50, stores * length).round(2),
            "promo": generator.integers(0, 2, stores * length),
        }
    )
    rows = pd.DataFrame(
        generator.gamma(2, 500, (3000, 300)).round(2), columns=[f"V{number}" for number in range(2, 302)]
    )
    ends = generator.integers(40, 301, len(rows))
    rows = rows.mask(np.arange(300) >= ends[:, None])
    rows.insert(0, "V1", [f"M{number}" for number in range(1, len(rows) + 1)])
    shapes = {
        "panel": panel,
        "row_a_series": rows,
        "columns": columns,
        "dated_columns": columns.assign(time=times)[["time", *columns]],
    }
    for name, frame in shapes.items():
        frame.to_csv(folder / f"{name}.csv", index=False)
    return {name: folder / f"{name}.csv" for name in shapes}


def read_once(checkout: Path, path: Path) -> float:
    """Return the seconds of the fastest of several readings by a checkout."""
    command = [sys.executable, "-c", PROGRAM, str(path), str(READINGS)]
    environment = {**os.environ, "PYTHONPATH": str(checkout)}
    done = subprocess.run(
        command, check=True, capture_output=True, text=True, cwd=path.parent, env=environment
    )
    return float(done.stdout)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="the other checkout")
    parser.add_argument("--json", action="store_true", help="print one JSON object as the last line")
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for name, path in write_files(Path(folder)).items():
            pairs = [
                (read_once(arguments.folder.resolve(), path), read_once(HERE, path))
                for _ in range(arguments.rounds)
            ]
            before, now = (statistics.median(pair[place] for pair in pairs) for place in (0, 1))
            ratio = statistics.median(now / before for before, now in pairs)
            rows.append(
                {
                    "shape": name,
                    "before_s": round(before, 3),
                    "now_s": round(now, 3),
                    "now_over_before": round(ratio, 2),
                }
            )
            print("  ".join(f"{key} {value}" for key, value in rows[-1].items()))
    if arguments.json:
        print(json.dumps({"benchmark": "reading_before", "rows": rows}))


if __name__ == "__main__":
    main()
