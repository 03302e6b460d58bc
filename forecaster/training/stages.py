"""The stages of a fit: each is the training loop on some windows, for a share of the budget.

The selection validates, and its best weights are kept. The refit continues from these for a while on all
values, up to the last one, since the latest values tell most of what comes next. It changes widths, too, so
what is to be learnt from held-out values is learnt from its twin, the backtest: as many updates without these
values.
"""

from dataclasses import dataclass
from typing import Literal

from forecaster.config import RunConfig, TrainConfig
from forecaster.training.validation import Validation
from forecaster.windows.split import Split
from forecaster.windows.windows import WindowSet

Name = Literal["selection", "backtest", "refit"]
# Of the learning rate: all of it stirs up what had settled (M4 Hourly, 1000 updates: OWA .407 before a refit,
# .411 after, .400 at this share).
RATE = 0.3
# What the horizon rows need to learn their widths, where the weights were selected before these trained.
FEWEST_UPDATES = 50


@dataclass(frozen=True)
class Stage:
    """A run of the training loop: its windows, its share of the budget, its validation."""

    name: Name
    config: RunConfig  # with the stage's share of the budget
    windows: WindowSet
    validation: Validation | None = None  # None: nothing is chosen

    def curriculum_at(self, progress: float) -> float:
        """Return the progress of the curriculum: without validation it stays where it ended."""
        return progress if self.validation else 1.0


def selection(config: RunConfig, validation: Validation) -> Stage:
    """Return the first stage: its share of the time, all of the updates."""
    own = with_training(config, max_seconds=share_of_time(config.train))
    return Stage("selection", own, validation.split.train, validation)


def continuations(config: RunConfig, parts: Split, updates: int) -> tuple[Stage, ...]:
    """Return the twin and the refit, or none without a refit. updates: those that selected the weights."""
    train = config.train
    if not train.refit or not updates:  # nothing learned nothing, so nothing continues
        return ()
    fewest = 1 if train.start == "pretrained" else FEWEST_UPDATES
    own = with_training(
        config,
        updates=min(max(fewest, round(train.refit * updates)), train.updates),
        learning_rate=RATE * train.learning_rate,
        max_seconds=share_of_time(train, train.refit),
        epochs=1,
    )
    return Stage("backtest", own, parts.train), Stage("refit", own, parts.whole)


def share_of_time(train: TrainConfig, part: float = 1.0) -> float | None:
    """Return the seconds of a stage, None without a limit. part: of what the selection has."""
    whole = 1 + 2 * train.refit  # of the selection, the twin and the refit
    return train.max_seconds * part / whole if train.max_seconds else None


def with_training(config: RunConfig, **changes: object) -> RunConfig:
    """Return the config with other settings of training."""
    return config.model_copy(update={"train": config.train.model_copy(update=changes)})
