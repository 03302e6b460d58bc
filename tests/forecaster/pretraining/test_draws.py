"""What every generator draws: shares, log-uniform numbers, noise with heavy tails, standardised series."""

from __future__ import annotations

import numpy as np
import pytest
from made_up import kurtosis, seeded

from forecaster.pretraining.prior.draws import chosen, heavy_tailed, log_uniform, standardized


def test_log_uniform_numbers_are_within_their_bounds_as_often_below_as_above_the_geometric_mean() -> None:
    numbers = log_uniform(seeded(), 0.01, 4, 20_000)
    assert 0.01 <= numbers.min() < 0.0101
    assert 3.99 < numbers.max() <= 4
    assert np.mean(numbers < 0.2) == pytest.approx(0.5, abs=0.02)
    assert np.mean(numbers < 0.01 * 400**0.1) == pytest.approx(0.1, abs=0.01)


def test_a_share_is_chosen() -> None:
    assert chosen(seeded(), 0.3, (200, 100)).mean() == pytest.approx(0.3, abs=0.02)
    assert chosen(seeded(), 1.0, 1000).all()
    assert not chosen(seeded(), 0.0, 1000).any()


def test_a_share_of_the_noise_has_heavy_tails_and_all_of_it_has_a_variance_of_1() -> None:
    noise = heavy_tailed(seeded(), (3000, 700)).T
    heavy = kurtosis(noise) > 3.5  # a normal one's deviates by 0.07; degrees below 6 have more than 6
    assert heavy.mean() == pytest.approx(0.3, abs=0.06)
    assert np.mean(noise[heavy] ** 2) == pytest.approx(1, abs=0.02)
    assert np.mean(noise[~heavy] ** 2) == pytest.approx(1, abs=0.005)
    # With 6 degrees and fewer a value beyond 5 deviations comes 1,000 times as often as with a normal one.
    assert 3e-4 < np.mean(np.abs(noise[heavy]) > 5) < 5e-3
    assert np.mean(np.abs(noise[~heavy]) > 5) < 1e-5


def test_standardised_series_have_mean_0_and_deviation_1_and_constant_ones_are_0() -> None:
    series = 100 + 3 * seeded().standard_normal((5, 40))
    series[2] = 7.25
    scaled = standardized(series)
    assert not scaled[2].any()
    varied = np.delete(scaled, 2, axis=0)
    np.testing.assert_allclose(varied.mean(1), 0, atol=1e-12)
    np.testing.assert_allclose(varied.std(1), 1, rtol=1e-12)
    np.testing.assert_allclose(np.corrcoef(varied[0], series[0])[0, 1], 1)
