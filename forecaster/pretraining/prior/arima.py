"""Seasonal ARIMA series whose poles are drawn inside the unit circle, so that they are stable by design.

After Box and Jenkins (1970); poles instead of coefficients as in SarSim0 (arXiv 2601.00970).
"""

import numpy as np
from numpy.random import Generator

from forecaster.pretraining.prior.draws import Array, chosen, heavy_tailed, log_uniform, standardized


def seasonal_arima(draw: Generator, count: int, length: int, season: int) -> Array:
    """Draw seasonal ARIMA series: (count, length), differences of a step with deviations of 0.005 to 0.3.

    Two real poles or a pair of complex ones, a moving average, a seasonal pole and moving average; integrated
    once in two thirds, seasonally in a third.
    """
    warm = 4 * season + 100
    values = heavy_tailed(draw, (warm + length, count))
    values = _moving_average(values, draw.uniform(-0.9, 0.6, count) * chosen(draw, 0.6, count), 1)
    values = second_order(values, *draw_poles(draw, count))
    if season > 1:
        kept = draw.uniform(0.2, 0.98, count) * chosen(draw, 0.5, count)
        values[:season] /= np.sqrt(1 - kept**2)  # as if it had always been so
        values = seasonal_filter(values, kept, season)
    values = values[warm:]
    if season > 1:
        repeated = chosen(draw, 0.35, count)
        fading = -draw.uniform(0.3, 0.97, count)
        wandering = _moving_average(values[:, repeated], fading[repeated], season)
        values[:, repeated] = seasonal_filter(wandering, np.ones(int(repeated.sum())), season)
    integrated = chosen(draw, 0.65, count)
    values[:, integrated] = np.cumsum(values[:, integrated], axis=0)
    scaled = standardized(values.T)
    steps = np.diff(scaled, axis=1).std(1, keepdims=True)
    drift = draw.normal(0, 0.3, (count, 1)) * chosen(draw, 0.4, (count, 1))
    scaled = scaled / np.maximum(steps, 1e-6) + drift * np.arange(length)
    sized: Array = scaled * log_uniform(draw, 0.005, 0.3, (count, 1))
    return sized


def draw_poles(draw: Generator, count: int) -> tuple[Array, Array]:
    """Draw the sum and the product of two poles inside the unit circle: (count,) each."""
    radius, angle = draw.uniform(0.3, 0.98, count), draw.uniform(0.05, 1.0, count) * np.pi
    first, second = draw.uniform(-0.7, 0.97, count), draw.uniform(-0.5, 0.8, count) * chosen(draw, 0.5, count)
    paired = chosen(draw, 0.3, count)
    total = np.where(paired, 2 * radius * np.cos(angle), first + second)
    return total, np.where(paired, radius**2, first * second)


def second_order(shocks: Array, total: Array, product: Array) -> Array:
    """Return y_t = total · y_{t−1} − product · y_{t−2} + shock_t: (time, count)."""
    values = np.empty_like(shocks)
    last, before = np.zeros((2, shocks.shape[1]))
    for time, shock in enumerate(shocks):
        last, before = total * last - product * before + shock, last
        values[time] = last
    return values


def seasonal_filter(shocks: Array, kept: Array, season: int) -> Array:
    """Return y_t = kept · y_{t−m} + shock_t: (time, count)."""
    values = shocks.copy()
    for start in range(season, len(values), season):
        stop = min(start + season, len(values))
        values[start:stop] += kept * values[start - season : stop - season]
    return values


def _moving_average(values: Array, weight: Array, lag: int) -> Array:
    """Return y_t + weight · y_{t−lag}: (time, count)."""
    averaged = values.copy()
    averaged[lag:] += weight * values[:-lag]
    return averaged
