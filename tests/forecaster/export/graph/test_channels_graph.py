"""Channels: graph and model move the same numbers to the same places."""

from __future__ import annotations

import pytest
import torch

from forecaster.export.graph.channels import join_channels, join_times, repeat_channels, split_channels
from forecaster.model import channels as model

BATCH, STEPS, PATCH = 2, 3, 4


def test_channels_are_split_into_rows(run_graph, same) -> None:
    values = torch.randn(BATCH, STEPS * PATCH, 3)
    same(*run_graph(split_channels, values), model.split_channels(values, 3))


@pytest.mark.parametrize("size", [1, 3])
def test_patches_of_rows_are_joined(run_graph, same, size) -> None:
    rows = torch.randn(BATCH * size, STEPS * PATCH)
    (found,) = run_graph(lambda x: join_channels(x, STEPS, PATCH, size), rows)
    same(found, model.join_channels(rows.unflatten(1, (STEPS, PATCH)), size))


@pytest.mark.parametrize("size", [1, 3])
def test_joining_times_takes_splitting_back(run_graph, same, size) -> None:
    values = torch.randn(BATCH, STEPS, size)
    rows = model.split_channels(values, size)
    same(*run_graph(lambda x: join_times(x, STEPS, size), rows), values.flatten(1))


@pytest.mark.parametrize("size", [1, 3])
def test_the_row_of_a_series_is_repeated_for_its_channels(run_graph, same, size) -> None:
    counts, hidden = torch.arange(BATCH), torch.randn(BATCH, 5)
    found = run_graph(lambda n, h: [repeat_channels(n, size), repeat_channels(h, size, 5)], counts, hidden)
    for one, given in zip(found, (counts, hidden), strict=True):
        same(one, given.repeat_interleave(size, dim=0))
