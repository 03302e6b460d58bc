"""Structural series: a level, a damped trend, seasons that evolve, a cycle, breaks, noise with memory.

The components are those of unobserved-component models (Harvey, 1989) and of exponential smoothing (Hyndman
et al., 2008), with parameters drawn for each series. Values are logarithms or plain values, as one likes.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from forecaster.pretraining.prior.draws import Array, chosen, heavy_tailed, log_uniform
from forecaster.pretraining.prior.seasons import WEEK, season_shapes, two_seasons

# Sizes are those of a month in logarithms; a step of another season is so many months.
MONTHS = 12
CALM, OFTEN = 0.8, 24  # share of the series; steps of a season from which on
STEADY = 0.15  # share of the often measured series whose level and season stay as they are under noise

SWINGS = np.array(0.8)  # of a season's amplitude, what the next keeps
FLOORED = 0.5  # share of the often measured series whose peaks swing and whose floor does not


@dataclass(frozen=True)
class Season:
    """A table of seasonal effects of each series: (series, season), and how it evolves."""

    table: Array
    shock: Array  # deviation of a step's change of its own effect
    growth: Array  # of the amplitude a step, as a logarithm
    swing: Array  # deviation of the logarithm of a whole season's amplitude
    cycle: int  # steps of the shortest season
    floor: Array  # effect that growth and swings leave as it is, such as that of the night

    def moving(self, which: NDArray[np.bool_]) -> "Season":
        """Return the same seasons, of which only these evolve."""
        return replace(self, shock=self.shock * which, growth=self.growth * which, swing=self.swing * which)


def structural(draw: Generator, count: int, length: int, season: int, *, longer: bool = False) -> Array:
    """Draw structural series: (count, length). longer: seven seasons make another, as days a week."""
    months = MONTHS / season
    # What is measured often is mostly calm: its season is far above its noise, that of days farthest.
    least = 0.003 if longer else 0.02
    calm = np.where(chosen(draw, CALM, count), log_uniform(draw, least, 0.5, count), 1.0)
    steady = chosen(draw, STEADY, count) if season >= OFTEN else np.zeros(count, bool)
    calm = np.where(steady | (season < OFTEN), 1.0, calm)
    moving = _trend(draw, count, length, months) + _level(draw, count, length, months)
    total = calm * (~steady * moving + _noise(draw, count, length, season))
    total += ~steady * _cycle(draw, count, length, season)
    if season > 1:
        seasons = _draw_season(draw, count, season, longer=longer)
        total += _evolving(draw, length, seasons.moving(~steady))
    return total.T


def _trend(draw: Generator, count: int, length: int, months: float) -> Array:
    """Return the integral of a slope that is damped, wanders and may break: (length, count)."""
    slope = draw.normal(0, 0.004, count) * months * chosen(draw, 0.8, count)
    wander = log_uniform(draw, 1e-5, 0.02, count) * np.sqrt(months) * chosen(draw, 0.45, count)
    damping = np.where(chosen(draw, 0.45, count), 1.0, draw.uniform(0.8, 0.998, count) ** min(1, months))
    change = draw.normal(0, 0.006, count) * months * chosen(draw, 0.15, count)
    jump = draw.normal(0, 0.3, count) * chosen(draw, 0.15, count)
    when = draw.integers(0, length, count)
    steps, shocks = np.empty((length, count)), draw.standard_normal((length, count))
    for time in range(length):
        breaks = when == time
        slope = damping * slope + wander * shocks[time] + change * breaks
        steps[time] = slope + jump * breaks
    return np.cumsum(steps, axis=0)


def _level(draw: Generator, count: int, length: int, months: float) -> Array:
    """Return a random walk, or a level that returns: (length, count)."""
    size = log_uniform(draw, 0.001, 0.12, count) * chosen(draw, 0.85, count) * np.sqrt(min(months, MONTHS))
    kept = np.where(chosen(draw, 0.3, count), draw.uniform(0.6, 0.99, count), 1.0)
    return autoregression(size * heavy_tailed(draw, (length, count), 0.15), kept)


def _cycle(draw: Generator, count: int, length: int, season: int) -> Array:
    """Return a stochastic cycle of 1.5 to 20 seasons, 4 steps at least (Harvey, 1989): (length, count)."""
    period = np.maximum(log_uniform(draw, 1.5, 20, count) * season, 4.0)
    kept, turn = draw.uniform(0.9, 0.9995, count), 2 * np.pi / period
    size = log_uniform(draw, 0.003, 0.1, count) * chosen(draw, 0.4, count)
    rotation = kept * np.exp(1j * turn)
    state = size * (draw.standard_normal(count) + 1j * draw.standard_normal(count)) / np.sqrt(1 - kept**2)
    shocks = draw.standard_normal((length, 2, count))
    values = np.empty((length, count))
    for time in range(length):
        state = rotation * state + size * (shocks[time, 0] + 1j * shocks[time, 1])
        values[time] = state.real
    return values


def _draw_season(draw: Generator, count: int, season: int, *, longer: bool) -> Season:
    height = log_uniform(draw, 0.02, 0.8, count) * chosen(draw, 0.92 if longer else 0.85, count)
    table = np.tile(season_shapes(draw, count, season), (1, WEEK if longer else 1))
    if longer:
        weekly = chosen(draw, 0.8, count)
        table[weekly] = two_seasons(draw, int(weekly.sum()), season)
    steps = np.sqrt(MONTHS / season)
    shock = height * log_uniform(draw, 0.005, 0.12, count) * chosen(draw, 0.6, count) * steps
    growth = draw.normal(0, 0.004, count) * steps**2 * chosen(draw, 0.3, count)
    turned = (np.arange(table.shape[1]) + draw.integers(0, season)) % table.shape[1]
    often = season >= OFTEN
    swing = log_uniform(draw, 0.02, 0.4, count) * chosen(draw, 0.5 if often else 0.3, count)
    table, floor = height[:, None] * table[:, turned], np.zeros(count)
    if often:
        floor = table.min(1) * chosen(draw, FLOORED, count)
    return Season(table, shock, growth, swing, season, floor)


def _evolving(draw: Generator, length: int, season: Season) -> Array:
    """Return the seasonal effects over time: (length, count)."""
    table, width = season.table.T.copy(), season.table.shape[1]
    shocks = season.shock * draw.standard_normal((length, table.shape[1]))
    values = np.empty_like(shocks)
    for time in range(length):
        table[time % width] += shocks[time]
        values[time] = table[time % width]
    grown = np.clip(season.growth * np.arange(length)[:, None], -2, 2)
    swings = _swings(draw, length, season)
    return season.floor + (values - season.floor) * np.exp(grown + swings)


def _swings(draw: Generator, length: int, season: Season) -> Array:
    """Return the logarithm of the amplitude over time, of each whole season or from one to the next."""
    seasons = -(-length // season.cycle)
    shocks = 0.6 * season.swing * draw.standard_normal((seasons, len(season.swing)))
    swings = np.repeat(autoregression(shocks, SWINGS), season.cycle, axis=0)
    if season.cycle >= OFTEN:
        share = np.tile(np.arange(season.cycle) / season.cycle, seasons)[:, None]
        after = np.concatenate([swings[season.cycle :], swings[-season.cycle :]])
        swings = (1 - share) * swings + share * after
    return swings[:length]


def _noise(draw: Generator, count: int, length: int, season: int) -> Array:
    """Return noise that remembers a step, with outliers in an eighth of the series: (length, count)."""
    size = log_uniform(draw, 0.004, 0.25, count)
    white, least, most = (0.25, 0.2, 0.98) if season >= OFTEN else (0.5, -0.4, 0.9)
    kept = np.where(chosen(draw, white, count), 0.0, draw.uniform(least, most, count))
    noise = autoregression(heavy_tailed(draw, (length, count)) * np.sqrt(1 - kept**2), kept)
    struck = chosen(draw, 0.12, count) & chosen(draw, 3 / length, (length, count))
    return size * (noise + 6 * struck * draw.standard_normal((length, count)))


def autoregression(shocks: Array, kept: Array) -> Array:
    """Return y_t = kept · y_{t−1} + shock_t. shocks: (length, count); kept: (count,)."""
    values, state = np.empty_like(shocks), np.zeros(shocks.shape[1])
    for time, shock in enumerate(shocks):
        state = kept * state + shock
        values[time] = state
    return values
