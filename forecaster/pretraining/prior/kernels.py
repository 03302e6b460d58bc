"""Gaussian processes of sums and products of kernels (KernelSynth: Ansari et al., 2024).

All kernels but the linear one are stationary, so a batch is drawn at once by the Fourier transform of each
covariance, laid round a circle twice as long as the series (Wood and Chan, 1994), in whole seasons, so that
a season repeats exactly. What is negative in that spectrum is 0: little for most.
"""

import numpy as np
from numpy.random import Generator

from forecaster.pretraining.prior.draws import Array, chosen, log_uniform, standardized
from forecaster.pretraining.prior.seasons import WEEK

MOST_KERNELS = 5


def kernel_series(draw: Generator, count: int, length: int, season: int, *, longer: bool = False) -> Array:
    """Draw Gaussian processes of deviation 0.03 to 0.7, with a little white noise: (count, length).

    A third of them stands on a line, or is multiplied by it. longer: seven seasons may make another.
    """
    longest = WEEK * season if longer else season
    lags = -(-length // longest) * longest + 1
    series = sample(draw, draw_covariances(draw, count, lags, season, longer=longer))
    series = standardized(series[:, :length])
    slope = draw.standard_normal((count, 1)) * chosen(draw, 0.35, (count, 1))
    line = slope * np.linspace(-1, 1, length)
    bent = chosen(draw, 0.2, (count, 1))  # the product of a line and a process
    series = np.where(bent, series * (1 + line), series + line)
    noise = log_uniform(draw, 0.002, 0.15, (count, 1)) * draw.standard_normal((count, length))
    return series * log_uniform(draw, 0.03, 0.7, (count, 1)) + noise


def draw_covariances(draw: Generator, count: int, lags: int, season: int, *, longer: bool = False) -> Array:
    """Draw sums and products of up to five kernels, by lag: (count, lags)."""
    seasons = [step for step in (season, WEEK * season) if 1 < step < lags][: 1 + longer]
    covariance = _draw_kernels(draw, count, lags, seasons)
    left = draw.integers(0, MOST_KERNELS, count)
    for number in range(1, MOST_KERNELS):
        more = np.flatnonzero(left >= number)
        other = _draw_kernels(draw, len(more), lags, seasons)
        added = chosen(draw, 0.6, len(more))[:, None]
        covariance[more] = np.where(added, covariance[more] + other, covariance[more] * other)
    return covariance


def sample(draw: Generator, covariances: Array) -> Array:
    """Draw a stationary Gaussian process of each covariance. covariances: (count, time + 1), by lag."""
    count, length = len(covariances), covariances.shape[1] - 1
    circle = np.concatenate([covariances, covariances[:, -2:0:-1]], axis=1)
    spectrum = np.fft.rfft(circle).real.clip(min=0)
    width = circle.shape[1]
    noise = np.fft.rfft(draw.standard_normal((count, width)))
    return np.fft.irfft(noise * np.sqrt(spectrum), width)[:, :length]


def _draw_kernels(draw: Generator, count: int, lags: int, seasons: list[int]) -> Array:
    """Draw a kernel for each series, 1 at lag 0: (count, lags)."""
    lag, season = np.arange(lags, dtype=float), seasons[0] if seasons else 1
    kinds = draw.integers(0, 5 + len(seasons), count)
    wide, narrow = log_uniform(draw, 2, lags, count)[:, None], draw.uniform(0.1, 5, count)[:, None]
    period = log_uniform(draw, max(3, season), max(4, season, lags / 2), count)[:, None]
    smooth = log_uniform(draw, 0.2, 3, count)[:, None]
    every = (
        np.exp(-0.5 * (lag / wide) ** 2),
        (1 + (lag / wide) ** 2 / (2 * narrow)) ** -narrow,  # rational quadratic
        np.broadcast_to(lag == 0, (count, lags)) * 1.0,  # white noise
        np.exp(-lag / wide),  # Ornstein-Uhlenbeck
        np.exp(-2 * np.sin(np.pi * lag / period) ** 2 / smooth**2),
        *(np.exp(-2 * np.sin(np.pi * lag / step) ** 2 / smooth**2) for step in seasons),
    )
    return np.choose(kinds[:, None], every)
