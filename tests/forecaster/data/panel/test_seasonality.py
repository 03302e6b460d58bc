"""The season of series without a calendar."""

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from forecaster.data import read_data
from forecaster.data.panel.seasonality import find_season


def season_of(*series: NDArray[np.float64]) -> int:
    return find_season(read_data(pd.DataFrame({f"y{n}": values for n, values in enumerate(series)})))


def rhythm(period: int, length: int, noise: float = 0.2) -> NDArray[np.float64]:
    generator = np.random.default_rng(period)
    shape = generator.normal(size=period)
    return np.resize(shape, length) + noise * generator.normal(size=length)


@pytest.mark.parametrize("period", [3, 7, 12, 24, 96])
def test_a_rhythm_is_found_under_noise_and_trend(period: int) -> None:
    values = rhythm(period, 6 * period + 20)
    assert season_of(values + 0.3 * np.arange(len(values))) == period


@pytest.mark.parametrize(("period", "noise"), [(24, 0.1), (50, 0.03), (50, 0.003), (100, 0.01), (200, 0.003)])
@pytest.mark.parametrize("seed", range(3))
def test_a_smooth_wave_has_its_period_and_no_ripple_of_its_noise(
    period: int, noise: float, seed: int
) -> None:
    generator = np.random.default_rng(seed)
    wave = np.sin(np.arange(2000) * 2 * np.pi / period) + noise * generator.normal(size=2000)
    assert season_of(wave) in range(period - 2, period + 3)


SHAPES = {
    "wave": lambda phase, _: np.sin(phase),
    "two humps": lambda phase, _: np.sin(phase) + 0.5 * np.sin(2 * phase + 1),
    "rough wave": lambda phase, draws: np.sin(phase) + 0.3 * draws,
    "rush hour": lambda phase, _: (phase < 0.5).astype(float),
}


@pytest.mark.parametrize("period", [4, 7, 12, 24, 52])
@pytest.mark.parametrize("shape", SHAPES)
def test_seasons_are_found_under_40_percent_of_noise(shape: str, period: int) -> None:
    found = []
    for seed in range(4):  # of 200 seeds, too, all are found
        generator = np.random.default_rng(seed)
        phase = 2 * np.pi * np.arange(period) / period
        season = SHAPES[shape](phase, generator.normal(size=period))
        noise = 0.4 * season.std() * generator.normal(size=400)
        found.append(season_of(np.resize(season, 400) + noise))
    assert found == [period] * 4


def test_a_season_is_found_on_a_random_walk() -> None:
    generator = np.random.default_rng(0)
    wave = np.sin(np.arange(400) * 2 * np.pi / 24) + 0.2 * generator.normal(size=400)
    assert season_of(wave + 0.2 * generator.normal(size=400).cumsum()) == 24


def smoothed(noise: NDArray[np.float64], share: float) -> NDArray[np.float64]:
    """An autoregression: each value is a share of the one before, and noise."""
    decay = share ** np.arange(len(noise))
    return np.convolve(noise, decay)[: len(noise)]


NOISES = {
    "noise on a trend": lambda noise: noise + 0.05 * np.arange(len(noise)),
    "an autoregression": lambda noise: smoothed(noise, 0.9),
    "a noisy random walk": lambda noise: noise[:400] + 0.3 * noise[400:].cumsum(),
    "a smooth random walk": lambda noise: noise.cumsum().cumsum(),
    "rare events": lambda noise: (noise > 1.3).astype(float),
}


def test_many_series_of_noise_have_no_season() -> None:
    assert season_of(*np.random.default_rng(0).normal(size=(30, 600))) == 1


@pytest.mark.parametrize("kind", NOISES)
def test_what_has_no_period_has_no_season(kind: str) -> None:
    noises = [np.random.default_rng(seed).normal(size=800) for seed in range(6)]
    assert [season_of(NOISES[kind](noise)) for noise in noises] == [1] * 6


@pytest.mark.parametrize("length", [130, 140, 145])
def test_a_wave_that_is_hardly_seen_three_times_has_no_season_that_still_rises(length: int) -> None:
    assert season_of(np.sin(np.arange(length) * 2 * np.pi / 50)) == 1


def test_a_day_comes_before_the_week_of_which_it_is_part() -> None:
    hours = np.arange(1500)
    assert season_of(rhythm(24, 1500) * (1 + 0.5 * (hours // 24 % 7 >= 5))) == 24


def test_many_series_are_heard_together() -> None:
    alone = rhythm(8, 40, noise=1.5)
    generator = np.random.default_rng(0)
    many = [np.resize(rhythm(8, 8), 40) + 1.5 * generator.normal(size=40) for _ in range(60)]
    assert (season_of(alone), season_of(*many)) == (1, 8)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("length", [30, 500])
def test_noise_and_random_walks_have_no_season(length: int, seed: int) -> None:
    noise = np.random.default_rng(seed).normal(size=length)
    assert (season_of(noise), season_of(noise.cumsum())) == (1, 1)


def test_gaps_hide_no_rhythm() -> None:
    values = rhythm(12, 120)
    values[[5, 17, 18, 40]] = np.nan
    assert season_of(values) == 12


@pytest.mark.parametrize("values", [[1.0, 2.0], [5.0] * 50, [np.nan, 1.0, np.nan, 1.0]])
def test_what_is_short_or_constant_has_no_season(values: list[float]) -> None:
    assert season_of(np.array(values)) == 1


def test_changes_that_are_none_in_all_whole_cycles_have_no_season_and_no_warning() -> None:
    assert season_of(np.r_[0.0, 1.0, 3.0, 6.0, np.arange(7.0, 27.0)]) == 1


def test_series_of_many_lengths_are_heard_together() -> None:
    generator = np.random.default_rng(0)
    lengths = generator.integers(60, 400, size=60)
    series = [np.resize(rhythm(8, 8), length) + 1.5 * generator.normal(size=length) for length in lengths]
    assert (
        season_of(*[np.pad(values, (0, 400 - len(values)), constant_values=np.nan) for values in series]) == 8
    )
