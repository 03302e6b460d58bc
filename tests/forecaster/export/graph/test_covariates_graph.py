"""Covariates: graph and model standardise by the same operations."""

from __future__ import annotations

import pytest
import torch

from forecaster.export.graph.covariates import patches, standardize
from forecaster.model.covariates import Standardizer
from forecaster.weights.weights import Standard


@pytest.fixture
def standardizer() -> Standardizer:
    module = Standardizer(3)
    module.location.copy_(torch.tensor([0.5, -20.0, 1e3]))
    module.scale.copy_(torch.tensor([2.0, 0.1, 7.0]))
    return module


def standard_of(module: Standardizer) -> Standard:
    return Standard(module.location.numpy(), module.scale.numpy())


def covariates(*shape: int) -> torch.Tensor:
    values = torch.randn(*shape, 3)
    values[torch.rand(values.shape) < 0.3] = torch.nan
    return values


def test_values_and_masks_are_the_same(run_graph, same, standardizer) -> None:
    values = covariates(4)
    parts = run_graph(lambda x: standardize(standard_of(standardizer), x), values)
    for found, expected in zip(parts, standardizer(values), strict=True):
        same(found, expected)


def test_patches_are_the_same(run_graph, same, standardizer) -> None:
    values = covariates(2, 15)
    (found,) = run_graph(lambda x: patches(standard_of(standardizer), x, 5), values)
    same(found, standardizer.patches(values, 5))
