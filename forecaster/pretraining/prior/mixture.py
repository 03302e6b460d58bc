"""The prior: series of all generators, in shares, as values that one could have measured.

An equal mixture of many generators does as well as the best of them (arXiv 2606.09912), so the shares
are round numbers.
"""

import numpy as np
from numpy.random import Generator

from forecaster.pretraining.prior.arima import seasonal_arima
from forecaster.pretraining.prior.augmentation import averaged, censored, counts, mixed, turned, with_gaps
from forecaster.pretraining.prior.corners import cornered
from forecaster.pretraining.prior.draws import Array, chosen
from forecaster.pretraining.prior.kernels import kernel_series
from forecaster.pretraining.prior.structural import structural

# Of the series that are no counts.
SHARES = {"structural": 0.62, "arima": 0.14, "kernels": 0.18, "cornered": 0.06}
COUNTS = 0.08  # of the series that may be 0
MULTIPLICATIVE = 0.65  # of the others: what grows by factors
AVERAGED, MONTHS = 0.35, 12  # of the series without a season: years of months
LARGEST = 7.0  # of a logarithm


def draw_series(
    draw: Generator, count: int, length: int, season: int, *, longer: bool = False, positive: bool = False
) -> Array:
    """Draw series as they are measured, in units of their own: (count, length), NaN = missing.

    longer: some have a second season of seven, as days × week. positive: all values are above 0.
    """
    states = draw_states(draw, count, length, season, longer=longer)
    values = observe(draw, states, positive=positive)
    if not positive:
        counted = np.flatnonzero(chosen(draw, COUNTS, count))
        values[counted] = counts(draw, len(counted), length, season)
    values = censored(draw, values)
    values *= 10 ** draw.uniform(-1, 5, (count, 1))
    return with_gaps(draw, values)[draw.permutation(count)]


def draw_states(draw: Generator, count: int, length: int, season: int, *, longer: bool) -> Array:
    """Draw what is to be the logarithm or the value of a series, of order 0.1: (count, length)."""
    numbers = np.diff(np.round(np.cumsum([0.0, *SHARES.values()]) * count).astype(int))
    size = dict(zip(SHARES, (int(number) for number in numbers), strict=True))
    lower = round(AVERAGED * size["structural"]) if season == 1 else 0
    parts = [
        structural(draw, size["structural"] - lower, length, season, longer=longer),
        seasonal_arima(draw, size["arima"], length, season),
        kernel_series(draw, size["kernels"], length, season, longer=longer),
        cornered(draw, size["cornered"], length, season),
    ]
    if lower:
        parts.append(averaged(structural(draw, lower, length * MONTHS, MONTHS), MONTHS))
    return turned(draw, mixed(draw, np.concatenate(parts)[draw.permutation(count)]))


def observe(draw: Generator, states: Array, *, positive: bool) -> Array:
    """Return values around 1 that grow by factors or by amounts: (count, length)."""
    away = states - states[:, -1:]
    factors = np.exp(np.clip(away, -LARGEST, LARGEST))
    amounts = 1 + away
    if positive:  # as far above 0 as the least of them, and a little more
        least = amounts.min(1, keepdims=True)
        amounts = amounts - np.minimum(0, least) + 0.05 * (least <= 0.05)
    return np.where(chosen(draw, MULTIPLICATIVE, (len(states), 1)), factors, amounts)
