"""The training loop, to be read from top to bottom."""

from __future__ import annotations

import copy
import math
import time
from dataclasses import asdict, dataclass
from typing import Any, Protocol

import numpy as np
import torch
from torch import Tensor

from deploy.errors import ConfigError
from forecaster.config import RunConfig, TrainConfig
from forecaster.data.panel import Panel
from forecaster.data.windows import Split, WindowSet, split
from forecaster.model.network import Network
from forecaster.model.unrolling import unroll_free
from forecaster.model.window import Window
from forecaster.training.curriculum import Curriculum
from forecaster.training.hiding import hide, shorten
from forecaster.training.loss import pinball
from forecaster.training.schedules import forced_share
from forecaster.training.standardization import standardize_covariates
from forecaster.training.validation import Validation


@dataclass(frozen=True)
class Epoch:
    """What is known after an epoch; a line of log.jsonl."""

    epoch: int
    updates: int
    progress: float  # of the whole fit, in updates or time
    train_loss: float
    validation_loss: float  # free-running
    mase: float  # free-running, of the median
    forced_share: float
    learning_rate: float
    seconds: float
    best: bool


class Listener(Protocol):
    """Somebody who watches a fit."""

    def on_start(self, baselines: dict[str, float]) -> None:
        """Before the first update; the scaled validation error of each baseline."""

    def on_update(self, progress: float, loss: float) -> None:
        """After each update; progress in (0, 1] of the whole fit."""

    def on_epoch(self, epoch: Epoch) -> None:
        """After each validation."""


@dataclass(frozen=True)
class Fitted:
    """A trained network with the weights that validated best, and how it got there."""

    network: Network
    split: Split
    epochs: list[Epoch]
    baselines: dict[str, float]
    seconds: float

    @property
    def best(self) -> Epoch:
        """The epoch whose weights were kept."""
        return [epoch for epoch in self.epochs if epoch.best][-1]

    def relative_errors(self) -> dict[str, float]:
        """The error of the kept weights in units of each baseline's; NaN where a baseline makes none."""
        return {
            name: self.best.mase / error if error > 0 else math.nan for name, error in self.baselines.items()
        }

    def metrics(self) -> dict[str, Any]:
        """What metrics.json holds."""
        return {
            "validation": asdict(self.best),
            "baselines_mase": self.baselines,
            "relative_errors": self.relative_errors(),
            "windows": {"train": len(self.split.train), "validation": len(self.split.validation)},
            "seconds": round(self.seconds, 2),
        }


def fit(panel: Panel, config: RunConfig, listener: Listener) -> Fitted:
    """Train a network and keep the weights with the best free-running validation loss.

    Raises DataError if the panel is too short for the horizon.
    """
    began, train = time.monotonic(), config.train
    torch.manual_seed(train.seed)
    generator = torch.Generator().manual_seed(train.seed)
    curriculum = Curriculum(train, generator)
    parts = split(panel, config.model)
    network = Network(config.model)
    standardize_covariates(network, parts)
    optimizer = torch.optim.AdamW(network.parameters(), weight_decay=train.weight_decay)
    validation = Validation(parts, config.model.season)
    listener.on_start(validation.baselines)

    epochs: list[Epoch] = []
    best_weights, updates, progress = copy.deepcopy(network.state_dict()), 0, 0.0
    count = min(train.epochs, train.updates)
    for number in range(1, count + 1):
        losses: list[float] = []
        while not losses or progress < number / count:
            progress = progress_of(train, updates + 1, time.monotonic() - began)
            window, future = draw_batch(parts.train, train, generator)
            loss = training_loss(network, window, future, curriculum, progress)
            step(optimizer, loss, learning_rate(train, progress), train.gradient_norm)
            updates += 1
            losses.append(checked(loss, updates, train))
            listener.on_update(progress, losses[-1])
        score = validation.score(network)
        best = is_best(config, epochs, progress, score.loss)
        if best:
            best_weights = copy.deepcopy(network.state_dict())
        epoch = Epoch(
            epoch=number,
            updates=updates,
            progress=progress,
            train_loss=float(np.mean(losses)),
            validation_loss=score.loss,
            mase=score.mase,
            forced_share=forced_share(train, progress),
            learning_rate=learning_rate(train, progress),
            seconds=round(time.monotonic() - began, 3),
            best=best,
        )
        epochs.append(epoch)
        listener.on_epoch(epoch)
        if progress >= 1.0 or out_of_patience(train, epochs):
            break
    network.load_state_dict(best_weights)
    return Fitted(network, parts, epochs, validation.baselines, time.monotonic() - began)


