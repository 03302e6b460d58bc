"""Normalisation: graph and model find the same statistics, and normalise by the same operations."""

from __future__ import annotations

import pytest
import torch

from forecaster.config import ModelConfig
from forecaster.export.graph import normalization as graph
from forecaster.model import normalization as model

NORMALIZATIONS = ["mean-std", "last-difference", "log-last-difference", "none"]


def config_of(normalization: str, width: int = 30, season: int = 7) -> ModelConfig:
    return ModelConfig(
        context_length=width, horizon=4, patch_length=1, season=season, normalization=normalization
    )


def windows(width: int = 30) -> torch.Tensor:
    """Rows with gaps: constant, of a single value, with values that have no logarithm, of a high level."""
    values = 50 + 5 * torch.randn(6, width)
    values[3] = 1e4 + 100 * torch.randn(width)
    values[torch.rand(6, width) < 0.3] = torch.nan
    values[0] = 0.1
    values[1, 1:], values[1, 0] = torch.nan, 3.0
    values[2, :2] = torch.tensor([0.0, -1.0])[:width]
    return values


@pytest.mark.parametrize("normalization", NORMALIZATIONS)
def test_what_was_observed_is_the_same(run_graph, same, close, normalization) -> None:
    config, rows = config_of(normalization), windows()
    values, observed = run_graph(lambda x: graph.observe(x, config), rows)
    expected, mask = model.observe(rows, normalization)
    same(observed, mask)
    (close if normalization.startswith("log") else same)(values, expected)


@pytest.mark.parametrize("width", [1, 30, 32])
@pytest.mark.parametrize("season", [1, 7, 100])
@pytest.mark.parametrize("normalization", NORMALIZATIONS)
def test_statistics_are_the_same(run_graph, close, normalization, season, width) -> None:
    config = config_of(normalization, width, season)
    values, observed = model.observe(windows(width), "mean-std")

    def emit(values, mask):
        stats = graph.statistics(values, mask > 0.0, config)
        return stats.location, stats.scale

    location, scale = run_graph(emit, values, observed.float())
    expected = model.statistics(values, observed, normalization, season)
    close(location, expected.location)
    close(scale, expected.scale)
    assert torch.equal(scale == 0, expected.scale == 0)


def test_of_a_level_that_it_is_shown_a_graph_takes_a_share_for_noise(run_graph, close) -> None:
    """A runtime takes the level away before, and a fit computes in float64: only other callers see this."""
    values, mask = 1e4 + 0.1 * torch.randn(1, 30), torch.ones(1, 30)
    config = config_of("last-difference")
    (scale,) = run_graph(lambda x, m: graph.statistics(x, m > 0.0, config).scale, values, mask)
    close(scale, graph.RELATIVE_FLOOR * values[:, -1:])


def test_a_constant_window_keeps_its_level_bit_by_bit(run_graph, same) -> None:
    values, mask = torch.full((2, 30), 0.1), torch.ones(2, 30)
    for normalization in NORMALIZATIONS:
        config = config_of(normalization)
        (location,) = run_graph(lambda x, m: graph.statistics(x, m > 0.0, config).location, values, mask)  # noqa: B023
        same(location, torch.full((2, 1), 0.1))


def test_windows_are_normalized_bit_by_bit(run_graph, same) -> None:
    values, observed = model.observe(windows(), "mean-std")
    stats = model.statistics(values, observed, "mean-std", 7)

    def emit(values, mask, location, scale):
        return graph.normalize(values, mask > 0.0, graph.Statistics(location, scale))

    found = run_graph(emit, values, observed.float(), stats.location, stats.scale)
    same(*found, model.normalize(values, observed, stats))


@pytest.mark.parametrize("normalization", NORMALIZATIONS)
def test_rows_come_back_in_data_units(run_graph, same, close, normalization) -> None:
    rows, config = torch.randn(6, 4, 9), config_of(normalization)
    rows[0, 0, 0] = 1e6  # a logarithm that would overflow
    stats = model.Statistics(torch.randn(6, 1), torch.rand(6, 1))

    def emit(rows, location, scale):
        return graph.denormalize(rows, graph.Statistics(location, scale), config)

    (found,) = run_graph(emit, rows, stats.location.unsqueeze(2), stats.scale.unsqueeze(2))
    (close if normalization.startswith("log") else same)(found, model.denormalize(rows, stats, normalization))
