"""Interruption by Ctrl-C or SIGTERM: a fit finishes its update, writes a checkpoint and stops.

After Ctrl-C it may instead finish early, with the best weights so far; a second one ends it.
"""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM)
# A shell's exit code for a process that a signal ended: 130 for SIGINT, 143 for SIGTERM.
SIGNALLED = 128


class Interrupted(KeyboardInterrupt):
    """A signal stopped a fit after its last checkpoint."""

    def __init__(self, number: int, message: str) -> None:
        super().__init__(message)
        self.number = number

    def __reduce__(self) -> tuple[type["Interrupted"], tuple[int, str]]:
        return Interrupted, (self.number, str(self))

    @property
    def exit_code(self) -> int:
        """The exit code that a shell expects of a process that this signal ended."""
        return SIGNALLED + self.number


@dataclass
class Interruption:
    """The signal that asked to stop, if any did."""

    # Told where a fit is after Ctrl-C; returns whether it finishes with its best weights so far.
    offer: Callable[[str], bool]
    signal: int | None = None
    finishing: str | None = None  # where the signal was heeded, by a fit that finishes early or ends

    def on_signal(self, number: int, _: FrameType | None) -> None:
        """Remember the first signal; a second one does not wait."""
        if self.finishing is not None:
            raise Interrupted(number, f"interrupted again; the checkpoint is that {self.finishing}")
        if self.signal is not None:
            raise Interrupted(number, "interrupted twice, in the middle of an update")
        self.signal = number

    def heed(self, where: str, *, can_finish: bool) -> None:
        """Let the fit finish early if Ctrl-C came and the offer is taken; else raise Interrupted."""
        if self.signal is None or self.finishing is not None:
            return
        self.finishing = where  # before the offer, which may be answered by a second Ctrl-C at once
        if not (can_finish and self.signal == signal.SIGINT and self.offer(where)):
            raise Interrupted(self.signal, f"interrupted {where}")


@contextmanager
def heed_signals(offer: Callable[[str], bool]) -> Iterator[Interruption]:
    """Let signals wait for the fit within this context. Outside of the main thread they are not seen.

    offer: as of Interruption.
    """
    interruption = Interruption(offer)
    if threading.current_thread() is not threading.main_thread():
        yield interruption
        return
    # What is ignored, as in the background of a shell, stays so.
    heeded = [number for number in SIGNALS if signal.getsignal(number) not in (signal.SIG_IGN, None)]
    before = {number: signal.signal(number, interruption.on_signal) for number in heeded}
    try:
        yield interruption
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
