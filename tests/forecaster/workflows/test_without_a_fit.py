"""The pretrained network as a baseline of an evaluation."""

from __future__ import annotations

import numpy as np
import pytest
from panels import make_panel

from deploy import Predictor
from forecaster.evaluation.baselines import seasonal_naive
from forecaster.workflows.zero_shot import without_a_fit

SEASON, HORIZON = 12, 18


def histories(rows: int = 3, time: int = 60) -> np.ndarray:
    """Return waves of a year with noise, above 0: (rows, time)."""
    draw = np.random.default_rng(0)
    return 10 + 3 * np.sin(np.arange(time) * 2 * np.pi / SEASON) + draw.normal(0, 0.3, (rows, time))


def test_it_forecasts_as_the_bundle_of_the_season_does() -> None:
    baseline = without_a_fit(make_panel(level=0.0), SEASON)
    assert baseline is not None
    served = Predictor.pretrained(season=SEASON, horizon=HORIZON, positive=True)
    made = baseline.forecast(histories(), HORIZON, SEASON)
    np.testing.assert_allclose(made, served.forecast(histories(), HORIZON).median)


def test_series_with_values_below_0_are_forecast_by_amounts() -> None:
    baseline = without_a_fit(make_panel(level=-5.0), SEASON)
    assert baseline is not None
    served = Predictor.pretrained(season=SEASON, horizon=HORIZON)
    made = baseline.forecast(histories() - 10, HORIZON, SEASON)
    np.testing.assert_allclose(made, served.forecast(histories() - 10, HORIZON).median)


def test_what_is_before_a_series_began_does_not_count() -> None:
    baseline = without_a_fit(make_panel(), SEASON)
    assert baseline is not None
    late = np.concatenate([np.full((1, 20), np.nan), histories(1)], axis=1)
    made = baseline.forecast(late, HORIZON, SEASON)
    np.testing.assert_allclose(made, baseline.forecast(histories(1), HORIZON, SEASON))


def test_a_history_without_a_value_has_no_forecast_and_spoils_no_other() -> None:
    baseline = without_a_fit(make_panel(), SEASON)
    assert baseline is not None
    given = histories()
    given[1] = np.nan
    made = baseline.forecast(given, HORIZON, SEASON)
    assert np.isnan(made[1]).all()
    np.testing.assert_allclose(made[[0, 2]], baseline.forecast(given[[0, 2]], HORIZON, SEASON))


def test_rows_of_another_step_are_forecast_by_their_season() -> None:
    baseline = without_a_fit(make_panel(), SEASON)
    assert baseline is not None
    sparse = histories(1, 120)
    sparse[:, np.arange(120) % 3 > 0] = np.nan
    made = baseline.forecast(sparse, HORIZON, SEASON)
    np.testing.assert_allclose(made, seasonal_naive(sparse, HORIZON, SEASON))


def test_it_sees_as_much_history_as_it_looks_back_on() -> None:
    baseline = without_a_fit(make_panel(), SEASON)
    assert baseline is not None
    assert baseline.seasons * SEASON == 144


@pytest.mark.parametrize("season", [37, 401])
def test_a_season_that_it_cannot_follow_has_no_such_baseline(season: int) -> None:
    assert without_a_fit(make_panel(), season) is None
