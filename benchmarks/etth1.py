"""ETTh1: hourly oil temperature and load of a transformer, 7 columns, by the protocol of the papers on it.

Rows 0 to 8,640 train, those to 11,520 validate, those to 14,400 test, each column standardised by the mean
and the population deviation of the training rows. Every window of the test rows counts, a row apart; windows
look back across the border. MSE and MAE over all columns, steps and windows (Zhou et al., 2021).
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, ClassVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmarks.accuracy_scores import Array, Forecasts, StepSums
from deploy import Predictor
from forecaster import Forecaster
from forecaster.export.bundle import write_bundle

TIME = "date"
LEVELS = (0.5, 0.1, 0.9)
ORIGINS_AT_ONCE = 32  # bounds the memory: 32 × 7 histories
# MSE and MAE by horizon; docs/accuracy.md names the sources.
PUBLISHED: dict[str, dict[int, tuple[float, float]]] = {
    "DUET": {96: (0.352, 0.384), 192: (0.398, 0.410), 336: (0.415, 0.427), 720: (0.429, 0.456)},
    "SegRNN": {96: (0.351, 0.392), 192: (0.392, 0.414), 336: (0.423, 0.433), 720: (0.466, 0.472)},
    "PatchTST": {96: (0.370, 0.400), 192: (0.413, 0.429), 336: (0.422, 0.440), 720: (0.447, 0.468)},
    "DLinear": {96: (0.375, 0.399), 192: (0.405, 0.416), 336: (0.439, 0.443), 720: (0.472, 0.490)},
}


def twin_of(model: Forecaster) -> Predictor:
    """The fit as it is without its held-out values; the fit itself where nothing was refitted."""
    with TemporaryDirectory() as folder:
        write_bundle(model.run_.held_back, Path(folder) / "bundle")
        return Predictor.load(Path(folder) / "bundle")


@dataclass(frozen=True)
class Borders:
    """Rows after the last that trains, validates and tests."""

    train: int = 8640
    validation: int = 11520
    test: int = 14400


@dataclass(frozen=True)
class ETTh1:
    """The task: what to fit on, and how a fitted forecaster is scored."""

    HORIZONS: ClassVar = (96, 192, 336, 720)
    EXPECTED: ClassVar = "the file ETTh1.csv"

    file: Path
    horizon: int = 96
    borders: Borders = Borders()

    @cached_property
    def frame(self) -> pd.DataFrame:
        """All rows that the protocol knows."""
        return pd.read_csv(self.file, parse_dates=[TIME], nrows=self.borders.test)

    @property
    def given(self) -> pd.DataFrame:
        """What the fit is given: the rows that train and validate."""
        return self.frame.iloc[: self.borders.validation]

    @property
    def settings(self) -> dict[str, Any]:
        """Where validation begins is the protocol's; it decides nothing else here."""
        return {"held_out": self.borders.validation - self.borders.train}

    @cached_property
    def values(self) -> Array:
        """(rows, columns)."""
        return self.frame.drop(columns=TIME).to_numpy(np.float64)

    def check(self) -> None:
        """Raises SystemExit for a file that is shorter, or has other columns, than ETTh1."""
        if self.values.shape != (self.borders.test, 7):
            raise SystemExit(
                f"{self.file}: expected at least {self.borders.test} rows and 7 columns next to {TIME!r}, "
                f"found {self.values.shape[0]} and {self.values.shape[1]}"
            )

    def origins(self) -> NDArray[np.int64]:
        """(windows,) the row of the first value to forecast: every one with a whole horizon of test rows."""
        return np.arange(self.borders.validation, self.borders.test - self.horizon + 1)

    def measure(self, model: Forecaster) -> dict[str, float]:
        """All scores of a fitted forecaster, in units of the training rows' deviation."""
        with TemporaryDirectory() as folder:
            predictor = Predictor.load(model.export(Path(folder) / "bundle"))
        began = time.perf_counter()
        sums = self.sums(predictor)
        seconds = time.perf_counter() - began
        # What published figures are of: no row that validates trains. The refit's twin has seen none.
        twin = {f"twin_{name}": value for name, value in self.sums(twin_of(model)).errors().items()}
        return {**sums.errors(), **twin, **sums.interval(), "forecast_s": seconds}

    def sums(self, predictor: Predictor) -> StepSums:
        """What all scores are made of."""
        parts = [StepSums.of(actual, made) for actual, made in self.forecasts(predictor)]
        return sum(parts[1:], parts[0])

    def forecasts(self, predictor: Predictor) -> Iterator[tuple[Array, Forecasts]]:
        """What came and what was forecast, standardised: (origins × columns, horizon), some origins at once.

        Each column of a window is one history, so the forecaster is one of single series.
        """
        trained, times = self.values[: self.borders.train], self.frame[TIME].to_numpy("datetime64[s]")
        mean, deviation = trained.mean(0), trained.std(0)
        every = self.origins()
        for origins in np.split(every, range(ORIGINS_AT_ONCE, len(every), ORIGINS_AT_ONCE)):
            actual = self._rows(origins, range(self.horizon))
            made = predictor.forecast(
                self._rows(origins, range(-predictor.manifest.context_length, 0)).astype(np.float32),
                self.horizon,
                last_timestamp=np.repeat(times[origins - 1], len(mean)),
            )
            location, scale = (np.tile(part, len(origins))[:, None] for part in (mean, deviation))
            median, lower, upper = (
                made.quantiles[..., made.quantile_levels.index(level)].astype(np.float64) for level in LEVELS
            )
            yield (actual - location) / scale, Forecasts(median, lower, upper).in_units(scale, location)

    def _rows(self, origins: NDArray[np.int64], steps: range) -> Array:
        """The values at some steps from each origin, column by column: (origins × columns, steps)."""
        taken = self.values[origins[:, None] + np.array(steps)]  # (origins, steps, columns)
        return np.swapaxes(taken, 1, 2).reshape(-1, len(steps))

    def trained(self, model: Forecaster) -> dict[str, Any]:
        """What of the data trained and what validated."""
        cutoff = pd.Timestamp(model.understood_.training_cutoff[0])
        rows = int(self.frame[TIME].searchsorted(cutoff, side="right"))
        return {
            "trained": f"rows 0 to {rows} of every column, and the refit also the others; its twin did not",
            "validated": f"rows {rows} to {len(self.given)}, for early stopping and calibration",
        }

    def published(self) -> list[dict[str, object]]:
        """MSE and MAE of others at this horizon."""
        return [
            {"method": method, "mse": figures[self.horizon][0], "mae": figures[self.horizon][1]}
            for method, figures in PUBLISHED.items()
        ]
