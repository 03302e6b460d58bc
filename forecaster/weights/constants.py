"""Numbers of a network that no training changes.

Waves of a calendar, lags of a gate, floors of a scale, growth of the offsets beyond the horizon.
"""

import math

import numpy as np
from numpy.typing import NDArray

from forecaster.config import ModelConfig

HARMONICS = 4  # sharper shapes than this come from the history itself
LONGER = 7  # seasons in the longer cycle: the week of hours and of days
# The smallest scale: what varies less is taken for noise.
ABSOLUTE_FLOOR = 1e-8
# A purely periodic window has seasonal differences of 0; its scale is then a tenth of its deviation.
DEVIATION_FLOOR = 0.1
# exp(80) is still finite in float32.
EXPONENT_LIMIT = 80.0
# How much values change over a cycle, next to how far they are from their mean: what a gate tells apart.
LEAST_CHANGE, MOST_CHANGE = 0.01, 10.0


def angular_frequencies(period: int, step_seconds: float) -> list[float]:
    """Return 2πk for each wave k of a period that a step can resolve (Nyquist), at most HARMONICS."""
    waves = max(1, min(HARMONICS, int(period / (2 * step_seconds))))
    return [2 * math.pi * k for k in range(1, waves + 1)]


def calendar_width(periods: tuple[int, ...], step_seconds: float) -> int:
    """Count the features of a timestamp: a sine and a cosine for each harmonic."""
    return sum(2 * len(angular_frequencies(period, step_seconds)) for period in periods)


def gate_lags(config: ModelConfig) -> tuple[int, ...]:
    """Return the season and a longer cycle, as far as the context holds each twice."""
    season = min(config.season, config.context_length)
    return tuple(lag for lag in (season, LONGER * season) if 2 * lag <= config.context_length)


def gate_features(config: ModelConfig) -> int:
    """Count what the gate goes by: the encoder's state, and of each cycle two or three numbers."""
    return config.hidden_size + (2 + config.cycle_changes) * len(gate_lags(config))


def level_changes(config: ModelConfig) -> NDArray[np.float32]:
    """Return a linear map to the mean of the last cycle less that of the one before: (context, lags)."""
    span, lags = config.context_length, gate_lags(config)
    changes = np.zeros((span, len(lags)), np.float32)
    for column, lag in zip(changes.T, lags, strict=True):
        column[span - lag :] = 1 / lag
        column[span - 2 * lag : span - lag] = -1 / lag
    return changes


def offset_growth(steps: int, trained: int) -> NDArray[np.float32]:
    """Return by how much the offsets of the last trained step are multiplied in each step: (steps,).

    Beyond the trained horizon they grow with the root of the step, as the width of a random walk.
    """
    share = np.arange(1, steps + 1, dtype=np.float32) / np.float32(trained)
    growth: NDArray[np.float32] = np.sqrt(np.maximum(share, np.float32(1)))
    return growth
