"""Baselines: the forecasts that a network has to beat, computed from the same histories.

history: (batch, time), the last value in the last column, NaN = missing or before the series began.
Every function returns (batch, horizon).
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from forecaster.data import Panel
from forecaster.evaluation.linear import fit_linear

Array = NDArray[np.float64]
# history (windows, time), NaN = missing -> forecast (windows, horizon)
BaselineForecast = Callable[[Array], Array]
SEASONAL_NAIVE, NAIVE, LINEAR = "seasonal naive", "naive", "linear"


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


BASELINES: dict[str, Callable[[Array, int, int], Array]] = {
    SEASONAL_NAIVE: seasonal_naive,
    "seasonal naive with drift": seasonal_naive_drift,
}


def choose_baselines(
    panel: Panel, ends: NDArray[np.int64], season: int, lengths: tuple[int, int]
) -> dict[str, BaselineForecast]:
    """Return the baselines by name, the seasonal naive forecast first.

    ends: (series,) row after the last training value, for the linear map; lengths: context and horizon.
    Without a season the seasonal naive forecast is the naive one, and is there once.
    """
    horizon = lengths[1]
    chosen = {name: _bound(baseline, horizon, season) for name, baseline in BASELINES.items()}
    if season > 1:
        chosen[NAIVE] = _bound(seasonal_naive, horizon, 1)
    linear = fit_linear(panel, ends, lengths)
    if linear is not None:
        chosen[LINEAR] = linear.forecast
    return chosen


def _bound(baseline: Callable[[Array, int, int], Array], horizon: int, season: int) -> BaselineForecast:
    return lambda history: baseline(history, horizon, season)


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
