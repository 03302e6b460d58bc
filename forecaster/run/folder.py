"""Keep a run folder during a fit: where it grows, what moves aside, what a killed fit leaves."""

import logging
import os
import shutil
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

from deploy.errors import RunError
from forecaster.files import remove_partials, to_json, write_atomically
from forecaster.run.places import (
    BEGUN,
    CHECKPOINT,
    GROWN,
    LOG,
    MEMBERS,
    STATE,
    Move,
    fitting_folder,
    is_finished,
    is_run,
    make,
    others_in,
    places,
    room_for_fit,
    room_for_run,
)
from forecaster.training.epochs import Epoch

logger = logging.getLogger("forecaster")


class RunFolder:
    """A folder that holds a finished run, a fit under way, or nothing.

    A run that has a config.json is whole, since that is written last. Where one is, the next grows in
    NAME.fitting and takes the place when it is whole: until then the finished run stays.
    """

    def __init__(self, path: Path, *, resume: bool = False) -> None:
        """Open nothing yet. resume: whether an unfinished fit that is there continues."""
        self.path = path.resolve() if path.is_symlink() else path
        self.resume, self._is_open = resume, False
        fitting = fitting_folder(self.path)
        self.growing = fitting if fitting.exists() or is_finished(self.path) else self.path

    @property
    def is_unfinished(self) -> bool:
        """Whether a checkpoint is there that a fit can continue from."""
        return not is_finished(self.growing) and self.state_of(1).exists()

    def member(self, number: int) -> Path:
        """Return the folder that a member grows in, from 1."""
        return member_folder(self.growing, number)

    def state_of(self, number: int) -> Path:
        """Return the file of the checkpoint that a killed fit of a member continues from."""
        return self.member(number) / CHECKPOINT / STATE

    def check_free(self, origin: Path | None = None) -> None:
        """Raise RunError if something is there that is not a run, which a fit must not move away.

        origin: a run that the fit continues from, which must not be moved either.
        """
        path = self.path
        if not path.name or path.name == "..":
            raise RunError(f"{path} cannot be moved aside; choose another with -o")
        used = dict.fromkeys((*places(path), self.growing))
        if origin is not None and origin.resolve() in {place.resolve() for place in used}:
            raise RunError(f"--from {origin}: a fit into {path} would move it; choose another folder with -o")
        above = next(parent for parent in path.parents if parent.exists())
        if not above.is_dir():
            raise RunError(f"{path} lies below {above}, which is a file; choose another with -o")
        if not os.access(above, os.W_OK):
            raise RunError(f"cannot write below {above}; choose another place with -o")
        for place in used:
            names = GROWN if place == fitting_folder(path) else BEGUN
            if os.path.lexists(place) and not (place.is_dir() and is_run(place, names)):
                raise RunError(f"{place} exists and is not a run folder; choose another with -o")
        for move in self._moves():
            if move.place is None and (others := others_in(move.source)):
                raise RunError(
                    f"this fit would remove {move.source}, in which {others[0]} is no file of a run; move it "
                    "elsewhere, or choose another folder with -o"
                )
        if is_finished(path) and path.is_mount():
            raise RunError(
                f"{path} is a mount point, which cannot be moved aside; choose a folder in it with -o"
            )

    def _moves(self) -> list[Move]:
        """Return the moves that a fit makes, at its beginning and its end."""
        aside = room_for_fit(self.path, self.growing) if self.is_unfinished and not self.resume else []
        return [*aside, *(room_for_run(self.path) if self.growing != self.path else [])]

    def announce(self) -> None:
        """Warn of what a fit will not do as its user may expect, and of what it will move and remove."""
        if self.resume and not self.is_unfinished:
            logger.warning("nothing to resume at %s, so the fit begins again", self.path)
        if self.is_unfinished and not self.resume:
            moves = room_for_fit(self.path, self.growing)
            logger.warning(
                "the unfinished fit at %s moves to %s%s; with --resume it would continue",
                *(self.growing, moves[-1].place, _and_removed(moves)),
            )
        if moves := room_for_run(self.path) if self.growing != self.path else []:
            logger.warning(
                "when this fit is finished, the run at %s moves to %s%s",
                *(self.path, moves[-1].place, _and_removed(moves)),
            )

    def open(self) -> None:
        """Make room for the files of a fit, before the first: what is there of others moves aside."""
        if self._is_open:
            return
        self.recover()
        try:
            if self.is_unfinished and not self.resume:
                make(room_for_fit(self.path, self.growing))
            elif self.growing != self.path and not self.is_unfinished and self.growing.exists():
                shutil.rmtree(self.growing)  # begun, and left without a checkpoint
            self.growing.mkdir(parents=True, exist_ok=True)
            for folder in (self.growing, *(self.growing / MEMBERS).glob("*")):
                remove_partials(folder)
        except OSError as error:
            raise RunError(f"cannot write {self.growing}: {error.strerror}") from error
        self._is_open = True

    def recover(self) -> None:
        """Let a run that is whole take its place, if its fit was killed just before."""
        if self.growing != self.path and is_finished(self.growing):
            self.finish()

    def finish(self) -> None:
        """Remove the checkpoints and take the place, once the run is whole: what was there moves aside."""
        self.forget_checkpoint()
        if self.growing == self.path:
            return
        moves = room_for_run(self.path)
        try:
            self._take_place(moves, self.growing)
        except OSError as error:
            raise RunError(
                f"the new run is whole, at {self.growing}, but cannot move to {self.path}: {error.strerror}"
            ) from error
        if moves:
            text = "the run that was at %s is now at %s%s"
            logger.warning(text, self.path, moves[-1].place, _and_removed(moves))

    def replace(self, path: Path) -> None:
        """Let another finished run take the place; what was there moves aside. Raises RunError."""
        moves = room_for_run(self.path)
        try:
            self._take_place(moves, path)
        except OSError as error:
            raise RunError(f"{path} cannot move to {self.path}: {error.strerror}") from error

    def _take_place(self, moves: list[Move], path: Path) -> None:
        try:
            make(moves)
            self.path.parent.mkdir(parents=True, exist_ok=True)
            path.rename(self.path)
        except BaseException:
            aside = moves[-1].place if moves else None
            if aside and aside.exists() and not self.path.exists():
                aside.rename(self.path)
            raise

    def write_log(self, epochs: list[Epoch], member: int = 1) -> None:
        """Write all epochs of a member so far, a line each."""
        self.open()
        lines = [to_json(asdict(epoch), indent=None) for epoch in epochs]
        self.member(member).mkdir(parents=True, exist_ok=True)
        write_atomically(self.member(member) / LOG, b"".join(lines))

    def forget_checkpoint(self) -> None:
        """Remove the checkpoints."""
        for folder in (self.growing, *(self.growing / MEMBERS).glob("*")):
            with suppress(OSError):  # a folder that holds something else stays
                remove_partials(folder / CHECKPOINT)
                for state in (folder / CHECKPOINT).glob(f"*{Path(STATE).suffix}"):
                    state.unlink()
                (folder / CHECKPOINT).rmdir()

    def discard(self) -> None:
        """Remove what was begun in a folder of its own, if no fit can continue from it."""
        if self.growing != self.path and not is_finished(self.growing) and not self.is_unfinished:
            shutil.rmtree(self.growing, ignore_errors=True)


def member_folder(path: Path, number: int) -> Path:
    """Return the folder of a member of a run, from 1: the first one's is that of the run."""
    return path if number == 1 else path / MEMBERS / str(number)


def _and_removed(moves: list[Move]) -> str:
    removed = [str(move.source) for move in moves if move.place is None]
    return f", and {', '.join(removed)} is removed" if removed else ""
