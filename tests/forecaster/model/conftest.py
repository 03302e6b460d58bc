"""Small networks and windows for every combination that changes the arithmetic."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from network_shapes import EVERYTHING

from forecaster.config import ModelConfig
from forecaster.model.network import Network
from forecaster.windows.window import Window


def make_network(**changes: Any) -> Network:
    """A seeded network with initial weights, but delta rows and a highway that are not trivial."""
    torch.manual_seed(0)
    network = Network(ModelConfig(**{**EVERYTHING, **changes})).eval()
    with torch.no_grad():
        network.decoder.delta_rows.weight.normal_(std=0.1)
        for standardizer in (network.known, network.past, network.static):
            standardizer.location.fill_(0.5)
            standardizer.scale.fill_(2.0)
        if network.highway is not None:
            network.highway.bias.normal_(std=0.1)
    return network


def make_window(network: Network, lengths: list[int], horizon: int, seed: int = 0) -> Window:
    """Random walks of different lengths with gaps, and all that the network wants beside them."""
    config, generator = network.config, torch.Generator().manual_seed(seed)
    batch, time = len(lengths), max(lengths)
    shape = (batch, time) if config.target_size == 1 else (batch, time, config.target_size)
    history = 20 + torch.randn(shape, generator=generator).cumsum(1)
    history[torch.rand(shape, generator=generator) < 0.1] = torch.nan
    for row, length in zip(history, lengths, strict=True):
        row[length - 1] = 21.0  # at least one observed value
        row[length:] = torch.nan
    start = torch.randint(0, 10**9, (batch, 1), generator=generator)
    known = torch.randn(batch, time + horizon, config.known_size, generator=generator)
    sizes = torch.tensor(config.category_sizes)
    past = torch.randn(batch, time, config.past_size, generator=generator)
    static = torch.randn(batch, config.static_size, generator=generator)
    for values in (past, static):
        values[torch.rand(values.shape, generator=generator) < 0.1] = torch.nan
    codes = (torch.rand(batch, len(sizes), generator=generator) * (sizes + 1)).long()
    return Window(
        history=history,
        lengths=torch.tensor(lengths),
        horizon=horizon,
        timestamps=start + 3600 * torch.arange(time) if config.calendar_periods else None,
        future_timestamps=start + 3600 * torch.arange(time, time + horizon)
        if config.calendar_periods
        else None,
        known=known[:, :time] if config.known_size else None,
        future_known=known[:, time:] if config.known_size else None,
        static_cat=codes if config.category_sizes else None,
        past=past if config.past_size else None,
        static=static if config.static_size else None,
    )


@pytest.fixture
def network() -> Callable[..., Network]:
    return make_network


@pytest.fixture
def window() -> Callable[..., Window]:
    return make_window
