"""Neural peers on the tasks of compare: each trains for some seconds of the processor in its own process."""

import tempfile
from pathlib import Path

import numpy as np

from benchmarks.statistical_peers import joined, run
from benchmarks.zero_shot_means import Row
from benchmarks.zero_shot_tasks import LEVELS, Task

SCRIPT = Path(__file__).parent / "peers" / "neural_peer.py"
# The peers of the script, by the names that they have here, with what is not their library's default.
EXAMPLE = "learning_rate 0.001, as in its documentation's example"
SMALL = "windows_batch_size 128"
NEURAL = {
    "NeuralForecast DLinear": ("DLinear", f"{EXAMPLE}; {SMALL}"),
    "NeuralForecast NHITS": ("NHITS", SMALL),
    "NeuralForecast PatchTST": ("PatchTST", f"{EXAMPLE}; {SMALL}"),
    "NeuralForecast LSTM": ("LSTM", ""),
    "Darts RNNModel": ("RNNModel", "an LSTM; series scaled to 0 to 1; forecasts a point"),
    "GluonTS DeepAR": ("DeepAR", "forecasts 100 paths"),
}
NIXTLA = "loss MQLoss at the nine levels, scaler_type robust, start_padding_enabled"


def configuration(method: str) -> str:
    """Return what a peer is told, apart from input, horizon, seed and time."""
    own = NEURAL[method][1]
    shared = NIXTLA if method.startswith("NeuralForecast") else ""
    return "; ".join(part for part in (shared, own) if part)


def neural(python: Path, method: str, task: Task, seconds: float, seed: int) -> Row:
    """Return the scores of one peer, its seconds and steps; of a point only the MASE.

    python: the peers' interpreter; seconds: of the processor, while it trains. Raises PeerFailed with the
    end of what the peer said if it fails, ValueError for forecasts that are not finite.
    """
    with tempfile.TemporaryDirectory() as folder:
        np.savez(Path(folder) / "in.npz", **joined([task]))
        command = [str(python.absolute()), str(SCRIPT), NEURAL[method][0], "in.npz", "out.npz"]
        given = ["--step", task.step, "--seconds", str(seconds), "--seed", str(seed)]
        run([*command, *given], folder)
        with np.load(Path(folder) / "out.npz") as found:
            made = {name: found[name] for name in found.files}
    quantiles = made.pop("quantiles")
    is_point = quantiles.shape[-1] == 1
    scores = task.score(np.repeat(quantiles, len(LEVELS), -1) if is_point else quantiles)
    shown = {"mase": scores["mase"]} if is_point else scores
    return {**shown, **{name: value.item() for name, value in made.items()}}
