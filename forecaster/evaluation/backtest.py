"""The backtest: forecasts from every origin, their losses, and those of the baselines."""

import numpy as np
from numpy.typing import NDArray

from deploy import Predictor
from forecaster.evaluation.accumulators import Losses, Totals, Truth, Units, point_losses, quantile_losses
from forecaster.evaluation.baselines import BaselineForecast
from forecaster.evaluation.channel_windows import (
    actual_values,
    histories,
    split_quantiles,
    units_of,
)
from forecaster.evaluation.metrics import seasonal_scales
from forecaster.evaluation.origins import panel_of_windows, take
from forecaster.forecasts.through_predictor import forecast_panel
from forecaster.windows.windows import WindowSet

Array = NDArray[np.float64]
# Windows forecast at once: memory stays a few megabytes, and a window costs no more than in larger batches.
BATCH = 512
MODEL = "model"  # its name among those of the baselines


def backtest(
    predictor: Predictor, windows: WindowSet, baselines: dict[str, BaselineForecast], units: Units
) -> dict[str, Losses]:
    """Sum the losses of the model and of each baseline over all windows.

    Raises DataError or InputError for a history that cannot be forecast.
    """
    totals = {name: Totals(len(units.windows)) for name in (MODEL, *baselines)}
    for begin in range(0, len(windows), BATCH):
        losses = _score(predictor, take(windows, slice(begin, begin + BATCH)), baselines, units)
        for name, total in totals.items():
            total.add(losses[name])
    return {name: total.losses for name, total in totals.items()}


def _score(
    predictor: Predictor, windows: WindowSet, baselines: dict[str, BaselineForecast], units: Units
) -> dict[str, Losses]:
    truth = Truth(actual_values(windows), units_of(windows), units)
    quantiles = forecast_windows(predictor, windows)
    of_levels = quantile_losses(truth, quantiles, predictor.manifest.quantile_levels)
    of_median = point_losses(truth, quantiles[..., predictor.manifest.median_index])
    others = forecast_baselines(windows, baselines)
    return {
        MODEL: of_levels | of_median,
        **{name: point_losses(truth, forecast) for name, forecast in others.items()},
    }


def forecast_windows(predictor: Predictor, windows: WindowSet) -> Array:
    """Forecast windows: (windows × D, horizon, quantile), in the data's units."""
    forecast = forecast_panel(predictor, panel_of_windows(windows), windows.horizon)
    return split_quantiles(forecast.quantiles)


def forecast_baselines(windows: WindowSet, baselines: dict[str, BaselineForecast]) -> dict[str, Array]:
    """Return the forecasts of each baseline: (windows × D, horizon)."""
    history = histories(windows, max(forecast.length for forecast in baselines.values()))
    return {name: forecast(history) for name, forecast in baselines.items()}


def measure_units(windows: WindowSet, scored_from: NDArray[np.int64], season: int) -> Units:
    """Measure the units of all series in the panel.

    scored_from: (series,) the row of the first target that may be scored; scales are of the rows before.
    """
    panel, series = windows.panel, np.unique(windows.series)
    scales = np.full((panel.series_count, panel.target_size, 2), np.nan)
    scales[series] = seasonal_scales(panel.values, panel.offsets[series], scored_from[series], season)
    mean, root = scales.reshape(-1, 2).T
    counts = np.bincount(units_of(windows), minlength=len(mean))
    return Units(mean, root, counts)
