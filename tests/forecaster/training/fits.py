"""Tiny fits for the tests of training."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from deploy import TimeStep
from deploy.columns import Columns
from forecaster.config import ModelConfig, RunConfig, TrainConfig
from forecaster.data import Panel
from forecaster.run.places import STATE
from forecaster.training.epochs import Epoch
from forecaster.training.fitted import Fitted
from forecaster.training.machine.device import computes_bfloat16
from forecaster.training.machine.pace import Pace
from forecaster.training.resume.checkpoint import Checkpoints, identify

needs_bf16 = pytest.mark.skipif(
    not computes_bfloat16(torch.device("cpu")), reason="this processor does not compute in bfloat16"
)
COLUMNS = Columns("t", "index", ("y",), (), (), (), ())


def panel_of(*series: Any) -> Panel:
    lengths = [len(values) for values in series]
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    rows = int(offsets[-1])
    return Panel(
        values=np.concatenate(series).astype(np.float32),
        known=np.zeros((rows, 0), dtype=np.float32),
        past=np.zeros((rows, 0), dtype=np.float32),
        static=np.zeros((len(series), 0), dtype=np.float32),
        categories=np.zeros((len(series), 0), dtype=np.int64),
        offsets=offsets,
        ends=offsets[1:],
        starts=np.zeros(len(series), dtype=np.int64),
        leads=np.zeros(len(series), dtype=np.int64),
        step=TimeStep(1, "index"),
        columns=COLUMNS,
        ids=tuple((str(n),) for n in range(len(series))),
        vocabularies=(),
    )


def waves(length: int = 240, seed: int = 0) -> np.ndarray:
    noise = np.random.default_rng(seed).standard_normal(length)
    return 10 + 3 * np.sin(np.arange(length) * 2 * np.pi / 6) + 0.3 * noise


# What would be decided by the machine, and one stage alone.
ALIKE = {"threads": 1, "precision": "f32", "refit": 0.0, "averaging": 0.0}


def config_of(model: dict[str, Any] | None = None, **train: Any) -> RunConfig:
    shape = {"context_length": 18, "horizon": 6, "patch_length": 2, "season": 6, "hidden_size": 8}
    return RunConfig(
        model=ModelConfig(**{**shape, **(model or {})}),
        train=TrainConfig(**{**ALIKE, "updates": 20, "epochs": 4, "batch_size": 16, **train}),
    )


class Recorder:
    """A listener that remembers. finishes: what it answers to Ctrl-C."""

    finishes = False

    def __init__(self) -> None:
        self.losses: list[float] = []
        self.epochs: list[Epoch] = []
        self.stages: list[str] = []
        self.resumed: list[str] = []
        self.interrupted: list[str] = []

    def of_member(self, number: int, count: int) -> Recorder:
        self.member = (number, count)
        return self

    def on_pace(self, pace: Pace) -> None:
        self.pace = pace

    def on_start(self, baselines: dict[str, float]) -> None:
        self.baselines = baselines

    def on_update(self, progress: float, loss: Tensor) -> None:
        self.progress = progress
        self.losses.append(float(loss))

    def on_resumed(self, where: str) -> None:
        self.resumed.append(where)

    def on_interrupt(self, where: str) -> bool:
        self.interrupted.append(where)
        return self.finishes

    def on_stage(self, stage: str) -> None:
        self.stages.append(stage)

    def on_epoch(self, epochs: list[Epoch]) -> None:
        self.epochs = epochs


class Stopping(Recorder):
    """A listener that sends a signal after some updates."""

    def __init__(self, after: int, number: int = signal.SIGINT) -> None:
        super().__init__()
        self.after, self.number = after, number

    def on_update(self, progress: float, loss: Tensor) -> None:
        super().on_update(progress, loss)
        if len(self.losses) == self.after:
            os.kill(os.getpid(), self.number)


def assert_same(found: Fitted, expected: Fitted) -> None:
    weights = expected.ensemble.first.state_dict()
    assert all(torch.equal(value, weights[name]) for name, value in found.ensemble.first.state_dict().items())
    without_times = [
        [{**vars(epoch), "seconds": 0, "windows_per_second": 0} for epoch in fitted.logs[0]]
        for fitted in (found, expected)
    ]
    assert without_times[0] == without_times[1]


def checkpoints_in(folder: Path, config: RunConfig, panel: Panel, *, resume: bool = True) -> Checkpoints:
    return Checkpoints(folder / STATE, identify(panel, config), lambda: None, resume=resume)
