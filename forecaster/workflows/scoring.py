"""One number for how well a model forecasts the end of some series."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from deploy.errors import DataError
from deploy.predictor import Predictor
from forecaster.data.panel.panel import Panel, steps_before, take_series
from forecaster.data.panel.targets_apart import channels_apart
from forecaster.evaluation.metrics import mase, seasonal_scale
from forecaster.forecasts.forecast_table import series_apart
from forecaster.forecasts.through_predictor import ForecastOptions, forecast_panel


def last_horizon_mase(predictor: Predictor, panel: Panel) -> float:
    """MASE of the medians of the last horizon of each series, forecast from what is before.

    Series that are not longer than the horizon do not count, nor do those whose history gives no unit.
    Raises DataError where none counts.
    """
    horizon, season = predictor.manifest.horizon, predictor.manifest.season
    long_enough = np.flatnonzero(panel.lengths() > horizon)
    if not len(long_enough):
        raise DataError(
            f"no series is longer than the horizon, {horizon}, so there is nothing to forecast the last "
            f"{horizon} values from; the longest has {panel.lengths().max()}"
        )
    chosen = take_series(panel, long_enough)
    whole = replace(chosen, levels=np.zeros_like(chosen.levels))  # errors have no level
    before = steps_before(whole, horizon)
    apart, made = series_apart(before, forecast_panel(predictor, before, ForecastOptions()))
    values = channels_apart(whole).values.astype(np.float64)
    actual = np.stack([values[end : end + horizon] for end in apart.ends])  # (series, horizon)
    spans = zip(apart.offsets[:-1], apart.ends, strict=True)
    scales = np.array([seasonal_scale(values[begin:end], season) for begin, end in spans])
    error = mase(actual, made.median.astype(np.float64), scales)
    if np.isnan(error):
        raise DataError(
            f"no series has values among its last {horizon} and, before them, values a season of {season} "
            "apart that differ, so there is no error to scale"
        )
    return error
