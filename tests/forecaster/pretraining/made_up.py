"""Seasons that are tried, and figures of whole batches of series, (count, time)."""

from __future__ import annotations

import numpy as np

from forecaster.pretraining.prior.draws import Array

SEASONS = (1, 4, 5, 7, 12, 13, 24, 26, 30, 32, 48, 52, 60, 96)


def seeded(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def autocorrelation(series: Array, lag: int) -> Array:
    """Correlate each series with itself so many steps before: (count,)."""
    centred = series - series.mean(1, keepdims=True)
    return (centred[:, lag:] * centred[:, :-lag]).mean(1) / (centred**2).mean(1)


def peak_periods(series: Array) -> Array:
    """Return the period of the strongest frequency of each series, in steps: (count,)."""
    power = np.abs(np.fft.rfft(series - series.mean(1, keepdims=True), axis=1)) ** 2
    return series.shape[1] / (1 + power[:, 1:].argmax(1))


def growth(series: Array) -> float:
    """Return the mean logarithm of a series' variance in its last third over that in its first."""
    third = series.shape[1] // 3
    return float(np.log((series[:, -third:] ** 2).mean(1) / (series[:, :third] ** 2).mean(1)).mean())


def kurtosis(series: Array) -> Array:
    """Return the fourth moment in units of the squared variance, 3 for a normal distribution: (count,)."""
    centred = series - series.mean(1, keepdims=True)
    return (centred**4).mean(1) / (centred**2).mean(1) ** 2
