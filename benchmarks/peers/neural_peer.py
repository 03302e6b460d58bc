"""Forecast many series by a neural peer that trains for so many seconds of the processor, on one thread.

usage: PYTHON neural_peer.py PEER IN.npz OUT.npz --step STEP --seconds N [--seed N]

PYTHON has the peers (README.md), and this script imports nothing else. IN.npz: values (all histories one
after the other), lengths, seasons and horizons, each (series,), the last two the same for all. OUT.npz:
quantiles (series, horizon, 9) at 0.1 ... 0.9, or (series, horizon, 1) of a peer that forecasts a point; cpu_s
of fit and forecast; steps of the optimizer, and most_steps, the library's own end of training; version. The
clock of --seconds runs while the training loop does: loading, preparing and forecasting take more.
What is not said below is the library's default.
"""

import argparse
import logging
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import Any

import numpy as np
import torch

WEEK = 168  # hours
PACE = 12  # steps that tell how many fit into the time, of which the first third warms up
SEASONS = 2  # of input, at least
EPOCHS = 100  # Darts' and GluonTS's own end
LEVELS = np.arange(1, 10) / 10

Series = list[np.ndarray]  # (time,) each


def input_length(step: str, season: int, horizon: int) -> int:
    """Return how many values a network sees: two horizons and two seasons at least, of hours a week."""
    return WEEK if step == "h" else max(2 * horizon, SEASONS * season)


@dataclass
class Clock:
    """What a training has taken: steps of the optimizer, and seconds of the processor after each."""

    seconds: float
    used: list[float] = field(default_factory=list)

    def pace(self) -> float:
        """Return the seconds of a step, without those that warm up."""
        warm = PACE // 3
        return (self.used[-1] - self.used[warm - 1]) / (len(self.used) - warm)

    def callback(self, kind: type) -> Any:
        """Return a callback of Lightning that ends the training when the seconds are over."""
        clock = self  # a library may copy its callbacks

        class Budget(kind):  # type: ignore[misc, valid-type]
            def on_train_start(self, *_: Any) -> None:
                self.began = time.process_time()

            def on_train_batch_end(self, trainer: Any, *_: Any) -> None:
                clock.used.append(time.process_time() - self.began)
                trainer.should_stop = clock.used[-1] >= clock.seconds

        return Budget()


def trainer_of(clock: Clock, kind: type) -> dict[str, Any]:
    """Return arguments of Lightning's Trainer: one core, and nothing shown."""
    return {
        "accelerator": "cpu",
        "callbacks": [clock.callback(kind)],
        "logger": False,
        "enable_progress_bar": False,
        "enable_model_summary": False,
    }


def nixtla(name: str, own: dict[str, Any]) -> Callable[..., dict[str, Any]]:
    """Return how a model of NeuralForecast is run. own: what is not its default."""

    def forecast(
        series: Series, step: str, season: int, horizon: int, given: argparse.Namespace
    ) -> dict[str, Any]:
        import pandas as pd
        from neuralforecast import NeuralForecast, models
        from neuralforecast.losses.pytorch import MQLoss
        from pytorch_lightning.callbacks import Callback

        frame = pd.DataFrame(
            {
                "unique_id": np.repeat(np.arange(len(series)), [len(row) for row in series]),
                "ds": np.concatenate([np.arange(len(row)) for row in series]),
                "y": np.concatenate(series),
            }
        )

        def fitted(seconds: float, **steps: int) -> tuple[Any, Clock]:
            clock = Clock(seconds)
            model = getattr(models, name)(
                h=horizon,
                input_size=input_length(step, season, horizon),
                loss=MQLoss(quantiles=LEVELS.tolist()),
                scaler_type="robust",
                start_padding_enabled=True,
                random_seed=given.seed,
                **own,
                **steps,
                **trainer_of(clock, Callback),
            )
            whole = NeuralForecast(models=[model], freq=1)
            whole.fit(frame)
            return whole, clock

        _, paced = fitted(np.inf, max_steps=PACE)
        most = getattr(models, name)(h=horizon, input_size=horizon).max_steps
        within = max(
            1, min(most, int(given.seconds / paced.pace()))
        )  # so that a decay of the rate comes to its end
        began = time.process_time()
        whole, clock = fitted(given.seconds, max_steps=within)
        made = whole.predict().reset_index().sort_values(["unique_id", "ds"])
        columns = [column for column in made if str(column).startswith(name)]
        quantiles = made[columns].to_numpy(np.float64).reshape(len(series), horizon, len(LEVELS))
        return {
            "quantiles": quantiles,
            "cpu_s": time.process_time() - began,
            "steps": len(clock.used),
            "most_steps": most,
            "version": f"neuralforecast {version('neuralforecast')}",
        }

    return forecast


