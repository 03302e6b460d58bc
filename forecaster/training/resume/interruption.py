"""Interruption by Ctrl-C or SIGTERM: a fit finishes its update, writes a checkpoint and stops."""

import signal
import threading
from collections.abc import Iterator
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

    @property
    def exit_code(self) -> int:
        """The exit code that a shell expects of a process that this signal ended."""
        return SIGNALLED + self.number


@dataclass
class Interruption:
    """The signal that asked to stop, if any did."""

    signal: int | None = None

    def on_signal(self, number: int, _: FrameType | None) -> None:
        """Remember the first signal; a second one does not wait."""
        if self.signal is not None:
            raise Interrupted(number, "interrupted twice, in the middle of an update")
        self.signal = number


@contextmanager
def heed_signals() -> Iterator[Interruption]:
    """Let signals wait for the fit within this context. Outside of the main thread they are not seen."""
    interruption = Interruption()
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
