"""Shapes of a season: what a year, a week or a day looks like, before it evolves."""

import numpy as np
from numpy.random import Generator

from forecaster.pretraining.prior.draws import Array, chosen, log_uniform, standardized

WORKDAYS, WEEK = 5, 7
UNLIKE = 0.5  # share of weeks whose days have a little of a shape of their own


def season_shapes(draw: Generator, count: int, season: int) -> Array:
    """Draw shapes with mean 0 and deviation 1: (count, season).

    Harmonics that fade, values drawn one by one, bumps, blocks that are on or off, and single spikes.
    """
    makers = (_harmonics, _independent, _bumps, _blocks, _spikes)
    kinds = draw.choice(len(makers), count, p=(0.5, 0.16, 0.16, 0.1, 0.08))
    shapes = np.empty((count, season))
    for kind, maker in enumerate(makers):
        members = np.flatnonzero(kinds == kind)
        shapes[members] = maker(draw, len(members), season)
    return standardized(shapes)


def two_seasons(draw: Generator, count: int, season: int) -> Array:
    """Draw shapes of seven short seasons in a long one, as days of a week: (count, 7 × season).

    Two of the seven may differ from the others, as days of rest do, and each has a level and, in half of
    the shapes, a little of a shape of its own. The long season starts anywhere.
    """
    usual, other = season_shapes(draw, count, season), season_shapes(draw, count, season)
    alike = draw.beta(2, 1, count)[:, None]  # 1: days of rest have the shape of workdays
    resting = alike * usual + (1 - alike) * other
    days = np.repeat(usual[:, None], WEEK, axis=1)
    days[:, WORKDAYS:] = resting[:, None] * draw.uniform(0.2, 1.2, count)[:, None, None]
    levels = draw.standard_normal((count, WEEK)) * log_uniform(draw, 0.03, 0.8, count)[:, None]
    levels[:, WORKDAYS:] -= (draw.exponential(0.7, count) * chosen(draw, 0.6, count))[:, None]
    own = log_uniform(draw, 0.02, 0.4, count) * chosen(draw, UNLIKE, count)
    days += own[:, None, None] * season_shapes(draw, WEEK * count, season).reshape(count, WEEK, season)
    whole = (days + levels[..., None]).reshape(count, WEEK * season)
    start = draw.integers(0, WEEK * season, count)
    turned = (np.arange(WEEK * season) + start[:, None]) % (WEEK * season)
    return standardized(np.take_along_axis(whole, turned, axis=1))


def _harmonics(draw: Generator, count: int, season: int) -> Array:
    phase = np.arange(season) * 2 * np.pi / season
    shapes, fading = np.zeros((count, season)), draw.uniform(0.3, 4, count)
    for order in range(1, season // 2 + 1):
        height, turn = draw.standard_normal(count) / order**fading, draw.uniform(0, 2 * np.pi, count)
        shapes += height[:, None] * np.cos(order * phase + turn[:, None])
    return shapes


def _independent(draw: Generator, count: int, season: int) -> Array:
    return draw.standard_normal((count, season))


def _bumps(draw: Generator, count: int, season: int) -> Array:
    shapes, place = np.zeros((count, season)), np.arange(season)
    for _ in range(3):
        centre, width = draw.uniform(0, season, count), log_uniform(draw, 0.04, 0.3, count) * season
        away = np.abs(place - centre[:, None])
        away = np.minimum(away, season - away)
        shapes += draw.standard_normal(count)[:, None] * np.exp(-0.5 * (away / width[:, None]) ** 2)
    return shapes


def _blocks(draw: Generator, count: int, season: int) -> Array:
    start, length = draw.integers(0, season, count), draw.integers(1, max(2, season), count)
    on = (np.arange(season) - start[:, None]) % season < length[:, None]
    return on + 0.1 * draw.standard_normal((count, season))


def _spikes(draw: Generator, count: int, season: int) -> Array:
    shapes = 0.15 * draw.standard_normal((count, season))
    shapes[np.arange(count), draw.integers(0, season, count)] += draw.choice((-1.0, 1.0), count, p=(0.3, 0.7))
    return shapes
