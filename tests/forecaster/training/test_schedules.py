"""Schedules by their formulas: the share of true patches, the learning rate, the budget."""

from __future__ import annotations

import itertools
import math

import pytest

from forecaster.config import TrainConfig
from forecaster.training.schedules import SCHEDULES, forced_share, learning_rate, progress_of

VALUES = [
    ("constant", {"epsilon": 0.3}, 0.3, 0.3, 0.3),
    ("linear", {}, 1.0, 0.5, 0.0),
    ("exponential", {}, 1.0, 0.1, 0.01),
    ("inverse-sigmoid", {}, 100 / 101, 0.5, 1 / 101),
    ("switch", {}, 1.0, 0.0, 0.0),
    ("switch", {"switch_at": 0.6}, 1.0, 1.0, 0.0),
]


def test_every_schedule_has_its_values_checked() -> None:
    assert {name for name, *_ in VALUES} == set(SCHEDULES)


@pytest.mark.parametrize(("name", "settings", "start", "middle", "end"), VALUES)
def test_a_schedule_decays_through_its_values(name, settings, start, middle, end) -> None:
    config = TrainConfig(schedule=name, **settings)
    found = [forced_share(config, progress) for progress in (0.0, 0.5, 1.0)]
    assert found == pytest.approx([start, middle, end], abs=1e-12)


@pytest.mark.parametrize(("name", "settings", "start", "middle", "end"), VALUES[1:])
def test_an_increasing_schedule_is_one_minus_the_decaying_one(name, settings, start, middle, end) -> None:
    config = TrainConfig(schedule=name, direction="increase", **settings)
    found = [forced_share(config, progress) for progress in (0.0, 0.5, 1.0)]
    assert found == pytest.approx([1 - start, 1 - middle, 1 - end], abs=1e-12)


def test_a_constant_schedule_has_no_direction() -> None:
    with pytest.raises(ValueError, match="direction 'increase' needs a schedule that changes"):
        TrainConfig(schedule="constant", direction="increase")


@pytest.mark.parametrize("name", sorted(SCHEDULES))
def test_a_decaying_schedule_never_rises_and_stays_a_probability(name) -> None:
    config = TrainConfig(schedule=name)
    shares = [forced_share(config, step / 100) for step in range(101)]
    assert all(a >= b for a, b in itertools.pairwise(shares))
    assert 0 <= min(shares) <= max(shares) <= 1


def test_the_inverse_sigmoid_is_that_of_bengio_with_k_100() -> None:
    k = 100.0
    for progress in (0.0, 0.2, 0.7, 1.0):
        i = progress * 2 * k * math.log(k)
        config = TrainConfig(schedule="inverse-sigmoid")
        assert forced_share(config, progress) == pytest.approx(k / (k + math.exp(i / k)), rel=1e-12)


def test_a_schedule_that_runs_over_half_of_the_progress_then_stays() -> None:
    config = TrainConfig(schedule="linear", schedule_length=0.5)
    assert [forced_share(config, progress) for progress in (0.0, 0.25, 0.5, 0.8)] == [1.0, 0.5, 0.0, 0.0]


@pytest.mark.parametrize("direction", ["decay", "increase"])
def test_the_share_never_falls_below_the_floor(direction) -> None:
    config = TrainConfig(schedule="linear", floor=0.2, direction=direction)
    shares = {forced_share(config, step / 10) for step in range(11)}
    assert (min(shares), max(shares)) == (0.2, 1.0)


def test_the_rate_rises_to_its_peak_and_falls_to_nearly_nothing() -> None:
    train = TrainConfig(learning_rate=1.0, warm_up=0.2)
    rates = [learning_rate(train, step / 100) for step in range(101)]
    assert rates[0] == pytest.approx(1 / 25)
    assert max(rates) == rates[20] == pytest.approx(1.0)
    assert rates[100] == pytest.approx(1e-4)
    assert rates[:21] == sorted(rates[:21])
    assert rates[20:] == sorted(rates[20:], reverse=True)


def test_progress_is_the_share_of_updates_or_of_time_whichever_is_more() -> None:
    train = TrainConfig(updates=100, max_seconds=10.0)
    assert progress_of(train, 50, 1.0) == 0.5
    assert progress_of(train, 10, 7.0) == 0.7
    assert progress_of(train, 100, 0.0) == progress_of(train, 0, 99.0) == 1.0
