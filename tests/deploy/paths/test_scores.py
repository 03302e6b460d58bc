"""Quantiles joined by straight lines in normal scores."""

from __future__ import annotations

from statistics import NormalDist

import numpy as np
import pytest

from deploy.paths.scores import score_at, score_of_share, scores_of, value_at

LEVELS = scores_of([0.1, 0.25, 0.5, 0.75, 0.9])


def test_the_scores_of_levels_are_those_of_the_standard_normal() -> None:
    np.testing.assert_allclose(scores_of([0.5, 0.9]), [0.0, 1.2815515655446004])


@pytest.mark.parametrize("score", [-4.0, -1.3, -0.1, 0.0, 0.7, 1.2815515655446004, 3.5])
def test_a_normal_distribution_is_found_everywhere_from_a_few_of_its_quantiles(score: float) -> None:
    quantiles = 3.0 + 2.0 * LEVELS
    assert value_at(quantiles, np.array(score), LEVELS) == pytest.approx(3.0 + 2.0 * score)


def test_a_quantile_is_the_value_at_its_own_score() -> None:
    quantiles = np.array([[0.0, 1.0, 5.0, 5.5, 20.0], [-3.0, -3.0, -3.0, 0.0, 1.0]])
    found = value_at(quantiles[:, None], LEVELS, LEVELS)
    np.testing.assert_allclose(found, quantiles, atol=1e-12)


def test_scores_are_found_back_from_values() -> None:
    generator = np.random.default_rng(0)
    quantiles = np.sort(generator.normal(size=(50, 1, 5)), axis=-1)
    scores = 2 * generator.normal(size=(50, 8))
    values = value_at(quantiles, scores, LEVELS)
    np.testing.assert_allclose(score_at(np.broadcast_to(quantiles, (50, 8, 5)), values, LEVELS), scores)


def test_where_quantiles_fall_together_a_score_is_finite() -> None:
    assert np.isfinite(score_at(np.zeros((1, 5)), np.zeros(1), LEVELS)).all()


def test_shares_have_nearly_the_scores_of_the_normal() -> None:
    shares = np.array([0.001, 0.02, 0.3, 0.5, 0.77, 0.999])
    expected = [NormalDist().inv_cdf(share) for share in shares]
    np.testing.assert_allclose(score_of_share(shares), expected, atol=3e-3)
