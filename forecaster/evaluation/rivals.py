"""The forecasts that a network is scored beside, on the same windows."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from forecaster.data.panel.panel import Panel
from forecaster.evaluation.baselines import BASELINES, seasonal_naive
from forecaster.evaluation.linear import fit_linear

Array = NDArray[np.float64]
Rival = Callable[[Array], Array]  # history (windows, time), NaN = missing -> forecast (windows, horizon)
SEASONAL_NAIVE, NAIVE, LINEAR = "seasonal naive", "naive", "linear"


def choose_rivals(
    panel: Panel, ends: NDArray[np.int64], season: int, lengths: tuple[int, int]
) -> dict[str, Rival]:
    """The baselines by name, the seasonal naive forecast first.

    ends: (series,) row after the last training value, for the linear map; lengths: context and horizon.
    Without a season the seasonal naive forecast is the naive one, and stands once.
    """
    horizon = lengths[1]
    rivals = {name: _bound(baseline, horizon, season) for name, baseline in BASELINES.items()}
    if season > 1:
        rivals[NAIVE] = _bound(seasonal_naive, horizon, 1)
    linear = fit_linear(panel, ends, lengths)
    if linear is not None:
        rivals[LINEAR] = linear.forecast
    return rivals


def _bound(baseline: Callable[[Array, int, int], Array], horizon: int, season: int) -> Rival:
    return lambda history: baseline(history, horizon, season)
