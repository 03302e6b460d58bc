"""How far a fit has come, and the learning rate that belongs there."""

from __future__ import annotations

import math

from forecaster.config import TrainConfig


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
