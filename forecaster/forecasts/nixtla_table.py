"""Make the rows of forecasts with the names of Nixtla's libraries: unique_id, ds, y, LSTM, LSTM-lo-80, ..."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from deploy import Forecast
from deploy.shown.intervals import nixtla_columns
from forecaster.data import Library, Panel
from forecaster.forecasts.through_predictor import coming_timestamps

MODEL = "LSTM"  # the name of the forecasts' columns


def nixtla_table(
    panel: Panel,
    forecast: Forecast,
    level: Sequence[float] | None = None,
    actual: NDArray[np.float64] | None = None,
) -> pd.DataFrame:
    """Make a row per series and step. Targets are apart; level: of intervals in percent; None: all.

    actual: (series, horizon) of forecasts of known values, which then also have `cutoff` and `y`.
    Raises ConfigError for a level that was not trained.
    """
    horizon = forecast.quantiles.shape[1]
    ids = np.array(["/".join(id_) or panel.columns.targets[0] for id_ in panel.ids], dtype=object)
    columns: dict[str, Any] = {"unique_id": np.repeat(ids, horizon)}
    columns["ds"] = _moments(panel, coming_timestamps(panel, horizon).ravel())
    if actual is not None:
        columns["cutoff"] = _moments(panel, np.repeat(panel.last_times(), horizon))
        columns["y"] = actual.ravel()
    columns |= nixtla_columns(forecast.quantiles, forecast.quantile_levels, MODEL, level)
    return pd.DataFrame(columns)


def in_types_of(library: Library, panel: Panel) -> Library:
    """Return the library with the types of Nixtla's columns: those of the data that they were."""
    names = {"ds": panel.columns.time or "", "cutoff": panel.columns.time or ""}
    if len(panel.columns.series) == 1 and all(len(id_) == 1 for id_ in panel.ids):
        names["unique_id"] = panel.columns.series[0]
    return library.alike(**names)


def _moments(panel: Panel, times: NDArray[np.int64]) -> Any:
    """Return times as datetimes, with the time zone of the series if they have one, or as counts."""
    if not panel.step.has_calendar:
        return times
    if panel.clock is None:
        return times.astype("datetime64[s]").astype("datetime64[ns]")
    moments = pd.DatetimeIndex(panel.clock.to_utc(times).astype("datetime64[s]"), tz="UTC")
    return moments.tz_convert(panel.columns.timezone).as_unit("ns")
