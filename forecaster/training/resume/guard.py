"""What keeps a fit from being lost: checkpoints, signals that are heeded, losses that are looked at."""

from __future__ import annotations

from dataclasses import dataclass

from forecaster.config import TrainConfig
from forecaster.training.resume.checkpoint import Checkpoints
from forecaster.training.resume.interruption import Interrupted, Interruption
from forecaster.training.resume.state import TrainingState
from forecaster.training.update import refuse_divergence

# Losses come from the device in one copy for so many updates; one that is not finite is found then.
SETTLED_UPDATES = 20


@dataclass(frozen=True)
class Guard:
    """Stands beside the updates of one stage of a fit."""

    train: TrainConfig
    interruption: Interruption
    checkpoints: Checkpoints | None

    def restore(self, state: TrainingState) -> None:
        """Bring a state to where its last checkpoint was, if there is one."""
        if self.checkpoints is not None:
            self.checkpoints.restore(state)

    def settle(self, state: TrainingState, *, now: bool) -> None:
        """Bring the losses to the host, now or when it is time. Raises ConfigError if training diverged."""
        if now or state.updates % SETTLED_UPDATES == 0:
            state.settle()
            refuse_divergence(state, self.train)

    def save(self, state: TrainingState) -> None:
        """Write a checkpoint if one is due. Raises Interrupted after a signal."""
        stop = self.interruption.signal  # read once: it may come at any time
        if self.checkpoints is not None and self.checkpoints.is_due(self.train.checkpoint_seconds, stop):
            self.settle(state, now=True)
            self.checkpoints.write(state)
        if stop is not None:
            raise Interrupted(stop, f"interrupted after update {state.updates}")

    def finish(self, state: TrainingState) -> None:
        """A last checkpoint: a fit that is killed later, in another stage, finds this one finished."""
        if self.checkpoints is not None:
            self.checkpoints.write(state)
