"""The guard of a fit: it resumes from checkpoints and writes them, heeds signals, looks at losses."""

import math
from dataclasses import dataclass, replace

from deploy.errors import ConfigError
from forecaster.config import TrainConfig
from forecaster.model.network import Network
from forecaster.training.resume.checkpoint import Checkpoints
from forecaster.training.resume.interruption import Interruption
from forecaster.training.resume.state import TrainingState

# Losses come from the device in one copy for so many updates; one that is not finite is found then.
SETTLED_UPDATES = 20
SELECTION = "selection"  # the first stage


@dataclass(frozen=True)
class Guard:
    """Checkpoints, signals and losses, minded after each update of a stage."""

    train: TrainConfig
    interruption: Interruption
    checkpoints: Checkpoints | None
    stage: str = SELECTION

    def of_stage(self, name: str, selected: Network) -> "Guard":
        """Return the guard of a stage that continues from the selected weights."""
        # After an early end a resumed fit continues from the checkpoint of the selection, with other weights.
        keeps = self.checkpoints is not None and self.interruption.finishing is None
        checkpoints = self.checkpoints.of_stage(name, selected) if self.checkpoints and keeps else None
        return replace(self, checkpoints=checkpoints, stage=name)

    @property
    def ends_early(self) -> bool:
        """Whether the selection ends now, since Ctrl-C asked for it."""
        return self.interruption.finishing is not None and self.stage == SELECTION

    def where(self, state: TrainingState) -> str:
        """Return where a state is in the fit, in words."""
        update, epoch = f"after update {state.updates}", len(state.epochs)
        if self.stage != SELECTION:
            return f"{update} of the {self.stage}"
        return f"{update}, in epoch {epoch + 1}" if state.losses else f"{update}, the end of epoch {epoch}"

    def restore(self, state: TrainingState) -> bool:
        """Bring a state to where its last checkpoint was; False where there is none."""
        return self.checkpoints is not None and self.checkpoints.restore(state)

    def settle(self, state: TrainingState, *, now: bool) -> None:
        """Bring the losses to the host, now or when it is time. Raises ConfigError if training diverged."""
        if now or state.updates % SETTLED_UPDATES == 0:
            state.settle()
            refuse_divergence(state, self.train)

    def log(self, state: TrainingState) -> None:
        """Keep the log of the epochs so far."""
        if self.checkpoints is not None:
            self.checkpoints.log(state.epochs)

    def save(self, state: TrainingState) -> None:
        """Write a checkpoint if one is due. Raises Interrupted after a signal, if no early end follows."""
        stop = self.interruption.signal  # read once: it may come at any time
        stop = None if self.interruption.finishing is not None else stop
        if self.checkpoints is not None and self.checkpoints.is_due(self.train.checkpoint_seconds, stop):
            self.settle(state, now=True)
            self.checkpoints.write(state)
        if stop is not None:
            # Without a refit the rows that are published train from here on.
            trains_rows = self.stage != SELECTION or self.train.refit or state.progress > self.train.free_from
            self.interruption.heed(self.where(state), can_finish=bool(trains_rows))

    def finish(self, state: TrainingState) -> None:
        """Write a last checkpoint: a fit that is killed later, in another stage, finds this one finished."""
        if self.checkpoints is not None:
            self.checkpoints.write(state)


def refuse_divergence(state: TrainingState, train: TrainConfig) -> None:
    """Raise ConfigError if a loss of the running epoch, settled, or a weight is not finite."""
    remedy = f"lower learning_rate (now {train.learning_rate:g}), or look for extreme values in the data"
    for back, loss in enumerate(reversed(state.losses)):
        if not math.isfinite(loss):
            number = state.updates - back
            raise ConfigError(f"training diverged: the loss of update {number} is {loss}; {remedy}")
    if not all(bool(weight.isfinite().all()) for weight in state.network.parameters()):
        raise ConfigError(f"training diverged: update {state.updates} left no finite weights; {remedy}")
