"""The training loop, to be read from top to bottom."""

from __future__ import annotations

import math
import time
from dataclasses import asdict, replace
from statistics import fmean
from typing import Protocol

import torch
from torch import Tensor

from deploy.errors import ConfigError
from forecaster.config import RunConfig, TrainConfig
from forecaster.data.panel import Panel
from forecaster.data.windows import Split, WindowSet, split
from forecaster.model.network import Network
from forecaster.model.recurrence import recurrent_dtype
from forecaster.model.unrolling import unroll_free
from forecaster.model.window import Window
from forecaster.training.budget import learning_rate, progress_of
from forecaster.training.checkpoint import Checkpoints
from forecaster.training.curriculum import Curriculum
from forecaster.training.dependence import record_patch_ranks
from forecaster.training.device import choose_device, place_for
from forecaster.training.epochs import Epoch, is_best, out_of_patience
from forecaster.training.fitted import Fitted
from forecaster.training.hiding import hide, shorten
from forecaster.training.interruption import Interrupted, heed_signals
from forecaster.training.loss import pinball
from forecaster.training.pace import Pace, choose_pace
from forecaster.training.processor import set_for_training
from forecaster.training.schedules import forced_share
from forecaster.training.standardization import standardize_covariates
from forecaster.training.state import TrainingState
from forecaster.training.validation import Validation

# Losses come from the device in one copy for so many updates; one that is not finite is found then.
SETTLED_UPDATES = 20


class Listener(Protocol):
    """Somebody who watches a fit."""

    def on_start(self, baselines: dict[str, float]) -> None:
        """Before the first update; the scaled validation error of each baseline."""

    def on_update(self, progress: float, loss: Tensor) -> None:
        """After each update; progress in (0, 1] of the whole fit; to read the loss waits for the device."""

    def on_epoch(self, epochs: list[Epoch]) -> None:
        """After each validation; all epochs so far."""


def fit(
    panel: Panel,
    config: RunConfig,
    listener: Listener,
    checkpoints: Checkpoints | None = None,
    origin: Network | None = None,
) -> Fitted:
    """Train a network and keep the weights with the best free-running validation loss.

    checkpoints: where to leave the state now and then; a state that is found there goes on.
    origin: a trained network to go on from, its statistics of covariates included.
    Raises DataError if the panel is too short for the horizon, ConfigError if training diverges, Interrupted
    after a signal and a last checkpoint.
    """
    train, device = config.train, choose_device(config.train.device)
    parts = split(panel, config.model, place_for(panel, device), train.validation_length)
    validation = Validation(parts, config.model.season)
    state = begin(parts, config, device, origin)
    if checkpoints is not None:
        checkpoints.restore(state)
    curriculum = Curriculum(train, state.generator)
    with set_for_training(keep_memory=train.keep_memory) as most, heed_signals() as interruption:
        state.pace = pace = decide_pace(state, parts.train, train, most)
        torch.set_num_threads(pace.threads)
        listener.on_start(validation.baselines)
        began = time.monotonic() - state.seconds
        while not is_done(train, state.epochs):
            progress = progress_of(train, state.updates + 1, time.monotonic() - began)
            window, future = draw_batch(parts.train, train, state.generator)
            with recurrent_dtype(pace.dtype):
                loss, forced = training_loss(state.network, window, future, curriculum, progress)
            step(state.optimizer, loss, learning_rate(train, progress), train.gradient_norm)
            state.count_update(loss.detach(), forced, time.monotonic() - began)
            if train.averaging:
                state.average(train.averaging)
            listener.on_update(progress, loss.detach())
            stop = interruption.signal  # read once: it may come at any time
            ends_epoch = progress >= (len(state.epochs) + 1) / min(train.epochs, train.updates)
            if ends_epoch or state.updates % SETTLED_UPDATES == 0 or stop is not None:
                state.settle()
                refuse_divergence(state, train)
            if ends_epoch:
                end_epoch(state, config, validation, progress)
                listener.on_epoch(state.epochs)
            if checkpoints is not None and checkpoints.is_due(train.checkpoint_seconds, stop):
                state.settle()
                checkpoints.write(state)
            if stop is not None:
                raise Interrupted(stop, f"interrupted after update {state.updates}")
        if checkpoints is not None and train.members > 1:
            checkpoints.write(state)  # while other members train, a killed fit finds this one finished
    decided = config.model_copy(update={"train": train.model_copy(update=asdict(pace))})
    network = state.best_network().cpu()
    ranks = record_patch_ranks(network, parts.validation)
    return Fitted(network, decided, parts, state.epochs, validation.baselines, state.seconds, ranks)


def begin(parts: Split, config: RunConfig, device: torch.device, origin: Network | None) -> TrainingState:
    """The state before the first update; without an origin, statistics of covariates are those that train."""
    state = TrainingState.begin(config, device, origin)
    if origin is None:
        standardize_covariates(state.network, parts)
    return state


