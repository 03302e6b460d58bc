"""Gaussian processes have the covariance that their kernels say."""

from __future__ import annotations

import numpy as np
import pytest
from made_up import SEASONS, autocorrelation, peak_periods, seeded

from forecaster.pretraining.prior import kernels as module
from forecaster.pretraining.prior.draws import Array
from forecaster.pretraining.prior.kernels import MOST_KERNELS, draw_covariances, kernel_series, sample

pytestmark = pytest.mark.slow
LENGTH = 96
LAG = np.arange(LENGTH, dtype=float)
SMOOTH = np.exp(-0.5 * (LAG / 12) ** 2)
SHORT = np.exp(-LAG / 8)
SEASONAL = np.exp(-2 * np.sin(np.pi * LAG / 12) ** 2 / 1.5**2)
NOISE = (LAG == 0) * 1.0


@pytest.mark.parametrize(
    "covariance",
    [SMOOTH, SHORT, NOISE, SMOOTH + SHORT, SMOOTH * SEASONAL, SEASONAL + NOISE, (SHORT + NOISE) * SEASONAL],
    ids=["smooth", "short", "noise", "sum", "product", "season and noise", "sum times season"],
)
def test_the_covariance_of_samples_is_the_sum_or_product_of_kernels(covariance: Array) -> None:
    samples = sample(seeded(), np.tile(covariance, (6000, 1)))
    assert np.abs(samples.mean(0)).max() < 0.1
    found = samples.T @ samples / len(samples)
    lag = LAG[:-1]  # samples are a value shorter
    expected = covariance[np.abs(lag[:, None] - lag).astype(int)]
    # √((1 + 1) / 6000) is the deviation of a covariance.
    np.testing.assert_allclose(found, expected, atol=0.09 * covariance[0])


@pytest.mark.parametrize("season", SEASONS)
def test_drawn_kernels_are_covariances(season: int) -> None:
    covariances = draw_covariances(seeded(), 150, LENGTH, season)
    toeplitz = covariances[:, np.abs(LAG[:, None] - LAG).astype(int)]
    assert np.linalg.eigvalsh(toeplitz).min() > -1e-9
    assert np.abs(covariances).max(1).tolist() == covariances[:, 0].tolist()


def test_up_to_five_kernels_are_added_or_multiplied() -> None:
    height = draw_covariances(seeded(), 5000, 8, 4)[:, 0]  # each is 1 at lag 0, so it counts what is added
    np.testing.assert_allclose(height, np.round(height))
    number = np.bincount(np.round(height).astype(int), minlength=MOST_KERNELS + 1)
    assert number[0] == 0
    assert len(number) == MOST_KERNELS + 1
    assert number[MOST_KERNELS] / 5000 == pytest.approx(0.6**4 / 5, abs=0.01)
    assert height.mean() == pytest.approx(1 + 2 * 0.6, abs=0.05)


def test_what_is_negative_in_a_spectrum_adds_little_to_most_processes() -> None:
    covariances = draw_covariances(seeded(), 300, 120, 12)
    samples = sample(seeded(), np.repeat(covariances, 20, axis=0)).reshape(300, -1)
    excess = (samples**2).mean(1) / covariances[:, 0] - 1
    assert np.median(excess) == pytest.approx(0, abs=0.03)
    assert np.quantile(excess, 0.8) < 0.2


@pytest.mark.parametrize("season", [4, 7, 12, 24])
def test_a_periodic_kernel_repeats_its_season(season: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_KERNELS", 1)
    covariances = draw_covariances(seeded(), 1200, 12 * season + 1, season)
    seasonal = np.abs(covariances[:, ::season] - 1).max(1) < 1e-9
    constant = covariances.min(1) > 0.9
    assert seasonal.mean() == pytest.approx(1 / 6, abs=0.05)
    samples = sample(seeded(), covariances[seasonal & ~constant])
    again = autocorrelation(samples, season)
    assert np.median(again) > 0.95
    assert np.mean(again > autocorrelation(samples, season + season // 2)) > 0.9
    repeated = season / peak_periods(samples)  # times in a season
    assert np.mean(np.abs(repeated - np.round(repeated)) < 0.1) > 0.95


@pytest.mark.parametrize("length", [96, 100, 168])
def test_a_season_repeats_exactly_whatever_the_length(length: int, monkeypatch: pytest.MonkeyPatch) -> None:
    covariance = np.cos(2 * np.pi * np.arange(1000) / (7 * 12))  # of seven seasons
    monkeypatch.setattr(
        module, "draw_covariances", lambda _, count, lags, *__, **___: np.tile(covariance[:lags], (count, 1))
    )
    monkeypatch.setattr(module, "chosen", lambda _, __, size: np.zeros(size, bool))
    monkeypatch.setattr(module, "log_uniform", lambda _, least, *more: np.full(more[-1], float(least > 0.01)))
    series = kernel_series(seeded(), 50, length, 12, longer=True)
    np.testing.assert_allclose(series[:, 84:], series[:, : length - 84], atol=1e-6)


def test_a_series_is_a_process_with_a_little_noise() -> None:
    series = kernel_series(seeded(), 2000, 100, 12)
    sizes = series.std(1)
    assert np.quantile(sizes, 0.02) > 0.03
    assert np.quantile(sizes, 0.95) < 0.8
    assert np.exp(np.log(sizes).mean()) == pytest.approx((0.03 * 0.7) ** 0.5, rel=0.25)


def test_a_third_of_the_series_has_a_trend() -> None:
    time = np.linspace(-1, 1, 100)
    flat = kernel_series(seeded(), 2000, 100, 12)
    flat = flat - flat.mean(1, keepdims=True)
    slopes = np.abs(flat @ time) / (time @ time) / flat.std(1)
    assert 0.1 < np.mean(slopes > 1) < 0.3
