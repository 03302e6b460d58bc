"""Baselines: the forecasts that a network has to beat, computed from the same histories.

history: (batch, time), the last value in the last column, NaN = missing or before the series began.
Every function returns (batch, horizon). One more baseline is one more entry of BASELINES.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forecaster.evaluation.linear import fit_linear
from forecaster.evaluation.theta import SEASONS, theta
from forecaster.windows.windows import WindowSet

Array = NDArray[np.float64]
SEASONAL_NAIVE, NAIVE, LINEAR, THETA = "seasonal naive", "naive", "linear", "theta"


@dataclass(frozen=True)
class Baseline:
    """A baseline that learns from nothing but the history that it continues."""

    name: str
    # history (windows, time), horizon, season -> medians (windows, horizon); times are not known to it
    forecast: Callable[[Array, int, int], Array]
    in_fits: bool = False  # whether a fit compares with it, on its validation windows
    seasons: int = 1  # of history that it sees at least, however short the context


@dataclass(frozen=True)
class BaselineForecast:
    """A baseline, ready to forecast."""

    length: int  # steps of history that it sees
    forecast: Callable[[Array], Array]  # (windows, length) -> (windows, horizon)

    def __call__(self, history: Array) -> Array:
        """Forecast (windows, horizon) from the last columns of (windows, time), NaN = missing."""
        return self.forecast(history[:, -self.length :])


def seasonal_naive(history: Array, horizon: int, season: int) -> Array:
    """Repeat the last value observed at the same place in the season (Hyndman and Athanasopoulos, 2021)."""
    seasons = _seasons(history, season)  # (batch, seasons, season)
    newest = _last_observed(seasons)  # (batch, season)
    filled: Array = np.where(np.isnan(newest), _last_observed(history[:, :, None]), newest)
    forecast: Array = filled[:, np.arange(horizon) % season]
    return forecast


def seasonal_naive_drift(history: Array, horizon: int, season: int) -> Array:
    """Raise the seasonal naive forecast by the mean change from season to season of the history."""
    change = history[:, season:] - history[:, :-season]
    observed = ~np.isnan(change)
    drift: Array = np.where(observed, change, 0.0).sum(1) / np.maximum(observed.sum(1), 1)  # (batch,)
    raised = drift[:, None] * _seasons_ahead(history, horizon, season)
    return seasonal_naive(history, horizon, season) + raised


def naive(history: Array, horizon: int, season: int) -> Array:  # noqa: ARG001 - as every baseline
    """Repeat the last observed value."""
    return seasonal_naive(history, horizon, 1)


BASELINES: tuple[Baseline, ...] = (
    Baseline(SEASONAL_NAIVE, seasonal_naive, in_fits=True),
    Baseline("seasonal naive with drift", seasonal_naive_drift, in_fits=True),
    Baseline(NAIVE, naive),
    Baseline(THETA, theta, in_fits=True, seasons=SEASONS),
)


def choose_baselines(
    windows: WindowSet, ends: NDArray[np.int64], season: int, known: Sequence[Baseline] = BASELINES
) -> dict[str, BaselineForecast]:
    """Return the baselines of some windows by name, the seasonal naive forecast first, the linear map last.

    ends: (series,) row after the last training value, for the linear map. All see the model's context, and
    at least a season. Without a season the seasonal naive forecast is the naive one, and is there once.
    """
    lengths = (windows.context_length, windows.horizon)
    chosen = {one.name: _bound(one, lengths, season) for one in known if season > 1 or one.name != NAIVE}
    linear = fit_linear(windows.panel, ends, lengths)
    if linear is not None:
        chosen[LINEAR] = BaselineForecast(lengths[0], linear.forecast)
    return chosen


def _bound(baseline: Baseline, lengths: tuple[int, int], season: int) -> BaselineForecast:
    context_length, horizon = lengths
    return BaselineForecast(
        max(context_length, baseline.seasons * season),
        lambda history: baseline.forecast(history, horizon, season),
    )


def _seasons(history: Array, season: int) -> Array:
    """Cut a history into seasons, filled with NaN in front: (batch, seasons, season)."""
    missing = -history.shape[1] % season
    padded = np.pad(history, ((0, 0), (missing, 0)), constant_values=np.nan)
    return padded.reshape(len(history), -1, season)


def _last_observed(values: Array) -> Array:
    """Return the last value along axis 1 that is not NaN; NaN where there is none."""
    back = np.argmax(~np.isnan(values[:, ::-1]), axis=1)  # (batch, columns)
    index = (values.shape[1] - 1 - back)[:, None]
    last: Array = np.take_along_axis(values, index, axis=1)[:, 0]
    return last


def _seasons_ahead(history: Array, horizon: int, season: int) -> Array:
    """Count the seasons between each step and the value repeated for it: (batch, horizon)."""
    seasons = _seasons(history, season)
    age = np.argmax(~np.isnan(seasons[:, ::-1]), axis=1)  # seasons since the value was observed
    step = np.arange(horizon)
    ahead: Array = age.take(step % season, axis=1) + 1.0 + step // season
    return ahead
