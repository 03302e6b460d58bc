"""How many forecasts a service answers, how fast, and what it does with more than it can.

usage: python -m benchmarks.service [--json] [--seconds N] [--overload SECONDS]

One series of 168 points a request, hidden 64, patch 1; service and client in processes of their own, on the
cores that this process may use. `predictor_ms` is one Predictor call without a service.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import torch

from benchmarks.http_load import Answers, ask_at_rate, ask_in_turn, percentile
from benchmarks.serving import CONTEXT, make_run
from benchmarks.timing import time_in_turn
from deploy import Predictor
from forecaster.export.bundle import write_bundle

PATCH, HORIZON = 1, 24
CONNECTIONS = (1, 8, 64)
OVERLOAD = 4.0  # times what it can answer
MANY = 16  # series of a request of the overload: computing, not HTTP, is what there is too much of
PATIENCE = 30.0


@contextmanager
def serving(bundle: Path, *arguments: str) -> Iterator[tuple[int, int, Path]]:
    """A service for as long as the block: its port, its process and the file of its log."""
    command = [sys.executable, "-m", "deploy.server", str(bundle), "--port", "0", "--drain", "0", *arguments]
    with tempfile.NamedTemporaryFile() as log:
        process = subprocess.Popen(command, stderr=log)
        try:
            yield wait_for_port(Path(log.name)), process.pid, Path(log.name)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(PATIENCE)


def wait_for_port(log: Path) -> int:
    """The port in the first line of the log."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        lines = log.read_bytes().splitlines(keepends=True)
        if lines and lines[0].endswith(b"\n"):
            return int(json.loads(lines[0])["port"])
        time.sleep(0.01)
    raise TimeoutError(f"the service did not start within {PATIENCE:g} s")


def request_of(series: int) -> bytes:
    """POST /forecast of so many series."""
    values = np.random.default_rng(0).standard_normal((series, CONTEXT)).cumsum(1).round(3)
    body = json.dumps({"series": [{"values": row} for row in values.tolist()], "horizon": HORIZON}).encode()
    head = f"POST /forecast HTTP/1.1\r\nhost: localhost\r\ncontent-length: {len(body)}\r\n\r\n"
    return head.encode() + body


def throughput(bundle: Path, seconds: float) -> list[dict[str, Any]]:
    """A row for each number of connections, with batching and without, measured in turn."""
    request = request_of(1)
    rows = []
    quiet = ("--quiet",)
    with serving(bundle, *quiet) as (on, *_), serving(bundle, *quiet, "--no-batching") as (off, *_):
        ask_in_turn(on, request, 8, 0.5), ask_in_turn(off, request, 8, 0.5)  # warm
        for connections in CONNECTIONS:
            found = {"on": Answers(0), "off": Answers(0)}
            for _ in range(4):  # in turn, so that a noisy machine is noisy for both
                for name, port in (("on", on), ("off", off)):
                    part = ask_in_turn(port, request, connections, seconds / 4)
                    found[name].answers += part.answers
                    found[name].seconds += part.seconds
            row: dict[str, Any] = {"connections": connections}
            for name, answers in found.items():
                row |= {f"{figure}_{name}": value for figure, value in answers.row().items()}
            row["gain"] = round(row["per_s_on"] / row["per_s_off"], 2)
            rows.append(row)
            print("  ".join(f"{name} {value}" for name, value in row.items()), flush=True)
    return rows


def overload(bundle: Path, seconds: float) -> dict[str, Any]:
    """Four times as many requests as can be answered, for so long."""
    request = request_of(MANY)
    with serving(bundle, "--quiet") as (port, process, _):
        ask_in_turn(port, request, 1, 1)
        capacity = ask_in_turn(port, request, 4, 3).row()["per_s"]
        calm = ask_at_rate(port, request, capacity / 2, 5, 64).of(200)
        before = resident(process)
        flood = ask_at_rate(port, request, OVERLOAD * capacity, seconds, 256)
        grown = resident(process) - before
        began = time.perf_counter()
        ask_in_turn(port, request, 1, 0)
        recovery = time.perf_counter() - began
    accepted = flood.of(200)
    return {
        "series_a_request": MANY,
        "seconds": seconds,
        "capacity_per_s": capacity,
        "offered_per_s": round(OVERLOAD * capacity),
        "accepted_per_s": round(len(accepted) / seconds),
        "refused_per_s": round(len(flood.of(503)) / seconds),
        "other": len(flood.answers) - len(accepted) - len(flood.of(503)),
        "unanswered": flood.unanswered,
        "half_load_p50_ms": round(median(calm), 2),
        "half_load_p99_ms": round(percentile(calm, 0.99), 2),
        "accepted_p50_ms": round(median(accepted), 2),
        "accepted_p99_ms": round(percentile(accepted, 0.99), 2),
        "refused_p99_ms": round(percentile(flood.of(503), 0.99), 2),
        "grown_mib": round(grown / (1 << 20), 1),
        "healthy_after_s": round(recovery, 3),
    }


def resident(process: int) -> int:
    """Bytes of memory of a process."""
    pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def main() -> None:
    parser = argparse.ArgumentParser(description="Rate and latency of the service.")
    parser.add_argument("--json", action="store_true", help="print one JSON object as the last line")
    parser.add_argument("--seconds", type=float, default=4.0, help="of each figure")
    parser.add_argument("--overload", type=float, metavar="SECONDS", help="and an overload for so long")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        bundle = Path(folder) / "bundle"
        write_bundle(make_run(PATCH, HORIZON), bundle)
        predictor = Predictor.load(bundle)
        history = np.random.default_rng(0).standard_normal(CONTEXT).cumsum()
        alone = time_in_turn({"predictor": lambda: predictor.forecast(history, HORIZON)}, 500)["predictor"]
        result: dict[str, Any] = {"benchmark": "service", "predictor_ms": round(alone, 3)}
        print(f"predictor_ms {alone:.3f}", flush=True)
        result["rows"] = throughput(bundle, arguments.seconds)
        if arguments.overload:
            result["overload"] = [overload(bundle, arguments.overload)]
            print("  ".join(f"{name} {value}" for name, value in result["overload"][0].items()))
    if arguments.json:
        print(json.dumps(result))


if __name__ == "__main__":
    main()
