"""Forecasts of sorted files by an engine: series a second, compared with one process, by processor time.

usage: python -m benchmarks.engines [--json] [--series N] [--rounds N] [--ways WAY ...]

168 points of history, 24 ahead in one patch, hidden 64. Each way runs in a process of its own, after a small
job that starts what the engine needs; its processor time is that of all its processes. Needs pyspark, ray and
a JRE: `make test-engines` makes an environment with these.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.markdown import table

CONTEXT, HORIZON, FILES, WARM_UP = 168, 24, 8, 2_000
TICKS = os.sysconf("SC_CLK_TCK")


def write_series(folder: Path, series: int) -> None:
    """Write series into sorted files, of whole series each."""
    folder.mkdir()
    random, number = np.random.default_rng(0), 0
    for file in range(FILES):
        count = series // FILES
        with pq.ParquetWriter(folder / f"{file:03}.parquet", schema()) as writer:
            for begin in range(0, count, 1000):
                names = np.char.mod("s%08d", number + np.arange(min(1000, count - begin)))
                number += len(names)
                values = random.normal(100, 10, len(names) * CONTEXT)
                writer.write_table(pa.table([np.repeat(names, CONTEXT), values], schema()))


def schema() -> pa.Schema:
    """Return the columns of the series."""
    return pa.schema([("item", pa.string()), ("y", pa.float64())])


def write_model(folder: Path) -> None:
    """Export an untrained network: its speed is that of a trained one."""
    from benchmarks.serving import make_run
    from forecaster.export.bundle import write_bundle

    write_bundle(make_run(HORIZON, HORIZON), folder)


Job = Callable[[Path, Path], int]  # files of series, output -> rows written
Names = {"id": "item", "time": "", "target": "y"}


def in_process(bundle: Path) -> Job:
    """Return the job by score_batches, in this process alone."""
    from deploy import Predictor
    from deploy.arrow import score_batches, score_schema

    predictor = Predictor.load(bundle)

    def job(data: Path, output: Path) -> int:
        output.mkdir()
        rows = 0
        for path in sorted(data.glob("*.parquet")):
            written = score_schema(schema(), predictor.manifest, **Names)
            with pq.ParquetWriter(output / path.name, written) as writer:
                file = pq.ParquetFile(path, read_dictionary=["item"])
                for batch in score_batches(file.iter_batches(1 << 17, use_threads=False), predictor, **Names):
                    writer.write_batch(batch)
                    rows += len(batch)
        return rows

    return job


def by_spark(bundle: Path, *, sorted: bool) -> Job:
    """Return the job by Spark on one core; sorted: without a shuffle."""
    from pyspark.sql import SparkSession

    from deploy.spark import score

    builder = SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false")
    for name in ("maxPartitionBytes", "openCostInBytes"):
        builder = builder.config(f"spark.sql.files.{name}", str(1 << 40))
    spark = builder.config("spark.driver.memory", "2g").getOrCreate()

    def job(data: Path, output: Path) -> int:
        scored = score(spark.read.parquet(str(data)), bundle, **Names, sorted=sorted)
        scored.write.parquet(str(output))
        return rows_in(output)

    return job


def by_ray(bundle: Path) -> Job:
    """Return the job by one actor of Ray."""
    import ray

    from deploy.ray import ScoreFiles, seen_once

    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False)  # an actor, and what writes
    ray.data.DataContext.get_current().enable_progress_bars = False

    def job(data: Path, output: Path) -> int:
        paths = [{"path": str(path)} for path in sorted(data.glob("*.parquet"))]
        files = ray.data.from_items(paths, override_num_blocks=len(paths))
        made = {"bundle": str(bundle), "seen": seen_once(), **Names}
        scored = files.map_batches(
            ScoreFiles, fn_constructor_kwargs=made, batch_size=1, num_cpus=1, concurrency=1
        )
        scored.write_parquet(str(output))
        return rows_in(output)

    return job


def rows_in(folder: Path) -> int:
    """Return how many rows the Parquet files in a folder hold."""
    return sum(pq.read_metadata(path).num_rows for path in folder.glob("*.parquet"))


WAYS: dict[str, Callable[[Path], Job]] = {
    "in process": in_process,
    "Ray": by_ray,
    "Spark, sorted": lambda bundle: by_spark(bundle, sorted=True),
    "Spark, shuffled": lambda bundle: by_spark(bundle, sorted=False),
}


def processor_seconds() -> float:
    """Return what this process and all below it have used so far, those that have ended as well."""
    used: dict[int, float] = {}
    parents: dict[int, int] = {}
    for place in Path("/proc").iterdir():
        if place.name.isdecimal():
            try:
                fields = (place / "stat").read_text().rsplit(")", 1)[1].split()
            except OSError:  # it has just ended
                continue
            parents[int(place.name)] = int(fields[1])
            used[int(place.name)] = sum(map(int, fields[11:15])) / TICKS
    own = {os.getpid()}
    while more := {process for process, parent in parents.items() if parent in own} - own:
        own |= more
    return sum(used.get(process, 0.0) for process in own)


def run_way(way: str, folder: Path) -> None:
    """Do one way's job, and print its rows and seconds as JSON."""
    with tempfile.TemporaryDirectory() as name:
        output = Path(name)
        job = WAYS[way](folder / "bundle")
        job(folder / "few", output / "few")
        began, used = time.perf_counter(), processor_seconds()
        rows = job(folder / "data", output / "data")
        spent = {"processor": processor_seconds() - used, "wall": time.perf_counter() - began}
        sys.stdout.write(json.dumps({"rows": rows, **spent}) + "\n")


def measure(series: int, rounds: int, ways: list[str]) -> dict[str, Any]:
    """Run each way in turn, and return its median as rows of a table."""
    found: dict[str, list[dict[str, float]]] = {way: [] for way in ways}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_series(folder / "data", series)
        write_series(folder / "few", WARM_UP)
        write_model(folder / "bundle")
        for _ in range(rounds):
            for way in ways:
                command = [sys.executable, "-m", "benchmarks.engines", "--run", way, "--folder", name]
                said = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
                found[way].append(json.loads(said.splitlines()[-1]))
    rows = []
    for way, runs in found.items():
        if any(run["rows"] != series // FILES * FILES * HORIZON for run in runs):
            raise ValueError(f"{way}: {runs[0]['rows']} rows")
        ratios = [one["processor"] / run["processor"] for one, run in zip(found[ways[0]], runs, strict=True)]
        seconds = statistics.median(run["processor"] for run in runs)
        rows.append(
            {
                "way": way,
                "series a second of a core": round(series / seconds),
                f"of {ways[0]}": round(statistics.median(ratios), 2),
                "wall seconds": round(statistics.median(run["wall"] for run in runs), 1),
            }
        )
    return {"engines": rows}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON object as the last line")
    parser.add_argument("--series", type=int, default=200_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--ways", nargs="+", choices=WAYS, default=list(WAYS))
    parser.add_argument("--run", choices=WAYS, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.run:
        run_way(arguments.run, arguments.folder)
        return
    result = measure(arguments.series, arguments.rounds, arguments.ways)
    print(json.dumps(result) if arguments.json else table(result["engines"]))


if __name__ == "__main__":
    main()
