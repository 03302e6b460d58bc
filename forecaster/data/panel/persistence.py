"""Whether series stay where they are or return to where they have been."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from forecaster.data.panel.panel import Panel

SAMPLED_SERIES, SAMPLED_ORIGINS = 100, 200

Array = NDArray[np.float64]


def level_persistence(panel: Panel, season: int, context: int, horizon: int) -> float:
    """The error of the last season as a forecast over that of the mean of the context's seasons, typically.

    The median over the series; 0.6 on random walks, 1.4 on noise; NaN where no series can tell.
    """
    count = min(SAMPLED_SERIES, panel.series_count)
    chosen = np.linspace(0, panel.series_count - 1, count).round().astype(int)
    ratios = [
        _ratio(panel.values[panel.offsets[n] : panel.ends[n]].astype(float), season, context, horizon)
        for n in chosen
    ]
    known = [ratio for ratio in ratios if np.isfinite(ratio)]
    return float(np.median(known)) if known else np.nan


def _ratio(values: Array, season: int, context: int, horizon: int) -> float:
    """Of one series; NaN where it is too short, or the mean errs nowhere."""
    span = context // season * season
    count = len(values) - span - horizon + 1
    if span < 2 * season or count < 1:
        return np.nan
    origins = np.unique(np.linspace(span, span + count - 1, min(count, SAMPLED_ORIGINS)).round().astype(int))
    seasons = values[origins[:, None] + np.arange(-span, 0)].reshape(len(origins), -1, season)
    coming = values[origins[:, None] + np.arange(horizon)]
    phase = np.arange(horizon) % season
    observed = np.isfinite(seasons)
    total, seen = np.where(observed, seasons, 0.0).sum(1), observed.sum(1)
    mean = np.divide(total, seen, out=np.full(total.shape, np.nan), where=seen > 0)[:, phase]
    last = seasons[:, -1][:, phase]
    comparable = np.isfinite(coming) & np.isfinite(mean) & np.isfinite(last)
    by_last, by_mean = (np.abs(coming - made)[comparable].sum() for made in (last, mean))
    return float(by_last / by_mean) if by_mean > 0 else np.nan
