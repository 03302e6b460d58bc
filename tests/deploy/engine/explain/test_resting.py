"""Shares of what moves a forecast, and the sentence of them."""

from __future__ import annotations

import numpy as np
import pytest

from deploy.engine.explain.explanation import logarithmic_mean
from deploy.engine.explain.resting import powers_of_lags, sentence_of, shares_of


def test_values_are_told_apart_by_how_far_they_lie_before_a_step() -> None:
    lags = np.zeros((2, 6, 1))
    lags[0, 5] = 1.0  # the last value, a step before
    lags[0, 3] = 2.0  # three steps before: a season
    lags[1, 2] = 3.0  # of the second step five steps before
    found = powers_of_lags(lags, np.array([0.5]), 3)
    assert found == {
        "the last value": 0.25,
        "earlier seasons (3 steps)": 1.0,
        "other values": 2.25,
    }


def test_without_a_season_there_are_the_last_value_and_others() -> None:
    found = powers_of_lags(np.ones((2, 4, 1)), np.ones(1), 1)
    assert found == {"the last value": 2.0, "other values": 6.0}


def test_all_channels_of_the_history_count() -> None:
    found = powers_of_lags(np.ones((1, 3, 2)), np.array([1.0, 2.0]), 1)
    assert found["the last value"] == 5.0


def test_shares_are_ordered() -> None:
    assert shares_of({"a": 1.0, "b": 3.0}) == {"b": 0.75, "a": 0.25}
    assert shares_of({"a": 0.0}) == {}


def test_a_sentence_leaves_out_what_weighs_nothing() -> None:
    assert sentence_of({"promo": 0.998, "other values": 0.002}) == "It rests to 100 % on promo."
    shares = {"promo": 0.6, "the last value": 0.3, "price": 0.1}
    assert sentence_of(shares) == "It rests to 60 % on promo, to 30 % on the last value and to 10 % on price."


def test_the_logarithmic_mean_lies_between_both() -> None:
    a, b = np.array([2.0, 3.0, 5.0]), np.array([2.0, 3.0 * (1 + 1e-14), 1.0])
    np.testing.assert_allclose(logarithmic_mean(a, b), [2.0, 3.0, 4 / np.log(5)])
    assert logarithmic_mean(b, a) == pytest.approx(logarithmic_mean(a, b))
