"""Trials: fits in processes of their own, which ask what to try next and whether to continue."""

import math
from dataclasses import dataclass

from torch import Tensor

from deploy.errors import ConfigError, DataError
from forecaster.config.settings import Settings
from forecaster.data import Panel
from forecaster.data.panel.panel import without_last
from forecaster.jobs.worker import Call
from forecaster.training.epochs import Epoch
from forecaster.training.loop import Listener
from forecaster.training.machine.pace import Pace
from forecaster.training.members.members import fit_members
from forecaster.workflows.preparation import start_of
from forecaster.workflows.tuning.space import Choices, settings_of

# Calls of a process.
NEXT, EPOCH, TOLD = "next", "epoch", "told"
# What a trial leaves out, since nothing of it is judged.
BARE = {"refit": 0.0, "calibrate": False, "checkpoint_seconds": 1e9}


@dataclass(frozen=True)
class Trial:
    """A trial. number: its name; earlier: steps at the end of each series that it does not see."""

    number: int
    choices: Choices
    seed: int
    earlier: int = 0


class PrunedError(Exception):
    """A trial was ended, since others did better by then."""


class Pruner(Listener):
    """A listener that asks after each epoch whether the trial continues."""

    def __init__(self, call: Call, number: int) -> None:
        self._call, self._number, self._best = call, number, math.inf

    def of_member(self, number: int, count: int) -> Listener:  # noqa: ARG002
        """Return the listener to a member: the first is asked about, the others follow it."""
        return self if number == 1 else Silent()

    def on_pace(self, pace: Pace) -> None:
        """Take note of nothing."""

    def on_start(self, baselines: dict[str, float]) -> None:
        """Take note of nothing."""

    def on_stage(self, stage: str) -> None:
        """Take note of nothing."""

    def on_resumed(self, where: str) -> None:
        """Take note of nothing."""

    def on_interrupt(self, where: str) -> bool:  # noqa: ARG002
        """Return that a trial which is interrupted is not finished."""
        return False

    def on_update(self, progress: float, loss: Tensor) -> None:
        """Take note of nothing."""

    def on_epoch(self, epochs: list[Epoch]) -> None:
        """Tell of the best error so far. Raises PrunedError if that is not good enough."""
        self._best = min(self._best, epochs[-1].mase)
        if self._call(EPOCH, self._number, len(epochs), self._best):
            raise PrunedError


class Silent(Pruner):
    """A listener that asks nothing."""

    def __init__(self) -> None:
        super().__init__(lambda *_: False, 0)

    def of_member(self, number: int, count: int) -> Listener:  # noqa: ARG002
        """Return itself."""
        return self


def work(panel: Panel, call: Call, settings: Settings) -> None:
    """Do trials until there are no more; each is told with its error, None if it was pruned or cannot be."""
    while (trial := call(NEXT)) is not None:
        try:
            error, reason = score(panel, settings, trial, Pruner(call, trial.number)), ""
        except PrunedError:
            error, reason = None, "pruned"
        except (ConfigError, DataError) as problem:
            error, reason = None, str(problem)
        call(TOLD, trial.number, error, reason)


def score(panel: Panel, settings: Settings, trial: Trial, listener: Listener) -> float:
    """Fit, and return the error on the windows that validate, scaled as MASE. Raises DataError, ConfigError.

    The windows that would calibrate are not looked at.
    """
    seen = without_last(panel, trial.earlier) if trial.earlier else panel
    chosen = settings_of(panel, settings, trial.choices)
    train = {"start": "auto", **chosen["train"], **BARE, "seed": trial.seed}
    start = start_of(seen, chosen["model"], train)
    if start.too_few is not None:
        raise DataError(start.too_few)
    fitted = fit_members(seen, start.config, listener, None, start.networks)
    return fitted.best.mase
