"""The training loop, to be read from top to bottom, and who listens to it."""

import math
import time
from collections.abc import Sequence
from statistics import fmean
from typing import Protocol

from torch import Tensor

from forecaster.config import RunConfig, TrainConfig
from forecaster.training.curriculum import Curriculum
from forecaster.training.epochs import Epoch, is_best, out_of_patience
from forecaster.training.machine.pace import Pace
from forecaster.training.resume.guard import Guard
from forecaster.training.resume.state import Number, TrainingState
from forecaster.training.schedules import forced_share, learning_rate, progress_of
from forecaster.training.stages import Stage
from forecaster.training.update import update
from forecaster.training.validation import Validation

TELLING = 3  # windows apart that tell by themselves whether training has gained anything


class Listener(Protocol):
    """A listener to a fit."""

    def of_member(self, number: int, count: int) -> "Listener":
        """Return the listener to a member; several may train at a time.

        number: from 1; not called where there is one alone.
        """

    def on_pace(self, pace: Pace) -> None:
        """Take note of how a network is computed on this machine."""

    def on_start(self, baselines: dict[str, float]) -> None:
        """Begin the updates of a network. baselines: the scaled validation error of each."""

    def on_stage(self, stage: str) -> None:
        """Begin a stage that continues from the selected weights, see stages.py; progress is 0 again."""

    def on_resumed(self, where: str) -> None:
        """Take note that a stage continues from a checkpoint; not called where there is none."""

    def on_interrupt(self, where: str) -> bool:
        """Return whether a fit that Ctrl-C stopped is to finish with its best weights so far."""

    def on_update(self, progress: float, loss: Tensor) -> None:
        """Follow an update. progress: of the stage, in (0, 1]; to read the loss waits for the device."""

    def on_epoch(self, epochs: list[Epoch]) -> None:
        """Follow an epoch, once it is validated. epochs: all so far."""


def train(stage: Stage, state: TrainingState, listener: Listener, guard: Guard) -> None:
    """Train until the budget of a stage is spent or nothing improves any more.

    A stage that validates does so after each epoch, and the state then remembers the best weights.
    """
    settings, began = stage.config.train, time.monotonic() - state.seconds
    curriculum = Curriculum(settings, state.generator)
    is_candidate = settings.start == "pretrained" or not settings.updates
    if stage.validation is not None and is_candidate and not state.epochs:
        end_epoch(state, stage.config, stage.validation)  # the start itself is the first candidate
        listener.on_epoch(state.epochs)
    while not is_done(settings, state):
        progress = progress_of(settings, state.updates + 1, time.monotonic() - began)
        rate = learning_rate(settings, progress)
        loss, forced = update(state, stage.windows, curriculum, stage.curriculum_at(progress), rate)
        state.count_update(loss, forced, progress, time.monotonic() - began)
        if settings.averaging:
            state.average(settings.averaging)
        listener.on_update(progress, loss)
        ends_epoch = progress >= (trained_epochs(state) + 1) / min(settings.epochs, settings.updates)
        guard.settle(state, now=ends_epoch)
        if ends_epoch and stage.validation is not None:
            end_epoch(state, stage.config, stage.validation)
            guard.log(state)
            listener.on_epoch(state.epochs)
        guard.save(state)
        if guard.ends_early and stage.validation is not None:
            if state.losses:  # what was trained since the last epoch counts, too
                guard.settle(state, now=True)
                end_epoch(state, stage.config, stage.validation)
                listener.on_epoch(state.epochs)
            return  # the checkpoint stays where a resumed fit continues
    guard.finish(state)


def is_done(settings: TrainConfig, state: TrainingState) -> bool:
    """Return whether the budget is spent or nothing improves any more."""
    return (
        not settings.updates
        or state.progress >= 1
        or (bool(state.epochs) and out_of_patience(settings, state.epochs))
    )


def trained_epochs(state: TrainingState) -> int:
    """Return how many epochs there are; the pretrained start, without an update, is none."""
    return sum(epoch.updates > 0 for epoch in state.epochs)


def end_epoch(state: TrainingState, config: RunConfig, validation: Validation) -> None:
    """Validate, and keep the weights if they are the best so far."""
    score, progress = validation.score(state.evaluated), state.progress
    tolerance = tolerance_of(config.train.tolerance, validation.apart)
    best = is_best(config, state.epochs, progress, score.loss, score.forced, tolerance)
    if best:
        state.keep_best()
    before = state.epochs[-1] if state.epochs else None
    updates = state.updates - (before.updates if before else 0)
    seconds = state.seconds - (before.seconds if before else 0.0)
    state.end_epoch(
        Epoch(
            epoch=trained_epochs(state) + (state.updates > 0),
            updates=state.updates,
            progress=progress,
            train_loss=_mean(state.losses),
            validation_loss=score.loss,
            mase=score.mase,
            forced_share=forced_share(config.train, progress),
            forced_realised=_mean(state.forced),
            exposure_bias=score.exposure_bias,
            free_loss=score.free,
            forced_loss=score.forced,
            learning_rate=learning_rate(config.train, progress),
            windows_per_second=round(updates * config.train.batch_size / max(seconds, 1e-9), 1),
            seconds=round(state.seconds, 3),
            best=best,
        )
    )


def tolerance_of(asked: float, windows: int) -> float:
    """Return by what share the start has to be the better one, where so many windows validate.

    The fewer, the less they tell: the start is kept by a smaller lead, and left for a larger one.
    """
    if asked > 0:
        return asked / math.sqrt(max(1, windows))
    return max(asked * max(1.0, TELLING / max(1, windows)), -1.0)


def _mean(numbers: Sequence[Number]) -> float:
    """Return the mean, NaN before the first update."""
    return fmean(map(float, numbers)) if numbers else math.nan
