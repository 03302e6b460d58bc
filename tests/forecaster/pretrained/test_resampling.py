"""Patches of any length as patches of one length, and back."""

from __future__ import annotations

import numpy as np
import pytest

from forecaster.pretrained.resampling import CANONICAL, shrink, stretch

each_patch = pytest.mark.parametrize("patch", range(1, CANONICAL + 1))


@each_patch
def test_shrinking_undoes_stretching(patch: int) -> None:
    np.testing.assert_allclose(shrink(patch) @ stretch(patch), np.eye(patch), atol=1e-12)


@each_patch
def test_rows_sum_to_1_both_ways_so_a_constant_stays(patch: int) -> None:
    np.testing.assert_allclose(stretch(patch).sum(1), 1)
    np.testing.assert_allclose(shrink(patch).sum(1), 1)


@each_patch
def test_a_phase_is_a_mean_of_the_values_that_it_overlaps(patch: int) -> None:
    # A value is constant over its share of the patch; a phase is the mean over its own.
    fine = CANONICAL * patch
    drawn = np.arange(fine) // CANONICAL
    expected = [np.bincount(phase, minlength=patch) / patch for phase in drawn.reshape(CANONICAL, patch)]
    np.testing.assert_allclose(stretch(patch), expected, atol=1e-12)


@pytest.mark.parametrize("patch", [1, 2, 4, 8, 16, 32])
def test_where_phases_are_a_multiple_values_repeat_and_their_means_come_back(patch: int) -> None:
    repeats = CANONICAL // patch
    repeated = np.repeat(np.eye(patch), repeats, axis=0)
    np.testing.assert_array_equal(stretch(patch), repeated)
    np.testing.assert_allclose(shrink(patch), repeated.T / repeats, atol=1e-12)


@each_patch
def test_the_level_of_a_patch_is_kept(patch: int) -> None:
    values = np.random.default_rng(0).standard_normal(patch)
    assert (stretch(patch) @ values).mean() == pytest.approx(values.mean())