def darts(series: Series, step: str, season: int, horizon: int, given: argparse.Namespace) -> dict[str, Any]:
    """Run RNNModel with an LSTM, series scaled to 0 to 1, whose forecast is a point."""
    from darts import TimeSeries
    from darts.dataprocessing.transformers import Scaler
    from darts.models import RNNModel
    from pytorch_lightning.callbacks import Callback

    shortest = min(
        len(row) for row in series
    )  # it takes no series that is shorter than what it trains on and one more
    trained = min(input_length(step, season, horizon) + horizon, shortest - 1)
    clock = Clock(given.seconds)
    began = time.process_time()
    scaler = Scaler()
    scaled = scaler.fit_transform([TimeSeries.from_values(row.astype(np.float32)[:, None]) for row in series])
    model = RNNModel(
        trained - horizon,
        "LSTM",
        training_length=trained,
        random_state=given.seed,
        n_epochs=EPOCHS,
        pl_trainer_kwargs=trainer_of(clock, Callback),
    )
    model.fit(scaled, verbose=False)
    made = scaler.inverse_transform(model.predict(horizon, series=scaled, verbose=False))
    return {
        "quantiles": np.stack([one.values() for one in made]).astype(np.float64),
        "cpu_s": time.process_time() - began,
        "steps": len(clock.used),
        "most_steps": -1,  # epochs, whose length is that of the data
        "version": f"darts {version('darts')}",
    }


def gluonts(
    series: Series, step: str, season: int, horizon: int, given: argparse.Namespace
) -> dict[str, Any]:
    """Run DeepAR, 100 paths a series."""
    from gluonts.dataset.common import ListDataset
    from gluonts.torch.model.deepar import DeepAREstimator
    from lightning.pytorch.callbacks import Callback

    frequency = {"MS": "M", "QS": "Q", "YS": "Y"}.get(step, step)
    clock = Clock(given.seconds)
    began = time.process_time()
    rows = ListDataset([{"start": "1980-01-01", "target": row} for row in series], freq=frequency)
    batches = 50  # an epoch
    estimator = DeepAREstimator(
        freq=frequency,
        prediction_length=horizon,
        context_length=input_length(step, season, horizon),
        num_batches_per_epoch=batches,
        trainer_kwargs={**trainer_of(clock, Callback), "max_epochs": EPOCHS},
    )
    made = estimator.train(rows).predict(rows, num_samples=100)
    quantiles = [np.stack([one.quantile(level) for level in LEVELS], axis=-1) for one in made]
    return {
        "quantiles": np.stack(quantiles).astype(np.float64),
        "cpu_s": time.process_time() - began,
        "steps": len(clock.used),
        "most_steps": EPOCHS * batches,
        "version": f"gluonts {version('gluonts')}",
    }


SMALL = {"windows_batch_size": 128}  # that of its LSTM; of 1,024 one core makes a fifth of the steps
PEERS: dict[str, Callable[..., dict[str, Any]]] = {
    "DLinear": nixtla("DLinear", {"learning_rate": 1e-3, **SMALL}),
    "NHITS": nixtla("NHITS", SMALL),
    "PatchTST": nixtla("PatchTST", {"learning_rate": 1e-3, **SMALL}),
    "LSTM": nixtla("LSTM", {}),
    "RNNModel": darts,
    "DeepAR": gluonts,
}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("peer", choices=PEERS)
    parser.add_argument("given")
    parser.add_argument("out")
    parser.add_argument("--step", required=True, help="of time, as pandas writes it")
    parser.add_argument("--seconds", type=float, required=True, help="of the processor, while it trains")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    warnings.filterwarnings("ignore")
    logging.disable(logging.WARNING)
    torch.set_num_threads(1)
    torch.manual_seed(arguments.seed)
    given = np.load(arguments.given)
    series = np.split(given["values"], np.cumsum(given["lengths"])[:-1])
    season, horizon = int(given["seasons"][0]), int(given["horizons"][0])
    np.savez(arguments.out, **PEERS[arguments.peer](series, arguments.step, season, horizon, arguments))


if __name__ == "__main__":
    main()
