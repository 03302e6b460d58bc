"""What a peer forecasts of M4 Hourly after so many seconds of training on one core: medians of 48 values.

usage: PYTHON accuracy_peer.py PEER TRAIN.csv OUT.npy --seconds N --seed N

PYTHON has the peers (README.md), and this script imports nothing else. A week of history, horizon and time
are the same for all; what is not said below is the library's default. OUT.npy: (series, 48) in the order of
TRAIN.csv.
"""

from __future__ import annotations

import argparse
import logging
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch

CONTEXT, HORIZON = 168, 48
ENDLESS = 10**6  # steps or epochs; the time ends the training
SAMPLES = 100  # paths, where a peer's median is one of paths

Series = dict[str, np.ndarray]  # (time,) each


def read(path: Path) -> Series:
    """The rows by their first cell; short rows end in empty cells."""
    frame = pd.read_csv(path, index_col=0)
    rows = zip(frame.index, frame.to_numpy(np.float64), strict=True)
    return {str(name): row[~np.isnan(row)] for name, row in rows}


def neuralforecast(series: Series, trainer: dict[str, Any]) -> np.ndarray:
    """LSTM, recursive."""
    from neuralforecast import NeuralForecast
    from neuralforecast.models import LSTM

    model = LSTM(
        h=HORIZON,
        input_size=CONTEXT,
        max_steps=ENDLESS,
        start_padding_enabled=True,
        scaler_type="robust",
        random_seed=torch.initial_seed(),
        **trainer,
    )
    fitted = NeuralForecast(models=[model], freq=1)
    fitted.fit(long_table(series))
    made = fitted.predict().reset_index().sort_values(["unique_id", "ds"])
    by_name = dict(list(made.groupby("unique_id")["LSTM"]))
    return np.stack([by_name[name].to_numpy() for name in series])


def darts(series: Series, trainer: dict[str, Any]) -> np.ndarray:
    """RNNModel with an LSTM of 64, series scaled to 0 to 1."""
    from darts import TimeSeries
    from darts.dataprocessing.transformers import Scaler
    from darts.models import RNNModel

    given = [TimeSeries.from_values(row.astype(np.float32)[:, None]) for row in series.values()]
    scaler = Scaler()
    scaled = scaler.fit_transform(given)
    model = RNNModel(
        CONTEXT,
        "LSTM",
        hidden_dim=64,
        training_length=CONTEXT + HORIZON,
        n_epochs=ENDLESS,
        random_state=torch.initial_seed(),
        pl_trainer_kwargs=trainer,
    )
    model.fit(scaled, max_samples_per_ts=200, verbose=False)
    made = scaler.inverse_transform(model.predict(HORIZON, series=scaled, verbose=False))
    return np.stack([one.values()[:, 0] for one in made])


def gluonts(series: Series, trainer: dict[str, Any]) -> np.ndarray:
    """DeepAR."""
    from gluonts.dataset.common import ListDataset
    from gluonts.torch.model.deepar import DeepAREstimator

    rows = [{"start": "2000-01-01", "target": row, "item_id": name} for name, row in series.items()]
    dataset = ListDataset(rows, freq="h")
    estimator = DeepAREstimator(
        freq="h",
        prediction_length=HORIZON,
        context_length=CONTEXT,
        trainer_kwargs={**trainer, "max_epochs": ENDLESS},
    )
    made = estimator.train(dataset).predict(dataset, num_samples=SAMPLES)
    return np.stack([one.quantile(0.5) for one in made])


def pytorch_forecasting(series: Series, trainer: dict[str, Any]) -> np.ndarray:
    """DeepAR of two layers of 64, its values scaled by series."""
    import lightning.pytorch as lightning
    from pytorch_forecasting import DeepAR, GroupNormalizer, TimeSeriesDataSet

    table = long_table(series)
    dataset = TimeSeriesDataSet(
        table,
        time_idx="ds",
        target="y",
        group_ids=["unique_id"],
        max_encoder_length=CONTEXT,
        min_encoder_length=CONTEXT // 4,
        max_prediction_length=HORIZON,
        time_varying_unknown_reals=["y"],
        target_normalizer=GroupNormalizer(groups=["unique_id"]),
    )
    network = DeepAR.from_dataset(dataset, hidden_size=64, rnn_layers=2, learning_rate=1e-3)
    batches = dataset.to_dataloader(train=True, batch_size=64, num_workers=0)
    lightning.Trainer(**trainer).fit(network, batches)
    coming = long_table({name: np.zeros(HORIZON) for name in series})
    coming["ds"] += coming["unique_id"].map({name: len(row) for name, row in series.items()})
    whole = pd.concat([table, coming], ignore_index=True)
    last = TimeSeriesDataSet.from_dataset(dataset, whole, predict=True, stop_randomization=True)
    made = network.predict(
        last.to_dataloader(train=False, batch_size=64, num_workers=0),
        return_index=True,
        n_samples=SAMPLES,
        mode="prediction",
        trainer_kwargs={"accelerator": "cpu", "logger": False},
    )
    by_name = dict(zip(made.index["unique_id"], made.output.numpy(), strict=True))
    return np.stack([by_name[name] for name in series])


PEERS = {
    "neuralforecast": neuralforecast,
    "darts": darts,
    "gluonts": gluonts,
    "pytorch-forecasting": pytorch_forecasting,
}


def long_table(series: Series) -> pd.DataFrame:
    """A row a value: the series' name, the step and the value."""
    parts = [
        pd.DataFrame({"unique_id": name, "ds": np.arange(len(row)), "y": row}) for name, row in series.items()
    ]
    return pd.concat(parts, ignore_index=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("peer", choices=PEERS)
    parser.add_argument("train", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--seconds", type=float, required=True)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    warnings.filterwarnings("ignore")
    logging.disable(logging.WARNING)
    torch.set_num_threads(1)
    torch.manual_seed(arguments.seed)
    trainer = {
        "accelerator": "cpu",
        "max_time": {"seconds": arguments.seconds},
        "logger": False,
        "enable_progress_bar": False,
        "enable_model_summary": False,
    }
    made = PEERS[arguments.peer](read(arguments.train), trainer)
    np.save(arguments.out, made)


if __name__ == "__main__":
    main()
