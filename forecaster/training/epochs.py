"""Epochs: what is known after each, and what follows: keep its weights, continue, or stop."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any

from forecaster.config import RunConfig, TrainConfig

BY_STEP = ("free_loss", "forced_loss")  # fields with a number a decoder step


@dataclass(frozen=True)
class Epoch:
    """A line of log.jsonl."""

    epoch: int
    updates: int
    progress: float  # of the selection, in updates or time
    train_loss: float
    validation_loss: float  # free-running
    mase: float  # free-running, of the median
    forced_share: float  # ε at the end of the epoch
    forced_realised: float  # share of true patches fed in the epoch, where there was a choice
    exposure_bias: float  # free-running / teacher-forced validation loss of the `next` rows
    free_loss: tuple[float, ...]  # the former per decoder step
    forced_loss: tuple[float, ...]  # the latter per decoder step
    learning_rate: float
    windows_per_second: float
    seconds: float  # since the fit began, interruptions left out
    best: bool


def without_training() -> Epoch:
    """Return the only epoch of a network that is served as it began, where too few values could judge it."""
    return Epoch(
        epoch=0,
        updates=0,
        progress=0.0,
        train_loss=math.nan,
        validation_loss=math.nan,
        mase=math.nan,
        forced_share=1.0,
        forced_realised=math.nan,
        exposure_bias=math.nan,
        free_loss=(),
        forced_loss=(),
        learning_rate=0.0,
        windows_per_second=0.0,
        seconds=0.0,
        best=True,
    )


def to_epoch(values: Any) -> Epoch:
    """Read an epoch from JSON, NaN as such or as null. Raises TypeError for one of other fields or types."""
    if not isinstance(values, dict):
        raise TypeError(f"an epoch is an object, found {values!r:.40}")
    epoch = Epoch(**{name: _from_json(value) for name, value in values.items()})
    for name, value in vars(epoch).items():
        numbers = value if name in BY_STEP else (value,)
        if not isinstance(numbers, tuple) or not all(isinstance(number, int | float) for number in numbers):
            raise TypeError(f"{name} of an epoch is {values[name]!r:.40}")
    return epoch


def _from_json(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(map(_from_json, value))
    return math.nan if value is None else value


def best_of(epochs: Sequence[Epoch]) -> Epoch:
    """Return the epoch whose weights are kept."""
    return [epoch for epoch in epochs if epoch.best][-1]


def is_best(
    config: RunConfig,
    epochs: list[Epoch],
    progress: float,
    loss: float,
    forced: tuple[float, ...],
    tolerance: float = 0.0,
) -> bool:
    """Return whether weights with these validation losses are the ones to keep so far.

    loss: of the horizon rows, free-running; forced: of the `next` rows by decoder step, fed the truth. Where
    a refit follows, both count: sample paths depend on what the decoder makes of its inputs, and it learns
    that later than the mean.

    Without a refit, which trains the horizon rows, weights of several decoder steps whose horizon rows have
    trained beat any from before: a lower loss there comes with the widths of one step. The pretrained start,
    an epoch without updates, always counts; what was trained may lose more than that by `tolerance`, a share.
    Where no window can be compared (NaN), the last are kept.
    """
    is_served = config.model.decoder_steps > 1 and not config.train.refit
    free_from = config.train.free_from if is_served else 0.0
    others = [
        epoch for epoch in epochs if epoch.progress > free_from or progress <= free_from or not epoch.updates
    ]
    counts = bool(config.train.refit)  # the loss of the `next` rows
    found = loss + counts * _mean(forced)
    bars = (
        (epoch.validation_loss + counts * _mean(epoch.forced_loss)) * (1 + tolerance * (not epoch.updates))
        for epoch in others
    )
    return not any(found >= bar for bar in bars)


def _mean(losses: tuple[float, ...]) -> float:
    """Return the mean over the decoder steps that have values; 0 without any."""
    known = [loss for loss in losses if not math.isnan(loss)]
    return fmean(known) if known else 0.0


def out_of_patience(train: TrainConfig, epochs: list[Epoch]) -> bool:
    """Return whether nothing improved for a while.

    Never before the horizon rows had their share of training, unless a refit trains them. Then `next` rows
    that begin at random weights are waited for as long as their own loss falls: it falls by little while they
    learn what follows from unusual values, as in a what-if. On random walks with p = 1 the sum of both losses
    was lowest after 450 updates, when the effect of a value three deviations higher faded to two thirds
    within 14 steps; after 3,000 updates it stays.
    """
    if epochs[-1].progress < (train.free_from if train.refit else (1 + train.free_from) / 2):
        return False
    improved = max(index for index, epoch in enumerate(epochs) if epoch.best)
    if train.refit and train.start == "random":
        forced = [_mean(epoch.forced_loss) for epoch in epochs]
        improved = max(improved, forced.index(min(forced)))
    return len(epochs) - 1 - improved >= train.patience
