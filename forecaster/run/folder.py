"""Keep a run folder during a fit: what is there, what moves aside, what a killed fit leaves."""

import logging
import os
import shutil
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

from deploy.errors import RunError
from forecaster.files import remove_partials, to_json, write_atomically
from forecaster.training.epochs import Epoch

WEIGHTS, CONFIG, LOG, PICTURE = "model.safetensors", "config.json", "log.jsonl", "training.svg"
CHECKPOINT, STATE = "checkpoint", "state.safetensors"
MEMBERS = "members"

logger = logging.getLogger("forecaster")


class RunFolder:
    """A folder that holds a finished run, a fit under way, or nothing.

    config.json is written last, so a run that has one is whole.
    """

    def __init__(self, path: Path, *, resume: bool = False) -> None:
        """Open nothing yet. resume: whether an unfinished fit that is there continues."""
        self.path = path
        self.resume, self._is_open = resume, False

    @property
    def previous(self) -> Path:
        """The place of a finished run when the next one has taken its own."""
        return self.path.with_name(self.path.name + ".previous")

    @property
    def unfinished(self) -> Path:
        """The place of an unfinished fit when another one is begun."""
        return self.path.with_name(self.path.name + ".unfinished")

    @property
    def checkpoint(self) -> Path:
        """The checkpoint that a killed fit continues from."""
        return self.checkpoint_of(1)

    def member(self, number: int) -> Path:
        """Return the folder of a member, from 1: the first one's is that of the run."""
        return self.path if number == 1 else self.path / MEMBERS / str(number)

    def checkpoint_of(self, number: int) -> Path:
        """Return the checkpoint that a killed fit of a member continues from."""
        return self.member(number) / CHECKPOINT

    def state_of(self, number: int) -> Path:
        """Return the file of a member's checkpoint."""
        return self.checkpoint_of(number) / STATE

    def check_free(self, origin: Path | None = None) -> None:
        """Raise RunError if something is there that is not a run, which a fit must not move away.

        origin: a run that the fit continues from, which must not be moved either.
        """
        path = self.path
        if not path.name or path.name == "..":
            raise RunError(f"{path} cannot be moved aside; choose another with -o")
        if origin is not None and origin.resolve() in (place.resolve() for place in self._places):
            raise RunError(f"--from {origin}: a fit into {path} would move it; choose another folder with -o")
        above = next(parent for parent in path.parents if parent.exists())
        if not above.is_dir():
            raise RunError(f"{path} lies below {above}, which is a file; choose another with -o")
        if not os.access(above, os.W_OK):
            raise RunError(f"cannot write below {above}; choose another place with -o")
        for place in self._places:
            if place.is_file() or (place.is_dir() and any(place.iterdir()) and not _is_run(place)):
                raise RunError(f"{place} exists and is not a run folder; choose another with -o")

    @property
    def _places(self) -> tuple[Path, ...]:
        """The folders that a fit may replace."""
        return self.path, self.previous, self.unfinished

    def announce(self) -> None:
        """Warn of what a fit will not do as its user may expect."""
        is_finished, has_checkpoint = (self.path / CONFIG).exists(), (self.checkpoint / STATE).exists()
        if self.resume and is_finished:
            logger.warning("the fit at %s is finished, so this one begins again", self.path)
        elif self.resume and not has_checkpoint:
            logger.warning("nothing to resume at %s, so the fit begins again", self.path)
        elif has_checkpoint and not self.resume and not is_finished:
            logger.warning(
                "the unfinished fit at %s moves to %s; with --resume it would continue",
                self.path,
                self.unfinished,
            )

    def open(self) -> None:
        """Make room for the files of a fit, before the first: what is there of others moves aside."""
        if self._is_open:
            return
        try:
            if (self.path / CONFIG).exists():
                _move(self.path, self.previous)
            elif not self.resume and (self.checkpoint / STATE).exists():
                _move(self.path, self.unfinished)
            self.path.mkdir(parents=True, exist_ok=True)
            for folder in (self.path, *(self.path / MEMBERS).glob("*")):
                remove_partials(folder)
        except OSError as error:
            raise RunError(f"cannot write {self.path}: {error.strerror}") from error
        self._is_open = True

    def write_log(self, epochs: list[Epoch], member: int = 1) -> None:
        """Write all epochs of a member so far, a line each."""
        self.open()
        lines = [to_json(asdict(epoch), indent=None) for epoch in epochs]
        self.member(member).mkdir(parents=True, exist_ok=True)
        write_atomically(self.member(member) / LOG, b"".join(lines))

    def forget_checkpoint(self) -> None:
        """Remove the checkpoints, once the run is whole."""
        for folder in (self.path, *(self.path / MEMBERS).glob("*")):
            with suppress(OSError):  # a folder that holds something else stays
                remove_partials(folder / CHECKPOINT)
                for state in (folder / CHECKPOINT).glob(f"*{Path(STATE).suffix}"):
                    state.unlink()
                (folder / CHECKPOINT).rmdir()


def _move(path: Path, place: Path) -> None:
    shutil.rmtree(place, ignore_errors=True)
    path.rename(place)


def _is_run(path: Path) -> bool:
    """Return whether a folder holds a run, finished or not, and so may be moved aside or written into."""
    is_finished = (path / CONFIG).exists() and (path / WEIGHTS).exists()
    names = {entry.name for entry in path.iterdir()}
    has_begun = {name for name in names if not (name[0] == "." and name.endswith(".partial"))} <= {
        LOG,
        CHECKPOINT,
    }
    return is_finished or (path / CHECKPOINT / STATE).exists() or has_begun