def is_done(train: TrainConfig, epochs: list[Epoch]) -> bool:
    """Whether the budget is spent or nothing improves any more."""
    return bool(epochs) and (epochs[-1].progress >= 1.0 or out_of_patience(train, epochs))


def end_epoch(state: TrainingState, config: RunConfig, validation: Validation, progress: float) -> None:
    """Validate, and keep the weights if they are the best so far."""
    score = validation.score(state.evaluated)
    best = is_best(config, state.epochs, progress, score.loss)
    if best:
        state.keep_best()
    before = state.epochs[-1] if state.epochs else None
    updates = state.updates - (before.updates if before else 0)
    seconds = state.seconds - (before.seconds if before else 0.0)
    state.end_epoch(
        Epoch(
            epoch=len(state.epochs) + 1,
            updates=state.updates,
            progress=progress,
            train_loss=fmean(map(float, state.losses)),
            validation_loss=score.loss,
            mase=score.mase,
            forced_share=forced_share(config.train, progress),
            forced_realised=fmean(map(float, state.forced)),
            exposure_bias=score.exposure_bias,
            free_loss=score.free,
            forced_loss=score.forced,
            learning_rate=learning_rate(config.train, progress),
            windows_per_second=round(updates * config.train.batch_size / max(seconds, 1e-9), 1),
            seconds=round(state.seconds, 3),
            best=best,
        )
    )


def decide_pace(state: TrainingState, windows: WindowSet, train: TrainConfig, most: int) -> Pace:
    """How to compute on this machine, on so many threads at most. The probe leaves no trace in the state."""
    if state.pace is not None:  # of a fit that goes on
        return replace(state.pace, threads=train.threads or state.pace.threads)
    generator = torch.Generator(state.generator.device).manual_seed(0)
    window, future = draw_batch(windows, train, generator)

    def backward() -> None:
        loss, _ = training_loss(state.network, window, future, Curriculum(train, generator), 1.0)
        loss.backward()
        state.optimizer.zero_grad()

    return choose_pace(train, most, generator.device, backward)


def draw_batch(windows: WindowSet, train: TrainConfig, generator: torch.Generator) -> tuple[Window, Tensor]:
    """Random windows, some of what they know hidden, and their futures (batch, horizon), joint with D."""
    index = windows.draw(train.batch_size, train.weighting, generator)
    longest = shorten(train.batch_size, windows.context_length, generator)
    window, future = windows.gather(index.to(windows.device), longest.to(windows.device))
    return hide(window.to(generator.device), future.to(generator.device), generator)


def training_loss(
    network: Network, window: Window, future: Tensor, curriculum: Curriculum, progress: float
) -> tuple[Tensor, float | Tensor]:
    """One loss over the whole unrolled sequence: `next` on a forced or sampled pass, `horizon` on a free one.

    future: (batch, horizon) or, joint, (batch, horizon, D) in data units, NaN = missing. Returns the loss and
    the share of true patches fed.
    """
    encoding = network.encode(window)
    start = network.start(encoding, window)
    truth = network.targets(future, encoding.stats)  # (batch, steps, patch × D)
    shown = curriculum.unroll(network.decoder, start, truth, progress)
    loss = pinball(network.decoder.rows(shown.hidden, start.highway).next, truth, network.levels)
    if progress < curriculum.config.free_from:
        return loss, shown.forced
    hidden = shown.hidden if shown.is_free else unroll_free(network.decoder, start)
    free_loss = pinball(network.decoder.rows(hidden, start.highway).horizon, truth, network.levels)
    return (loss + free_loss) / 2, shown.forced


def step(optimizer: torch.optim.Optimizer, loss: Tensor, rate: float, gradient_norm: float) -> None:
    """One backward pass over the whole loss, one update of every weight."""
    optimizer.zero_grad()
    loss.backward()
    for group in optimizer.param_groups:
        torch.nn.utils.clip_grad_norm_(group["params"], gradient_norm)
        group["lr"] = rate
    optimizer.step()


def refuse_divergence(state: TrainingState, train: TrainConfig) -> None:
    """Raises ConfigError if one of the last losses, settled, or a weight is not finite."""
    remedy = f"lower learning_rate (now {train.learning_rate:g}), or look for extreme values in the data"
    for back, loss in enumerate(reversed(state.losses[-SETTLED_UPDATES:])):
        if not math.isfinite(loss):
            number = state.updates - back
            raise ConfigError(f"training diverged: the loss of update {number} is {loss}; {remedy}")
    if not all(bool(weight.isfinite().all()) for weight in state.network.parameters()):
        raise ConfigError(f"training diverged: update {state.updates} left no finite weights; {remedy}")
