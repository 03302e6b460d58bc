"""The plain reference of Theta: one series after the other, by statsmodels where it answers sensibly."""

from __future__ import annotations

import warnings

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
FEWEST_SEASONS, FEWEST_VALUES = 2, 3


def slow_theta(history: Array, horizon: int, season: int) -> Array:
    """Forecast (windows, horizon). history: (windows, time), NaN = missing."""
    forecast = np.full((len(history), horizon), np.nan)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of what does not converge, and of deprecated things inside
        for row in np.flatnonzero(~np.isnan(history).all(axis=1)).tolist():
            forecast[row] = _continue(history[row], horizon, season)
    return forecast


def _continue(values: Array, horizon: int, season: int) -> Array:
    """Forecast (horizon,) from a history with at least one value: (time,), NaN = missing."""
    observed = np.flatnonzero(~np.isnan(values))
    first, last = observed[0], observed[-1]
    series = np.interp(np.arange(first, last + 1), observed, values[observed])
    missing = len(values) - 1 - int(last)  # steps that are forecast, too, since they are not known
    return _forecast(series, missing + horizon, season)[missing:]


def _forecast(series: Array, steps: int, season: int) -> Array:
    """Forecast (steps,) from a series without gaps: (time,)."""
    flat = np.full(steps, series[-1])
    if len(series) < FEWEST_VALUES or np.ptp(series) == 0:
        return flat
    is_seasonal = season > 1 and len(series) >= FEWEST_SEASONS * season
    # Once its season is taken out it is constant, and statsmodels finds a trend in a constant.
    if is_seasonal and np.array_equal(series[season:], series[:-season]):
        return series[-season:][np.arange(steps) % season]
    made = _by_statsmodels(series, steps, season if is_seasonal else 1)
    return made if np.isfinite(made).all() else flat


def _by_statsmodels(series: Array, steps: int, season: int) -> Array:
    """Return the forecast (steps,) of statsmodels. season: 1 = none is taken out."""
    from statsmodels.tsa.forecasting.theta import ThetaModel

    fitted = ThetaModel(series, period=season, deseasonalize=season > 1).fit()
    return np.asarray(fitted.forecast(steps), dtype=np.float64)
