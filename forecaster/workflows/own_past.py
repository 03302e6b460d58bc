"""The past of a panel as a judge of networks that were not fitted to it: how far they err, which least."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from deploy import Predictor
from forecaster.config import ModelConfig
from forecaster.data import Panel
from forecaster.data.panel.panel import steps_before, take_series
from forecaster.evaluation.conformal import conformal_offsets
from forecaster.forecasts.through_predictor import forecast_panel
from forecaster.weights.constants import DEVIATION_FLOOR

Array = NDArray[np.float64]

# Origins in the past: of a series at most, of all together at least; of few series there are more of each.
ORIGINS, FEWEST = 4, 20
# Horizons of history that are to be left before an origin.
LEFT = 2
# Of what the errors of the past ask for: they were made with less history, and in other times. Intervals of
# 80 % cover 77 % in the mean of nine sets without a correction, 80 % with a third of it, 84 % with all.
SHARE = 1 / 3


@dataclass(frozen=True)
class Past:
    """Forecasts at origins in the past of series, each in a unit of its own, and the actual values."""

    levels: tuple[float, ...]
    quantiles: Array  # (forecasts, horizon, quantile)
    truth: Array  # (forecasts, horizon), NaN = missing

    @classmethod
    def blend(cls, pasts: "Sequence[Past]") -> Self:
        """Return the mean forecasts of several networks at the same origins."""
        quantiles = np.mean([past.quantiles for past in pasts], axis=0)
        return cls(pasts[0].levels, quantiles, pasts[0].truth)

    @property
    def tells(self) -> bool:
        """Whether there are enough forecasts to decide anything by."""
        return len(self.truth) >= FEWEST

    @property
    def loss(self) -> float:
        """The quantile loss, mean over forecasts, steps and levels."""
        errors = self.truth[..., None] - self.quantiles
        levels = np.array(self.levels)
        return float(np.nanmean(np.maximum(levels * errors, (levels - 1) * errors)))

    def offsets(self) -> NDArray[np.float32]:
        """Return a part of what the quantiles lack to cover their share: (horizon, quantile)."""
        lack = conformal_offsets(self.quantiles, self.truth, self.levels, len(self.truth))
        return (SHARE * lack).astype(np.float32)


def forecast_past(predictor: Predictor, panel: Panel, config: ModelConfig) -> Past:
    """Forecast at origins in the past, a horizon apart, of the series that have history before them.

    Left out are series that are constant there, and those whose gap is as long as all that a network sees.
    """
    horizon, lengths = config.horizon, panel.lengths()
    quantiles = [np.empty((0, horizon, len(config.quantile_levels)))]
    truth = [np.empty((0, horizon))]
    for back in range(1, max(ORIGINS, -(-FEWEST // panel.series_count)) + 1):
        long = np.flatnonzero(lengths >= (back + LEFT) * horizon + config.season)
        before = steps_before(take_series(panel, long), back * horizon)
        before = take_series(before, np.flatnonzero(_has_context(before, config)))
        if not before.series_count:
            continue
        made = forecast_panel(predictor, before)
        scales = np.array([_unit(before, series, config) for series in range(before.series_count)])
        actual = _coming(before, horizon) / scales[:, None]
        tells = np.isfinite(actual).any(axis=1)  # a constant does not, nor a gap
        quantiles.append((made.quantiles / scales[:, None, None])[tells])
        truth.append(actual[tells])
    return Past(config.quantile_levels, np.concatenate(quantiles), np.concatenate(truth))


def _coming(panel: Panel, horizon: int) -> Array:
    """Return the values after the end of each series: (series, horizon)."""
    coming: Array = panel.values[panel.ends[:, None] + np.arange(horizon)]
    return coming


def _context(panel: Panel, series: int, config: ModelConfig) -> Array:
    """Return the values that the network looks at: (time,), NaN = missing."""
    begin, end = panel.offsets[series], panel.ends[series]
    context: Array = panel.values[max(begin, end - config.context_length) : end]
    return context


def _has_context(panel: Panel, config: ModelConfig) -> list[bool]:
    """Return which series have a value in what the network looks at: a long gap leaves none."""
    every = range(panel.series_count)
    return [bool(np.isfinite(_context(panel, series, config)).any()) for series in every]


def _unit(panel: Panel, series: int, config: ModelConfig) -> float:
    """Return the scale of the context of a series, as in model/normalization.py; NaN where it is constant."""
    context = _context(panel, series, config)
    change = np.abs(context[config.season :] - context[: -config.season])
    scale = np.fmax(_mean(change), DEVIATION_FLOOR * np.nanstd(context))
    return float(scale) if scale > 0 else np.nan


def _mean(values: Array) -> float:
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else 0.0
