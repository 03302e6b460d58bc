"""Offsets that comparisons teach: what they converge to, and a plain version that they equal."""

from __future__ import annotations

from dataclasses import replace
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deploy.adaptive.said import MOST_GROUPS, Adaptation
from deploy.adaptive.tracker import (
    DECAY,
    DOUBT,
    FARTHEST,
    LEAST_RATE,
    MEMORY,
    OF_HORIZON,
    PRIOR,
    RATE,
    TRUST,
    Tracker,
)

LEVELS = (0.1, 0.3, 0.5, 0.7, 0.9)
NORMAL = np.array([NormalDist().inv_cdf(level) for level in LEVELS])


class Plain:
    """One series, one comparison and one level at a time, as the formulas say."""

    def __init__(self, steps: int, each: int) -> None:
        groups = -(-steps // each)
        self.steps, self.each, self.spread, self.compared = steps, each, 1.0, 0
        self.offsets = [[0.0] * len(LEVELS) for _ in range(groups)]
        self.drift, self.evidence, self.counts = [0.0] * groups, 0.0, [0] * groups

    def learn(
        self, leads: list[int], quantiles: list[list[float]], actual: float, spreads: list[float]
    ) -> None:
        trust, memory = float(1 / (1 + np.exp(DOUBT - TRUST * self.evidence))), 2 * max(self.steps, MEMORY)
        gains = [
            self.learn_one(*each, actual=actual, trust=trust)
            for each in zip(leads, quantiles, spreads, strict=True)
        ]
        gain = sum(gain / lead for gain, lead in zip(gains, leads, strict=True)) / sum(
            1 / lead for lead in leads
        )
        self.evidence = (1 - 1 / memory) * self.evidence + gain / (memory * self.each) ** 0.5

    def learn_one(
        self, lead: int, quantiles: list[float], spread: float, *, actual: float, trust: float
    ) -> float:
        group, median, width = (lead - 1) // self.each, quantiles[2], quantiles[-1] - quantiles[0]
        error, drift = (actual - median) / width, self.drift[group]
        offsets = self.offsets[group]
        missed = [
            error / spread - (quantile - median) / width - offset
            for quantile, offset in zip(quantiles, offsets, strict=True)
        ]

        def loss(by: float) -> float:
            return float(
                np.mean([max(q * (m - by), (q - 1) * (m - by)) for q, m in zip(LEVELS, missed, strict=True)])
            )

        gain = spread * (loss(0.0) - loss(drift / spread))
        centred = error - offsets[2] * spread
        deviation = 1 / (NORMAL[-1] - NORMAL[0])
        if group == 0:
            size = min(abs(centred - trust * drift), FARTHEST * deviation) / (deviation * (2 / np.pi) ** 0.5)
            self.compared += 1
            self.spread += (size - self.spread) / min(
                max(MEMORY, self.steps / OF_HORIZON), self.compared + PRIOR
            )
        rate = max(RATE * (self.counts[group] + 1) ** -DECAY, LEAST_RATE)
        self.offsets[group] = [
            offset + rate * (q - (m <= trust * drift / spread))
            for q, m, offset in zip(LEVELS, missed, offsets, strict=True)
        ]
        far = 2 * FARTHEST * deviation * spread
        self.drift[group] += (min(max(centred, -far), far) - drift) / max(lead, MEMORY)
        self.counts[group] += 1
        return gain


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), steps=st.integers(1, 40), shift=st.sampled_from([0.0, 4.0]))
def test_comparisons_of_a_time_are_the_plain_ones_of_each_group(seed: int, steps: int, shift: float) -> None:
    generator = np.random.default_rng(seed)
    each = -(-steps // MOST_GROUPS)
    tracker, plain = Tracker.fresh(LEVELS, steps, each), Plain(steps, each)
    for _ in range(40):
        leads = np.arange(int(generator.integers(1, each + 1)), steps + 1, each)
        quantiles = np.sort(generator.normal(0, 2, (len(leads), 1, len(LEVELS))), axis=-1)
        actual, spreads = generator.normal(shift, 2, 1), generator.uniform(0.5, 2, len(leads))
        tracker = tracker.learn(leads, quantiles, actual, spreads)
        plain.learn(leads.tolist(), quantiles[:, 0].tolist(), float(actual[0]), spreads.tolist())
    for name in ("offsets", "drift", "evidence", "counts", "spread", "compared"):
        np.testing.assert_allclose(getattr(tracker, name), getattr(plain, name), rtol=1e-9, atol=1e-12)


def test_a_missing_actual_teaches_nothing() -> None:
    tracker = Tracker.fresh(LEVELS, 4, 1)
    found = tracker.learn(np.array([1, 3]), np.tile(NORMAL, (2, 1, 1)), np.array([np.nan]), np.ones(2))
    assert found is tracker


def test_quantiles_of_no_width_teach_nothing() -> None:
    tracker = Tracker.fresh(LEVELS, 4, 1)
    assert tracker.learn(np.array([1]), np.ones((1, 1, len(LEVELS))), np.array([2.0]), np.ones(1)) is tracker


def test_a_drift_that_has_been_wrong_for_long_is_not_trusted() -> None:
    tracker = replace(Tracker.fresh(LEVELS, 4, 1), evidence=-1e300)
    assert tracker.trust == 0
    assert replace(tracker, evidence=1e300).trust == 1


def test_quantiles_beyond_float32_teach_nothing() -> None:
    adaptation = Adaptation.fresh(LEVELS, 2)
    assert adaptation is not None
    said = adaptation.say(0, np.array([[[-3e38, -1e38, 3e38, 3.1e38, 3.2e38]]]))
    assert not said.compare(np.array([1.0])).tracker.counts.any()


def test_series_of_one_model_teach_their_mean() -> None:
    """Two series, the same actual: as one. A series without an actual does not count."""
    leads, spreads = np.array([1, 2]), np.ones(2)
    quantiles = np.tile(NORMAL, (2, 1, 1))
    one = Tracker.fresh(LEVELS, 2, 1).learn(leads, quantiles, np.array([1.0]), spreads)
    two = Tracker.fresh(LEVELS, 2, 1).learn(leads, np.tile(NORMAL, (2, 2, 1)), np.array([1.0, 1.0]), spreads)
    gap = Tracker.fresh(LEVELS, 2, 1).learn(
        leads, np.tile(NORMAL, (2, 2, 1)), np.array([1.0, np.nan]), spreads
    )
    for other in (two, gap):
        np.testing.assert_allclose(other.offsets, one.offsets, rtol=1e-12)
        np.testing.assert_allclose(other.drift, one.drift, rtol=1e-12)
        assert other.spread == pytest.approx(one.spread, rel=1e-12)


def played(width: float, change: float, shift: float, seeds: int = 8) -> tuple[float, float, float]:
    """White noise, forecast 4 steps ahead by its quantiles: coverage, share of the width, share of the loss.

    Half-way the noise is `change` times as wide, and moves by `shift`; scored from 20 steps later on.
    """
    hits, widths, losses, count, levels = 0, np.zeros(2), np.zeros(2), 0, np.array(LEVELS)
    for seed in range(seeds):
        noise = np.random.default_rng(seed).standard_normal(600)
        noise[300:] = noise[300:] * change + shift
        adaptation = Adaptation.fresh(LEVELS, 4)
        assert adaptation is not None
        quantiles = np.tile(width * NORMAL, (4, 1))
        for step, actual in enumerate(noise):
            if step >= 320:
                for which, each in enumerate((adaptation.adjust(quantiles)[0], quantiles[0])):
                    missed = actual - each
                    widths[which] += each[-1] - each[0]
                    losses[which] += np.maximum(levels * missed, (levels - 1) * missed).mean()
                    hits += which == 0 and each[0] <= actual <= each[-1]
                count += 1
            adaptation = adaptation.say(step, quantiles[:, None]).compare(np.array([actual]))
    return hits / count, widths[0] / widths[1], losses[0] / losses[1]


def test_right_quantiles_stay_about_right() -> None:
    coverage, width, loss = played(1.0, 1.0, 0.0)
    assert abs(coverage - 0.8) < 0.02
    assert abs(width - 1) < 0.03
    assert loss < 1.01


def test_wide_quantiles_become_narrow() -> None:
    coverage, width, loss = played(1.5, 1.0, 0.0)
    assert abs(coverage - 0.8) < 0.02
    assert width < 0.75
    assert loss < 0.97


def test_noise_that_doubles_is_followed() -> None:
    coverage, width, loss = played(1.0, 2.0, 0.0)
    assert abs(coverage - 0.8) < 0.03
    assert 1.8 < width < 2.2
    assert loss < 0.97


def test_a_level_that_moves_is_followed() -> None:
    coverage, _, loss = played(1.0, 1.0, 3.0)
    assert 0.75 < coverage < 0.93  # 0.04 as the model has it
    assert loss < 0.5


def test_moved_quantiles_ascend() -> None:
    generator, tracker = np.random.default_rng(1), Tracker.fresh(LEVELS, 3, 1)
    for _ in range(200):
        quantiles = np.sort(generator.normal(size=(1, 1, len(LEVELS))), axis=-1)
        tracker = tracker.learn(np.array([2]), quantiles, generator.normal(5, 3, 1), np.ones(1))
    found = tracker.adjust(np.sort(generator.normal(size=(6, 2, len(LEVELS))), axis=-1))
    assert found.shape == (6, 2, len(LEVELS))
    assert (np.diff(found, axis=-1) >= 0).all()


def test_a_model_of_medians_has_nothing_to_move() -> None:
    assert Adaptation.fresh((0.5,), 4) is None
