"""Evidence that a series has changed: fair bets, and how soon they find a change."""

from __future__ import annotations

from statistics import NormalDist

import numpy as np
import pytest

from deploy.adaptive.alarm import BINS, DELTA, Alarm, Evidence, bin_of, chance_of, payoffs


def capitals(scores: np.ndarray) -> np.ndarray:
    evidence, found = Evidence.fresh(), []
    for number, score in enumerate(scores.tolist()):
        evidence = evidence.after(score, chance_of(number))
        found.append(evidence.capital)
    return np.array(found)


def test_bets_are_fair() -> None:
    """Each pays 1 in the mean over uniform ranks, but for what far ranks would pay of the widest."""
    scores = np.linspace(-7, 7, 2801)
    density = np.exp(-(scores**2) / 2) / np.sqrt(2 * np.pi) * (scores[1] - scores[0])
    mean = density @ np.array([payoffs(NormalDist().cdf(score)) for score in scores])
    assert (mean < 1.001).all()
    assert (mean > 0.8).all()


def test_ranks_of_exchangeable_scores_win_nothing_whatever_the_scores_are() -> None:
    generator = np.random.default_rng(0)
    streams = {
        "normal": generator.standard_normal((6, 1500)),
        "five deviations off": 5 + 0.2 * generator.standard_normal((6, 1500)),
        "heavy": generator.standard_cauchy((6, 1500)),
        "two values": generator.integers(0, 2, (6, 1500)).astype(float),
        "one value": np.zeros((6, 1500)),
    }
    for name, scores in streams.items():
        assert max(capitals(each).max() for each in scores) < 1 / DELTA, name


@pytest.mark.parametrize("before", [100, 400, 1200])
def test_a_shift_of_two_deviations_is_found_within_twelve_steps(before: int) -> None:
    found = []
    for seed in range(15):
        scores = np.random.default_rng(seed).standard_normal(before + 60)
        scores[before:] += 2
        rung = np.flatnonzero(capitals(scores) >= 1 / DELTA)
        found.append(rung[0] - before + 1 if len(rung) else 60)
    assert min(found) > 0
    assert np.median(found) <= 12


@pytest.mark.parametrize("factor", [0.25, 3.0])
def test_a_change_of_the_noise_is_found(factor: float) -> None:
    found = []
    for seed in range(9):
        scores = np.random.default_rng(seed).standard_normal(700)
        scores[500:] *= factor
        rung = np.flatnonzero(capitals(scores) >= 1 / DELTA)
        found.append(rung[0] - 499 if len(rung) else 200)
    assert np.median(found) < 60


def test_scores_of_any_size_have_a_bin() -> None:
    assert bin_of(-1e300) == 0
    assert bin_of(1e300) == BINS - 1
    assert bin_of(0.0) == BINS // 2
    places = [bin_of(score) for score in np.linspace(-50, 50, 2001)]
    assert places == sorted(places)


def test_chances_are_uniform_and_depend_on_the_number_alone() -> None:
    chances = np.array([chance_of(number) for number in range(4000)])
    assert chances.min() > 0
    assert chances.max() < 1
    assert np.abs(np.histogram(chances, 10, (0, 1))[0] / 400 - 1).max() < 0.2
    assert abs(np.corrcoef(chances[1:], chances[:-1])[0, 1]) < 0.05
    assert chance_of(17) == chances[17]


def test_an_alarm_is_true_at_one_percent() -> None:
    assert Alarm(0.01, 5)
    assert not Alarm(0.011, 5)
