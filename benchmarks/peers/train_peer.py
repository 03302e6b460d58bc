"""Windows a second that a peer trains on: one LSTM of 64, 168 values in, 24 out, batches of 256, one thread.

usage: PYTHON train_peer.py PEER VALUES.npy --seconds N [--flush-denormal]

PYTHON has the peers (README.md), and this script imports nothing else. VALUES.npy: (series, time), hourly.
The last line of the output is JSON: {"peer": ..., "windows_per_s": ...}.
"""

from __future__ import annotations

import argparse
import json
import logging
import time
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from torch.optim.optimizer import register_optimizer_step_post_hook

CONTEXT, HORIZON, HIDDEN, BATCH = 168, 24, 64, 256
WARM_UP = 0.25  # of the time
ENDLESS = 10**6  # steps or epochs; the time ends the training


def train_neuralforecast(values: np.ndarray, trainer: dict[str, Any]) -> None:
    """LSTM over context and horizon, forecasting recursively."""
    from neuralforecast import NeuralForecast
    from neuralforecast.models import LSTM

    model = LSTM(
        h=HORIZON,
        input_size=CONTEXT,
        encoder_n_layers=1,
        encoder_hidden_size=HIDDEN,
        recurrent=True,
        batch_size=64,  # series, of which the windows are drawn
        windows_batch_size=BATCH,
        max_steps=ENDLESS,
        **trainer,
    )
    NeuralForecast(models=[model], freq=1).fit(long_table(values))


def train_darts(values: np.ndarray, trainer: dict[str, Any]) -> None:
    """RNNModel with an LSTM: context and horizon are one sequence."""
    from darts import TimeSeries
    from darts.models import RNNModel

    model = RNNModel(
        CONTEXT,
        "LSTM",
        hidden_dim=HIDDEN,
        n_rnn_layers=1,
        training_length=CONTEXT + HORIZON,
        batch_size=BATCH,
        n_epochs=ENDLESS,
        pl_trainer_kwargs=trainer,
    )
    model.fit([TimeSeries.from_values(row[:, None]) for row in values.astype(np.float32)], verbose=False)


def train_gluonts(values: np.ndarray, trainer: dict[str, Any]) -> None:
    """DeepAR; one lag instead of the many that are its default makes it faster."""
    from gluonts.dataset.common import ListDataset
    from gluonts.torch.model.deepar import DeepAREstimator

    kept = {
        name: value for name, value in trainer.items() if name != "enable_checkpointing"
    }  # it needs its own
    estimator = DeepAREstimator(
        freq="h",
        prediction_length=HORIZON,
        context_length=CONTEXT,
        num_layers=1,
        hidden_size=HIDDEN,
        lags_seq=[1],
        batch_size=BATCH,
        trainer_kwargs={**kept, "max_epochs": ENDLESS},
    )
    estimator.train(ListDataset([{"start": "2024-01-01", "target": row} for row in values], freq="h"))


def train_pytorch_forecasting(values: np.ndarray, trainer: dict[str, Any]) -> None:
    """DeepAR on its TimeSeriesDataSet, which makes windows in the same process."""
    import lightning.pytorch as lightning
    from pytorch_forecasting import DeepAR, TimeSeriesDataSet

    dataset = TimeSeriesDataSet(
        long_table(values),
        time_idx="ds",
        target="y",
        group_ids=["unique_id"],
        max_encoder_length=CONTEXT,
        max_prediction_length=HORIZON,
        time_varying_unknown_reals=["y"],
    )
    network = DeepAR.from_dataset(dataset, hidden_size=HIDDEN, rnn_layers=1)
    batches = dataset.to_dataloader(train=True, batch_size=BATCH, num_workers=0)
    lightning.Trainer(**trainer).fit(network, batches)


PEERS = {
    "neuralforecast": train_neuralforecast,
    "darts": train_darts,
    "gluonts": train_gluonts,
    "pytorch-forecasting": train_pytorch_forecasting,
}


def long_table(values: np.ndarray) -> pd.DataFrame:
    """A row a value: the series' name, the step and the value."""
    series, length = values.shape
    names = np.repeat([f"y{number}" for number in range(series)], length)
    return pd.DataFrame({"unique_id": names, "ds": np.tile(np.arange(length), series), "y": values.ravel()})


def rate(stamps: list[float]) -> float:
    """Windows a second after the warm-up. stamps: when each step of the optimizer was done, in seconds."""
    begin = stamps[0] + WARM_UP * (stamps[-1] - stamps[0]) if stamps else 0.0
    counted = [stamp for stamp in stamps if stamp >= begin]
    if len(counted) < 2:
        raise SystemExit(f"only {len(stamps)} steps: too few to measure; give more --seconds")
    return BATCH * (len(counted) - 1) / (counted[-1] - counted[0])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("peer", choices=PEERS)
    parser.add_argument("values", type=Path)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--flush-denormal", action="store_true", help="which no peer does by itself")
    arguments = parser.parse_args()
    warnings.filterwarnings("ignore")
    logging.disable(logging.WARNING)
    torch.set_num_threads(1)
    torch.manual_seed(0)
    torch.set_flush_denormal(arguments.flush_denormal)
    stamps: list[float] = []
    # The processor's time: on one core the same, but for what else the machine is doing.
    register_optimizer_step_post_hook(lambda *_: stamps.append(time.process_time()))
    trainer = {
        "accelerator": "cpu",
        "max_time": {"seconds": arguments.seconds},
        "logger": False,
        "enable_checkpointing": False,
        "enable_progress_bar": False,
        "enable_model_summary": False,
    }
    PEERS[arguments.peer](np.load(arguments.values), trainer)
    result = {"peer": arguments.peer, "windows_per_s": round(rate(stamps), 1)}
    print(json.dumps(result))


if __name__ == "__main__":
    main()
