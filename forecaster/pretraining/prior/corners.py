"""Series with corners: steps, ramps, spikes and sawtooths, under a little noise."""

import numpy as np
from numpy.random import Generator

from forecaster.pretraining.prior.draws import Array, chosen, log_uniform, standardized

CHANGES = 6


def cornered(draw: Generator, count: int, length: int, season: int) -> Array:
    """Draw steps, ramps, spikes and sawtooths: (count, length), of deviation 0.03 to 0.7, and noise."""
    makers = (steps, ramps, spikes, sawtooths)
    kinds = draw.integers(0, len(makers), count)
    series = np.empty((count, length))
    for kind, maker in enumerate(makers):
        members = np.flatnonzero(kinds == kind)
        series[members] = maker(draw, len(members), length, season)
    noise = log_uniform(draw, 0.01, 0.5, (count, 1)) * draw.standard_normal((count, length))
    return (standardized(series) + noise) * log_uniform(draw, 0.03, 0.7, (count, 1))


def steps(draw: Generator, count: int, length: int, season: int) -> Array:  # noqa: ARG001 - as the others
    """Draw levels that change one to six times: (count, length)."""
    return np.cumsum(_at_changes(draw, count, length), axis=1)


def ramps(draw: Generator, count: int, length: int, season: int) -> Array:  # noqa: ARG001 - as the others
    """Draw lines whose slope changes one to six times: (count, length)."""
    slopes = draw.standard_normal((count, 1)) + np.cumsum(_at_changes(draw, count, length), axis=1)
    return np.cumsum(slopes, axis=1)


def spikes(draw: Generator, count: int, length: int, season: int) -> Array:
    """Draw peaks, every season or every so many steps, that decay at once or slowly: (count, length)."""
    regular = chosen(draw, 0.6, count) & (season > 1)
    period = np.where(regular, season, draw.integers(3, max(4, length // 3), count))
    since = (np.arange(length) + draw.integers(0, period)[:, None]) % period[:, None]
    height = 1 + 0.2 * draw.standard_normal((count, length // 3 + 2))
    number = (np.arange(length)[None] - since).clip(min=0) // period[:, None]
    tall = np.take_along_axis(height, number.clip(max=height.shape[1] - 1), axis=1)
    return tall * np.exp(-since / log_uniform(draw, 0.1, 3, (count, 1)))


def sawtooths(draw: Generator, count: int, length: int, season: int) -> Array:
    """Draw ramps that fall back, up or down, every season or every so many steps: (count, length)."""
    regular = chosen(draw, 0.6, count) & (season > 1)
    period = np.where(regular, season, draw.uniform(3, max(4, length / 3), count))[:, None]
    phase: Array = (np.arange(length) / period + draw.random((count, 1))) % 1
    direction = draw.choice((-1.0, 1.0), (count, 1))
    slope = draw.normal(0, 1, (count, 1)) * chosen(draw, 0.5, (count, 1))
    lines: Array = phase * direction + slope * np.linspace(0, 1, length)
    return lines


def _at_changes(draw: Generator, count: int, length: int) -> Array:
    """Return 0, and at one to six random times the height of a change: (count, length)."""
    changes = np.zeros((count, length))
    number = draw.integers(1, CHANGES + 1, count)
    for change in range(CHANGES):
        rows = np.flatnonzero(number > change)
        changes[rows, draw.integers(0, length, len(rows))] += draw.standard_normal(len(rows))
    return changes
