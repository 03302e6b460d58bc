"""Steps, ramps, spikes and sawtooths have the corners that they are named for."""

from __future__ import annotations

import numpy as np
import pytest
from made_up import SEASONS, seeded

from forecaster.pretraining.prior import corners as module
from forecaster.pretraining.prior.corners import CHANGES, cornered, ramps, sawtooths, spikes, steps
from forecaster.pretraining.prior.draws import Array

COUNT, LENGTH = 1200, 200


def assert_up_to_six_changes(changed: Array) -> None:
    """Assert that each number of changes is as frequent as the others; two may meet, or be at the start."""
    number = changed.sum(1)
    assert number.max() == CHANGES
    assert np.mean(number == 0) < 0.01
    shares = np.bincount(number, minlength=CHANGES + 1)[1:] / len(changed)
    np.testing.assert_allclose(shares, 1 / CHANGES, atol=0.06)


def test_levels_change_one_to_six_times() -> None:
    assert_up_to_six_changes(np.diff(steps(seeded(), COUNT, LENGTH, 12), axis=1) != 0)


def test_slopes_change_one_to_six_times() -> None:
    bends = np.diff(ramps(seeded(), COUNT, LENGTH, 12), n=2, axis=1)
    assert_up_to_six_changes(np.abs(bends) > 1e-9)


@pytest.mark.parametrize("season", [1, 4, 12, 24])
def test_peaks_are_every_season_or_every_so_many_steps(season: int) -> None:
    series = spikes(seeded(), COUNT, LENGTH, season)
    # Between peaks nothing rises.
    places = [np.flatnonzero(np.diff(row) > 0) for row in series]
    distances = [set(np.diff(place)) for place in places if len(place) > 1]
    even = [next(iter(distance)) for distance in distances if len(distance) == 1]
    assert len(even) > 0.95 * COUNT  # the others have a peak that is missing, since its height is below 0
    assert min(even) >= 3
    assert max(even) <= LENGTH // 3
    seasonal = np.mean(np.array(even) == season)
    assert seasonal == pytest.approx(0.6, abs=0.07) if season > 1 else seasonal == 0


def test_peaks_decay_at_once_or_slowly() -> None:
    series = spikes(seeded(), COUNT, LENGTH, 24)
    tops = np.argmax(series[:, : LENGTH - 24], axis=1)[:, None]
    left = np.take_along_axis(series, tops + 1, 1) / np.take_along_axis(series, tops, 1)
    assert left.min() < 1e-3
    assert left.max() == pytest.approx(np.exp(-1 / 3), abs=0.02)


@pytest.mark.parametrize("season", [1, 4, 12, 24])
def test_ramps_fall_back_every_season_or_every_so_many_steps(season: int) -> None:
    differences = np.diff(sawtooths(seeded(), COUNT, LENGTH, season), axis=1)
    middle = np.median(differences, axis=1, keepdims=True)
    falls = np.abs(differences - middle) > 0.5
    np.testing.assert_allclose(np.abs(differences - middle)[falls], 1)
    np.testing.assert_allclose((differences - middle)[~falls], 0, atol=1e-9)
    up = np.array([row[fall][0] < 0 for row, fall in zip(differences - middle, falls, strict=True)])
    assert up.mean() == pytest.approx(0.5, abs=0.06)
    between = [np.diff(np.flatnonzero(row)) for row in falls]
    assert max(np.ptp(gaps) for gaps in between if len(gaps)) <= 1  # every so many steps, rounded
    seasonal = np.mean([set(gaps) == {season} for gaps in between])
    assert seasonal == pytest.approx(0.6, abs=0.07) if season > 1 else seasonal == 0


@pytest.mark.parametrize("season", SEASONS)
def test_cornered_series_have_a_size_and_noise(season: int) -> None:
    series = cornered(seeded(), COUNT, LENGTH, season)
    sizes = series.std(1)
    assert sizes.min() > 0.025
    assert sizes.max() < 0.7 * 1.2
    assert np.exp(np.log(sizes).mean()) == pytest.approx((0.03 * 0.7) ** 0.5, rel=0.1)
    assert (np.diff(series, axis=1) != 0).all()


def test_all_four_shapes_are_drawn_equally_often(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = {}
    for name in ("steps", "ramps", "spikes", "sawtooths"):

        def count_them(_draw: object, count: int, length: int, _season: int, name: str = name) -> Array:
            drawn[name] = count
            return np.zeros((count, length))

        monkeypatch.setattr(module, name, count_them)
    cornered(seeded(), 4000, 10, 1)
    np.testing.assert_allclose(list(drawn.values()), 1000, atol=120)
    assert len(drawn) == 4
