"""Patching: the graph has the patches of the model, but what holds nothing stands last instead of first."""

from __future__ import annotations

import pytest
import torch

from forecaster.config import ModelConfig
from forecaster.export.graph.patching import (
    align,
    aligned_channels,
    aligned_rows,
    end_anchored,
    last_patch,
    whole_patches,
)
from forecaster.model import patching as model
from forecaster.model.channels import split_channels

LENGTHS = torch.tensor([40, 26, 27, 1, 5, 13])
SHAPES = [(26, 5), (26, 1), (5, 5), (24, 4), (60, 7)]  # context, patch


def config_of(context: int, patch: int) -> ModelConfig:
    return ModelConfig(context_length=context, horizon=4, patch_length=patch, season=2)


def left_aligned(values: torch.Tensor, config: ModelConfig) -> tuple[torch.Tensor, torch.Tensor]:
    """The model's rows, (series, time, ...), with their padding moved behind; and the steps before it."""
    where = model.align(LENGTHS, int(LENGTHS.max()), config.context_length, config.patch_length)
    steps = (~where.padding(config.patch_length)).sum(1)
    shift = (config.encoder_steps - steps) * config.patch_length
    rows = [row.roll(-int(n), 0) for row, n in zip(values, shift, strict=True)]
    return torch.stack(rows), steps


@pytest.mark.parametrize(("context", "patch"), SHAPES)
def test_the_patches_of_the_context_are_those_of_the_model(run_graph, same, context, patch) -> None:
    config, width = config_of(context, patch), 3
    history = torch.randn(len(LENGTHS), int(LENGTHS.max()), width)
    where = model.align(LENGTHS, history.shape[1], context, patch)
    rows, steps = left_aligned(model.aligned_rows(history, where), config)

    def emit(history, lengths):
        place = align(lengths, history, config)
        return [place.steps, aligned_rows(history, width, place), aligned_channels(history, width, place)]

    found = run_graph(emit, history, LENGTHS)
    for one, expected in zip(found, (steps, rows, split_channels(rows, width)), strict=True):
        same(one, expected)


@pytest.mark.parametrize(("context", "patch"), SHAPES)
def test_one_channel_has_no_axis_of_its_own(run_graph, same, context, patch) -> None:
    config, history = config_of(context, patch), torch.randn(len(LENGTHS), int(LENGTHS.max()))
    where = model.align(LENGTHS, history.shape[1], context, patch)
    rows, _ = left_aligned(model.aligned_rows(history.unsqueeze(2), where), config)
    (found,) = run_graph(lambda x, n: aligned_channels(x, 1, align(n, x, config)), history, LENGTHS)
    same(found, rows.squeeze(2))


@pytest.mark.parametrize(("context", "patch"), SHAPES)
def test_the_last_patch_and_the_context_are_found_before_the_padding(run_graph, same, context, patch) -> None:
    config = config_of(context, patch)
    where = model.align(LENGTHS, int(LENGTHS.max()), context, patch)
    rows = torch.where(where.inside, torch.randn(where.inside.shape), 0.0)
    shifted, steps = left_aligned(rows, config)
    found = run_graph(lambda x, n: [last_patch(x, n, patch), end_anchored(x, n, config)], shifted, steps)
    for one, expected in zip(found, (rows[:, -patch:], rows[:, -context:]), strict=True):
        same(one, expected)


@pytest.mark.parametrize("horizon", [1, 4, 5, 8])
def test_the_last_patch_of_the_future_is_filled_up(run_graph, same, horizon) -> None:
    values, patch = torch.randn(2, horizon, 3), 4
    expected = model.to_patches(values, patch).flatten(1, 2)
    steps = torch.tensor([expected.shape[1] // patch])
    same(*run_graph(lambda x, steps: whole_patches(x, steps, patch), values, steps), expected)
