"""Calendar features compared with their formula."""

from __future__ import annotations

import math

import pytest
import torch

from deploy.time.timestep import MISSING_TIME
from forecaster.model.calendar import calendar_features
from forecaster.weights.constants import calendar_width

HOUR, DAY, WEEK, YEAR = 3600.0, 86400, 604800, 31556952


def test_calendar_features_equal_their_formula_before_and_after_1970() -> None:
    moments = [-(10**9) - 7, -1, 0, 86399, 1_700_000_000]
    found = calendar_features(torch.tensor(moments), (DAY, YEAR), HOUR, torch.float64)
    for moment, row in zip(moments, found.tolist(), strict=True):
        expected = []
        for period in (DAY, YEAR):
            angles = [2 * math.pi * k * (moment % period) / period for k in (1, 2, 3, 4)]
            expected += [math.sin(a) for a in angles] + [math.cos(a) for a in angles]
        assert row == pytest.approx(expected, abs=1e-12)
    assert found.shape[1] == calendar_width((DAY, YEAR), HOUR)


def test_float32_calendar_features_do_not_drift_far_from_1970() -> None:
    moments = torch.tensor([4_102_444_800 + 1234])
    single = calendar_features(moments, (DAY,), HOUR, torch.float32)
    double = calendar_features(moments, (DAY,), HOUR, torch.float64)
    assert (single - double).abs().max() < 1e-5


def test_the_features_of_a_missing_time_are_zero() -> None:
    assert not calendar_features(torch.tensor([MISSING_TIME]), (DAY, WEEK), HOUR, torch.float32).any()
