"""How fast files are scored, and in how much memory, compared with the bare session: one core.

usage: python -m benchmarks.scoring [--series N] [--rounds N] [--ways WAY ...] [--json]

Ways, in turn: `session` runs forecast.onnx alone on as many series, 256 at a time; `sorted` is score of a
Parquet file in the order of ids; `judged` is that with --anomalies 24; `unsorted` is score --sort of one in
the order of times, as a log has it, and `shuffled` of one whose series are in another order at each time.
Each is a process of its own, so what imports and loading take is in all of them. Processor time.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from statistics import median

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from deploy import Predictor
from deploy.arrow.files.score_files import ScoreRequest, score_files
from deploy.arrow.files.scoring_table import Scoring
from deploy.bundle.contract import FORECAST

CONTEXT, PATCH, HORIZON, SEASON = 168, 24, 24, 24
AT_ONCE = 5000  # series that are made
CHUNK = 256
WAYS = ("session", "sorted", "judged", "unsorted", "shuffled")
OF_ONE_FILE = ("sorted", "judged")
SCHEMA = pa.schema([("id", pa.string()), ("time", pa.timestamp("us")), ("y", pa.float64())])
START = np.datetime64("2024-01-01", "us")


def make_bundle(path: Path) -> None:
    """An untrained network of hourly series: its speed is that of a trained one."""
    from benchmarks.serving import make_run  # torch, which the ways do without
    from forecaster.export.bundle import write_bundle

    run = make_run(PATCH, HORIZON)
    record = run.data.model_copy(update={"step": {"count": 1, "unit": "hour"}})
    write_bundle(replace(run, data=record), path)


def make_values(generator: np.random.Generator, series: int) -> np.ndarray:
    """(series, time): days of noise and of any level."""
    phase = np.arange(CONTEXT) / SEASON + generator.uniform(size=(series, 1))
    wave = 1 + 0.5 * np.sin(2 * np.pi * phase) + 0.05 * generator.standard_normal((series, CONTEXT))
    return np.round(generator.uniform(1, 1000, (series, 1)) * wave, 2)


def names(first: int, count: int) -> pa.Array:
    return pa.array([f"store_{number:08d}" for number in range(first, first + count)])


def write_sorted(path: Path, series: int) -> None:
    generator = np.random.default_rng(0)
    times = START + np.arange(CONTEXT) * np.timedelta64(3600, "s")
    with pq.ParquetWriter(path, SCHEMA) as writer:
        for first in range(0, series, AT_ONCE):
            count = min(AT_ONCE, series - first)
            ids = names(first, count).take(pa.array(np.repeat(np.arange(count), CONTEXT)))
            columns = [ids, pa.array(np.tile(times, count)), make_values(generator, count).ravel()]
            writer.write_table(pa.table(columns, schema=SCHEMA))


def write_by_time(path: Path, series: int, *, shuffled: bool) -> None:
    """Rows in the order of times, the series of each in any order: the same at all times, or another."""
    generator = np.random.default_rng(0)
    known = names(0, series)
    ids = known.take(pa.array(generator.permutation(series)))
    with pq.ParquetWriter(path, SCHEMA) as writer:
        for hour in range(CONTEXT):
            times = pa.array(np.full(series, START + hour * np.timedelta64(3600, "s")))
            values = np.round(generator.uniform(1, 1000, series), 2)
            if shuffled and hour:
                ids = known.take(pa.array(generator.permutation(series)))
            writer.write_table(pa.table([ids, times, values], schema=SCHEMA))


def run_session(folder: Path, series: int) -> None:
    """All series through the graph, and nothing else. Values repeat, so that they fit in memory."""
    predictor = Predictor.load(folder / "bundle")
    session = predictor.engine.session(FORECAST)
    names = {entry.name for entry in session.get_inputs()}
    values = make_values(np.random.default_rng(0), CHUNK).astype(np.float32)
    feeds = {
        "history": values,
        "lengths": np.full(CHUNK, CONTEXT),
        "horizon": np.array([HORIZON]),
        "timestamps": np.tile(np.arange(CONTEXT) * 3600, (CHUNK, 1)),
        "future_timestamps": np.tile(np.arange(CONTEXT, CONTEXT + HORIZON) * 3600, (CHUNK, 1)),
    }
    for _ in range(series // CHUNK):
        session.run(None, {name: feed for name, feed in feeds.items() if name in names})


def run_score(folder: Path, way: str, series: int) -> None:
    with tempfile.TemporaryDirectory(dir=folder) as output:
        columns = Scoring(ids=("id",), time="time", anomalies=HORIZON if way == "judged" else 0)
        is_sorted = way in OF_ONE_FILE
        data = folder / f"{'sorted' if is_sorted else way}.parquet"
        receipt = score_files(
            ScoreRequest(data, Path(output), folder / "bundle", columns, sort=not is_sorted)
        )
    assert receipt is not None
    assert (receipt.ids_out, receipt.errors) == (series, 0)


def measure(folder: Path, way: str, series: int) -> dict[str, float]:
    """Return what a process of its own has taken."""
    command = [sys.executable, "-m", "benchmarks.scoring", "--way", way, "--series", str(series)]
    done = subprocess.run([*command, "--folder", str(folder)], check=True, stdout=subprocess.PIPE, text=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def run_way(folder: Path, way: str, series: int) -> None:
    if way == "session":
        run_session(folder, series)
    else:
        run_score(folder, way, series)
    status = Path("/proc/self/status").read_text()  # getrusage would begin with the peak of the parent
    peak = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM"))
    used = resource.getrusage(resource.RUSAGE_SELF)
    print(json.dumps({"cpu_s": used.ru_utime + used.ru_stime, "peak_mb": peak / 1024}))


def compare(folder: Path, series: int, rounds: int, ways: list[str]) -> dict[str, dict[str, float]]:
    make_bundle(folder / "bundle")
    if {*OF_ONE_FILE}.intersection(ways):
        write_sorted(folder / "sorted.parquet", series)
    for way in {"unsorted", "shuffled"}.intersection(ways):
        write_by_time(folder / f"{way}.parquet", series, shuffled=way == "shuffled")
    taken = [{way: measure(folder, way, series) for way in ways} for _ in range(rounds)]
    return {
        way: {
            "series_per_s": series / median(one[way]["cpu_s"] for one in taken),
            "of_session": median(one["session"]["cpu_s"] / one[way]["cpu_s"] for one in taken),
            "peak_mb": max(one[way]["peak_mb"] for one in taken),
        }
        for way in ways
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--series", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--ways", nargs="+", default=list(WAYS), choices=WAYS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--way", help=argparse.SUPPRESS)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    if arguments.way:
        run_way(arguments.folder, arguments.way, arguments.series)
        return
    with tempfile.TemporaryDirectory() as folder:
        found = compare(Path(folder), arguments.series, arguments.rounds, arguments.ways)
    if arguments.json:
        print(json.dumps({"series": arguments.series, **found}))
        return
    for way, figures in found.items():
        print(f"{way:9}" + "".join(f"  {name} {value:,.2f}" for name, value in figures.items()))


if __name__ == "__main__":
    main()
