"""Checkpoints: a file, replaced in one step, from which a killed fit continues to the same weights."""

import hashlib
import json
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.torch import save

from deploy.errors import RunError
from forecaster.config import RunConfig
from forecaster.data import Panel
from forecaster.files import check_regular, write_atomically
from forecaster.model.network import Network
from forecaster.training.epochs import Epoch
from forecaster.training.resume.state import TrainingState

FORMAT = 2  # 1: values in float32
HASHED_ROWS = 1 << 18  # at once, so that no array is copied whole
MAX_BYTES = 1 << 34  # weights, their average, the best of them, moments
# Settings that may differ when a fit is resumed, since no update depends on them.
FREE_SETTINGS = ("max_seconds", "checkpoint_seconds", "threads", "keep_memory")
# What reading a damaged file may raise.
DAMAGED = (OSError, ValueError, LookupError, TypeError, AttributeError, RuntimeError, SafetensorError)


class Places(Protocol):
    """Places in which the members of a fit leave their states; a run folder is one."""

    resume: bool  # whether states that are there are continued

    def state_of(self, number: int) -> Path:
        """Return the file of a member, from 1."""

    def open(self) -> None:
        """Make room before the first file is written."""

    def write_log(self, epochs: list[Epoch], member: int) -> None:
        """Replace the log of a member, from 1, by all its epochs so far."""


class Checkpoints:
    """The file in which a fit leaves its state, and finds it again."""

    def __init__(
        self, file: Path, identity: dict[str, Any], prepare: Callable[[], None], *, resume: bool
    ) -> None:
        """Name the file to write. identity: from `identify`; prepare: makes room before the first is written;
        resume: whether the state of an earlier fit is continued.
        """
        self._file, self._identity, self._prepare, self._resume = file, identity, prepare, resume
        self._written = time.monotonic()
        self.log: Callable[[list[Epoch]], None] = lambda _epochs: None  # keeps the epochs, next to the file

    @classmethod
    def of_member(cls, places: Places, number: int, identity: dict[str, Any]) -> "Checkpoints":
        """Return the checkpoints of a member, from 1."""
        found = cls(places.state_of(number), identity, places.open, resume=places.resume)
        found.log = partial(places.write_log, member=number)
        return found

    def of_stage(self, stage: str, selected: Network) -> "Checkpoints":
        """Return the checkpoints of a later stage: in a file of its own, for these selected weights."""
        identity = {**self._identity, "stage": stage, "selected": weights_digest(selected)}
        file = self._file.with_name(f"{stage}{self._file.suffix}")
        return Checkpoints(file, identity, self._prepare, resume=self._resume)

    def is_due(self, every: float, signal: int | None) -> bool:
        """Return whether to write one now: every so many seconds, and when a signal asks to stop."""
        return signal is not None or time.monotonic() - self._written >= every

    def write(self, state: TrainingState) -> None:
        """Replace the last checkpoint."""
        self._prepare()
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise RunError(f"cannot write {self._file.parent}: {error.strerror}") from error
        about = {"format": FORMAT, "identity": self._identity, "state": state.numbers()}
        tensors = {name: value.detach().cpu().contiguous() for name, value in state.tensors().items()}
        # NaN is a value here: an epoch in which nothing could be compared.
        write_atomically(self._file, save(tensors, {"json": json.dumps(about)}))
        self._written = time.monotonic()

    def restore(self, state: TrainingState) -> bool:
        """Bring a state to where the last checkpoint was; False where there is none.

        Raises RunError if it is damaged or of another fit.
        """
        if not self._resume or not self._file.exists():
            return False
        try:
            check_regular(self._file, MAX_BYTES)
            with safe_open(self._file, framework="pt") as file:
                about = json.loads(file.metadata()["json"])
                tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
            if about["format"] != FORMAT:
                raise RunError(f"{self._file} is of another release; fit again without --resume")
            difference = _first_difference(about["identity"], self._identity)
            if difference:
                raise RunError(f"{self._file} is of another fit: {difference}; fit again without --resume")
            state.restore(tensors, about["state"])
        except DAMAGED as error:
            raise RunError(f"{self._file} is damaged: {error}; fit again without --resume") from error
        return True


def identify(panel: Panel, config: RunConfig, origin: Network | None = None) -> dict[str, Any]:
    """Return all that two fits share if one can continue where the other stopped."""
    weights = weights_digest(origin) if origin else None
    return {"data": digest_of(panel), "origin": weights, **_identity(config)}


def is_fit_of(finished: RunConfig, config: RunConfig) -> bool:
    """Return whether a finished fit, whose machine decided its precision, is the one of a config."""
    found, asked = _identity(finished), _identity(config)
    return {**found, "precision": None} == {**asked, "precision": None} and (
        asked["precision"] in ("auto", found["precision"])
    )


def _identity(config: RunConfig) -> dict[str, Any]:
    settings = config.model_dump(mode="json")
    train = {name: value for name, value in settings["train"].items() if name not in FREE_SETTINGS}
    return {**settings["model"], **train}


def weights_digest(network: Network) -> str:
    """Return the sha256 of a network's weights."""
    weights = {name: tensor.cpu().contiguous() for name, tensor in network.state_dict().items()}
    return hashlib.sha256(save(weights)).hexdigest()


def digest_of(panel: Panel) -> str:
    """Return the sha256 of all that a fit sees of the data."""
    content = hashlib.sha256()
    blocks = [slice(begin, begin + HASHED_ROWS) for begin in range(0, len(panel.values), HASHED_ROWS)]
    of_rows: tuple[Callable[[slice], NDArray[Any]], ...] = (
        panel.values.__getitem__,
        panel.times_between,
        panel.known.__getitem__,
        panel.past.__getitem__,
    )
    for read in of_rows:
        for rows in blocks:
            content.update(np.ascontiguousarray(read(rows)).tobytes())
    for array in (panel.static, panel.categories):
        content.update(np.ascontiguousarray(array).tobytes())
    content.update(repr((panel.ids, panel.vocabularies, panel.offsets.tolist(), panel.columns)).encode())
    return content.hexdigest()


def _first_difference(found: dict[str, Any], expected: dict[str, Any]) -> str | None:
    for name, value in expected.items():
        if found.get(name) != value:
            known = {
                "data": "the data differ",
                "origin": "the run that it continues from differs",
                "selected": "the selected weights differ",
            }
            return known.get(name, f"{name} was {found.get(name)!r}, is {value!r}")
    return None
