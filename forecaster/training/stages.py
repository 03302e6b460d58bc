"""The refit: the selected weights go on for a while on all values, up to the last one.

The latest values tell most of what comes next. As the refit changes widths, too, what is to be learnt from
held-out values is learnt from its twin: as many updates without these values.
"""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Literal

from forecaster.config import RunConfig, TrainConfig
from forecaster.training.budget import learning_rate, progress_of
from forecaster.training.curriculum import Curriculum
from forecaster.training.epochs import best_of
from forecaster.training.resume.guard import Guard
from forecaster.training.resume.state import TrainingState
from forecaster.training.update import update
from forecaster.training.watching import Listener
from forecaster.windows.split import Split
from forecaster.windows.windows import WindowSet

Stage = Literal["backtest", "refit"]
STAGES: tuple[Stage, ...] = ("backtest", "refit")
# Of the learning rate: all of it stirs up what had settled (M4 Hourly, 1000 updates: OWA .407 before a refit,
# .411 after, .400 at this share).
RATE = 0.3
# What the horizon rows need to learn their widths, where the weights were selected before these trained.
FEWEST_UPDATES = 50


def go_on(
    stage: Stage, parts: Split, config: RunConfig, selected: TrainingState, listener: Listener, guard: Guard
) -> TrainingState:
    """One of the two stages from the selected weights; its averaged weights are what it comes to."""
    listener.on_stage(stage)
    config = stage_config(config, best_of(selected.epochs).updates)
    origin = selected.best_network()
    state = TrainingState.begin(config, selected.generator.device, origin)
    state.pace = selected.pace
    if guard.checkpoints is not None:
        guard = replace(guard, checkpoints=guard.checkpoints.of_stage(stage, origin))
        guard.restore(state)
    train_on(parts.train if stage == "backtest" else parts.whole, config.train, state, listener, guard)
    return state


def train_on(
    windows: WindowSet, train: TrainConfig, state: TrainingState, listener: Listener, guard: Guard
) -> None:
    """All updates of a config on some windows, the curriculum where it ended: no validation, no choice."""
    curriculum, began = Curriculum(train, state.generator), time.monotonic() - state.seconds
    while state.progress < 1:
        progress = progress_of(train, state.updates + 1, time.monotonic() - began)
        loss, forced = update(state, windows, curriculum, 1.0, learning_rate(train, progress))
        state.count_update(loss, forced, progress, time.monotonic() - began)
        if train.averaging:
            state.average(train.averaging)
        listener.on_update(progress, loss)
        guard.settle(state, now=state.progress >= 1)
        guard.save(state)
    guard.finish(state)


def selection_config(config: RunConfig) -> RunConfig:
    """The stage before: its share of the time, all of the updates."""
    return _with(config, max_seconds=_share(config.train, 1.0))


def stage_config(config: RunConfig, updates: int) -> RunConfig:
    """Either stage. updates: those that selected the weights."""
    count = min(max(FEWEST_UPDATES, round(config.train.refit * updates)), config.train.updates)
    rate = RATE * config.train.learning_rate
    return _with(
        config, updates=count, learning_rate=rate, max_seconds=_share(config.train, config.train.refit)
    )


def _share(train: TrainConfig, part: float) -> float | None:
    whole = 1 + len(STAGES) * train.refit
    return train.max_seconds * part / whole if train.max_seconds else None


def _with(config: RunConfig, **changes: object) -> RunConfig:
    return config.model_copy(update={"train": config.train.model_copy(update=changes)})
