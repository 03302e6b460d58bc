"""Prepare a series and its forecast to be drawn in whichever way."""

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from deploy import Forecast
from forecaster.data import Panel
from forecaster.data.times.timestamps import write_timestamps

Array = NDArray[np.float64]
# History shown next to the forecast, in horizons.
HORIZONS_OF_HISTORY = 2


@dataclass(frozen=True)
class SeriesPlot:
    """A series and its forecast, as drawn. Times are as the file writes them; NaN = missing."""

    name: str
    history_times: tuple[str, ...]
    history: Array  # (time,)
    times: tuple[str, ...]  # (horizon,)
    quantiles: Array  # (horizon, quantile)
    levels: tuple[float, ...]
    median: Array  # (horizon,)
    actual: Array | None = None  # (horizon,)
    baselines: dict[str, Array] = field(default_factory=dict)  # (horizon,) each, forecasts to compare with

    def shortened(self, most: int) -> "SeriesPlot":
        """Keep the last `most` values of the history."""
        return replace(self, history_times=self.history_times[-most:], history=self.history[-most:])


def plot_of(panel: Panel, forecast: Forecast, series: int) -> SeriesPlot:
    """Return a series of a panel of targets apart, with as much history as is drawn."""
    horizon, end = forecast.quantiles.shape[1], int(panel.ends[series])
    begin = max(int(panel.offsets[series]), end - HORIZONS_OF_HISTORY * horizon)
    past = panel.times(np.array(series), np.arange(begin, end))
    coming = panel.step.shift(past[-1:], np.arange(1, horizon + 1))
    times = np.concatenate([past, coming])
    written = tuple(write_timestamps(times, panel.columns.time_format, panel.clock))
    return SeriesPlot(
        name=legible(" / ".join(panel.ids[series]) or panel.columns.targets[0]),
        history_times=written[: end - begin],
        history=panel.values[begin:end],
        times=written[end - begin :],
        quantiles=forecast.quantiles[series],
        levels=forecast.quantile_levels,
        median=forecast.median[series],
    )


def legible(text: str) -> str:
    """Replace characters that no picture can show and that a terminal would obey."""
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text)
