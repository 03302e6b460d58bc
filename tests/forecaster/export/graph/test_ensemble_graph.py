"""An ensemble: the mean of several forecasts, and the bound that it must keep."""

from __future__ import annotations

import pytest
import torch

from forecaster.export.graph.ensemble import mean_forecast


@pytest.mark.parametrize("lower", [None, 0.3])
@pytest.mark.parametrize("members", [1, 2, 7])
def test_the_mean_of_the_members_is_the_same(run_graph, close, members, lower) -> None:
    quantiles = 0.3 + torch.rand(members, 3, 4, 9)
    quantiles[:, 0] = 0.3  # added 7 times and divided by 7 this is below 0.3 in float32
    (found,) = run_graph(lambda *each: mean_forecast(list(each), lower), *quantiles)
    close(found, quantiles.mean(0))
    if lower is not None:
        assert (found >= torch.tensor(lower)).all()


def test_one_member_is_left_as_it_is(run_graph, same) -> None:
    quantiles = torch.rand(3, 4, 9)
    same(*run_graph(lambda one: mean_forecast([one], 0.0), quantiles), quantiles)
