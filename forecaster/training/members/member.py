"""The config of one member's fit, and what it takes over from the first."""

import math
from dataclasses import dataclass
from typing import Self

from forecaster.config import RunConfig
from forecaster.training.fitted import Fitted
from forecaster.training.machine.pace import Pace
from forecaster.training.stages import with_training


@dataclass(frozen=True)
class First:
    """The facts of the first member's fit that decide how the others train."""

    pace: Pace  # the machine is probed once
    kept_start: bool = False  # whether its start was not clearly worse than what it trained

    @classmethod
    def of(cls, fitted: Fitted) -> Self:
        """Return them once it is fitted."""
        train = fitted.config.train
        return cls(Pace(train.threads or 1, train.precision), not fitted.best.updates)


def member_config(config: RunConfig, number: int, jobs: int = 1) -> RunConfig:
    """Return the config of one member's fit, from 1: its own seed, normalisation and share of the time.

    jobs: members that train at a time.
    """
    train = config.train
    seconds = train.max_seconds / math.ceil(train.members / jobs) if train.max_seconds else None
    own = with_training(config, seed=train.seed + number - 1, max_seconds=seconds, normalizations=())
    return own.model_copy(update={"model": config.shape_of_member(number)})


def waits_for_first(config: RunConfig) -> bool:
    """Return whether the others depend on what the first member's training gained.

    Where what is trained has to be clearly better than the start, and the first member's was not, no other
    is tried: all begin at the same network.
    """
    return config.train.tolerance < 0


def following(own: RunConfig, first: First) -> RunConfig:
    """Return the config of another member after the first."""
    own = with_training(own, threads=first.pace.threads, precision=first.pace.precision)
    return with_training(own, updates=0) if waits_for_first(own) and first.kept_start else own
