"""Properties of series that decide defaults: the season that no calendar tells, and whether levels stay."""

import numpy as np
from numpy.typing import NDArray

from forecaster.data.panel.panel import Panel

LONGEST_SEASON = 300
# Enough to see a season; the recent past, where it matters.
SAMPLED_SERIES, SAMPLED_VALUES, SAMPLED_ORIGINS = 100, 2000, 200
# How clearly changes repeat: autocorrelation, and standard errors of that of unrelated changes.
CLEAR, STANDARD_ERRORS = 0.25, 4.0
# A day is the season of hours, even where a week repeats a little better.
SHARE_OF_BEST = 0.6


def find_season(panel: Panel) -> int:
    """Return the steps in the shortest clear season; 1 where there is none."""
    sample = [_bridge(values[-SAMPLED_VALUES:]) for values in _sampled(panel)]
    seen, products = np.zeros(LONGEST_SEASON + 2), np.zeros(LONGEST_SEASON + 2)  # at each lag
    for values in sample:
        changes = np.diff(values)  # have no trend; those of a random walk are unrelated
        reach = min(len(changes) // 3, LONGEST_SEASON + 2)  # a season is seen three times
        if reach > 2 and changes.any():
            products[:reach] += len(changes) * autocorrelation(changes)[:reach]
            seen[:reach] += len(changes)
    lags = np.flatnonzero(seen[1:]) + 1
    if not len(lags):
        return 1
    correlation = products[lags] / seen[lags]
    clear = correlation > np.maximum(CLEAR, STANDARD_ERRORS / np.sqrt(seen[lags]))
    peaks = [lags[first + correlation[first:end].argmax()] for first, end in _runs(clear)]
    peaks = [lag for lag in peaks if lag < lags[-1]]  # what still rises is no peak
    if not peaks:
        return 1
    heights = correlation[np.array(peaks) - 1]
    return int(peaks[int((heights >= SHARE_OF_BEST * heights.max()).argmax())])


def _runs(clear: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Return first and end of each run of clear lags but one at the start: neighbours are always alike."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], clear, [False]]).astype(np.int8)))
    runs = list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))
    return [run for run in runs if run[0] > 0]


def _bridge(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the values with gaps filled by lines.

    Empty where none is observed: a channel may end before others.
    """
    known = np.flatnonzero(~np.isnan(values))
    if not len(known):
        return np.zeros(0)
    return np.interp(np.arange(len(values)), known, values[known])


def autocorrelation(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the correlation of a series with itself, lag by lag: (time,); the usual, biased estimate."""
    centred = values - values.mean()
    size = 1 << (2 * len(values) - 1).bit_length()  # zeros beyond the end keep it from wrapping around
    spectrum = np.abs(np.fft.rfft(centred, size)) ** 2
    products: NDArray[np.float64] = np.fft.irfft(spectrum, size)[: len(values)]
    return products / products[0] if products[0] > 0 else np.zeros(len(values))


def level_persistence(panel: Panel, season: int, context: int, horizon: int) -> float:
    """Return the error of the last season as a forecast over that of the mean of the context's seasons.

    The median over the series; 0.6 on random walks, 1.4 on noise; NaN where no series can tell.
    """
    ratios = [_ratio(values, season, context, horizon) for values in _sampled(panel)]
    known = [ratio for ratio in ratios if np.isfinite(ratio)]
    return float(np.median(known)) if known else np.nan


def relative_range(panel: Panel) -> float:
    """Return by what share of its smallest value a series of numbers above 0 varies: the median of all."""
    shares = [np.nanmax(values) / np.nanmin(values) - 1 for values in _sampled(panel)]
    return float(np.median(shares))


def _sampled(panel: Panel) -> list[NDArray[np.float64]]:
    """Return the values of some series, from all over the panel: each (time,)."""
    count = min(SAMPLED_SERIES, panel.series_count)
    chosen = np.linspace(0, panel.series_count - 1, count).round().astype(int)
    return [panel.values[panel.offsets[n] : panel.ends[n]] for n in chosen]


def _ratio(values: NDArray[np.float64], season: int, context: int, horizon: int) -> float:
    """Return the ratio of one series; NaN where it is too short, or the mean errs nowhere."""
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
