"""Calendar: graph and model give a time the same features."""

from __future__ import annotations

import pytest
import torch

from deploy.time.timestep import MISSING_TIME
from forecaster.export.graph import calendar as graph
from forecaster.model import calendar as model
from forecaster.workflows.recipes.recipe import calendar_periods

HOUR = 3600.0


@pytest.mark.parametrize("step_seconds", [HOUR, 86400.0, 604800.0])
def test_features_of_times_before_and_after_1970_are_the_same(run_graph, close, step_seconds) -> None:
    moments = [-(10**9) - 7, -1, 0, 86399, 1_700_000_000, 4_102_444_800, MISSING_TIME, 1]
    timestamps, periods = torch.tensor(moments).reshape(2, 4), calendar_periods(step_seconds)
    (found,) = run_graph(lambda x: graph.calendar_features(x, periods, step_seconds), timestamps)
    close(found, model.calendar_features(timestamps, periods, step_seconds, torch.float32))
    assert not found[1, 2].any()  # the missing one
