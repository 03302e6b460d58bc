"""How unusual values are for their forecasts."""

from __future__ import annotations

from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploy.adaptive.quantile_levels import Levels
from deploy.adaptive.said import Adaptation
from deploy.adaptive.surprise import NO_EXCESS, Surprise, p_values, score_between, tail

LEVELS = Levels((0.1, 0.3, 0.5, 0.7, 0.9))
SCORES = np.array(LEVELS.scores)
NORMAL = NormalDist()


def judged(draw: np.ndarray, quantiles: np.ndarray) -> np.ndarray:
    """The p-values of values that are each forecast by the same quantiles."""
    surprise, found = Surprise(), []
    for step, value in enumerate(draw):
        surprise = surprise.judge(step, [value], [quantiles.tolist()], LEVELS)
        assert surprise.p_values is not None
        found.append(surprise.p_values[0])
    return np.array(found)


@pytest.mark.parametrize("value", [-2.5, -1.0, 0.0, 0.3, 2.0])
def test_scores_of_a_normal_forecast_are_the_values(value: float) -> None:
    low, high = score_between(SCORES.tolist(), value, LEVELS)
    assert low == high == pytest.approx(value)


def test_values_that_quantiles_are_equal_to_have_the_scores_of_all_of_these() -> None:
    """No sales in 30 % of the weeks or more: neither the highest nor the lowest is known."""
    quantiles = np.array([0.0, 0.0, 1.0, 2.0, 3.0])
    assert score_between(quantiles.tolist(), 0.0, LEVELS) == (-np.inf, SCORES[1])
    assert score_between([0, 1, 1, 1, 3], 1.0, LEVELS) == (SCORES[1], SCORES[3])
    assert score_between([0, 1, 2, 3, 3], 3.0, LEVELS) == (SCORES[3], np.inf)
    assert judged(np.zeros(1), quantiles)[0] == pytest.approx(0.6)


def test_tails_of_no_values_before_are_about_the_normals() -> None:
    for score in (1.5, 2.5, 3.5):
        found = tail(score, LEVELS, -1, NO_EXCESS)
        assert found == pytest.approx(NORMAL.cdf(-score), rel=0.5)


@pytest.mark.parametrize("kind", ["normal", "heavy", "skew"])
def test_p_values_are_as_often_small_as_they_say(kind: str) -> None:
    generator = np.random.default_rng(3)
    draw = {
        "normal": generator.standard_normal,
        "heavy": lambda size: generator.standard_t(3, size),
        "skew": lambda size: generator.exponential(size=size),
    }[kind]
    quantiles = np.quantile(draw(400_000), LEVELS.listed)
    found = judged(draw(4000), quantiles)
    for bound, off in ((0.5, 0.1), (0.1, 0.2), (0.01, 1.0)):
        assert abs((found <= bound).mean() / bound - 1) < off


def test_what_is_missing_or_has_no_width_has_no_p_value() -> None:
    surprise = Surprise().judge(1, [np.nan, 1.0], [LEVELS.scores, [1.0] * 5], LEVELS)
    assert surprise.p_values is not None
    assert np.isnan(surprise.p_values).all()


def test_the_latest_forecast_is_what_a_value_is_compared_with() -> None:
    """Of 40 steps, in groups of 3: a forecast soon after another one teaches nothing, and is compared."""
    adaptation = Adaptation.fresh(LEVELS.listed, 40)
    assert adaptation is not None
    first, second = (np.tile(centre + SCORES, (40, 1))[:, None] for centre in (0.0, 10.0))
    adaptation = adaptation.say(0, first).compare(np.zeros(1)).say(1, second).compare(np.array([10.0]))
    assert adaptation.latest is not None
    assert adaptation.surprise.p_values is not None
    assert adaptation.surprise.p_values[0] > 0.8
    assert adaptation.surprise.scored == 2
    for _ in range(2):
        adaptation = adaptation.compare(np.array([10.0]))
    assert adaptation.latest is None
    assert adaptation.surprise.scored == 2  # one step ahead alone is evidence
    assert adaptation.surprise.at == 4


NUMBERS = st.integers(-4, 4).map(float) | st.floats(-30, 30)  # whole ones are often equal


@given(
    rows=st.lists(st.tuples(st.lists(NUMBERS, min_size=5, max_size=5).map(sorted), NUMBERS), min_size=1),
    levels=st.sampled_from([LEVELS.listed, (0.05, 0.1, 0.5, 0.6, 0.8)]),
)
def test_many_values_have_the_p_values_that_each_has_alone(
    rows: list[tuple[list[float], float]], levels: tuple[float, ...]
) -> None:
    """To a few roundings of exp and pow, which numpy computes by other means than Python."""
    quantiles, actual = np.array([row for row, _ in rows]), np.array([value for _, value in rows])
    alone = []
    for row, value in rows:
        found = Surprise().judge(1, [value], [row], Levels(levels)).p_values
        assert found is not None
        alone.append(found[0])
    np.testing.assert_allclose(p_values(quantiles, actual, Levels(levels)), alone, rtol=1e-11)


def test_p_values_keep_their_axes_and_what_is_missing_has_none() -> None:
    quantiles = np.tile(SCORES, (2, 3, 1))
    quantiles[1, 2] = np.nan
    found = p_values(quantiles, np.array([[0.0, np.nan, 9.0], [np.inf, 0.0, 0.0]]), LEVELS)
    assert found.shape == (2, 3)
    assert found[0, 0] == found[1, 1] == 1.0
    assert found[0, 2] < 1e-6
    assert np.isnan(found).tolist() == [[False, True, False], [True, False, True]]
