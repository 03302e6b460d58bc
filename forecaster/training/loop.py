"""The training loop, to be read from top to bottom."""

from __future__ import annotations

import time
from dataclasses import asdict, replace
from statistics import fmean

import torch

from forecaster.config import RunConfig, TrainConfig
from forecaster.data.panel.panel import Panel
from forecaster.model.ensemble import Ensemble
from forecaster.model.network import Network
from forecaster.training.budget import learning_rate, progress_of
from forecaster.training.curriculum import Curriculum
from forecaster.training.dependence import record_patch_ranks
from forecaster.training.epochs import Epoch, is_best, out_of_patience
from forecaster.training.fitted import Fitted
from forecaster.training.machine.device import choose_device, place_for
from forecaster.training.machine.pace import Pace, choose_pace
from forecaster.training.machine.processor import set_for_training
from forecaster.training.resume.checkpoint import Checkpoints
from forecaster.training.resume.guard import Guard
from forecaster.training.resume.interruption import heed_signals
from forecaster.training.resume.state import TrainingState
from forecaster.training.schedules import forced_share
from forecaster.training.stages import STAGES, go_on, selection_config
from forecaster.training.standardization import standardize_covariates
from forecaster.training.update import draw_batch, training_loss, update
from forecaster.training.validation import Validation
from forecaster.training.watching import Listener
from forecaster.windows.split import Split, split
from forecaster.windows.windows import WindowSet


def fit(
    panel: Panel,
    config: RunConfig,
    listener: Listener,
    checkpoints: Checkpoints | None = None,
    origin: Network | None = None,
) -> Fitted:
    """Train, keep the weights that validate best, refit these on all values.

    checkpoints: where to leave the state now and then; a state that is found there goes on.
    origin: a trained network to go on from, its statistics of covariates included.
    Raises DataError if the panel is too short for the horizon, ConfigError if training diverges, Interrupted
    after a signal and a last checkpoint.
    """
    train, device = config.train, choose_device(config.train.device)
    parts = split(panel, config.model, place_for(panel, device), train.held_out)
    validation = Validation(parts, config.model.season)
    state = begin(parts, config, device, origin)
    if checkpoints is not None:
        checkpoints.restore(state)
    with set_for_training(keep_memory=train.keep_memory) as most, heed_signals() as interruption:
        state.pace = pace = decide_pace(state, parts.train, train, most)
        torch.set_num_threads(pace.threads)
        listener.on_start(validation.baselines)
        guard = Guard(train, interruption, checkpoints)
        select(validation, selection_config(config), state, listener, guard)
        networks = [state.best_network()]
        seconds = state.seconds
        if train.refit:
            # The same again without the held-out values: what their errors tell holds for the other.
            ends = [go_on(stage, parts, config, state, listener, guard) for stage in STAGES]
            networks = [end.evaluated for end in ends]
            seconds += sum(end.seconds for end in ends)
    decided = config.model_copy(update={"train": train.model_copy(update=asdict(pace))})
    *twin, served = [Ensemble([network.cpu()]) for network in networks]
    ranks = record_patch_ranks((twin[0] if twin else served).first, parts.held_out)
    backtest, log = twin[0] if twin else None, tuple(state.epochs)
    return Fitted(served, backtest, decided, parts, (log,), validation.baselines, seconds, ranks)


def select(
    validation: Validation, config: RunConfig, state: TrainingState, listener: Listener, guard: Guard
) -> None:
    """Train until the budget is spent or nothing improves; the state remembers the best weights."""
    train, windows = config.train, validation.split.train
    curriculum, began = Curriculum(train, state.generator), time.monotonic() - state.seconds
    while not is_done(train, state.epochs):
        progress = progress_of(train, state.updates + 1, time.monotonic() - began)
        loss, forced = update(state, windows, curriculum, progress, learning_rate(train, progress))
        state.count_update(loss, forced, progress, time.monotonic() - began)
        if train.averaging:
            state.average(train.averaging)
        listener.on_update(progress, loss)
        ends_epoch = progress >= (len(state.epochs) + 1) / min(train.epochs, train.updates)
        guard.settle(state, now=ends_epoch)
        if ends_epoch:
            end_epoch(state, config, validation, progress)
            listener.on_epoch(state.epochs)
        guard.save(state)
    guard.finish(state)


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
    best = is_best(config, state.epochs, progress, score.loss, score.forced)
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
