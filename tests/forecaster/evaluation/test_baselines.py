"""The forecasts that a network has to beat, against hand-computed values and slow loops; which are chosen."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from untrained import CONTEXT, HORIZON, SEASON, make_panel

from forecaster.evaluation.baselines import (
    BASELINES,
    Baseline,
    BaselineForecast,
    choose_baselines,
    seasonal_naive,
    seasonal_naive_drift,
)
from forecaster.windows.runs import Runs
from forecaster.windows.windows import WindowSet

NAN = math.nan


def one(*history: float) -> np.ndarray:
    return np.array([history], dtype=np.float64)


@st.composite
def random_histories(draw: st.DrawFn) -> np.ndarray:
    """(batch, time) of small whole numbers, so that every sum is exact, and gaps."""
    batch, time = draw(st.integers(1, 3)), draw(st.integers(1, 14))
    cells = st.just(NAN) | st.integers(-50, 50).map(float)
    return np.array([draw(st.lists(cells, min_size=time, max_size=time)) for _ in range(batch)])


def slow_naive(history: list[float], step: int, season: int) -> float:
    """The newest value at the same place in the season, else the newest of all, else NaN."""
    place = (len(history) + step) % season
    same = [t for t in range(len(history)) if t % season == place and not math.isnan(history[t])]
    observed = [value for value in history if not math.isnan(value)]
    return history[same[-1]] if same else (observed[-1] if observed else NAN)


def test_the_seasonal_naive_forecast_repeats_the_last_season() -> None:
    assert seasonal_naive(one(9, 9, 9, 1, 2, 3), 5, 3).tolist() == [[1, 2, 3, 1, 2]]


def test_a_gap_in_the_last_season_is_filled_from_the_season_before() -> None:
    assert seasonal_naive(one(7, 8, 9, 1, NAN, 3), 3, 3).tolist() == [[1, 8, 3]]


def test_a_place_in_the_season_that_was_never_seen_takes_the_last_value() -> None:
    assert seasonal_naive(one(NAN, NAN, 4, NAN, 5, 6), 3, 3).tolist() == [[6, 5, 6]]


def test_a_history_shorter_than_a_season_repeats_what_there_is() -> None:
    assert seasonal_naive(one(1, 2), 4, 4).tolist() == [[2, 2, 1, 2]]


def test_a_history_without_a_value_has_no_naive_forecast() -> None:
    assert np.isnan(seasonal_naive(one(NAN, NAN), 2, 1)).all()


@given(random_histories(), st.integers(1, 9), st.integers(1, 6))
def test_the_seasonal_naive_forecast_equals_a_slow_loop(
    history: np.ndarray, horizon: int, season: int
) -> None:
    expected = [[slow_naive(row, step, season) for step in range(horizon)] for row in history.tolist()]
    np.testing.assert_array_equal(seasonal_naive(history, horizon, season), expected)


def test_drift_adds_the_mean_change_of_a_season_for_every_season_ahead() -> None:
    # Seasonal changes are 2, 4, 2 and 4: 3 a season.
    assert seasonal_naive_drift(one(0, 0, 2, 4, 4, 8), 4, 2).tolist() == [[7, 11, 10, 14]]


def test_drift_leaves_missing_changes_out() -> None:
    assert seasonal_naive_drift(one(1, NAN, 3, 10, 5, 12), 2, 2).tolist() == [[7, 14]]


def test_without_two_values_a_season_apart_there_is_no_drift() -> None:
    history = one(1, 2, 3)
    assert seasonal_naive_drift(history, 5, 4).tolist() == seasonal_naive(history, 5, 4).tolist()


@pytest.mark.parametrize("season", [1, 4, 7])
@pytest.mark.parametrize("gaps", [[], [-1], [-2, -9], [3, 5, -3]])
def test_drift_is_exact_on_a_trend_with_a_season(season: int, gaps: list[int]) -> None:
    time = np.arange(42.0)
    truth = 5 + 3 * time + np.tile([0.0, 8, -6, 2, 9, -1, 4][:season], 42)[:42]
    history = truth[:30].copy()
    history[gaps] = NAN
    assert seasonal_naive_drift(history[None], 12, season).tolist() == [truth[30:].tolist()]


def test_series_of_a_batch_do_not_touch_each_other() -> None:
    generator = np.random.default_rng(0)
    history = generator.normal(size=(4, 20))
    history[generator.random(history.shape) < 0.3] = NAN
    for one_of_them in BASELINES:
        alone = [one_of_them.forecast(row[None], 6, 5)[0] for row in history]
        np.testing.assert_array_equal(one_of_them.forecast(history, 6, 5), alone)


def test_no_baseline_changes_its_history() -> None:
    history = one(1, NAN, 3, 4)
    for one_of_them in BASELINES:
        one_of_them.forecast(history, 3, 2)
    np.testing.assert_array_equal(history, one(1, NAN, 3, 4))


def test_the_baselines_carry_the_names_that_a_fit_prints() -> None:
    assert [one.name for one in BASELINES if one.in_fits] == [
        "seasonal naive",
        "seasonal naive with drift",
        "theta",
    ]


def choose(
    season: int = SEASON, known: tuple[Baseline, ...] = BASELINES, trained: int = 40
) -> dict[str, BaselineForecast]:
    """Of the last horizon of two series."""
    panel = make_panel([60, 60])
    scored = WindowSet(panel, CONTEXT, HORIZON, Runs(np.array([0, 1]), panel.ends - HORIZON))
    return choose_baselines(scored, panel.offsets[:-1] + trained, season, known)


def test_the_seasonal_naive_forecast_comes_first_and_what_is_fitted_last() -> None:
    assert list(choose()) == ["seasonal naive", "seasonal naive with drift", "naive", "theta", "linear"]


def test_without_a_season_the_naive_forecast_is_there_once() -> None:
    assert list(choose(season=1)) == ["seasonal naive", "seasonal naive with drift", "theta", "linear"]


def test_without_training_rows_there_is_no_linear_map() -> None:
    assert "linear" not in choose(trained=0)


def test_one_more_entry_is_one_more_baseline_that_sees_the_context_and_at_least_its_seasons() -> None:
    seen: list[tuple[int, int]] = []

    def look(history: np.ndarray, horizon: int, season: int) -> np.ndarray:
        seen.append((history.shape[1], season))
        return np.zeros((len(history), horizon))

    for seasons in (1, 4):
        forecast = choose(known=(*BASELINES, Baseline("one", look, seasons=seasons)))["one"]
        assert forecast(np.zeros((2, 99))).shape == (2, HORIZON)
    assert seen == [(CONTEXT, SEASON), (4 * SEASON, SEASON)]
