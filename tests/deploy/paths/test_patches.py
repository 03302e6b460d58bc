"""The values of one patch hang together as those did that training looked at."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from deploy import Manifest, Predictor
from deploy.engine.deadline import Deadline
from deploy.paths.patches import PatchDependence

WIDTH = 5  # of the covariates bundle


def with_ranks(predictor: Predictor, vectors: np.ndarray) -> Manifest:
    return replace(predictor.manifest, patch_ranks=tuple(map(tuple, vectors.argsort(0).argsort(0).tolist())))


def walks(count: int) -> np.ndarray:
    return np.random.default_rng(0).normal(size=(count, WIDTH)).cumsum(1)


def test_draws_are_correlated_as_the_recorded_vectors_are(covariates: Predictor) -> None:
    recorded = walks(2000)
    drawn = Deadline(None).finish(
        PatchDependence(with_ranks(covariates, recorded)).draw(np.random.default_rng(1), 3000, 2)
    )
    assert drawn.shape == (3000, 2, WIDTH)
    found, expected = np.corrcoef(drawn[:, 1], rowvar=False), np.corrcoef(recorded, rowvar=False)
    np.testing.assert_allclose(found, expected, atol=0.05)
    np.testing.assert_allclose(drawn.std((0, 1)), 1, atol=0.05)
    np.testing.assert_allclose(np.corrcoef(drawn[:, 0].T, drawn[:, 1].T)[:WIDTH, WIDTH:], 0, atol=0.06)


def test_without_recorded_vectors_values_are_independent(covariates: Predictor) -> None:
    nothing = replace(covariates.manifest, patch_ranks=())
    drawn = Deadline(None).finish(PatchDependence(nothing).draw(np.random.default_rng(1), 5000, 1))[:, 0]
    np.testing.assert_allclose(np.corrcoef(drawn, rowvar=False), np.eye(WIDTH), atol=0.05)
    moved = PatchDependence(nothing).follow(drawn, 1, np.ones((5000, 1)))
    np.testing.assert_allclose(moved - drawn, np.eye(WIDTH)[1] * np.ones((5000, 1)), atol=1e-12)


@pytest.mark.parametrize("place", [0, 2, 4])
def test_after_a_value_of_a_random_walk_moves_all_later_ones_move_as_much(
    covariates: Predictor, place: int
) -> None:
    dependence = PatchDependence(with_ranks(covariates, walks(20_000)))
    deviations = np.sqrt(np.arange(1, WIDTH + 1))  # of the walk at each place
    moved = (
        dependence.follow(np.zeros((1, WIDTH)), place, np.array([[3 / deviations[place]]]))[0] * deviations
    )
    np.testing.assert_allclose(moved[:place], 0)
    np.testing.assert_allclose(moved[place:], 3, atol=0.15)


def test_a_channel_that_moves_leaves_the_others_of_its_time_alone(joint: Predictor) -> None:
    scores = np.zeros((1, 12))
    moved = PatchDependence(joint.manifest).follow(scores, 1, np.array([[0.0, 2.0, 0.0]]))[0]
    np.testing.assert_allclose(moved[:6], [0, 0, 0, 0, 2, 0])
    assert np.abs(moved[6:]).max() > 0.1
