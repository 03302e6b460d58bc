"""Several networks of one fit, each from a seed of its own, whose forecasts are averaged.

What one network gets wrong by the luck of its seed, others get wrong otherwise (Lakshminarayanan, Pritzel and
Blundell, 2017).
"""

from collections.abc import Sequence
from dataclasses import replace

from forecaster.config import RunConfig
from forecaster.data import Panel
from forecaster.model.ensemble import Ensemble
from forecaster.model.network import Network
from forecaster.training.calibration import calibrate
from forecaster.training.fit_network import fit
from forecaster.training.fitted import Fitted
from forecaster.training.loop import Listener
from forecaster.training.resume.checkpoint import Checkpoints, Places, identify
from forecaster.training.stages import with_training
from forecaster.training.validation import Validation


def fit_members(
    panel: Panel,
    config: RunConfig,
    listener: Listener,
    places: Places | None = None,
    origins: Sequence[Network] = (),
) -> Fitted:
    """Train `members` networks one after the other, and calibrate their mean.

    places: where the members leave their states, such as a run folder. A member that was finished before the
    fit was interrupted is read from its last checkpoint.
    origins: trained networks to continue from, in turn. Raises as fit.
    """
    count = config.train.members
    fits: list[Fitted] = []
    for number in range(1, count + 1):
        own = member_config(config, number)
        if fits:
            own = following(own, fits[0])
        if count > 1:
            listener.on_member(number, count)
        origin = origins[(number - 1) % len(origins)] if origins else None
        checkpoints = Checkpoints.of_member(places, number, identify(panel, own, origin)) if places else None
        fits.append(fit(panel, own, listener, checkpoints, origin))
        if fits[-1].is_last:
            break
    return calibrated(joined(config, fits))


def member_config(config: RunConfig, number: int) -> RunConfig:
    """Return the config of one member's fit, from 1: its own seed, normalisation and share of the time."""
    train = config.train
    seconds = train.max_seconds / train.members if train.max_seconds else None
    own = with_training(config, seed=train.seed + number - 1, max_seconds=seconds, normalizations=())
    return own.model_copy(update={"model": config.shape_of_member(number)})


def following(config: RunConfig, first: Fitted) -> RunConfig:
    """Return the config of another member after the first: the machine was probed once.

    Where what is trained has to be clearly better than the start, and the first member's was not, no other
    is tried: all begin at the same network.
    """
    own = with_pace_of(config, first)
    return with_training(own, updates=0) if own.train.tolerance < 0 and not first.best.updates else own


def with_pace_of(config: RunConfig, fitted: Fitted) -> RunConfig:
    """Return the config with what this fit decided for the machine."""
    return with_training(config, threads=fitted.config.train.threads, precision=fitted.config.train.precision)


def joined(config: RunConfig, fits: list[Fitted]) -> Fitted:
    """Return the fits of all members as one; what is not of all of them is of the first."""
    first, asked = fits[0], config.train.members
    first = replace(first, config=with_training(with_pace_of(config, first), members=len(fits)))
    if fits[-1].is_last and asked > 1:
        where = fits[-1].interrupted or "at the end"
        first = replace(first, interrupted=f"{where} of member {len(fits)} of {asked}")
    if len(fits) == 1:
        return first
    # A member that kept its start was refitted on nothing: it is its own twin.
    is_refitted = any(fitted.backtest is not None for fitted in fits)
    together = replace(
        first,
        ensemble=Ensemble([fitted.ensemble.first for fitted in fits]),
        backtest=Ensemble([fitted.held_back.first for fitted in fits]) if is_refitted else None,
        logs=tuple(fitted.logs[0] for fitted in fits),
        seconds=sum(fitted.seconds for fitted in fits),
    )
    mase = Validation(first.split, config.model.season).mase_of(together.held_back)
    return replace(together, mean_mase=mase)


def calibrated(fitted: Fitted) -> Fitted:
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
