"""Series made of series: mixed, turned, counted, censored, averaged, with gaps."""

import numpy as np
from numpy.random import Generator

from forecaster.pretraining.prior.draws import Array, chosen, log_uniform, standardized
from forecaster.pretraining.prior.structural import structural

MIXED, REVERSED, NEGATED, CENSORED, MISSING = 0.1, 0.05, 0.2, 0.05, 0.12  # shares of the series


def mixed(draw: Generator, series: Array) -> Array:
    """Return series of which some are the mean, weighted, of two: (count, time)."""
    series = series.copy()
    number = round(MIXED * len(series))
    into, other = draw.permutation(len(series))[:number], draw.permutation(len(series))[:number]
    weight = draw.uniform(0.2, 0.8, (number, 1))
    series[into] = weight * series[into] + (1 - weight) * series[other]
    return series


def turned(draw: Generator, series: Array) -> Array:
    """Return series of which some run backwards and some upside down: (count, time)."""
    backwards = chosen(draw, REVERSED, (len(series), 1))
    sign = np.where(chosen(draw, NEGATED, (len(series), 1)), -1.0, 1.0)
    return sign * np.where(backwards, series[:, ::-1], series)


def censored(draw: Generator, series: Array) -> Array:
    """Return series of which some stay within a bound, as what is full, sold out or switched off."""
    low, high = (np.quantile(series, share, axis=1, keepdims=True) for share in (0.15, 0.85))
    kind = draw.random((len(series), 1))
    bounded = np.where(kind < CENSORED / 2, np.maximum(series, low), series)
    return np.where(kind > 1 - CENSORED / 2, np.minimum(bounded, high), bounded)


def with_gaps(draw: Generator, series: Array) -> Array:
    """Return series of which some lack single values or a stretch, as NaN: (count, time)."""
    count, time = series.shape
    lacking = chosen(draw, MISSING, (count, 1))
    single = chosen(draw, 1.0, (count, time)) & (draw.random((count, time)) < draw.beta(1, 6, (count, 1)))
    start, length = draw.integers(0, time, (count, 1)), draw.integers(1, max(2, time // 4), (count, 1))
    place = np.arange(time)
    stretch = (place >= start) & (place < start + length)
    gaps = np.where(chosen(draw, 0.5, (count, 1)), single, stretch)
    return np.where(lacking & gaps, np.nan, series)


def averaged(series: Array, steps: int) -> Array:
    """Return means of so many steps in turn, as a year of months: (count, time // steps)."""
    means: Array = series.reshape(len(series), -1, steps).mean(2)
    return means


def counts(draw: Generator, count: int, length: int, season: int) -> Array:
    """Draw counts around a rate that moves and has a season: (count, length), whole, at least 0.

    Poisson or, over-dispersed, negative binomial; in a third of the series with demand at some times alone
    (Croston, 1972).
    """
    log_rate = standardized(structural(draw, count, length, season)) * draw.uniform(0.05, 0.8, (count, 1))
    rate = np.exp(log_rate.clip(-5, 5)) * log_uniform(draw, 0.3, 200, (count, 1))
    shape = log_uniform(draw, 0.5, 20, (count, 1))
    dispersed = chosen(draw, 0.5, (count, 1))
    rate = np.where(dispersed, rate * draw.gamma(np.broadcast_to(shape, rate.shape)) / shape, rate)
    values = draw.poisson(rate).astype(float)
    rarely = chosen(draw, 0.35, (count, 1))
    demanded = chosen(draw, 1.0, (count, length)) & (
        draw.random((count, length)) < log_uniform(draw, 0.05, 0.7, (count, 1))
    )
    return np.where(rarely & ~demanded, 0.0, values)
