"""Shapes of a season, and of seven of them in a longer one."""

from __future__ import annotations

import numpy as np
import pytest
from made_up import SEASONS, seeded

from forecaster.pretraining.prior import seasons
from forecaster.pretraining.prior.draws import Array
from forecaster.pretraining.prior.seasons import WEEK, WORKDAYS, season_shapes, two_seasons

with_season = pytest.mark.parametrize("season", SEASONS[1:])


@with_season
def test_a_shape_has_mean_0_and_deviation_1(season: int) -> None:
    shapes = season_shapes(seeded(), 300, season)
    assert shapes.shape == (300, season)
    np.testing.assert_allclose(shapes.mean(1), 0, atol=1e-9)
    np.testing.assert_allclose(shapes.std(1), 1, rtol=1e-9)


@pytest.mark.parametrize("season", [4, 7, 24, 48])
def test_seven_seasons_make_a_longer_one_in_which_five_are_alike_but_for_their_level(
    season: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seasons, "UNLIKE", 0)
    shapes = two_seasons(seeded(), 40, season)
    np.testing.assert_allclose(shapes.mean(1), 0, atol=1e-9)
    np.testing.assert_allclose(shapes.std(1), 1, rtol=1e-9)
    starts = week_starts(shapes, season)
    assert (starts.sum(1) == 1).all()  # in one place alone: the other two differ
    assert len(set(starts.argmax(1))) > 12  # which may be anywhere
    weeks = np.array([np.roll(shape, -start.argmax()) for shape, start in zip(shapes, starts, strict=True)])
    days = weeks.reshape(40, WEEK, season)
    levels = days.mean(2)
    assert np.diff(np.sort(levels, axis=1), axis=1).min() > 0
    assert np.mean(levels[:, WORKDAYS:].mean(1) < levels[:, :WORKDAYS].mean(1)) > 0.5
    alike = [np.corrcoef(week[0], week[WORKDAYS])[0, 1] for week in days]
    assert min(alike) < 0.5
    assert max(alike) > 0.95


def test_in_half_of_the_weeks_each_day_has_a_little_of_a_shape_of_its_own() -> None:
    starts = week_starts(two_seasons(seeded(), 2000, 24), 24)
    assert starts.sum(1).max() == 1
    assert starts.sum(1).mean() == pytest.approx(1 - seasons.UNLIKE, abs=0.03)


def week_starts(shapes: Array, season: int) -> Array:
    """Return whether the first five of seven seasons are alike but for their level: (count, start)."""
    place = np.arange(WEEK * season)
    turned = (place[:, None] + np.arange(WORKDAYS * season)) % (WEEK * season)
    days = shapes[:, turned].reshape(len(shapes), WEEK * season, WORKDAYS, season)
    centred = days - days.mean(3, keepdims=True)
    return np.abs(centred - centred[:, :, :1]).max((2, 3)) < 1e-9


def test_harmonics_fade_with_their_order() -> None:
    power = np.abs(np.fft.rfft(seasons._harmonics(seeded(), 4000, 24), axis=1)) ** 2
    assert (np.diff(power[:, 1:-1].mean(0)) < 0).all()
    assert power[:, 1].mean() > 20 * power[:, 8].mean()


def test_values_that_are_drawn_one_by_one_do_not_know_each_other() -> None:
    shapes = seasons._independent(seeded(), 4000, 24)
    together = np.corrcoef(shapes.T) - np.eye(24)
    assert np.abs(together).max() < 0.07


def test_a_bump_is_smooth_and_may_lie_across_the_end_of_the_season() -> None:
    shapes = seasons._bumps(seeded(), 4000, 52)
    beside = np.roll(shapes, 1, axis=1)
    inside = [np.corrcoef(shapes[:, place], beside[:, place])[0, 1] for place in range(52)]
    assert min(inside) > 0.9
    assert inside[0] == pytest.approx(np.mean(inside[1:]), abs=0.03)


@with_season
def test_a_block_is_on_or_off_once_in_a_season(season: int) -> None:
    shapes = seasons._blocks(seeded(), 300, season)
    on = shapes > 0.5
    assert np.abs(shapes - on).max() < 0.5  # a tenth of noise
    changes = (on != np.roll(on, 1, axis=1)).sum(1)
    assert set(changes) == {2}


@with_season
def test_a_spike_stands_alone_and_is_more_often_up_than_down(season: int) -> None:
    shapes = seasons._spikes(seeded(), 2000, season)
    heights = np.sort(np.abs(shapes), axis=1)
    assert np.mean(heights[:, -1] > 0.65) > 0.97
    assert np.mean(heights[:, -2] > 0.65) < 0.01
    places = np.abs(shapes).argmax(1)
    assert set(places) == set(range(season))
    assert np.mean(shapes[np.arange(2000), places] > 0) == pytest.approx(0.7, abs=0.04)
