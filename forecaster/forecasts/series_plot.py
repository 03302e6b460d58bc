"""Prepare a series and its forecast to be drawn in whichever way."""

import numpy as np

from deploy import Forecast
from deploy.shown.plotted import SeriesPlot, legible
from forecaster.data import Panel
from forecaster.data.times.timestamps import seconds_as_written, write_timestamps

# History shown next to the forecast, in horizons.
HORIZONS_OF_HISTORY = 2


def plot_of(panel: Panel, forecast: Forecast, series: int) -> SeriesPlot:
    """Return a series of a panel of targets apart, with as much history as is drawn."""
    horizon, end = forecast.quantiles.shape[1], int(panel.ends[series])
    begin = max(int(panel.offsets[series]), end - HORIZONS_OF_HISTORY * horizon)
    past = panel.times(np.array(series), np.arange(begin, end))
    coming = panel.step.shift(past[-1:], np.arange(1, horizon + 1))
    times = np.concatenate([past, coming])
    form = panel.columns.time_format
    written = tuple(write_timestamps(times, form, panel.clock))
    return SeriesPlot(
        name=legible(" / ".join(panel.ids[series]) or panel.columns.targets[0]),
        history_times=written[: end - begin],
        history=panel.values[begin:end],
        times=written[end - begin :],
        quantiles=forecast.quantiles[series],
        levels=forecast.quantile_levels,
        median=forecast.median[series],
        moments=seconds_as_written(times, form, panel.clock),
        has_calendar=panel.step.has_calendar,
    )
