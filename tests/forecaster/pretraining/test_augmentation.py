"""Series made of series: what changes does so in its share, and all else stays."""

from __future__ import annotations

import numpy as np
import pytest
from made_up import SEASONS, autocorrelation, seeded

from forecaster.pretraining.prior import augmentation as module
from forecaster.pretraining.prior.augmentation import averaged, censored, counts, mixed, turned, with_gaps
from forecaster.pretraining.prior.draws import Array

COUNT, TIME = 4000, 60


@pytest.fixture(scope="module")
def series() -> Array:
    return seeded(5).standard_normal((COUNT, TIME)).cumsum(1)


def test_a_tenth_of_the_series_is_mixed_of_two() -> None:
    # Rows of an identity tell of whom a series is made, and by which share.
    shares = mixed(seeded(), np.eye(500))
    changed = (shares != np.eye(500)).any(1)
    assert 48 <= changed.sum() <= 50  # one may be mixed with itself
    np.testing.assert_allclose(shares.sum(1), 1)
    assert ((shares[changed] > 0).sum(1) == 2).all()
    kept = np.diag(shares)[changed]
    assert 0.2 <= kept.min() < 0.3
    assert 0.7 < kept.max() <= 0.8


def test_a_fifth_of_the_series_is_upside_down_and_a_twentieth_runs_backwards(series: Array) -> None:
    found = turned(seeded(), series)
    down = (found == -series).all(1) | (found == -series[:, ::-1]).all(1)
    back = (found == series[:, ::-1]).all(1) | (found == -series[:, ::-1]).all(1)
    assert down.mean() == pytest.approx(0.2, abs=0.025)
    assert back.mean() == pytest.approx(0.05, abs=0.015)
    assert np.mean(down & back) == pytest.approx(0.01, abs=0.007)
    np.testing.assert_array_equal(found[~down & ~back], series[~down & ~back])


def test_a_twentieth_of_the_series_stays_within_a_bound_that_a_seventh_of_its_values_meet(
    series: Array,
) -> None:
    found = censored(seeded(), series)
    above, below = (found > series).any(1), (found < series).any(1)
    assert above.mean() == pytest.approx(0.025, abs=0.01)
    assert below.mean() == pytest.approx(0.025, abs=0.01)
    assert not (above & below).any()
    for bounded, bound, extreme in ((above, found.min(1), 0.15), (below, found.max(1), 0.85)):
        at_bound = found[bounded] == bound[bounded, None]
        assert set(at_bound.sum(1)) == {round(0.15 * TIME)}
        np.testing.assert_allclose(bound[bounded], np.quantile(series[bounded], extreme, axis=1))
        np.testing.assert_array_equal(found[bounded][~at_bound], series[bounded][~at_bound])


def test_an_eighth_of_the_series_lacks_single_values_or_a_stretch(series: Array) -> None:
    found = with_gaps(seeded(), series)
    missing = np.isnan(found)
    np.testing.assert_array_equal(found[~missing], series[~missing])
    lacking = missing[missing.any(1)]
    assert len(lacking) / COUNT == pytest.approx(0.12, abs=0.02)
    edges = np.diff(np.pad(lacking, ((0, 0), (1, 1))).astype(int), axis=1)
    stretches = (edges == 1).sum(1)
    one = lacking[stretches == 1].sum(1)
    assert np.mean(stretches == 1) == pytest.approx(0.5, abs=0.12)
    assert TIME // 4 - 3 < one.max() < TIME // 4
    assert lacking[stretches > 1].mean() == pytest.approx(1 / 7, abs=0.04)
    assert not lacking.all(1).any()


def test_a_mean_of_steps_is_that_of_each_run_of_them(series: Array) -> None:
    found = averaged(series, 12)
    expected = [[row[at : at + 12].mean() for at in range(0, TIME, 12)] for row in series[:50]]
    np.testing.assert_allclose(found[:50], expected)
    assert found.shape == (COUNT, TIME // 12)


@pytest.mark.parametrize("season", SEASONS)
def test_counts_are_whole_and_at_least_0(season: int) -> None:
    values = counts(seeded(), 100, 3 * season + 30, season)
    assert values.shape == (100, 3 * season + 30)
    assert values.min() == 0
    np.testing.assert_array_equal(values, np.round(values))


def test_half_of_the_counts_are_over_dispersed_and_a_third_come_at_some_times_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Rates that do not move leave the dispersion of the counts alone.
    monkeypatch.setattr(module, "structural", lambda _draw, count, length, _season: np.zeros((count, length)))
    values = counts(seeded(), 4000, 300, 1)
    present = np.where(values > 0, values, np.nan)
    values = values[np.nanmean(np.c_[present, np.zeros(4000)], axis=1) > 50]
    # At such rates a Poisson count is never 0, and an over-dispersed one in at most a tenth of its steps.
    assert 800 < len(values) < 1100
    absent = (values == 0).mean(1)
    rarely = absent > 0.22
    assert rarely.mean() == pytest.approx(0.35, abs=0.06)
    assert absent[rarely].min() == pytest.approx(0.3, abs=0.08)
    assert absent[rarely].max() == pytest.approx(0.95, abs=0.03)
    always = values[~rarely]
    index = always.var(1) / always.mean(1)
    dispersed = index > 2  # 1 in Poisson counts; 1 + mean / shape, at least 3.5, in the others
    assert dispersed.mean() == pytest.approx(0.5, abs=0.08)
    np.testing.assert_allclose(index[~dispersed], 1, atol=0.35)
    shape = always[dispersed].mean(1) / (index[dispersed] - 1)
    assert 0.4 < shape.min() < 0.8
    assert 12 < shape.max() < 30


def test_rates_of_counts_have_a_season_and_lie_between_3_tenths_and_200() -> None:
    values = counts(seeded(), 1500, 240, 12)
    rates = values.mean(1)
    assert rates.min() < 0.1
    assert 200 < rates.max() < 400
    assert np.mean(values == 0) > 0.3
    before, again, after = (autocorrelation(values[rates > 20], lag) for lag in (6, 12, 18))
    assert np.mean(again - (before + after) / 2 > 0.2) > 0.25
