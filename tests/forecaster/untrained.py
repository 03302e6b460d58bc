"""Runs whose networks were never trained, so that tests wait for none, and panels to score them on."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from deploy import TimeStep
from deploy.columns import Columns
from forecaster.config import ModelConfig, RunConfig
from forecaster.data import Panel, Understood
from forecaster.model.ensemble import Ensemble
from forecaster.model.network import Network
from forecaster.run.record import DataRecord
from forecaster.run.run import Run

SEASON, HORIZON, CONTEXT = 6, 6, 18


def make_panel(
    lengths: list[int], *, targets: tuple[str, ...] = ("y",), seed: int = 0, **parts: Any
) -> Panel:
    """Waves with noise, above 0, counted from 0; more than one target is joint. parts: of Panel."""
    generator, size = np.random.default_rng(seed), len(targets)
    rows = sum(lengths)
    time = np.concatenate([np.arange(length) for length in lengths])
    phase = np.repeat(np.arange(len(lengths)), lengths)
    wave = 20 + 5 * np.sin(2 * np.pi * (time + phase) / SEASON)
    values = wave[:, None] * np.arange(1, size + 1) + generator.normal(size=(rows, size))
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    made: dict[str, Any] = {
        "values": values if size > 1 else values[:, 0],
        "known": np.zeros((rows, 0), dtype=np.float32),
        "past": np.zeros((rows, 0), dtype=np.float32),
        "static": np.zeros((len(lengths), 0), dtype=np.float32),
        "categories": np.zeros((len(lengths), 0), dtype=np.int64),
        "offsets": offsets,
        "ends": offsets[1:],
        "starts": np.zeros(len(lengths), dtype=np.int64),
        "leads": np.zeros(len(lengths), dtype=np.int64),
        "step": TimeStep(1, "index"),
        "columns": Columns("t", "index", targets, ("id",), (), (), (), joint=size > 1),
        "ids": tuple((str(number),) for number in range(len(lengths))),
        "vocabularies": (),
    }
    return Panel(**{**made, **parts})


def make_run(panel: Panel, trained: list[int], path: Path = Path("run"), **model: Any) -> Run:
    """As after a fit on a panel. trained: (series,) values of each series that trained."""
    torch.manual_seed(0)
    shape = {"context_length": CONTEXT, "horizon": HORIZON, "patch_length": 2, "season": SEASON}
    config = ModelConfig(**{**shape, "hidden_size": 8, "target_size": panel.target_size, **model})
    understood = Understood.of(Path("data.csv"), panel, SEASON)
    record = DataRecord.of_fit(understood, "0" * 64, panel, panel.offsets[:-1] + np.array(trained))
    return Run(path, RunConfig(model=config), record, {}, Ensemble([Network(config).eval()]))


def with_members(run: Run, count: int = 3) -> Run:
    """The run with further members of other weights."""
    networks = [run.ensemble.first]
    for seed in range(1, count):
        torch.manual_seed(seed)
        network = Network(run.config.model).eval()
        network.load_state_dict(run.ensemble.first.state_dict())
        with torch.no_grad():
            for parameter in network.parameters():
                parameter.add_(0.1 * torch.randn_like(parameter))
        networks.append(network)
    return replace(run, ensemble=Ensemble(networks, run.ensemble.offsets), logs=((),) * count)