def draw_batch(windows: WindowSet, train: TrainConfig, generator: torch.Generator) -> tuple[Window, Tensor]:
    """Random windows, some of what they know hidden, and their futures (batch, horizon), joint with D."""
    index = windows.draw(train.batch_size, train.weighting, generator)
    longest = shorten(train.batch_size, windows.context_length, generator)
    return hide(*windows.gather(index, longest), generator)


def training_loss(
    network: Network, window: Window, future: Tensor, curriculum: Curriculum, progress: float
) -> Tensor:
    """One loss over the whole unrolled sequence: `next` on a forced or sampled pass, `horizon` on a free one.

    future: (batch, horizon) or, joint, (batch, horizon, D) in data units, NaN = missing.
    """
    levels = torch.tensor(network.config.quantile_levels)
    encoding = network.encode(window)
    start = network.start(encoding, window)
    truth = network.targets(future, encoding.stats)  # (batch, steps, patch × D)
    shown = curriculum.unroll(network.decoder, start, truth, progress)
    loss = pinball(network.decoder.rows(shown.hidden, start.highway).next, truth, levels)
    if progress < curriculum.config.free_from:
        return loss
    hidden = unroll_free(network.decoder, start)
    free_loss = pinball(network.decoder.rows(hidden, start.highway).horizon, truth, levels)
    return (loss + free_loss) / 2


def step(optimizer: torch.optim.Optimizer, loss: Tensor, rate: float, gradient_norm: float) -> None:
    """One backward pass over the whole loss, one update of every weight."""
    optimizer.zero_grad()
    loss.backward()
    for group in optimizer.param_groups:
        torch.nn.utils.clip_grad_norm_(group["params"], gradient_norm)
        group["lr"] = rate
    optimizer.step()


def checked(loss: Tensor, updates: int, train: TrainConfig) -> float:
    """The loss as a number. Raises ConfigError if it is not finite."""
    value = loss.item()
    if not math.isfinite(value):
        raise ConfigError(
            f"training diverged: the loss of update {updates} is {value}; "
            f"lower learning_rate (now {train.learning_rate:g}), or look for extreme values in the data"
        )
    return value


def progress_of(train: TrainConfig, updates: int, seconds: float) -> float:
    """How much of the budget is spent, in updates or in time, whichever is more: [0, 1]."""
    by_updates = updates / train.updates
    by_time = seconds / train.max_seconds if train.max_seconds else 0.0
    return min(1.0, max(by_updates, by_time))


def learning_rate(train: TrainConfig, progress: float) -> float:
    """One cycle (Smith and Topin, 2018): a cosine from 1/25 up to the peak, then down to nearly nothing."""
    start, end = 1 / 25, 1e-4
    if progress < train.warm_up:
        low, phase = start, progress / train.warm_up
    else:
        low, phase = end, 1 - (progress - train.warm_up) / (1 - train.warm_up)
    return train.learning_rate * (low + (1 - low) * (1 - math.cos(math.pi * phase)) / 2)


def is_best(config: RunConfig, epochs: list[Epoch], progress: float, loss: float) -> bool:
    """Whether weights with this free-running validation loss are the ones to keep so far.

    With several decoder steps, weights whose horizon rows have trained beat any from before: a lower loss
    there comes with the widths of one step. Where no window can be compared (NaN), the last are kept.
    """
    free_from = config.train.free_from if config.model.decoder_steps > 1 else 0.0
    rivals = [epoch for epoch in epochs if epoch.progress > free_from or progress <= free_from]
    return not any(loss >= epoch.validation_loss for epoch in rivals)


def out_of_patience(train: TrainConfig, epochs: list[Epoch]) -> bool:
    """Whether nothing improved for a while; never before the horizon rows had their share of training."""
    if epochs[-1].progress < (1 + train.free_from) / 2:
        return False
    last_best = max(index for index, epoch in enumerate(epochs) if epoch.best)
    return len(epochs) - 1 - last_best >= train.patience
