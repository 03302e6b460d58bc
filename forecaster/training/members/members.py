"""Several networks of one fit, each from a seed of its own, whose forecasts are averaged."""

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
from forecaster.training.members.apart import fits_apart
from forecaster.training.members.member import First, following, member_config
from forecaster.training.resume.checkpoint import Checkpoints, Places, identify
from forecaster.training.stages import with_training
from forecaster.training.validation import Validation


def fit_members(
    panel: Panel,
    config: RunConfig,
    listener: Listener,
    places: Places | None = None,
    origins: Sequence[Network] = (),
    jobs: int = 1,
) -> Fitted:
    """Train `members` networks, and calibrate their mean.

    places: where the members leave their states, such as a run folder. A member that was finished before the
    fit was interrupted is read from its last checkpoint.
    origins: trained networks to continue from, in turn. jobs: members at a time, each in a process of one
    thread; the weights are the same. Raises as fit, and WorkerLostError.
    """
    if min(jobs, config.train.members) > 1:
        return calibrated(joined(config, fits_apart(panel, config, listener, places, origins, jobs)))
    count = config.train.members
    fits: list[Fitted] = []
    for number in range(1, count + 1):
        own = member_config(config, number)
        if fits:
            own = following(own, First.of(fits[0]))
        one = listener.of_member(number, count) if count > 1 else listener
        origin = origins[(number - 1) % len(origins)] if origins else None
        checkpoints = Checkpoints.of_member(places, number, identify(panel, own, origin)) if places else None
        fits.append(fit(panel, own, one, checkpoints, origin))
        if fits[-1].is_last:
            break
    return calibrated(joined(config, fits))


def joined(config: RunConfig, fits: Sequence[Fitted]) -> Fitted:
    """Return the fits of all members as one; what is not of all of them is of the first."""
    first, asked = fits[0], config.train.members
    train = first.config.train
    own = with_training(config, threads=train.threads, precision=train.precision, members=len(fits))
    first = replace(first, config=own)
    last = [fitted for fitted in fits if fitted.is_last]
    if last and asked > 1:
        where = last[-1].interrupted or "at the end"
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
    calibration = calibrate(fitted.held_back, fitted.split.calibration, fitted.split.selection)
    return replace(
        fitted,
        ensemble=calibration.apply(fitted.ensemble),
        backtest=None if fitted.backtest is None else calibration.apply(fitted.backtest),
        calibration=calibration,
    )
