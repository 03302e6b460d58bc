"""Schedules over the progress of training: the share ε of true patches fed to the decoder, the learning rate.

Each schedule of ε decays from 1 (teacher forcing) towards 0 (free running) over u in [0, 1]; `forced_share`
turns, stretches and bounds it.
"""

import math
from collections.abc import Callable

from forecaster.config import TrainConfig

# Inverse sigmoid decay k/(k + exp(i/k)) of Bengio et al. (2015), its i scaled so that [0, 1] runs from
# k/(k+1) to 1/(k+1), and 1/2 lies in the middle: 1/(1 + k^(2u−1)).
SIGMOID_K = 100.0
# Exponential decay k^i, scaled so that this share is left at the end.
EXPONENTIAL_END = 0.01


def linear(u: float, _: TrainConfig) -> float:
    """Fall from 1 straight to 0."""
    return 1.0 - u


def exponential(u: float, _: TrainConfig) -> float:
    """Fall from 1 to EXPONENTIAL_END, by the same factor in equal times."""
    return float(EXPONENTIAL_END**u)


def inverse_sigmoid(u: float, _: TrainConfig) -> float:
    """Stay close to 1 first, pass 1/2 in the middle, stay close to 0 at the end."""
    return float(1.0 / (1.0 + SIGMOID_K ** (2 * u - 1)))


def constant(_: float, config: TrainConfig) -> float:
    """Stay at one share throughout, whatever the direction."""
    return config.epsilon


def switch(u: float, config: TrainConfig) -> float:
    """Force until `switch_at`, run freely from then on."""
    return 1.0 if u < config.switch_at else 0.0


SCHEDULES: dict[str, Callable[[float, TrainConfig], float]] = {
    "constant": constant,
    "linear": linear,
    "exponential": exponential,
    "inverse-sigmoid": inverse_sigmoid,
    "switch": switch,
}


def forced_share(config: TrainConfig, progress: float) -> float:
    """Return ε, the probability that a decoder step is fed the truth, at a progress in [0, 1].

    Decaying from forced to free is scheduled sampling (Bengio et al., 2015); increasing, one minus that, is a
    flipped classroom (Teutsch and Mäder, 2022). After `schedule_length` of the progress ε stays as it is; it
    never falls below `floor`.
    """
    u = min(1.0, progress / config.schedule_length)
    share = SCHEDULES[config.schedule](u, config)
    return max(config.floor, 1.0 - share if config.direction == "increase" else share)


def progress_of(train: TrainConfig, updates: int, seconds: float) -> float:
    """Return the share of the budget that is spent, in updates or in time, whichever is more: [0, 1]."""
    by_updates = updates / train.updates
    by_time = seconds / train.max_seconds if train.max_seconds else 0.0
    return min(1.0, max(by_updates, by_time))


def learning_rate(train: TrainConfig, progress: float) -> float:
    """Return the rate of one cycle: a cosine from 1/25 up to the peak, then down to nearly nothing.

    Source: Smith and Topin, 2018.
    """
    start, end = 1 / 25, 1e-4
    if progress < train.warm_up:
        low, phase = start, progress / train.warm_up
    else:
        low, phase = end, 1 - (progress - train.warm_up) / (1 - train.warm_up)
    return train.learning_rate * (low + (1 - low) * (1 - math.cos(math.pi * phase)) / 2)
