"""Structural series: each of their parts does what its name says."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from made_up import autocorrelation, growth, peak_periods, seeded

from forecaster.pretraining.prior import structural as module
from forecaster.pretraining.prior.draws import Array
from forecaster.pretraining.prior.structural import OFTEN, Season, autoregression, structural

# Four times the deviation of a share of so many series is less.
COUNT, SHARE = 2000, 0.045
OTHERS = ("_trend", "_level", "_cycle", "_noise")


def alone(patch: pytest.MonkeyPatch, count: int, length: int, season: int, *, longer: bool = False) -> Array:
    """Draw structural series of seasons alone: (count, length)."""
    for name in OTHERS:
        patch.setattr(module, name, lambda *_: np.zeros((length, count)))
    return structural(seeded(), count, length, season, longer=longer)


@dataclass(frozen=True)
class Trends:
    """The steps of trends, of which those that do not wander are geometric, but for breaks."""

    steps: Array  # (count, time)
    damping: Array  # (count,) what is left of a slope after a step
    breaks: Array  # (count, time - 1) whether a step is not what the step before leads to

    @property
    def wander(self) -> Array:
        return self.breaks.sum(1) > 2


@pytest.fixture(scope="module")
def trends() -> Trends:
    steps = np.diff(module._trend(seeded(), COUNT, 60, 1.0), axis=0).T
    with np.errstate(divide="ignore", invalid="ignore"):
        damping = np.nan_to_num(np.median(steps[:, 1:] / steps[:, :-1], axis=1))
    breaks = np.abs(steps[:, 1:] - damping[:, None] * steps[:, :-1]) > 1e-10
    return Trends(steps, damping, breaks)


def test_some_slopes_wander(trends: Trends) -> None:
    assert trends.wander.mean() == pytest.approx(0.45, abs=SHARE)


def test_other_slopes_last_or_fade_by_a_share_of_themselves(trends: Trends) -> None:
    sloping = ~trends.wander & (np.abs(trends.steps).max(1) > 0) & (trends.breaks.sum(1) == 0)
    damping = trends.damping[sloping]
    lasting = np.abs(damping - 1) < 1e-9
    assert lasting.mean() == pytest.approx(0.45, abs=0.08)
    assert damping[~lasting].min() >= 0.8
    assert damping[~lasting].max() <= 0.998
    assert np.median(damping[~lasting]) == pytest.approx(0.9, abs=0.02)


def test_a_trend_may_jump_once_or_change_its_slope_once(trends: Trends) -> None:
    steady = trends.breaks[~trends.wander]
    number = steady.sum(1)
    # A change of the slope lasts and is one step unlike the one before; a jump is undone by the next step.
    assert np.mean(number > 0) == pytest.approx(1 - 0.85**2, abs=0.06)
    first = steady.argmax(1)
    twice = number == 2
    assert steady[np.flatnonzero(twice), first[twice] + 1].all()
    assert np.mean(twice) == pytest.approx(0.15, abs=SHARE)


def test_a_trend_without_a_slope_is_level_until_it_breaks(trends: Trends) -> None:
    flat = (trends.steps == 0).sum(1) >= 59 - 1
    assert flat.mean() == pytest.approx(0.2 * 0.55 * 0.85, abs=0.03)


def test_a_season_of_fewer_months_has_steeper_steps() -> None:
    year, week = (np.abs(np.diff(module._trend(seeded(), COUNT, 60, months), axis=0)) for months in (1, 0.25))
    assert np.median(year[year > 0]) / np.median(week[week > 0]) == pytest.approx(4, rel=0.5)


def test_a_level_walks_or_returns_or_stays() -> None:
    levels = module._level(seeded(), 1000, 2000, 1.0).T
    moving = levels.std(1) > 0
    assert moving.mean() == pytest.approx(0.85, abs=SHARE)
    levels = levels[moving]
    # Over 500 steps a walk moves √500 = 22 times as far as in one, one that keeps 0.99 at most 10 times.
    far = (levels[:, 500:] - levels[:, :-500]).std(1) / np.diff(levels, axis=1).std(1)
    assert np.mean(far < 10) == pytest.approx(0.3 + 0.03, abs=SHARE)
    assert far.max() < 100  # what grew by a hundredth a step would be at thousands
    returning = levels[far < 7, 300:]
    assert growth(returning) == pytest.approx(0, abs=0.1)


@pytest.mark.parametrize("season", [1, 4, 12])
def test_a_cycle_takes_one_and_a_half_to_twenty_seasons_and_at_least_four_steps(season: int) -> None:
    cycles = module._cycle(seeded(), 400, 3000, season).T
    there = cycles.std(1) > 0
    assert there.mean() == pytest.approx(0.4, abs=0.1)
    cycles = cycles[there]
    shortest, longest = max(4.0, 1.5 * season), max(4.0, 20.0 * season)
    periods = peak_periods(cycles)
    inside = (periods > 0.75 * shortest) & (periods < 1.5 * longest)
    assert inside.mean() > 0.9  # cycles that are soon forgotten have no sharp peak
    usual = np.median(np.maximum(np.exp(np.linspace(np.log(1.5), np.log(20), 101)) * season, 4))
    assert np.median(periods) == pytest.approx(usual, rel=0.25)
    begun = cycles[:, 0] ** 2 / (cycles**2).mean(1)
    assert begun.mean() == pytest.approx(1, abs=0.4)  # it begins as it continues
    assert growth(cycles) == pytest.approx(0, abs=0.25)


@pytest.mark.parametrize(
    ("season", "longer", "as_they_are"),
    [
        (4, False, 0.4 * 0.7 * 0.7),
        (12, False, 0.4 * 0.7 * 0.7),
        (7, False, 0.4 * 0.7 * 0.7),
        (24, True, 0.15 + 0.85 * 0.4 * 0.7 * 0.5),  # steady ones first
    ],
)
def test_seasons_repeat_and_some_of_them_to_the_last_digit(
    season: int, longer: bool, as_they_are: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = 7 * season if longer else season
    series = alone(monkeypatch, 500, 4 * whole, season, longer=longer)
    seasonal = series.std(1) > 0
    assert seasonal.mean() == pytest.approx(0.92 if longer else 0.85, abs=0.07)
    series = series[seasonal]
    exact = np.abs(series[:, whole:] - series[:, :-whole]).max(1) < 1e-9
    assert exact.mean() == pytest.approx(as_they_are, abs=0.08)
    height = series[exact, :whole].std(1)
    assert 0.019 < height.min() < height.max() < 0.81
    assert np.median(autocorrelation(series, whole)) > 0.9
    # Nothing shorter repeats as well, but for the day of a week.
    shorter = [autocorrelation(series, lag) for lag in range(1, season)]
    assert np.mean(np.max(shorter, axis=0) < autocorrelation(series, whole)) > (0.6 if longer else 0.75)


def test_seasons_that_evolve_do_so_by_little_from_one_to_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    series = alone(monkeypatch, 2000, 12 * 20, 12).reshape(2000, 20, 12)
    seasonal = series[series.std((1, 2)) > 0]
    change = np.diff(seasonal, axis=1).std((1, 2)) / seasonal.std((1, 2))
    evolving = change[change > 1e-9]
    assert np.mean(evolving < 0.5) > 0.98
    assert np.median(evolving) == pytest.approx(0.045, rel=0.25)


def test_an_amplitude_may_grow_by_a_share_a_step_or_swing_from_season_to_season(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    series = alone(monkeypatch, 2000, 12 * 6, 12)
    seasonal = series[series.std(1) > 0]
    with np.errstate(divide="ignore", invalid="ignore"):
        factors = seasonal[:, 12:] / seasonal[:, :-12]
    by_season = factors.reshape(-1, 5, 12)
    spread = by_season.max(2) / by_season.min(2) - 1
    grown = np.abs(spread).max(1) < 1e-6  # all of a season by one factor, so no effect changed by itself
    one = by_season[grown, :, 0]
    steady = np.ptp(one, axis=1) < 1e-6
    exact = np.abs(one - 1).max(1) < 1e-6
    assert grown.mean() == pytest.approx(0.4, abs=0.05)
    assert exact.mean() == pytest.approx(0.7 * 0.7, abs=0.08)
    assert np.mean(steady & ~exact) == pytest.approx(0.3 * 0.7, abs=0.07)
    yearly = np.log(one[steady & ~exact, 0])
    assert yearly.std() == pytest.approx(12 * 0.004, rel=0.2)
    swinging = np.log(one[~steady])
    assert 0.01 < np.median(np.abs(swinging)) < 0.2


def test_of_what_is_measured_often_only_the_peaks_swing_in_half_of_the_series() -> None:
    season = module._draw_season(seeded(), 2000, OFTEN, longer=True)
    table = season.table[season.table.std(1) > 0]
    floor = season.floor[season.table.std(1) > 0]
    assert np.mean(floor == table.min(1)) == pytest.approx(0.5, abs=SHARE)
    assert set(floor[floor != table.min(1)]) == {0.0}
    assert not module._draw_season(seeded(), 50, OFTEN - 1, longer=True).floor.any()


def test_a_floor_stays_where_it_is_while_the_peaks_swing() -> None:
    table, nothing = np.tile([-1.0, 0.0, 1.0], (50, 1)), np.zeros(50)
    season = Season(table, nothing, nothing, np.full(50, 0.4), 3, np.full(50, -1.0))
    lowest, middle, highest = np.moveaxis(module._evolving(seeded(), 60, season).reshape(20, 3, 50), 1, 0)
    assert (lowest == -1).all()
    np.testing.assert_allclose(highest + 1, 2 * (middle + 1))
    assert highest.std(0).min() > 0.1


def test_an_amplitude_of_what_is_measured_often_moves_smoothly(monkeypatch: pytest.MonkeyPatch) -> None:
    swings = []
    for often in (OFTEN, OFTEN + 1):
        monkeypatch.setattr(module, "OFTEN", often)
        season = Season(np.ones((50, 24)), np.zeros(50), np.zeros(50), np.full(50, 0.4), 24, np.zeros(50))
        swings.append(np.abs(np.diff(np.log(module._evolving(seeded(), 24 * 30, season)), axis=0)))
    smooth, by_season = swings
    assert by_season[23::24].min(1).max() > 0 == by_season[:23].max()
    assert smooth.max() == pytest.approx(by_season.max() / 24, rel=0.1)


def test_noise_has_a_memory_of_a_step_in_half_of_the_series_and_the_same_size_with_it() -> None:
    noise = module._noise(seeded(), 1500, 1500, OFTEN - 1).T
    memory = autocorrelation(noise, 1)
    none = np.abs(memory) < 0.1  # four deviations
    assert none.mean() == pytest.approx(0.5 + 0.5 * 0.2 / 1.3, abs=0.06)
    assert memory.min() > -0.5
    assert memory.max() < 0.95
    assert memory[~none].mean() > 0.2
    sizes = np.median(np.abs(noise), axis=1) / 0.6745  # without outliers; of heavy tails 0.6 to 0.9
    assert sizes.min() > 0.6 * 0.004
    assert sizes.max() < 1.1 * 0.25
    assert np.exp(np.log(sizes).mean()) == pytest.approx(0.95 * (0.004 * 0.25) ** 0.5, rel=0.15)
    assert np.log(sizes[~none]).mean() == pytest.approx(np.log(sizes[none]).mean(), abs=0.25)


def test_three_quarters_of_the_noise_of_what_is_measured_often_remember_a_step() -> None:
    memory = autocorrelation(module._noise(seeded(), 1500, 1500, OFTEN).T, 1)
    assert np.mean(memory > 0.1) == pytest.approx(0.75, abs=0.05)
    assert np.mean(memory > 0.9) == pytest.approx(0.75 * 0.08 / 0.78, abs=0.03)
    assert memory.min() > -0.1


@pytest.mark.parametrize(("season", "share"), [(OFTEN - 1, 0.0), (OFTEN, 0.15)])
def test_some_of_what_is_measured_often_is_a_level_a_season_and_noise_alone(
    season: int, share: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_noise", lambda _, count, length, *__: np.zeros((length, count)))
    monkeypatch.setattr(
        module, "_level", lambda _, count, length, __: np.arange(length)[:, None] + np.zeros(count)
    )
    monkeypatch.setattr(module, "_trend", lambda _, count, length, __: np.zeros((length, count)))
    monkeypatch.setattr(module, "_cycle", module._level)
    series = structural(seeded(), COUNT, 10 * season, season)
    steady = np.abs(series[:, season:] - series[:, :-season]).max(1) < 1e-9
    assert steady.mean() == pytest.approx(share, abs=SHARE)


def test_an_eighth_of_the_noise_has_outliers_of_six_times_its_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "heavy_tailed", lambda _, shape: np.zeros(shape))
    monkeypatch.setattr(module, "log_uniform", lambda *given: np.ones(given[-1]))
    outliers = module._noise(seeded(), 4000, 300, 12).T
    struck = (outliers != 0).any(1)
    assert struck.mean() == pytest.approx(0.12 * (1 - np.exp(-3)), abs=0.02)
    assert (outliers[struck] != 0).sum(1).mean() == pytest.approx(3 / (1 - np.exp(-3)), abs=0.35)
    assert outliers[outliers != 0].std() == pytest.approx(6, rel=0.1)


@pytest.mark.parametrize(("season", "calm"), [(OFTEN - 1, 1.0), (OFTEN, 0.15)])
def test_what_is_measured_often_is_mostly_calm_next_to_its_season(
    season: int, calm: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("_cycle", "_evolving"):
        monkeypatch.setattr(module, name, lambda *_: 0)
    monkeypatch.setattr(module, "STEADY", 0)
    noisy = np.abs(np.diff(structural(seeded(), 3000, 60, season), axis=1)).mean(1)
    monkeypatch.setattr(module, "CALM", 0)
    usual = np.abs(np.diff(structural(seeded(), 3000, 60, season), axis=1)).mean(1)
    assert np.median(noisy) / np.median(usual) == pytest.approx(calm, abs=0.04)


def test_what_has_a_week_of_days_may_be_calmer_still(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("_cycle", "_evolving"):
        monkeypatch.setattr(module, name, lambda *_: 0)
    sizes = [
        np.abs(np.diff(structural(seeded(), 3000, 60, OFTEN, longer=longer), axis=1)).mean(1)
        for longer in (False, True)
    ]
    least = [np.quantile(size, 0.02) for size in sizes]
    assert least[1] < least[0] / 3


def test_an_autoregression_keeps_a_share_of_the_value_before() -> None:
    shocks, kept = seeded().standard_normal((50, 3)), np.array([0.0, 0.5, 1.0])
    expected = np.zeros((51, 3))
    for time in range(50):
        expected[time + 1] = kept * expected[time] + shocks[time]
    np.testing.assert_allclose(autoregression(shocks, kept), expected[1:])
    np.testing.assert_allclose(autoregression(shocks, kept)[:, 2], shocks[:, 2].cumsum())
