"""Forecasts that a network has to beat, computed from the same histories.

history: (batch, time), the last value in the last column, NaN = missing or before the series began.
Every function returns (batch, horizon).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def seasonal_naive(history: Array, horizon: int, season: int) -> Array:
    """The last value observed at the same place in the season (Hyndman and Athanasopoulos, 2021)."""
    seasons = _seasons(history, season)  # (batch, seasons, season)
    newest = _last_observed(seasons)  # (batch, season)
    filled: Array = np.where(np.isnan(newest), _last_observed(history[:, :, None]), newest)
    forecast: Array = filled[:, np.arange(horizon) % season]
    return forecast


def seasonal_naive_drift(history: Array, horizon: int, season: int) -> Array:
    """The seasonal naive forecast, raised by the mean change from season to season of the history."""
    change = history[:, season:] - history[:, :-season]
    observed = ~np.isnan(change)
    drift: Array = np.where(observed, change, 0.0).sum(1) / np.maximum(observed.sum(1), 1)  # (batch,)
    raised = drift[:, None] * _seasons_ahead(history, horizon, season)
    return seasonal_naive(history, horizon, season) + raised


BASELINES: dict[str, Callable[[Array, int, int], Array]] = {
    "seasonal naive": seasonal_naive,
    "seasonal naive with drift": seasonal_naive_drift,
}


def _seasons(history: Array, season: int) -> Array:
    """(batch, seasons, season), filled with NaN in front."""
    missing = -history.shape[1] % season
    padded = np.pad(history, ((0, 0), (missing, 0)), constant_values=np.nan)
    return padded.reshape(len(history), -1, season)


def _last_observed(values: Array) -> Array:
    """The last value along axis 1 that is not NaN; NaN where there is none."""
    back = np.argmax(~np.isnan(values[:, ::-1]), axis=1)  # (batch, columns)
    index = (values.shape[1] - 1 - back)[:, None]
    last: Array = np.take_along_axis(values, index, axis=1)[:, 0]
    return last


def _seasons_ahead(history: Array, horizon: int, season: int) -> Array:
    """How many seasons lie between each step and the value repeated for it: (batch, horizon)."""
    seasons = _seasons(history, season)
    age = np.argmax(~np.isnan(seasons[:, ::-1]), axis=1)  # seasons since the value was observed
    step = np.arange(horizon)
    ahead: Array = age.take(step % season, axis=1) + 1.0 + step // season
    return ahead
