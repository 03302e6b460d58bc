"""The fits of members in processes of their own, with one thread each: the weights of one after the other."""

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from forecaster.config import RunConfig
from forecaster.data import Panel
from forecaster.jobs.crew import Crew
from forecaster.jobs.worker import LOG, Call
from forecaster.model.network import Network
from forecaster.training.epochs import Epoch
from forecaster.training.fit_network import cut, fit
from forecaster.training.fitted import Fitted
from forecaster.training.loop import Listener
from forecaster.training.machine.device import choose_device
from forecaster.training.machine.pace import Pace
from forecaster.training.members.member import First, following, member_config, waits_for_first
from forecaster.training.resume.checkpoint import Checkpoints, Places, identify
from forecaster.training.resume.interruption import Interrupted
from forecaster.training.stages import with_training

logger = logging.getLogger("forecaster")

TOLD_SECONDS = 0.1  # an update is told of at most so often
ASKED_SECONDS = 0.05  # how often a member asks whether the first has decided
# Calls of a process that are none of a listener.
FIRST, OF_PLACES = "first", ("open", "write_log")


@dataclass(frozen=True)
class Member:
    """A member to train. number: from 1."""

    number: int
    config: RunConfig
    origin: Network | None
    places: Places | None


def fits_apart(
    panel: Panel,
    config: RunConfig,
    listener: Listener,
    places: Places | None,
    origins: Sequence[Network],
    jobs: int,
) -> list[Fitted]:
    """Return the fits of the members, `jobs` of them trained at a time. Raises as fit, and WorkerLostError.

    After Ctrl-C those that have begun finish early, if the listener takes the offer, and no other begins.
    """
    count = config.train.members
    members = []
    for number in range(1, count + 1):
        own = member_config(config, number, min(jobs, count))
        own = with_training(own, threads=own.train.threads or 1)
        members.append(Member(number, own, origins[(number - 1) % len(origins)] if origins else None, places))
    crew = Crew(min(jobs, count), panel)
    talk = _Talk(listener, count, places)
    found: dict[int, tuple[Fitted, int]] = {}
    errors: list[BaseException] = []
    for outcome in crew.run([(fit_member, (member,)) for member in members], talk.answer):
        if outcome.error is not None:
            errors.append(outcome.error)
            if not crew.stopped:
                crew.stop()
        else:
            found[outcome.number] = outcome.result
            if outcome.number == 0:
                talk.first = First.of(outcome.result[0])
    whole = [found[number] for number in range(count) if all(before in found for before in range(number + 1))]
    if len(whole) < count:
        _refuse(errors, crew, whole)
    parts = cut(panel, config, choose_device(config.train.device)).validating(whole[0][1])
    return [replace(fitted, split=parts) for fitted, _ in whole]


def _refuse(errors: list[BaseException], crew: Crew, whole: list[tuple[Fitted, int]]) -> None:
    """Raise the error that ended a member, unless all those before finished early as one Ctrl-C asked for."""
    for error in errors:
        if not isinstance(error, KeyboardInterrupt):
            raise error
    if crew.signals == 1 and any(fitted.is_last for fitted, _ in whole):
        return
    said = next((error for error in errors if isinstance(error, Interrupted)), None)
    raise said or Interrupted(crew.stopped, "interrupted before training")


class _Talk:
    """Answers the calls of members, by the listener and by what the first has decided."""

    def __init__(self, listener: Listener, count: int, places: Places | None) -> None:
        self._listeners = [listener.of_member(number, count) for number in range(1, count + 1)]
        self._places = places
        self._finishes: bool | None = None
        self._pace: Pace | None = None
        self.first: First | None = None  # once it is fitted

    def answer(self, number: int, name: str, *arguments: Any) -> Any:
        """Answer one call of the process of a member, from 0."""
        if name == LOG:
            return logger.log(*arguments)
        if name in OF_PLACES:
            return getattr(self._places, name)(*arguments)
        if name == FIRST:
            return self.first or (First(self._pace) if self._pace and not arguments[0] else None)
        if name == "on_interrupt":
            if self._finishes is None:  # one answer for all
                self._finishes = self._listeners[number].on_interrupt(*arguments)
            return self._finishes
        if name == "on_pace" and number == 0:
            (self._pace,) = arguments
        if name == "on_update":
            arguments = (arguments[0], torch.tensor(arguments[1]))
        return getattr(self._listeners[number], name)(*arguments)


def fit_member(panel: Panel, call: Call, member: Member) -> tuple[Fitted, int]:
    """Fit one member in this process; return it without its windows, and how many of them validated."""
    torch.set_num_threads(1)
    own = member.config
    if member.number > 1:
        own = following(own, _first(own, call))
    checkpoints = None
    if member.places:
        identity = identify(panel, own, member.origin)
        checkpoints = Checkpoints.of_member(_Places(member.places, call), member.number, identity)
    fitted = fit(panel, own, _Relay(call), checkpoints, member.origin)
    return fitted.without_windows(), len(fitted.split.validation)


def _first(own: RunConfig, call: Call) -> First:
    """Wait until the first member has decided what the others depend on."""
    while True:
        first: First | None = call(FIRST, waits_for_first(own))
        if first is not None:
            return first
        time.sleep(ASKED_SECONDS)


class _Places:
    """Places whose room the parent makes, once for all members."""

    def __init__(self, places: Places, call: Call) -> None:
        self._places, self._call = places, call
        self.resume = places.resume

    def state_of(self, number: int) -> Path:
        """Return the file of a member, from 1."""
        return self._places.state_of(number)

    def open(self) -> None:
        """Have room made."""
        self._call("open")

    def write_log(self, epochs: list[Epoch], member: int) -> None:
        """Replace the log of a member."""
        self._call("write_log", epochs, member)


class _Relay:
    """A listener that tells the listener of the parent."""

    def __init__(self, call: Call) -> None:
        self._call, self._told = call, 0.0

    def of_member(self, _number: int, _count: int) -> Listener:
        """Return itself: it is of one member."""
        return self

    def on_pace(self, pace: Pace) -> None:
        """Pass it on, so that the other members begin."""
        self._call("on_pace", pace)

    def on_start(self, baselines: dict[str, float]) -> None:
        """Pass it on."""
        self._call("on_start", baselines)

    def on_stage(self, stage: str) -> None:
        """Pass it on."""
        self._call("on_stage", stage)

    def on_resumed(self, where: str) -> None:
        """Pass it on."""
        self._call("on_resumed", where)

    def on_interrupt(self, where: str) -> bool:
        """Ask there."""
        return bool(self._call("on_interrupt", where))

    def on_update(self, progress: float, loss: Tensor) -> None:
        """Pass on some."""
        if time.monotonic() - self._told > TOLD_SECONDS:
            self._told = time.monotonic()
            self._call("on_update", progress, float(loss))

    def on_epoch(self, epochs: list[Epoch]) -> None:
        """Pass it on."""
        self._call("on_epoch", epochs)
