"""The rows of a forecast as they are written: each series at its own next times, in the form of the file."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from deploy.errors import DataError
from deploy.forecast_rows import choose_levels, safe_cell
from deploy.predictor import Forecast
from forecaster.data.channels import channels_apart
from forecaster.data.panel import Panel
from forecaster.data.timestamps import write_timestamps
from forecaster.forecasting import coming_timestamps


def series_apart(panel: Panel, forecast: Forecast) -> tuple[Panel, Forecast]:
    """Each target as a series of its own, as they are drawn and written; nothing changes but joint ones."""
    if panel.target_size == 1:
        return panel, forecast
    quantiles = np.concatenate(np.moveaxis(forecast.quantiles, 2, 0))  # (D × batch, horizon, quantile)
    times = forecast.timestamps
    tiled = None if times is None else np.concatenate([times] * panel.target_size)
    return channels_apart(panel), replace(forecast, quantiles=quantiles, timestamps=tiled)


def forecast_table(panel: Panel, forecast: Forecast, levels: tuple[float, ...]) -> pd.DataFrame:
    """One row per series and step: series columns, time, `target` if there are several, forecast, quantiles.

    Raises ConfigError for a level that was not trained.
    """
    chosen = choose_levels(forecast, levels)
    batch, horizon, _ = forecast.quantiles.shape
    columns: dict[str, Any] = {}
    names = panel.columns.series
    time, several = _time_name(panel), len(panel.columns.targets) > 1
    written = [*names, time, *["target"] * several, "forecast", *(f"q{level:g}" for level in chosen)]
    for name in (*names, time):
        if written.count(name) > 1:
            raise DataError(f'column "{name}" is called as a column of the forecast; rename it')
    for position, name in enumerate(names):
        columns[name] = np.repeat([safe_cell(id_[position]) for id_ in panel.ids], horizon)
    future = coming_timestamps(panel, horizon)
    columns[time] = write_timestamps(future.ravel(), panel.columns.time_format, panel.clock)
    if several:
        columns["target"] = np.repeat([safe_cell(id_[-1]) for id_ in panel.ids], horizon)
    columns["forecast"] = forecast.median.ravel()
    for level in chosen:
        index = forecast.quantile_levels.index(level)
        columns[f"q{level:g}"] = forecast.quantiles[:, :, index].ravel()
    return pd.DataFrame(columns, index=pd.RangeIndex(batch * horizon)).rename(columns=safe_cell)


def _time_name(panel: Panel) -> str:
    """What the column of timestamps is called; without a time column they are counts."""
    return panel.columns.time or ("step" if panel.columns.layout == "rows" else "row")
