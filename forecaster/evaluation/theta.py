"""The Theta model: half the trend of a line, and exponential smoothing; the winner of M3.

Source: Assimakopoulos and Nikolopoulos, 2000, in the form of Hyndman and Billah, 2003; as ThetaModel of
statsmodels computes it, but all windows at once, which takes a hundredth of the time.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
# A season has to be there so often to be taken out ...
FEWEST_SEASONS = 2
# ... and is known better from so many: two leave one value for each place of the season.
SEASONS = 4
# Fewer values show no trend.
FEWEST_VALUES = 3
# The autocorrelation at a season is no chance above this: chi-squared at 90 %, one degree of freedom.
CHANCE = 1.645**2
# Weights of the newest value that smoothing may have, so many tried at once, then so many between the best.
LOWEST, HIGHEST, TRIED, ROUNDS = 1e-4, 1 - 1e-4, 17, 4
# Values of all windows that are computed at once: what fits a cache.
VALUES_AT_ONCE = 1 << 18


@dataclass(frozen=True)
class Series:
    """Series without gaps that end in the last column, each with its first value repeated in front of it."""

    values: Array  # (series, time)
    lengths: NDArray[np.int64]  # (series,) from the first observed value to the last
    late: NDArray[np.int64]  # (series,) steps from the last observed value to the end of the history

    @property
    def inside(self) -> NDArray[np.bool_]:
        """Which values are no repetition: (series, time)."""
        time = self.values.shape[1]
        inside: NDArray[np.bool_] = np.arange(time) >= (time - self.lengths)[:, None]
        return inside


def theta(history: Array, horizon: int, season: int) -> Array:
    """Forecast (windows, horizon) by the Theta model, the season taken out where a test finds one.

    history: (windows, time), the last value in the last column, NaN = missing: filled by straight lines; what
    is missing at the end is forecast, too. A history that is too short, or constant, repeats its last value;
    one without a value gives NaN.
    """
    forecast = np.full((len(history), horizon), np.nan)
    known = np.flatnonzero(~np.isnan(history).all(axis=1))
    at_once = max(1, VALUES_AT_ONCE // max(history.shape[1], 1))
    with np.errstate(all="ignore"):  # 0 / 0 where nothing varies; what is not finite is replaced
        for begin in range(0, len(known), at_once):
            rows = known[begin : begin + at_once]
            forecast[rows] = _forecast(_fill(history[rows]), horizon, season)
    return forecast


def _forecast(series: Series, horizon: int, season: int) -> Array:
    """Continue series (series, horizon) after the end of their histories."""
    adjusted, seasonal, is_factor = _take_out_season(series, season)
    level, weight = _smooth(adjusted)
    steps = series.late[:, None] + np.arange(horizon)  # from the first after the last observed value
    reach = steps + ((1 - (1 - weight) ** series.lengths) / weight)[:, None]
    made = level[:, None] + _slopes(adjusted, series)[:, None] / 2 * reach
    wave = np.take_along_axis(seasonal, steps % season, axis=1)
    made = np.where(is_factor[:, None], made * wave, made + wave)
    last = series.values[:, -1:]
    varies = (series.values != last).any(axis=1)
    is_usable = varies & (series.lengths >= FEWEST_VALUES) & np.isfinite(made).all(axis=1)
    return np.where(is_usable[:, None], made, last)


def _fill(history: Array) -> Series:
    """Fill gaps by straight lines, and move what is missing at the end. history: each row with a value."""
    time = history.shape[1]
    if np.isfinite(history).all():  # as most are
        return Series(history + 0.0, np.full(len(history), time), np.zeros(len(history), dtype=np.int64))
    observed, columns = ~np.isnan(history), np.arange(time)
    first, late = observed.argmax(axis=1), observed[:, ::-1].argmax(axis=1)
    before = np.maximum.accumulate(np.where(observed, columns, 0), axis=1)
    after = np.minimum.accumulate(np.where(observed, columns, time - 1)[:, ::-1], axis=1)[:, ::-1]
    places = np.maximum(
        columns - late[:, None], first[:, None]
    )  # of the values, as they end in the last column
    before, after = (np.take_along_axis(found, places, axis=1) for found in (before, after))
    left, right = (np.take_along_axis(history, found, axis=1) for found in (before, after))
    share = (places - before) / np.maximum(after - before, 1)
    return Series(left + (right - left) * share, time - late - first, late)


def _take_out_season(series: Series, season: int) -> tuple[Array, Array, NDArray[np.bool_]]:
    """Return series without their season, and the season, (series, season) from the first step after them.

    Last: where it is a factor, (series,), for all values are above 0; else it is a summand.
    """
    values, inside, time = series.values, series.inside, series.values.shape[1]
    nothing = np.zeros((len(values), season)), np.zeros(len(values), dtype=np.bool_)
    if season == 1 or time < FEWEST_SEASONS * season:
        return values, *nothing
    found = _has_season(series, season)
    factors, summands = _seasons_of(series, season)
    is_factor = found & (values > 0).all(axis=1) & (factors > 0).all(axis=1)
    summands = np.where(found[:, None], summands, 0.0)
    seasonal = np.where(is_factor[:, None], factors, summands)
    wave = seasonal[:, (np.arange(time) - time) % season]
    adjusted = np.where(is_factor[:, None], values / wave, values - wave)
    first = np.take_along_axis(adjusted, (time - series.lengths)[:, None], axis=1)
    return np.where(inside, adjusted, first), seasonal, is_factor


def _has_season(series: Series, season: int) -> NDArray[np.bool_]:
    """Test whether the autocorrelation at one season is more than those before it let expect: (series,)."""
    centred, time = _centred(series), series.values.shape[1]
    size = 1 << (time + season).bit_length()
    spectrum = np.fft.rfft(centred, size)
    covariance = np.fft.irfft(spectrum.real**2 + spectrum.imag**2, size)[:, : season + 1]
    correlation = covariance / covariance[:, :1]
    statistic = series.lengths * correlation[:, -1] ** 2 / np.square(correlation[:, :-1]).sum(axis=1)
    found: NDArray[np.bool_] = (statistic > CHANCE) & (series.lengths >= FEWEST_SEASONS * season)
    return found


def _seasons_of(series: Series, season: int) -> tuple[Array, Array]:
    """Return the mean deviation from a centred moving average: (series, season), as factors of mean 1, and
    as summands of mean 0.
    """
    values, time, half = series.values, series.values.shape[1], season // 2
    # A window is a season; of an even one with half a value at each end.
    sums = np.cumsum(np.pad(_centred(series), ((0, 0), (1, 0))), axis=1)
    odd = 1 - season % 2
    windows = sums[:, season:] - sums[:, :-season]
    trend = (windows[:, : windows.shape[1] - odd] + windows[:, odd:]) / (2 * season) + _means(series)
    whole = series.inside[:, : time - 2 * half]  # the window begins inside, so it ends there
    middle = values[:, half : time - half]
    factors, summands = (
        _means_of_places(np.where(whole, apart, np.nan), half, season)
        for apart in (middle / trend, middle - trend)
    )
    return factors / factors.mean(axis=1, keepdims=True), summands - summands.mean(axis=1, keepdims=True)


def _means_of_places(apart: Array, half: int, season: int) -> Array:
    """Return the mean at each place: (series, season). apart: half a season shorter at each end."""
    time = apart.shape[1] + 2 * half
    padded = np.pad(apart, ((0, 0), (half + -time % season, half)), constant_values=np.nan)
    places = padded.reshape(len(apart), -1, season)
    missing = np.isnan(places)
    means: Array = np.where(missing, 0.0, places).sum(axis=1) / (~missing).sum(axis=1)
    return means


def _means(series: Series) -> Array:
    """Return the mean of each series: (series, 1)."""
    sums = np.where(series.inside, series.values, 0.0).sum(axis=1, keepdims=True)
    means: Array = sums / series.lengths[:, None]
    return means


def _centred(series: Series) -> Array:
    """Return series less their mean, 0 in front of them."""
    return np.where(series.inside, series.values - _means(series), 0.0)


def _slopes(values: Array, series: Series) -> Array:
    """Return the slope of the least-squares line through values as long as the series: (series,), a step."""
    time, count = values.shape[1], series.lengths[:, None]
    place = np.where(series.inside, np.arange(time) - (time - 1) + (count - 1) / 2, 0.0)  # of mean 0
    rise = place * (values - values[:, :1])
    slopes: Array = rise.sum(axis=1) / np.maximum(np.square(place).sum(axis=1), 1.0)
    return slopes


def _smooth(values: Array) -> tuple[Array, Array]:
    """Return the last level of simple exponential smoothing from the first value, and the weight: (series,).

    The weight has the smallest sum of squared errors. What is repeated in front changes neither.
    """
    start = values[:, :1]
    scale = np.abs(values - start).max(axis=1, keepdims=True)
    steps = np.ascontiguousarray(((values - start) / np.where(scale > 0, scale, 1.0)).T)  # (time, series)
    low, high = np.full(len(values), LOWEST), np.full(len(values), HIGHEST)
    best = low
    for _ in range(ROUNDS):
        weights = np.linspace(low, high, TRIED)  # (tried, series)
        place = _errors(steps, weights)[0].argmin(axis=0)
        low, best, high = (
            np.take_along_axis(weights, np.clip(place + off, 0, TRIED - 1)[None], axis=0)[0]
            for off in (-1, 0, 1)
        )
    return start[:, 0] + _errors(steps, best[None])[1][0] * scale[:, 0], best


def _errors(steps: Array, weights: Array) -> tuple[Array, Array]:
    """Return the sum of squared errors and the last level, which begins at 0: (tried, series).

    steps: (time, series); weights: (tried, series).
    """
    level, squared = np.zeros_like(weights), np.zeros_like(weights)
    for values in steps:
        error = values - level
        squared += error * error
        level += weights * error
    return squared, level
