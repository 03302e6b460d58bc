"""LSTMForecaster as sktime uses it: its own checks, gaps at the end, updates, covariates, quantiles."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

pytestmark = [pytest.mark.adapter, pytest.mark.slow, pytest.mark.filterwarnings("default")]
pytest.importorskip("sktime", reason="install the extra: sktime")

from sktime.utils.estimator_checks import check_estimator  # noqa: E402

from forecaster.adapters.sktime import LSTMForecaster, quantiles_at  # noqa: E402

SMALL: dict[str, Any] = {
    "context": 14,
    "settings": {"hidden_size": 4, "updates": 3, "train.epochs": 1, "threads": 1, "precision": "f32"},
}


def daily(length: int = 60) -> pd.Series[float]:
    days = pd.date_range("2024-01-01", periods=length, freq="D")
    noise = np.random.default_rng(1).normal(0, 0.5, length)
    return pd.Series(20 + 5 * np.sin(2 * np.pi * np.arange(length) / 7) + noise, days, name="sales")


def test_the_checks_of_sktime_pass() -> None:
    found = check_estimator(LSTMForecaster, verbose=False)
    assert len(found) > 100
    assert {name: result for name, result in found.items() if result != "PASSED"} == {}


def test_steps_are_counted_from_the_cutoff_also_where_values_are_missing_at_the_end() -> None:
    y = daily()
    gap = y.copy()
    gap.iloc[-2:] = np.nan
    made = LSTMForecaster(pretrained=True).fit(gap, fh=[1, 3]).predict()
    assert list(made.index) == list(pd.date_range(y.index[-1], periods=4, freq="D")[[1, 3]])
    longer = LSTMForecaster(pretrained=True).fit(y[:-2], fh=[1, 2, 3, 4, 5]).predict()
    np.testing.assert_allclose(made, longer.iloc[[2, 4]], rtol=0.1)


def test_an_update_moves_the_origin_with_and_without_a_fit() -> None:
    y = daily()
    forecaster = LSTMForecaster(**SMALL).fit(y[:50], fh=[1, 2])
    before = forecaster.predict()
    moved = forecaster.update(y[50:53], update_params=False).predict()
    assert moved.index[0] == y.index[53]
    assert before.index[0] == y.index[50]
    assert forecaster.update(y[53:], update_params=True).predict().index[0] > y.index[-1]


def test_covariates_are_known_ahead_and_steps_between_take_the_one_before() -> None:
    y = daily()
    every = pd.date_range(y.index[0], periods=65, freq="D")
    along = pd.DataFrame({"promo": (np.arange(65) % 5 == 0).astype(float)}, every)
    forecaster = LSTMForecaster(**SMALL).fit(y, X=along.loc[y.index], fh=[2, 5])
    assert forecaster.forecaster_.understood_.columns.known == ("x0",)
    assert len(forecaster.predict(X=along.iloc[[61, 64]])) == 2


def test_quantiles_are_those_of_the_model_and_between_them_ascending() -> None:
    y = daily()
    forecaster = LSTMForecaster(pretrained=True).fit(y, fh=[1, 2, 3])
    made = forecaster.predict_quantiles(alpha=[0.01, 0.1, 0.15, 0.5, 0.9, 0.99])
    own = forecaster.forecaster_.predict(pd.DataFrame({"time": y.index, "y": y.to_numpy()}))
    np.testing.assert_allclose(made[("sales", 0.1)], own["q0.1"])
    np.testing.assert_allclose(made[("sales", 0.5)], forecaster.predict())
    assert (np.diff(made.to_numpy(), axis=1) > 0).all()


def test_quantiles_of_a_normal_distribution_are_found_again() -> None:
    known = np.array([[-1.2815515655, 0.0, 1.2815515655]])
    found = quantiles_at(known, (0.1, 0.5, 0.9), (0.025, 0.3, 0.5, 0.975))
    np.testing.assert_allclose(found, [[-1.959964, -0.524401, 0, 1.959964]], rtol=1e-5)
    np.testing.assert_array_equal(quantiles_at(known[:, 1:2], (0.5,), (0.1, 0.9)), [[0, 0]])
