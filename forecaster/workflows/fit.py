"""Fit: read a file or frame, derive what was not said, train, calibrate, keep the run."""

import logging
import signal
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from deploy.sources.named import paths_of
from forecaster.config import RunConfig
from forecaster.config.settings import Settings
from forecaster.data import Audience, Data, Panel, Understood
from forecaster.data.audience import COMMAND_LINE
from forecaster.run.folder import RunFolder
from forecaster.run.places import PICTURE, is_finished
from forecaster.run.run import Run, describe_run, load_run, write_run
from forecaster.training.fitted import Fitted
from forecaster.training.loop import Listener
from forecaster.training.members.members import fit_members
from forecaster.training.resume.checkpoint import is_fit_of
from forecaster.training.resume.interruption import Interrupted
from forecaster.workflows.in_use import check_run_place
from forecaster.workflows.preparation import Prepared, prepare

logger = logging.getLogger("forecaster")


@dataclass(frozen=True)
class FitRequest:
    """The data to train on, the settings, and the place of the run."""

    data: Data
    settings: Settings
    output: Path | None = None  # run folder; None: nothing is written
    origin: Path | None = None  # a finished run to continue from
    resume: bool = False  # continue where a killed fit of the same request stopped
    panel: Panel | None = None  # the series of the data, where they have been read
    jobs: int = 1  # members that train at a time, each in a process of one thread
    audience: Audience = COMMAND_LINE  # whom errors speak to


class FitListener(Listener, Protocol):
    """A listener that is told how a fit goes along."""

    def on_prepared(self, understood: Understood, config: RunConfig) -> None:
        """Take note of what was understood and decided, before the training."""

    def on_nothing_left(self, run: Run) -> None:
        """Take note that this very fit is finished, so that nothing is left to resume."""

    def on_fitted(self, fitted: Fitted, output: Path | None) -> None:
        """Take note that all is trained, and written if a place was named."""


@dataclass(frozen=True)
class FitResult:
    """A finished fit."""

    run: Run
    prepared: Prepared

    def describe(self) -> dict[str, Any]:
        """Return what was understood, decided and reached, in types of JSON."""
        metrics = {name: value for name, value in self.run.metrics.items() if name != "versions"}
        return describe_run(self.run.path, self.run.config, self.prepared.understood, metrics)

    def refuse_failures(self) -> None:
        """Do nothing: a fit that fails raises at once."""


def fit(request: FitRequest, listener: FitListener) -> FitResult:
    """Train on the series of a file or frame. Raises DataError, ConfigError, RunError, Interrupted."""
    if request.output:
        check_run_place(request.output, paths_of(request.data))
    folder = RunFolder(request.output, resume=request.resume) if request.output else None
    if folder:
        folder.check_free(request.origin)
        folder.recover()
    prepared = prepare(request.data, request.settings, request.origin, request.audience, request.panel)
    if folder and (finished := find_finished(folder, prepared)):
        listener.on_nothing_left(finished)
        return FitResult(finished, prepared)
    listener.on_prepared(prepared.understood, prepared.config)
    if folder:
        folder.announce()
    try:
        fitted = train(prepared, listener, folder, request.jobs)
        run = Run.of_fit(request.output or Path(), fitted.config, prepared.record(fitted), fitted)
        if folder:
            save_run(folder, run)
    except KeyboardInterrupt as stop:  # between the stages of training, or as the run is written
        if isinstance(stop, Interrupted) or not folder or not folder.is_unfinished:
            raise
        raise Interrupted(signal.SIGINT, "interrupted; the last checkpoint stays") from stop
    listener.on_fitted(fitted, request.output)
    return FitResult(run, prepared)


def train(prepared: Prepared, listener: FitListener, folder: RunFolder | None, jobs: int = 1) -> Fitted:
    """Train what was prepared, or take the pretrained network as it is where there are too few values."""
    panel, config = prepared.panel, prepared.config
    if jobs > 1 and config.train.members == 1:
        logger.warning("a fit of one network is one job; say members to train several at a time")
    if prepared.too_few is None:
        return fit_members(panel, config, listener, folder, prepared.origins, jobs)
    logger.warning("%s: so nothing is trained, and the pretrained network forecasts", prepared.too_few)
    return Fitted.untrained(panel, config, prepared.origins)


def find_finished(folder: RunFolder, prepared: Prepared) -> Run | None:
    """Return the run that is to be resumed if it is finished and of the very fit that was prepared.

    Raises RunError if it is damaged.
    """
    if not folder.resume or folder.is_unfinished or not is_finished(folder.path):
        return None
    run = load_run(folder.path)
    is_same = run.data.sha256 == prepared.sha256 and is_fit_of(run.config, prepared.config)
    return run if is_same else None


def save_run(folder: RunFolder, run: Run) -> None:
    """Write a run and the picture of its training. Raises RunError."""
    write_run(folder, run, _pictures(run))


def _pictures(run: Run) -> dict[str, bytes]:
    """Draw the fit; without matplotlib warn and draw nothing, since no fit is to be lost over a picture."""
    if not any(
        epoch.updates for epoch in run.logs[0]
    ):  # nothing was trained, or an early release kept no log
        return {}
    try:
        from forecaster.show.pictures.training_picture import (
            draw_training,
        )  # slow to import, and only fits draw
    except ModuleNotFoundError as error:
        if error.name != "matplotlib":
            raise
        logger.warning("matplotlib is not installed, so there is no %s", PICTURE)
        return {}
    return {PICTURE: draw_training(list(run.logs[0]), run.config.train)}
