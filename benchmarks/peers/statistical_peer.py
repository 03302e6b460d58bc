"""What AutoETS, AutoTheta or AutoARIMA of statsforecast forecasts of many series, each by itself.

usage: PYTHON statistical_peer.py MODEL IN.npz OUT.npz

PYTHON has statsforecast (README.md), and this script imports nothing else. IN.npz: values (all histories one
after the other), lengths, seasons and horizons, each (series,). OUT.npz: quantiles (all horizons one after
the other, 9) at 0.1 ... 0.9, cpu (series,) in seconds of the processor, failed (series,), version. Settings
as of fev: the defaults, and seasonal naive where a model fails. The median is the forecast's mean.
"""

from __future__ import annotations

import argparse
import time
import warnings
from importlib.metadata import version
from typing import Any

import numpy as np
from statsforecast.models import AutoARIMA, AutoETS, AutoTheta, SeasonalNaive

MODELS = {"AutoETS": AutoETS, "AutoTheta": AutoTheta, "AutoARIMA": AutoARIMA}
INTERVALS = [0, 20, 40, 60, 80]
CONTEXT = 2500  # latest values that a model sees, as in fev; hourly years would take minutes each
COLUMNS = ("lo-80", "lo-60", "lo-40", "lo-20", "hi-0", "hi-20", "hi-40", "hi-60", "hi-80")


def quantiles_of(model: Any, history: np.ndarray, horizon: int) -> np.ndarray:
    """(horizon, 9)."""
    made = model.forecast(y=history[-CONTEXT:], h=horizon, level=INTERVALS)
    return np.stack([made[column] for column in COLUMNS], axis=1)


def forecast(name: str, history: np.ndarray, season: int, horizon: int) -> tuple[np.ndarray, bool]:
    """The quantiles, and whether the model failed, so that they are seasonal naive's."""
    try:
        made = quantiles_of(MODELS[name](season_length=season), history, horizon)
        if np.isfinite(made).all():
            return made, False
    except Exception:  # noqa: BLE001 - whatever a library raises on a series is a failure on it
        pass
    return quantiles_of(SeasonalNaive(season_length=season), history, horizon), True


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("model", choices=MODELS)
    parser.add_argument("given")
    parser.add_argument("out")
    arguments = parser.parse_args()
    warnings.filterwarnings("ignore")
    given = np.load(arguments.given)
    histories = np.split(given["values"], np.cumsum(given["lengths"])[:-1])
    quantiles, cpu, failed = [], [], []
    for history, season, horizon in zip(histories, given["seasons"], given["horizons"], strict=True):
        began = time.process_time()
        made, gave_up = forecast(arguments.model, history, int(season), int(horizon))
        cpu.append(time.process_time() - began)
        quantiles.append(made)
        failed.append(gave_up)
    found = {"quantiles": np.concatenate(quantiles), "cpu": np.array(cpu), "failed": np.array(failed)}
    np.savez(arguments.out, version=version("statsforecast"), **found)


if __name__ == "__main__":
    main()
