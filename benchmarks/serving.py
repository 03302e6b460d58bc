"""How long a forecast takes: 168 points of history, hidden 64, one layer, one core, compared with other ways.

usage: python -m benchmarks.serving [--json] [--rounds N] [--peers PYTHON]

Ways: `graph` is Predictor.forecast, `loop` the same by method="step"; `session` the bare run of forecast.onnx
and `floor` the time to stream the recurrent weights through the core once a step. `torch` runs nn.LSTM once a
decoder step, `cell` nn.LSTMCell; `feeds` is run() with named arrays over our decoder step, `exported` the
same over the step that torch.onnx.export writes.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from benchmarks.rivals import exported_by_torch, run_and_feeds, torch_cell, torch_lstm
from benchmarks.timing import in_blocks, pin_to_one_core
from deploy import Predictor
from deploy.bundle.bundle import read_bundle
from deploy.bundle.contract import DECODER_STEP, FORECAST
from deploy.engine.providers import choose_providers
from deploy.engine.sessions import open_session
from forecaster.config import ModelConfig, RunConfig
from forecaster.export.bundle import write_bundle
from forecaster.model.ensemble import Ensemble
from forecaster.model.network import Network
from forecaster.run.record import DataRecord
from forecaster.run.run import Run

CONTEXT, HIDDEN, SEASON = 168, 64, 24
PATCHES, HORIZONS, SERIES = (1, 24), (24, 96), (1000, 10_000)
DARTS = Path(__file__).parent / "peers" / "serve_darts.py"
FRESH = """
import time
began = time.perf_counter()
import sys
import numpy as np
from deploy import Predictor
Predictor.load(sys.argv[1]).forecast(np.sin(np.arange(168.0)))
took = 1e3 * (time.perf_counter() - began)
peak = next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(took, int(peak) / 1024)
"""

Array = NDArray[np.float32]


def make_run(patch: int, horizon: int) -> Run:
    """An untrained network: its speed is that of a trained one."""
    torch.manual_seed(0)
    config = ModelConfig(
        context_length=CONTEXT, horizon=horizon, patch_length=patch, season=SEASON, hidden_size=HIDDEN
    )
    nothing: dict[str, Any] = dict.fromkeys(("file", "sha256", "first", "last"), "")
    nothing |= dict.fromkeys(("values", "missing", "series", "shortest", "longest"), 0)
    nothing |= dict.fromkeys(("series_columns", "known", "static", "ids", "training_cutoff"), ())
    record = DataRecord(
        **nothing,
        season=SEASON,
        step={"count": 1, "unit": "index"},
        time=None,
        time_format="index",
        targets=("y",),
        vocabularies={},
    )
    return Run(Path(), RunConfig(model=config), record, {}, Ensemble([Network(config).eval()]))


def latency(run: Run, path: Path, rounds: int, bandwidth: float) -> dict[str, Any]:
    """One series at a time: median and 99th percentile of each way, in milliseconds.

    bandwidth: of weights, in bytes a millisecond.
    """
    model, bundle = run.config.model, read_bundle(path)
    predictor = Predictor(bundle)
    history = np.random.default_rng(0).standard_normal(CONTEXT).cumsum().astype(np.float32)
    horizon = model.horizon
    session = open_session(bundle.files[FORECAST], choose_providers("cpu"))
    feeds = {"history": history[None], "lengths": np.array([CONTEXT]), "horizon": np.array([horizon])}
    samples = in_blocks(
        {
            "graph": lambda: predictor.forecast(history, horizon),
            "loop": lambda: predictor.forecast(history, horizon, method="step"),
            "session": lambda: session.run(None, feeds),
            "feeds": run_and_feeds(bundle, history, horizon, bundle.files[DECODER_STEP]),
            "exported": run_and_feeds(
                bundle, history, horizon, exported_by_torch(run.ensemble.first, bundle)
            ),
            "torch": torch_lstm(run.ensemble.first, history, horizon),
            "cell": torch_cell(run.ensemble.first, history, horizon),
        },
        rounds,
    )
    middle = {name: median(times) for name, times in samples.items()}
    steps = -(-CONTEXT // model.patch_length) + -(-horizon // model.patch_length)
    floor = 4 * 4 * HIDDEN * HIDDEN * steps / bandwidth
    return {
        "patch": model.patch_length,
        "horizon": horizon,
        **{f"{name}_ms": round(value, 3) for name, value in middle.items()},
        "graph_p99_ms": round(quantiles(samples["graph"], n=100)[-1], 3),
        "loop_p99_ms": round(quantiles(samples["loop"], n=100)[-1], 3),
        "floor_ms": round(floor, 3),
        "session_over_floor": round(middle["session"] / floor, 2),
        **{f"{name}_over_graph": round(middle[name] / middle["graph"], 2) for name in ("torch", "cell")},
        **{f"{name}_over_loop": round(middle[name] / middle["loop"], 2) for name in ("feeds", "exported")},
    }


def throughput(path: Path, count: int, horizon: int) -> dict[str, Any]:
    """Series a second in one call."""
    predictor = Predictor.load(path)
    many = np.random.default_rng(0).standard_normal((count, CONTEXT)).cumsum(1).astype(np.float32)
    samples = in_blocks(
        {
            "graph": lambda: predictor.forecast(many, horizon),
            "loop": lambda: predictor.forecast(many, horizon, method="step"),
        },
        rounds=3,
        block=0.0,
    )
    rates = {f"{name}_series_per_s": round(1e3 * count / median(times)) for name, times in samples.items()}
    return {"patch": predictor.manifest.patch_length, "horizon": horizon, "series": count, **rates}


def fresh_process(path: Path, rounds: int = 5) -> dict[str, float]:
    """Import, load and the first forecast in a new process, and its largest memory."""
    command = [sys.executable, "-c", FRESH, str(path)]
    outputs = [
        subprocess.run(command, check=True, capture_output=True, text=True).stdout for _ in range(rounds)
    ]
    cold, peak = zip(*(map(float, output.split()) for output in outputs), strict=True)
    return {"cold_start_ms": round(median(cold), 1), "peak_mib": round(max(peak), 1)}


def stream_weights() -> float:
    """Bytes a millisecond at which a product with a vector reads a matrix that stays in the cache."""
    weights, vector = torch.randn(1024, 256), torch.randn(256)  # 1 MiB
    with torch.inference_mode():
        samples = in_blocks({"product": lambda: torch.mv(weights, vector)}, rounds=20)["product"]
    return weights.nbytes / median(samples)


def serve_darts(python: Path, calls: int) -> list[dict[str, Any]]:
    """Darts by ONNX in its own processes: a row a horizon."""
    with tempfile.TemporaryDirectory() as folder:
        model = str(Path(folder) / "darts.onnx")

        def child(*arguments: object) -> str:
            command = [str(python), str(DARTS), *map(str, arguments)]
            return subprocess.run(command, check=True, capture_output=True, text=True).stdout

        child("fit", model)
        return [
            {
                "horizon": horizon,
                **json.loads(child("serve", model, horizon, calls, SERIES[0]).splitlines()[-1]),
            }
            for horizon in HORIZONS
        ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON object as the last line")
    parser.add_argument("--rounds", type=int, default=10, help="blocks of calls of each way")
    parser.add_argument("--peers", type=Path, help="an interpreter that has Darts: see benchmarks/peers/")
    arguments = parser.parse_args()
    pin_to_one_core()
    torch.set_num_threads(1)
    bandwidth = stream_weights()
    result: dict[str, Any] = {
        "benchmark": "serving",
        "weights_gb_per_s": round(bandwidth / 1e6, 1),
        "rows": [],
    }
    result |= {"many": []}
    export = []
    with contextlib.ExitStack() as stack:
        for patch in PATCHES:
            for horizon in HORIZONS:
                run = make_run(patch, horizon)
                path = Path(stack.enter_context(tempfile.TemporaryDirectory())) / "bundle"
                began = time.perf_counter()
                write_bundle(run, path)
                export.append(1e3 * (time.perf_counter() - began))
                result["rows"].append(latency(run, path, arguments.rounds, bandwidth))
                print(line(result["rows"][-1]), flush=True)
                for count in SERIES:
                    result["many"].append(throughput(path, count, horizon))
                    print(line(result["many"][-1]), flush=True)
        result |= {"export_ms": round(median(export)), **fresh_process(path)}
    print(
        line({name: result[name] for name in ("weights_gb_per_s", "export_ms", "cold_start_ms", "peak_mib")})
    )
    if arguments.peers is not None:
        result["darts"] = compared_with(serve_darts(arguments.peers, calls=50), result)
        for row in result["darts"]:
            print(line(row))
    if arguments.json:
        print(json.dumps(result))


def compared_with(rows: list[dict[str, Any]], ours: dict[str, Any]) -> list[dict[str, Any]]:
    """A peer's rows with what ours is of them at the same horizon."""
    for row in rows:
        horizon = row["horizon"]
        for patch in PATCHES:
            same = {"patch": patch, "horizon": horizon}
            single = next(own for own in ours["rows"] if same.items() <= own.items())
            many = next(own for own in ours["many"] if (same | {"series": SERIES[0]}).items() <= own.items())
            row[f"one_series_p{patch}"] = round(row["p50_ms"] / single["graph_ms"], 1)
            row[f"many_series_p{patch}"] = round(many["graph_series_per_s"] / row["series_per_s"], 1)
    return rows


def line(row: dict[str, Any]) -> str:
    """A row for people."""
    return "  ".join(f"{name} {value}" for name, value in row.items())


if __name__ == "__main__":
    main()
