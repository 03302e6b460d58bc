"""The fit of one network, stage by stage."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, replace
from functools import partial

import numpy as np
import torch
from numpy.typing import NDArray

from forecaster.config import RunConfig, TrainConfig
from forecaster.data import Panel
from forecaster.model.covariates import Standardizer
from forecaster.model.ensemble import Ensemble
from forecaster.model.network import Network
from forecaster.training.curriculum import Curriculum
from forecaster.training.dependence import record_patch_ranks
from forecaster.training.epochs import best_of
from forecaster.training.fitted import Fitted
from forecaster.training.loop import Listener, train
from forecaster.training.machine.device import choose_device, place_for
from forecaster.training.machine.pace import Pace, choose_pace, updates_within
from forecaster.training.machine.processor import set_for_training
from forecaster.training.resume.checkpoint import Checkpoints
from forecaster.training.resume.guard import Guard
from forecaster.training.resume.interruption import heed_signals
from forecaster.training.resume.state import TrainingState
from forecaster.training.ridge import fit_linear, weigh_alike
from forecaster.training.stages import Stage, continuations, selection, share_of_time, with_training
from forecaster.training.update import draw_batch, training_loss
from forecaster.training.validation import FEWEST, Validation, windows_to_validate
from forecaster.windows.split import Split, refuse_too_few, split
from forecaster.windows.windows import WindowSet

# Of covariates whose mean and deviation are found at once, so that little memory is taken.
STANDARDIZED_ROWS = 1 << 22


def fit(
    panel: Panel,
    config: RunConfig,
    listener: Listener,
    checkpoints: Checkpoints | None = None,
    origin: Network | None = None,
) -> Fitted:
    """Select the weights that validate best, refit them on all values and, as a twin, without the held-out.

    checkpoints: where to leave the state now and then; a state that is found there continues.
    origin: a trained network to continue from, its statistics of covariates included.
    Raises DataError if the panel is too short, ConfigError if training diverges, Interrupted after a signal.
    """
    settings, device = config.train, choose_device(config.train.device)
    parts = cut(panel, config, device)
    state = begin(parts, config, device, origin)
    with (
        set_for_training(keep_memory=settings.keep_memory) as most,
        heed_signals(listener.on_interrupt) as interruption,
    ):
        guard = Guard(settings, interruption, checkpoints)
        resume(state, listener, guard)
        pace, validated = decide(state, parts, settings, most)
        listener.on_pace(pace)
        validation = Validation(parts.validating(validated), config.model.season)
        listener.on_start(validation.baselines)
        train(selection(config, validation), state, listener, guard)
        ended_early = interruption.finishing
        stages = continuations(config, parts, best_of(state.epochs).updates)
        ends = [train_further(stage, state, listener, guard) for stage in stages]
    networks = [end.evaluated for end in ends] or [state.best_network()]
    backtest, served = ensembles(networks, settings, validation)
    return Fitted(
        ensemble=served,
        backtest=backtest,
        config=with_training(config, **asdict(pace)),
        split=validation.split,
        logs=(tuple(state.epochs),),
        baselines=validation.baselines,
        seconds=sum(each.seconds for each in (state, *ends)),
        patch_ranks=record_patch_ranks((backtest or served).first, parts.held_out),
        interrupted=ended_early,
        is_last=interruption.finishing is not None,
        mean_mase=validation.mase_of(backtest or served) if settings.linear == "ridge" else None,
    )


def ensembles(
    networks: list[Network], settings: TrainConfig, validation: Validation
) -> tuple[Ensemble | None, Ensemble]:
    """Return the twin, None without a refit, and what is served. networks: of these."""
    if settings.linear == "ridge":
        weigh_alike(networks, validation.split.validation)
    *twin, served = [Ensemble([network.cpu()]) for network in networks]
    return twin[0] if twin else None, served


def cut(panel: Panel, config: RunConfig, device: torch.device) -> Split:
    """Return the windows for each purpose. Raises DataError where there are too few to learn from."""
    held_out = config.train.held_out
    parts = split(panel, config.model, place_for(panel, device), held_out)
    refuse_too_few(parts, config.model, held_out)
    return parts


def train_further(stage: Stage, selected: TrainingState, listener: Listener, guard: Guard) -> TrainingState:
    """Train a stage from the selected weights; its averaged weights are the result."""
    listener.on_stage(stage.name)
    origin = selected.best_network()
    state = TrainingState.begin(stage.config, selected.generator.device, origin)
    state.pace = selected.pace
    guard = guard.of_stage(stage.name, origin)
    resume(state, listener, guard)
    train(stage, state, listener, guard)
    return state


def resume(state: TrainingState, listener: Listener, guard: Guard) -> None:
    """Continue a stage from its checkpoint, if there is one."""
    if guard.restore(state):
        listener.on_resumed(guard.where(state))


def begin(parts: Split, config: RunConfig, device: torch.device, origin: Network | None) -> TrainingState:
    """Return the state before the first update; the network of a run brings its statistics of covariates."""
    state = TrainingState.begin(config, device, origin)
    if origin is None or config.train.start == "pretrained":
        standardize_covariates(state.network, parts)
    if origin is None and config.train.linear == "ridge":
        fit_linear(state.network, parts)
        state.keep_best()
    return state


def standardize_covariates(network: Network, parts: Split) -> None:
    """Give the network the statistics of its covariates: over the training rows, or the series that train."""
    panel = parts.train.panel
    for standardizer, values in ((network.known, panel.known), (network.past, panel.past)):
        if values.shape[1]:
            fit_standardizer(standardizer, partial(training_rows, parts, values))
    static = panel.static[np.unique(parts.train.runs.series)]
    fit_standardizer(network.static, lambda: [static])


def training_rows(parts: Split, values: NDArray[np.float32]) -> Iterator[NDArray[np.float32]]:
    """Yield those that train of the rows of a panel, a block at a time. values: (rows, covariate)."""
    offsets, ends = parts.train.panel.offsets, parts.train_ends
    for begin in range(0, len(values), STANDARDIZED_ROWS):
        rows = np.arange(begin, min(begin + STANDARDIZED_ROWS, len(values)))
        series = np.searchsorted(offsets, rows, side="right") - 1
        yield values[rows[0] : rows[-1] + 1][rows < ends[series]]


def fit_standardizer(standardizer: Standardizer, blocks: Callable[[], Iterable[NDArray[np.float32]]]) -> None:
    """Set mean and deviation of each column, 1 where it is 0.

    blocks: gives all rows, which are read twice, (rows, covariate) at a time, NaN = missing.
    """
    size = len(standardizer.location)
    count, total, squares = np.zeros(size, np.int64), np.zeros(size), np.zeros(size)
    for block in blocks():
        observed = np.isfinite(block)
        count += observed.sum(0)
        total += np.where(observed, block.astype(np.float64), 0.0).sum(0)
    count = np.maximum(count, 1)  # a covariate may be missing throughout
    location = total / count
    for block in blocks():
        values = block.astype(np.float64)
        squares += (np.where(np.isfinite(values), values - location, 0.0) ** 2).sum(0)
    scale = np.sqrt(squares / count)
    standardizer.location.copy_(torch.from_numpy(location))
    standardizer.scale.copy_(torch.from_numpy(np.where(scale > 0, scale, 1.0)))


def decide(state: TrainingState, parts: Split, settings: TrainConfig, most: int) -> tuple[Pace, int]:
    """Decide how to compute on this machine, and how many windows an epoch validates; a resumed fit did.

    most: threads, which are set.
    """
    probe = probe_of(state, parts.train, settings)
    state.pace = decide_pace(state, settings, most, probe)
    torch.set_num_threads(state.pace.threads)
    state.validated = decide_validated(state, len(parts.validation), settings, probe)
    return state.pace, state.validated


def probe_of(state: TrainingState, windows: WindowSet, settings: TrainConfig) -> Callable[[], None]:
    """Return a call that computes what an update does, always the same, and leaves no trace in the state."""

    def probe() -> None:
        generator = torch.Generator(state.generator.device).manual_seed(0)
        window, future = draw_batch(windows, settings, generator)
        loss, _ = training_loss(state.network, window, future, Curriculum(settings, generator), 1.0)
        loss.backward()
        state.optimizer.zero_grad()

    return probe


def decide_pace(state: TrainingState, settings: TrainConfig, most: int, probe: Callable[[], None]) -> Pace:
    """Choose how to compute on this machine. most: threads."""
    if state.pace is not None:  # of a fit that is resumed
        return replace(state.pace, threads=settings.threads or state.pace.threads)
    return choose_pace(settings, most, state.generator.device, probe)


def decide_validated(
    state: TrainingState, windows: int, settings: TrainConfig, probe: Callable[[], None]
) -> int:
    """Return how many windows each epoch validates at most. windows: all that there are.

    So many that validation takes about a tenth of the time at most; where that is limited, a probe tells how
    many updates it holds. Weights are compared on the same windows throughout, so a resumed fit keeps them.
    """
    if state.validated is not None:
        return state.validated
    if state.epochs or windows <= FEWEST:  # an early release validated all
        return windows
    updates, seconds = settings.updates, share_of_time(settings)
    if updates and seconds is not None and state.pace is not None:
        updates = min(updates, updates_within(seconds, state.pace, probe))
    return windows_to_validate(settings, updates)
