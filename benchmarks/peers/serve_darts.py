"""How Darts serves an RNNModel by ONNX: its to_onnx and run_onnx_prediction, an LSTM of 64, 168 values in.

usage: PYTHON serve_darts.py fit MODEL.onnx
       PYTHON serve_darts.py serve MODEL.onnx HORIZON CALLS SERIES

PYTHON has the peers (README.md), and this script imports nothing else. The last line of the output of serve
is JSON: milliseconds of one series (p50_ms, p99_ms), series_per_s of SERIES, cold_ms until the first forecast
and peak_mib of the process.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from statistics import median, quantiles

BEGAN = time.perf_counter()  # before anything heavy is imported

CONTEXT, HIDDEN = 168, 64


def fit(path: str) -> None:
    """A model of hardly any training: its speed is that of a trained one."""
    import numpy as np
    import torch
    from darts import TimeSeries
    from darts.models import RNNModel

    torch.set_num_threads(1)
    wave = np.sin(np.arange(2000) * 2 * np.pi / 24).astype(np.float32)
    model = RNNModel(
        CONTEXT,
        "LSTM",
        hidden_dim=HIDDEN,
        n_rnn_layers=1,
        training_length=CONTEXT + 24,
        n_epochs=1,
        pl_trainer_kwargs={
            "accelerator": "cpu",
            "enable_progress_bar": False,
            "logger": False,
            "max_steps": 5,
        },
    )
    model.fit(TimeSeries.from_values(wave[:, None]), verbose=False)
    model.to_onnx(path)


def serve(path: str, horizon: int, calls: int, count: int) -> None:
    """Time it and print the figures."""
    import numpy as np
    import onnxruntime
    from darts import TimeSeries
    from darts.utils.onnx.inference import run_onnx_prediction

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    generator = np.random.default_rng(0)
    values = generator.standard_normal((count, CONTEXT, 1)).cumsum(1).astype(np.float32)
    series = [TimeSeries.from_values(one) for one in values]

    def milliseconds(given: object) -> float:
        began = time.perf_counter()
        run_onnx_prediction(horizon, session, given, verbose=False)
        return 1e3 * (time.perf_counter() - began)

    milliseconds(series[0])
    cold = 1e3 * (time.perf_counter() - BEGAN)
    single = [milliseconds(series[0]) for _ in range(calls)]
    many = milliseconds(series)
    figures = {
        "p50_ms": median(single),
        "p99_ms": quantiles(single, n=100)[-1],
        "series_per_s": 1e3 * count / many,
        "cold_ms": cold,
        "peak_mib": peak_mib(),
    }
    print(json.dumps({name: round(value, 3) for name, value in figures.items()}))


def peak_mib() -> float:
    """Of this process since it began."""
    status = Path("/proc/self/status").read_text().splitlines()
    return int(next(text.split()[1] for text in status if text.startswith("VmHWM"))) / 1024


if __name__ == "__main__":
    if sys.argv[1] == "fit":
        fit(sys.argv[2])
    else:
        serve(sys.argv[2], *map(int, sys.argv[3:]))
