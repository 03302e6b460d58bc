"""Patches of any length as patches of one length, and back."""

from __future__ import annotations

import numpy as np
import pytest

from forecaster.pretrained.kinds import DAYS, FAMILIES, LONG, SHORT, family_of, patch_of
from forecaster.pretrained.transplant import shrink, stretch

SIZES = [(patch, family.phases) for family in FAMILIES.values() for patch in range(1, family.phases + 1)]
# No patch that a family forecasts has so many values: what holds for them holds for all.
LONGER = [(patch, SHORT.phases) for patch in range(SHORT.phases + 1, 2 * SHORT.phases + 1)]
each_patch = pytest.mark.parametrize(("patch", "phases"), SIZES)
longer_too = pytest.mark.parametrize(("patch", "phases"), SIZES + LONGER)


@each_patch
def test_shrinking_undoes_stretching(patch: int, phases: int) -> None:
    np.testing.assert_allclose(shrink(patch, phases) @ stretch(patch, phases), np.eye(patch), atol=1e-12)


@pytest.mark.parametrize(("patch", "phases"), LONGER)
def test_a_patch_of_more_values_than_phases_does_not_come_back(patch: int, phases: int) -> None:
    up, down = stretch(patch, phases), shrink(patch, phases)
    assert np.abs(down @ up - np.eye(patch)).max() > 0.05
    np.testing.assert_allclose(up @ down, np.eye(phases), atol=1e-12)  # its phases do


def test_no_season_has_a_patch_of_more_values_than_its_family_has_phases() -> None:
    patches = {season: patch_of(season) for season in range(1, 1500)}
    assert {season for season, patch in patches.items() if patch > family_of(season, patch).phases} == set()


@longer_too
def test_rows_sum_to_1_both_ways_so_a_constant_stays(patch: int, phases: int) -> None:
    np.testing.assert_allclose(stretch(patch, phases).sum(1), 1)
    np.testing.assert_allclose(shrink(patch, phases).sum(1), 1)


@longer_too
def test_a_phase_is_a_mean_of_the_values_that_it_overlaps(patch: int, phases: int) -> None:
    # A value is constant over its share of the patch; a phase is the mean over its own.
    drawn = np.arange(phases * patch) // phases
    expected = [np.bincount(phase, minlength=patch) / patch for phase in drawn.reshape(phases, patch)]
    np.testing.assert_allclose(stretch(patch, phases), expected, atol=1e-12)


@pytest.mark.parametrize(("patch", "phases"), [size for size in SIZES if size[1] % size[0] == 0])
def test_where_phases_are_a_multiple_values_repeat_and_their_means_come_back(patch: int, phases: int) -> None:
    repeats = phases // patch
    repeated = np.repeat(np.eye(patch), repeats, axis=0)
    np.testing.assert_array_equal(stretch(patch, phases), repeated)
    np.testing.assert_allclose(shrink(patch, phases), repeated.T / repeats, atol=1e-12)


@longer_too
def test_the_level_of_a_patch_is_kept(patch: int, phases: int) -> None:
    values = np.random.default_rng(0).standard_normal(patch)
    assert (stretch(patch, phases) @ values).mean() == pytest.approx(values.mean())


def test_the_longest_patch_of_each_family_is_of_its_phases() -> None:
    for season, long in ((24, DAYS), (48, DAYS), (168, DAYS), (52, LONG), (60, LONG), (34, LONG)):
        assert family_of(season, SHORT.phases) is SHORT
        assert family_of(season, SHORT.phases + 1) is family_of(season, long.phases) is long
