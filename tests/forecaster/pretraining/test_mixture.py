"""The prior: generators in shares, values as one could have measured them, the same from the same seed."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from made_up import SEASONS, seeded

from forecaster.pretraining.prior import mixture
from forecaster.pretraining.prior.arima import seasonal_arima
from forecaster.pretraining.prior.augmentation import counts
from forecaster.pretraining.prior.corners import cornered
from forecaster.pretraining.prior.draws import Array
from forecaster.pretraining.prior.kernels import kernel_series
from forecaster.pretraining.prior.mixture import LARGEST, SHARES, draw_series, draw_states, observe
from forecaster.pretraining.prior.structural import structural

pytestmark = pytest.mark.slow
Generate = Callable[[np.random.Generator, int, int, int], Array]


def positive_series(draw: np.random.Generator, count: int, length: int, season: int) -> Array:
    return draw_series(draw, count, length, season, positive=True)


GENERATORS: tuple[Generate, ...] = (
    *(structural, seasonal_arima, kernel_series, cornered, counts),
    *(draw_series, positive_series),
)
each_generator = pytest.mark.parametrize("generate", GENERATORS, ids=lambda made: made.__name__)


def mark_all(patch: pytest.MonkeyPatch) -> dict[str, float]:
    """Have each generator return a constant of its own. Returns it by the generator's name."""
    marks = {"structural": 1.0, "seasonal_arima": 2.0, "kernel_series": 3.0, "cornered": 4.0}
    for name, mark in marks.items():
        patch.setattr(
            mixture,
            name,
            lambda _draw, count, length, _season, mark=mark, **_: np.full((count, length), mark),
        )
    patch.setattr(mixture, "averaged", lambda months, steps: months[:, ::steps] + 4)
    patch.setattr(mixture, "mixed", lambda _, series: series)
    patch.setattr(mixture, "turned", lambda _, series: series)
    return {**marks, "averaged": 5.0}


@pytest.mark.parametrize("season", [1, 12])
def test_each_generator_has_its_share(season: int, monkeypatch: pytest.MonkeyPatch) -> None:
    marks = mark_all(monkeypatch)
    states = draw_states(seeded(), 1000, 5, season, longer=False)
    assert states.shape == (1000, 5)
    found = {name: int((states[:, 0] == mark).sum()) for name, mark in marks.items()}
    years = round(0.35 * 620) if season == 1 else 0
    assert found == {
        **{"structural": 620 - years, "averaged": years},
        **{"seasonal_arima": 140, "kernel_series": 180, "cornered": 60},
    }
    assert sum(SHARES.values()) == pytest.approx(1)
    assert 0 < np.mean(states[:300, 0] == 1.0) < 1  # in no order, so any part of a pool is like the whole


@pytest.mark.parametrize("count", [1, 2, 7, 64])
def test_few_series_are_as_many_as_asked_for(count: int) -> None:
    for season in (1, 12):
        assert draw_series(seeded(), count, 36, season).shape == (count, 36)


def test_two_thirds_grow_by_factors_and_the_others_by_amounts() -> None:
    states = seeded().standard_normal((4000, 50)).cumsum(1)
    away = states - states[:, -1:]
    values = observe(seeded(), states, positive=False)
    factors = (values == np.exp(np.clip(away, -LARGEST, LARGEST))).all(1)
    amounts = (values == 1 + away).all(1)
    assert (factors ^ amounts).all()
    assert factors.mean() == pytest.approx(0.65, abs=0.03)
    assert (values[:, -1] == 1).all()
    assert np.log(values[factors].max()) <= LARGEST


def test_amounts_that_must_be_above_0_are_moved_there_and_keep_their_shape() -> None:
    states = seeded().standard_normal((4000, 50)).cumsum(1) * seeded(1).uniform(0.001, 1, (4000, 1))
    values = observe(seeded(), states, positive=True)
    free = observe(seeded(), states, positive=False)
    assert values.min() > 0
    np.testing.assert_allclose(np.diff(values, axis=1), np.diff(free, axis=1), atol=1e-9)
    high = free.min(1) > 0.05
    np.testing.assert_array_equal(values[high], free[high])


def test_a_twelfth_of_the_series_that_may_be_0_are_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mixture, "counts", lambda _draw, count, length, _season: np.zeros((count, length)))
    values = draw_series(seeded(), 4000, 24, 1)
    counted = (np.nan_to_num(values) == 0).all(1)
    assert counted.mean() == pytest.approx(0.08, abs=0.02)
    assert not (np.nan_to_num(draw_series(seeded(), 4000, 24, 1, positive=True)) == 0).all(1).any()


def test_units_are_those_of_anything() -> None:
    last = np.log10(draw_series(seeded(), 4000, 24, 1, positive=True)[:, -1])
    last = last[np.isfinite(last)]
    assert np.quantile(last, [0.02, 0.5, 0.98]) == pytest.approx([-0.9, 2, 4.9], abs=0.25)


@pytest.mark.parametrize("season", SEASONS)
@pytest.mark.parametrize("longer", [False, True])
def test_series_of_any_season_are_finite_but_for_gaps(season: int, longer: bool) -> None:
    length = 2 * season + 30
    values = draw_series(seeded(), 150, length, season, longer=longer)
    assert values.shape == (150, length)
    assert not np.isinf(values).any()
    missing = np.isnan(values)
    assert 0.02 < missing.any(1).mean() < 0.2
    assert missing.mean() < 0.06


@pytest.mark.parametrize("season", SEASONS)
def test_series_for_logarithms_are_above_0(season: int) -> None:
    values = draw_series(seeded(), 200, 2 * season + 30, season, positive=True)
    assert np.nanmin(values) > 0


@pytest.mark.parametrize("season", SEASONS[::4])
@each_generator
def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(generate: Generate, season: int) -> None:
    once, again, other = (generate(seeded(seed), 24, 2 * season + 12, season) for seed in (3, 3, 4))
    assert once.shape == (24, 2 * season + 12)
    assert once.dtype == np.float64
    assert not np.isinf(once).any()
    assert once.tobytes() == again.tobytes()
    assert not np.array_equal(once, other)


@each_generator
def test_a_generator_draws_from_its_generator_alone(generate: Generate) -> None:
    np.random.seed(0)
    before = np.random.get_state()[1].tobytes()
    generate(seeded(), 8, 24, 4)
    assert np.random.get_state()[1].tobytes() == before
