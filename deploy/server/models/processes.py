"""Processes that the service starts for itself, each at the other end of a socket that frames pass."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .frames import Arrays, Frame, receive, send

SECRET = "FORECASTER_TOKEN"  # of the environment; no process needs it
END = 2.0  # seconds that a process has to end


class Channel:
    """A process that runs, and the socket to it."""

    def __init__(self, process: "subprocess.Popen[bytes]", connection: socket.socket) -> None:
        self.process, self._connection = process, connection
        self._lock = threading.Lock()  # held while somebody asks

    def ask(self, content: Mapping[str, Any], arrays: Arrays, seconds: float) -> Frame:
        """Return the answer to a frame. Raises OSError, and ends a process that does not answer in time."""
        with self._lock:
            try:
                self._connection.settimeout(seconds)
                send(self._connection, content, arrays)
                return receive(self._connection)
            except OSError:
                self.process.kill()  # whatever it still does, nobody can tell its answers apart
                raise

    def end(self) -> None:
        """Let the process end, and see to it."""
        with contextlib.suppress(OSError):  # it has ended by itself
            self._connection.shutdown(socket.SHUT_RDWR)  # which a thread notices that waits for an answer
        try:
            self.process.wait(END)
        except subprocess.TimeoutExpired:
            self.process.kill()
        self.wait()

    def wait(self) -> int:
        """Return the exit code of the process once it has ended; whoever asks has an error then."""
        code = self.process.wait()
        with self._lock:
            self._connection.close()
        return code


def spawn(module: str, *arguments: str) -> Channel:
    """Start `python -m MODULE ARGUMENTS DESCRIPTOR`, where the descriptor is that of its socket."""
    ours, theirs = socket.socketpair()
    with theirs:
        program = [sys.executable, "-P", *(f"-W{option}" for option in sys.warnoptions)]
        process = subprocess.Popen(
            [*program, "-m", module, *arguments, str(theirs.fileno())],
            env=environment(),
            stdin=subprocess.DEVNULL,
            pass_fds=[theirs.fileno()],
        )
    return Channel(process, ours)


def environment() -> dict[str, str]:
    """Return the environment of a process: modules where they are found here, and no token."""
    kept = {name: value for name, value in os.environ.items() if name != SECRET}
    return {**kept, "PYTHONPATH": os.pathsep.join(path or str(Path.cwd()) for path in sys.path)}


def cause_of(code: int) -> str:
    """Return how a process ended: by a signal or with an exit code."""
    if code >= 0:
        return f"exit code {code}"
    try:
        return signal.Signals(-code).name
    except ValueError:  # a real-time signal
        return f"signal {-code}"
