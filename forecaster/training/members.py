"""Several networks of one fit, each from a seed of its own, whose forecasts are averaged.

What one network gets wrong by the luck of its seed, others get wrong otherwise (Lakshminarayanan, Pritzel and
Blundell, 2017).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Protocol

from forecaster.config import RunConfig
from forecaster.data.panel.panel import Panel
from forecaster.model.ensemble import Ensemble
from forecaster.model.network import Network
from forecaster.run.folder import RunFolder
from forecaster.training.calibration import calibrate
from forecaster.training.fitted import Fitted
from forecaster.training.loop import fit
from forecaster.training.machine.pace import Pace
from forecaster.training.resume.checkpoint import Checkpoints, identify
from forecaster.training.validation import Validation
from forecaster.training.watching import Listener

# Where a member leaves its state: of its number, from 1, its own config and the network that it goes on from.
CheckpointsOf = Callable[[int, RunConfig, Network | None], Checkpoints]


class MembersListener(Listener, Protocol):
    """Somebody who watches a fit of several members."""

    def on_member(self, number: int, count: int) -> None:
        """Before each member, from 1, where there are several."""


def fit_members(
    panel: Panel,
    config: RunConfig,
    listener: MembersListener,
    checkpoints_of: CheckpointsOf | None = None,
    origins: Sequence[Network] = (),
) -> Fitted:
    """Train `members` networks one after the other, and calibrate their mean.

    A member that was finished before the fit was interrupted is read from its last checkpoint.
    origins: trained networks to go on from, in turn. Raises as fit.
    """
    count = config.train.members
    fits: list[Fitted] = []
    for number in range(1, count + 1):
        own = member_config(config, number)
        if fits:  # the machine was probed once
            own = with_pace_of(own, fits[0])
        if count > 1:
            listener.on_member(number, count)
        origin = origins[(number - 1) % len(origins)] if origins else None
        checkpoints = checkpoints_of(number, own, origin) if checkpoints_of else None
        fits.append(fit(panel, own, listener, checkpoints, origin))
    return _calibrated(_joined(config, fits))


def _joined(config: RunConfig, fits: list[Fitted]) -> Fitted:
    """Return several fits as one; what is not of all members is of the first."""
    first = fits[0]
    if len(fits) == 1:
        return first
    twins = [fitted.backtest.first for fitted in fits if fitted.backtest is not None]
    joined = replace(
        first,
        ensemble=Ensemble([fitted.ensemble.first for fitted in fits]),
        backtest=Ensemble(twins) if twins else None,
        config=with_pace_of(config, first),
        logs=tuple(fitted.logs[0] for fitted in fits),
        seconds=sum(fitted.seconds for fitted in fits),
    )
    mase = Validation(first.split, config.model.season).mase_of(joined.held_back)
    return replace(joined, mean_mase=mase)


def _calibrated(fitted: Fitted) -> Fitted:
    """Return the fit with offsets for all members, found by the twins that saw no such window."""
    if not fitted.config.train.calibrate:
        return fitted
    calibration = calibrate(fitted.held_back, fitted.split.calibration)
    return replace(
        fitted,
        ensemble=calibration.apply(fitted.ensemble),
        backtest=None if fitted.backtest is None else calibration.apply(fitted.backtest),
        calibration=calibration,
    )


def member_config(config: RunConfig, number: int) -> RunConfig:
    """The fit of one member, from 1: a seed of its own and its share of the time."""
    train = config.train
    seconds = train.max_seconds / train.members if train.max_seconds else None
    own = {"seed": train.seed + number - 1, "max_seconds": seconds}
    return config.model_copy(update={"train": train.model_copy(update=own)})


def with_pace_of(config: RunConfig, fitted: Fitted) -> RunConfig:
    """The config with what this fit decided for the machine."""
    decided = {name: getattr(fitted.config.train, name) for name in Pace.__dataclass_fields__}
    return config.model_copy(update={"train": config.train.model_copy(update=decided)})


def checkpoints_in(folder: RunFolder, panel: Panel, *, resume: bool) -> CheckpointsOf:
    """Each member's place in a run folder. resume: whether the states that are there are to go on."""

    def of(number: int, config: RunConfig, origin: Network | None) -> Checkpoints:
        identity = identify(panel, config, origin)
        return Checkpoints(folder.state_of(number), identity, folder.open, resume=resume)

    return of
