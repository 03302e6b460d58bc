"""The reader that a service is handed: bytes of a file in, JSON out.

Files of strangers are read in a process of their own, which may take so much memory and time, and no more:
what ends it, such as an archive that unpacks to a thousand times its size, ends one answer.
"""

import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from ...errors import DeadlineError
from ..answers import Refusal
from ..models.processes import Channel, cause_of, spawn

CONTENT, MANIFEST, ANSWER = "content", "manifest", "answer"  # the arrays of frames
# What a reader may answer: what is understood, more than may be, or what cannot be used.
STATUSES = (200, 413, 422)


@dataclass(frozen=True)
class Answered:
    """JSON that a reader has made, and the status of HTTP that goes with it."""

    status: int
    body: bytes


class Reader(Protocol):
    """Something that reads files for the service, one at a time, on a thread of it."""

    @property
    def endings(self) -> tuple[str, ...]:
        """Return the endings of files that it reads, such as .csv, for people who choose one."""

    def read(self, content: bytes, manifest: bytes, asked: Mapping[str, Any], seconds: float) -> Answered:
        """Read a file for a model, or say why not. manifest: of its bundle, as JSON.

        Raises DeadlineError after so many seconds, Refusal if reading ends otherwise.
        """

    def stop(self) -> None:
        """End the reading that is under way, since nobody waits for it any more."""

    def close(self) -> None:
        """Give back all that it holds."""


class ProcessReader:
    """A Reader whose files are read in a process, which is started when it is first needed.

    program: a module to run, which calls deploy.server.reading.reading_child.serve.
    """

    def __init__(self, program: str, endings: tuple[str, ...]) -> None:
        self._program, self._endings = program, endings
        self._channel: Channel | None = None
        self._lock = threading.Lock()  # held while a file is read

    @property
    def endings(self) -> tuple[str, ...]:
        """Return the endings of files that it reads."""
        return self._endings

    def read(self, content: bytes, manifest: bytes, asked: Mapping[str, Any], seconds: float) -> Answered:
        """Read a file for a model, or say why not. Raises DeadlineError, and Refusal: 422 for its end."""
        with self._lock:
            channel = self._channel = self._channel or spawn(self._program)
            given = {CONTENT: np.frombuffer(content, np.uint8), MANIFEST: np.frombuffer(manifest, np.uint8)}
            try:
                told, arrays = channel.ask(asked, given, seconds)
                if "failed" in told:
                    raise RuntimeError(f"the reader failed: {told['failed']}")
                return Answered(_status(told), arrays[ANSWER].tobytes())
            except TimeoutError:
                self._forget(channel)
                raise DeadlineError(too_slow(seconds)) from None
            except (OSError, KeyError):
                cause = cause_of(self._forget(channel))
                found = f"the process that read the file ended with {cause}"
                raise Refusal(422, f"{found}: the file is too large, or damaged") from None

    def stop(self) -> None:
        """End the reading that is under way, since nobody waits for it any more."""
        if self._channel is not None and self._lock.locked():
            self._channel.process.kill()

    def close(self) -> None:
        """End the process."""
        if self._channel is not None:
            self._channel.end()

    def _forget(self, channel: Channel) -> int:
        """End a process; the next file has another. Returns its exit code."""
        self._channel = None
        with suppress(OSError):
            channel.process.kill()
        return channel.wait()


def too_slow(seconds: float) -> str:
    """Return what is said of a file that takes too long."""
    return f"the file was not read within {seconds:.3g} s; send fewer rows, or use `forecaster forecast`"


def _status(told: Mapping[str, Any]) -> int:
    """Return the status of an answer. Raises KeyError for any that a reader may not give."""
    status = told["status"]
    if status not in STATUSES:
        raise KeyError(status)
    return int(status)
