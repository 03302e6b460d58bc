"""M4 Hourly: 414 series of 700 to 960 values, 48 to forecast, season 24.

Protocol: Makridakis, Spiliotis and Assimakopoulos, 2020. sMAPE and MASE are averaged per series, then over
the series; OWA is their mean in units of Naive2's.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from benchmarks.accuracy_scores import Array, Forecasts, StepSums, m4_scores, seasonal_scales
from forecaster import Forecaster

HORIZON, SEASON = 48, 24
# What repeating the last day has to give, or the data or the scores are others than the published ones.
SEASONAL_NAIVE = {"smape": 13.912, "mase": 1.193, "owa": 0.628}
# OWA as published by the competition; its best is of all methods and combinations.
PUBLISHED: list[dict[str, object]] = [
    {"method": "seasonal naive", "owa": 0.628},
    {"method": "M4's RNN benchmark", "owa": 1.036},
    {"method": "FFORMA", "owa": 0.484},
    {"method": "ES-RNN, the winner", "owa": 0.440},
    {"method": "best of the competition", "owa": 0.410},
]


@dataclass(frozen=True)
class M4Hourly:
    """The task: what to fit on, and how a fitted forecaster is scored."""

    HORIZONS: ClassVar = (HORIZON,)
    EXPECTED: ClassVar = "the folder with train.csv and test.csv"

    folder: Path
    horizon: int = HORIZON

    @property
    def given(self) -> Path:
        """What the fit reads: a row a series, without times."""
        return self.folder / "train.csv"

    @property
    def settings(self) -> dict[str, Any]:
        """The protocol says nothing of validation."""
        return {}

    @cached_property
    def histories(self) -> dict[str, Array]:
        """The values of each series to train on, by its id."""
        return read_ragged(self.given)

    @cached_property
    def actual(self) -> Array:
        """(series, 48), the values to forecast."""
        tests = read_ragged(self.folder / "test.csv")
        return np.stack([tests[name] for name in self.histories])

    @cached_property
    def scales(self) -> Array:
        """(series,), the unit of MASE."""
        return seasonal_scales(list(self.histories.values()), SEASON)

    def check(self) -> None:
        """Raises SystemExit unless the seasonal naive forecast has its published scores."""
        naive = np.stack([np.resize(history[-SEASON:], HORIZON) for history in self.histories.values()])
        found = {name: round(score, 3) for name, score in self.score(naive).items()}
        if found != SEASONAL_NAIVE:
            raise SystemExit(
                f"{self.folder}: the seasonal naive forecast scores {found}, expected {SEASONAL_NAIVE}; "
                "this is not M4 Hourly as published"
            )

    def score(self, median: Array) -> dict[str, float]:
        """sMAPE, MASE and OWA. median: (series, 48) in the order of train.csv."""
        return m4_scores(self.actual, median, self.scales)

    def measure(self, model: Forecaster) -> dict[str, float]:
        """All scores of a fitted forecaster; widths in the unit of MASE."""
        began = time.perf_counter()
        table = model.predict()
        seconds = time.perf_counter() - began
        made = to_forecasts(table, list(self.histories))
        scale = self.scales[:, None]
        sums = StepSums.of(self.actual / scale, made.in_units(scale))
        return {**self.score(made.median), **sums.interval(), "forecast_s": seconds}

    def trained(self, model: Forecaster) -> dict[str, Any]:
        """What of the data trained and what validated."""
        ends = [int(last) + 1 for last in model.understood_.training_cutoff]
        held = [len(history) - end for history, end in zip(self.histories.values(), ends, strict=True)]
        return {
            "trained": f"the first {min(ends)} to {max(ends)} values of each series, and the refit all",
            "validated": f"the last {min(held)} to {max(held)} of each, for early stopping and calibration",
        }

    def published(self) -> list[dict[str, object]]:
        """OWA of others."""
        return PUBLISHED


def to_forecasts(table: pd.DataFrame, names: list[str]) -> Forecasts:
    """A table of predict(), its first column the series, as arrays with the series in the order of names."""
    by_series = dict(list(table.groupby(table.columns[0], sort=False)))
    parts = [
        np.stack([by_series[name][column].to_numpy(np.float64) for name in names])
        for column in ("forecast", "q0.1", "q0.9")
    ]
    return Forecasts(*parts)


def read_ragged(path: Path) -> dict[str, Array]:
    """The rows of a file by their first cell; short rows end in empty cells."""
    frame = pd.read_csv(path, index_col=0)
    values = frame.to_numpy(np.float64)
    return {str(name): row[~np.isnan(row)] for name, row in zip(frame.index, values, strict=True)}
