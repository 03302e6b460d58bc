"""The decisions of refits, and why: lines of JSON in a file next to the run."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from deploy.errors import RunError
from forecaster.run.places import sibling

LOG = "refits.jsonl"

Outcome = Literal["replaced", "kept"]


@dataclass(frozen=True, kw_only=True)
class Decision:
    """A refit, as it ended."""

    outcome: Outcome
    reason: str  # in a sentence
    data: str
    run: str
    bundle: str | None  # digest of the bundle that serves from now on; None: the run has none
    before: str | None  # and of the one that served
    held_out: int = 0  # steps at the end of each series that judged
    windows: int = 0
    judge: str | None = None  # the figure that decided
    figures: dict[str, dict[str, float]] | None = None  # "before", "candidate": all overall figures
    when: str = ""  # ISO 8601, UTC; as it is written

    def dated(self) -> dict[str, Any]:
        """Return it in types of JSON, with the time of now."""
        return {**asdict(self), "when": datetime.now(UTC).isoformat(timespec="seconds")}


def log_of(run: Path) -> Path:
    """Return the file of the decisions about a run."""
    return sibling(run, LOG)


@contextmanager
def locked(run: Path) -> Iterator[None]:
    """Hold that file as long as the process lives. Raises RunError if another one has it."""
    try:
        import fcntl
    except ModuleNotFoundError:  # Windows has none
        yield
        return
    path = log_of(run)
    try:
        file = path.open("a")
    except OSError as error:
        raise RunError(f"cannot write {path}: {error.strerror}") from None
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise RunError(f"another refit of {run} is under way; it holds {path}") from None
        yield


def append(run: Path, decision: dict[str, Any]) -> None:
    """Add a line. Raises RunError."""
    try:
        with log_of(run).open("a", encoding="utf-8") as file:
            file.write(json.dumps(decision, allow_nan=False, default=str) + "\n")
    except OSError as error:
        raise RunError(f"cannot write {log_of(run)}: {error.strerror}") from None
