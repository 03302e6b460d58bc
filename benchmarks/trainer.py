"""A network in training: what the benchmarks of training time, on made-up series."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch

from forecaster.config import ModelConfig, TrainConfig
from forecaster.data import read_data
from forecaster.model.network import Network
from forecaster.model.recurrence import recurrent_dtype
from forecaster.training.curriculum import Curriculum
from forecaster.training.machine.device import computes_bfloat16
from forecaster.training.machine.pace import DTYPES
from forecaster.training.resume.adamw import AdamW
from forecaster.training.update import draw_batch, step, training_loss
from forecaster.windows.split import split
from forecaster.windows.windows import WindowSet

CONTEXT, BATCH = 168, 256
SERIES, LENGTH = 400, 800


def precisions() -> dict[str, torch.dtype | None]:
    """Those that this processor computes in; LSTMs cannot run in bfloat16 on every one."""
    has_bfloat16 = computes_bfloat16(torch.device("cpu"))
    return {name: dtype for name, dtype in DTYPES.items() if dtype is None or has_bfloat16}


def make_values() -> np.ndarray:
    """400 hourly series of 800 values: days, a level that wanders, noise. (series, time)."""
    generator = np.random.default_rng(0)
    hours = np.arange(LENGTH)
    days = np.sin(2 * np.pi * (hours / 24 + generator.random((SERIES, 1))))
    level = 0.1 * generator.normal(size=(SERIES, LENGTH)).cumsum(1)
    return 10 + 3 * days + level + generator.normal(size=(SERIES, LENGTH))


def make_windows(config: ModelConfig) -> WindowSet:
    """The windows to train on that are cut from these series."""
    frame = pd.DataFrame(make_values().T, columns=[f"y{number}" for number in range(SERIES)])
    return split(read_data(frame), config).train


def make_config(hidden: int, horizon: int, patch: int) -> ModelConfig:
    """One layer, a day as season, one week of history."""
    return ModelConfig(
        context_length=CONTEXT, horizon=horizon, patch_length=patch, season=24, hidden_size=hidden
    )


@dataclass(frozen=True)
class Trainer:
    """One network in training, one way."""

    windows: WindowSet
    network: Network
    train: TrainConfig
    dtype: torch.dtype | None = None  # of the LSTMs

    def updates(self, count: int) -> None:
        """Some updates, sampling included."""
        generator = torch.Generator().manual_seed(0)
        curriculum = Curriculum(self.train, generator)
        optimizer = AdamW(self.network.parameters(), self.train.weight_decay)
        for _ in range(count):
            window, future = draw_batch(self.windows, self.train, generator)
            with recurrent_dtype(self.dtype):
                loss, _ = training_loss(self.network, window, future, curriculum, 0.0)
            step(optimizer, loss, 1e-4, 1.0)

    def drawings(self, count: int) -> None:
        """The sampling of some updates, alone."""
        generator = torch.Generator().manual_seed(0)
        for _ in range(count):
            draw_batch(self.windows, self.train, generator)

    def windows_per_second(self, seconds: float) -> float:
        """Trains for so long, after a warm-up; both by the processor's time, as peers are measured."""
        together = 10
        self.updates(2)
        began, done, took = time.process_time(), 0, 0.0
        while took < seconds:
            self.updates(together)
            done += together
            took = time.process_time() - began
        return BATCH * done / took
