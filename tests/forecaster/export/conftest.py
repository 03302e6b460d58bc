"""Small trained-looking runs to export."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import onnxruntime
import pytest
import torch
from network_shapes import EVERYTHING
from torch import Tensor

from forecaster.config import ModelConfig, RunConfig
from forecaster.export.nodes.emitter import Emitter
from forecaster.export.nodes.value import Value, from_input
from forecaster.model.ensemble import Ensemble
from forecaster.model.network import Network
from forecaster.run.record import DataRecord
from forecaster.run.run import Run


def make_run(*, calibrated: bool = True, **changes: Any) -> Run:
    """A seeded network whose parts are all visible in its forecasts, as if it had been trained."""
    torch.manual_seed(0)
    config = ModelConfig(**{**EVERYTHING, **changes})
    network = Network(config).eval()
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.mul_(2.0)
        network.decoder.delta_rows.weight.normal_(std=0.3)
        for standardizer in (network.known, network.past, network.static):
            standardizer.location.fill_(0.5)
            standardizer.scale.fill_(2.0)
        if network.highway is not None:
            network.highway.weight.mul_(0.5).add_(0.01 * torch.randn_like(network.highway.weight))
    offsets = 0.2 * torch.randn(config.horizon, len(config.quantile_levels)) if calibrated else None
    categories = tuple(f"static{n}" for n in range(len(config.category_sizes)))
    has_calendar = bool(config.calendar_periods)
    data = DataRecord(
        file="data.csv",
        sha256="0" * 64,
        values=100,
        missing=0,
        series=1,
        shortest=100,
        longest=100,
        first="",
        last="",
        season=config.season,
        step={"count": 1, "unit": "hour" if has_calendar else "index"},
        time="time",
        time_format="%Y-%m-%d %H:%M" if has_calendar else "index",
        targets=("x", "y", "z")[: config.target_size],
        joint=config.target_size > 1,
        series_columns=(),
        known=tuple(f"known{n}" for n in range(config.known_size)),
        past=tuple(f"past{n}" for n in range(config.past_size)),
        static=(*categories, *(f"number{n}" for n in range(config.static_size))),
        vocabularies={
            name: [f"text{i}" for i in range(size - 1)]
            for name, size in zip(categories, config.category_sizes, strict=True)
        },
        ids=(),
        training_cutoff=(),
    )
    return Run(Path("run"), RunConfig(model=config), data, {}, Ensemble([network], offsets))


Emit = Callable[..., "Value | Sequence[Value]"]


def compute(emit: Emit, *inputs: Tensor) -> list[Tensor]:
    """Run a small graph in onnxruntime. emit: called with a value for each input; returns the outputs.

    All axes of the inputs are dynamic. Outputs come as float32, so True is 1.
    """
    graph, named = Emitter("part"), {f"in_{n}": tensor for n, tensor in enumerate(inputs)}
    values = [
        from_input(
            graph,
            name,
            str(tensor.dtype).removeprefix("torch."),
            [f"{name}_{n}" for n in range(tensor.dim())],
        )
        for name, tensor in named.items()
    ]
    outputs = emit(*values)
    for n, value in enumerate([outputs] if isinstance(outputs, Value) else outputs):
        graph.output(f"out_{n}", value.to_float().name, None)  # of any shape
    session = onnxruntime.InferenceSession(graph.model({}).data)
    results = session.run(None, {name: tensor.detach().numpy() for name, tensor in named.items()})
    return [torch.from_numpy(result) for result in results]


@pytest.fixture(scope="session")
def run_graph() -> Callable[..., list[Tensor]]:
    return compute


@pytest.fixture(scope="session")
def run_of() -> Callable[..., Run]:
    return make_run
