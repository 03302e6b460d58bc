"""Forecasts from every origin, and their losses, beside those of the baselines."""

from __future__ import annotations

from functools import reduce

import numpy as np
from numpy.typing import NDArray

from deploy.predictor import Predictor
from forecaster.evaluation.accumulators import Tally, Truth, Units, add_tallies, tally_point, tally_quantiles
from forecaster.evaluation.channel_windows import (
    actual_values,
    histories,
    split_quantiles,
    unit_values,
    units_of,
)
from forecaster.evaluation.metrics import seasonal_scale, squared_seasonal_scale
from forecaster.evaluation.origins import panel_of_windows, take
from forecaster.evaluation.rivals import Rival
from forecaster.forecasts.through_predictor import ForecastOptions, forecast_panel
from forecaster.windows.windows import WindowSet

Array = NDArray[np.float64]
# Windows forecast at once: memory stays a few megabytes, and a window costs no more than in larger batches.
BATCH = 512


MODEL = "model"  # beside the names of the baselines


def backtest(
    predictor: Predictor, windows: WindowSet, rivals: dict[str, Rival], units: Units
) -> dict[str, Tally]:
    """What the model and each baseline lose over all windows.

    Raises DataError or InputError for a history that cannot be forecast.
    """
    parts = (take(windows, slice(begin, begin + BATCH)) for begin in range(0, len(windows), BATCH))
    return reduce(_add, (_score(predictor, part, rivals, units) for part in parts))


def _score(
    predictor: Predictor, windows: WindowSet, rivals: dict[str, Rival], units: Units
) -> dict[str, Tally]:
    truth = Truth(actual_values(windows), units_of(windows), units)
    quantiles = forecast_windows(predictor, windows)
    of_levels = tally_quantiles(truth, quantiles, predictor.manifest.quantile_levels)
    of_median = tally_point(truth, quantiles[..., predictor.manifest.median_index])
    beside = forecast_rivals(predictor, windows, rivals)
    return {
        MODEL: of_levels | of_median,
        **{name: tally_point(truth, forecast) for name, forecast in beside.items()},
    }


def _add(left: dict[str, Tally], right: dict[str, Tally]) -> dict[str, Tally]:
    return {name: add_tallies(tally, right[name]) for name, tally in left.items()}


def forecast_windows(predictor: Predictor, windows: WindowSet) -> Array:
    """(windows × D, horizon, quantile), in the data's units."""
    forecast = forecast_panel(predictor, panel_of_windows(windows), ForecastOptions(windows.horizon))
    return split_quantiles(forecast.quantiles)


def forecast_rivals(predictor: Predictor, windows: WindowSet, rivals: dict[str, Rival]) -> dict[str, Array]:
    """(windows × D, horizon) of each baseline. They see the model's context, and at least a season."""
    history = histories(windows, max(windows.context_length, predictor.manifest.season))
    return {name: forecast(history) for name, forecast in rivals.items()}


def measure_units(windows: WindowSet, scored_from: NDArray[np.int64], season: int) -> Units:
    """The units of all series in the panel.

    scored_from: (series,) the row of the first target that may be scored; scales are of the rows before.
    """
    panel, size = windows.panel, windows.panel.target_size
    scales = np.full((panel.series_count * size, 2), np.nan)
    for series in np.unique(windows.series).tolist():
        for channel, values in enumerate(unit_values(panel, series, int(scored_from[series]))):
            scales[series * size + channel] = (
                seasonal_scale(values, season),
                squared_seasonal_scale(values, season),
            )
    counts = np.bincount(units_of(windows), minlength=len(scales))
    return Units(scales[:, 0], scales[:, 1], counts)
