"""A series that depends on one lag and one covariate is explained by these."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from deploy import Explanation, Predictor
from forecaster import Forecaster

pytestmark = pytest.mark.slow

SEASON, ROWS, HORIZON = 6, 900, 6


@pytest.fixture(scope="module")
def explained(tmp_path_factory: pytest.TempPathFactory) -> Explanation:
    """y_t = .7 y_{t-6} + 2 price_t + noise, forecast for one season; `weather` moves nothing."""
    generator = np.random.default_rng(1)
    price, weather, noise = generator.normal(size=(3, ROWS + HORIZON))
    values = np.zeros(ROWS)
    for step in range(SEASON, ROWS):
        values[step] = 0.7 * values[step - SEASON] + 2 * price[step] + 0.3 * noise[step]
    table = pd.DataFrame({"y": values, "price": price[:ROWS], "weather": weather[:ROWS]})
    settings = {"hidden_size": 16, "updates": 900, "batch_size": 64, "learning_rate": 1e-2}
    model = Forecaster(
        horizon=HORIZON, season=SEASON, context=24, known=["price", "weather"], seed=0, settings=settings
    ).fit(table)
    future = np.stack([price[ROWS:], weather[ROWS:]], axis=1)
    return (
        Predictor.load(model.export(tmp_path_factory.mktemp("price") / "bundle"))
        .forecast(values, known=np.stack([price, weather], axis=1)[:ROWS], future_known=future)
        .explain()
    )


def test_the_lag_has_its_weight_and_the_covariate_its_effect(explained: Explanation) -> None:
    slopes = explained.sensitivities
    assert slopes is not None
    steps = np.arange(HORIZON)
    on_lag = slopes.lags[0][steps, -SEASON + steps]  # of each step the value a season before
    np.testing.assert_allclose(on_lag, 0.7, atol=0.15)
    on_price = slopes.future_known[0][steps, steps, 0]
    np.testing.assert_allclose(on_price, 2.0, atol=0.6)


def test_nothing_else_moves_it(explained: Explanation) -> None:
    shares = explained.shares()
    both = shares["price"] + shares["earlier seasons (6 steps)"]
    assert both > 0.9
    assert shares["weather"] < 0.02
    assert explained.sentence().startswith("It rests to ")
