"""The run folder while a fit goes on: what is there, what moves aside, what a killed fit leaves."""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from deploy.errors import RunError
from forecaster.files import to_json, write_atomically
from forecaster.training.epochs import Epoch

WEIGHTS, CONFIG, LOG = "model.safetensors", "config.json", "log.jsonl"
CHECKPOINT, STATE = "checkpoint", "state.safetensors"


@dataclass(frozen=True)
class RunFolder:
    """A folder that holds a finished run, a fit under way, or nothing.

    config.json is written last, so a run that has one is whole.
    """

    path: Path

    @property
    def previous(self) -> Path:
        """Where a finished run moves when the next one takes its place."""
        return self.path.with_name(self.path.name + ".previous")

    @property
    def checkpoint(self) -> Path:
        """What a killed fit goes on from."""
        return self.path / CHECKPOINT

    def check_free(self, origin: Path | None = None) -> None:
        """Raises RunError if something is there that is not a run, which a fit must not move away.

        origin: a run that the fit goes on from, which must not be moved either.
        """
        path = self.path
        if origin is not None and origin.resolve() in (path.resolve(), self.previous.resolve()):
            raise RunError(f"--from {origin}: a fit into {path} would move it; choose another folder with -o")
        if not path.name or path.name == "..":
            raise RunError(f"{path} cannot be moved aside; choose another with -o")
        above = next(parent for parent in path.parents if parent.exists())
        if not above.is_dir():
            raise RunError(f"{path} lies below {above}, which is a file; choose another with -o")
        if not os.access(above, os.W_OK):
            raise RunError(f"cannot write below {above}; choose another place with -o")
        for place in (path, self.previous):
            if place.is_file() or (place.is_dir() and any(place.iterdir()) and not _is_run(place)):
                raise RunError(f"{place} exists and is not a run folder; choose another with -o")

    def open(self) -> None:
        """Make room for the files of a fit: a finished run moves aside, an unfinished one stays."""
        try:
            if (self.path / CONFIG).exists():
                shutil.rmtree(self.previous, ignore_errors=True)
                self.path.rename(self.previous)
            self.path.mkdir(parents=True, exist_ok=True)
            for partial in self.path.glob(".*.json*.partial"):  # what a killed process was writing
                partial.unlink(missing_ok=True)
        except OSError as error:
            raise RunError(f"cannot write {self.path}: {error.strerror}") from error

    def write_log(self, epochs: list[Epoch]) -> None:
        """All epochs so far, a line each."""
        self.open()
        lines = [to_json(asdict(epoch), indent=None) for epoch in epochs]
        write_atomically(self.path / LOG, b"".join(lines))

    def forget_checkpoint(self) -> None:
        """Once the run is whole."""
        with suppress(OSError):  # a folder that holds something else stays
            (self.checkpoint / STATE).unlink(missing_ok=True)
            self.checkpoint.rmdir()


def _is_run(path: Path) -> bool:
    """Whether a folder holds a run, finished or not, and so may be moved aside or written into."""
    is_finished = (path / CONFIG).exists() and (path / WEIGHTS).exists()
    has_begun = {entry.name for entry in path.iterdir() if not entry.name.startswith(".")} <= {
        LOG,
        CHECKPOINT,
    }
    return is_finished or (path / CHECKPOINT / STATE).exists() or has_begun
