"""The end of a service: first not ready, so that balancers look elsewhere, then no more connections.

uvicorn closes its listener at once on SIGTERM, and who comes in that moment is turned away; so the signals
are ours.
"""

from __future__ import annotations

import asyncio
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import uvicorn

from ..about.logs import Log

SIGNALS = (signal.SIGTERM, signal.SIGINT)


@dataclass
class Readiness:
    """Whether new requests should come here."""

    is_ready: bool = False


class DrainingServer(uvicorn.Server):
    """uvicorn, told to stop in our order."""

    def __init__(self, config: uvicorn.Config, readiness: Readiness, drain: float, log: Log) -> None:
        super().__init__(config)
        self._readiness, self._drain, self._log = readiness, drain, log
        self.on_ready: Callable[[], None] = lambda: None
        self._stopping: asyncio.Task[None] | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen; only then be ready."""
        await super().startup(sockets)
        self._readiness.is_ready = True
        self.on_ready()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """In place of uvicorn's own, which would also raise the signal again at the end."""
        loop = asyncio.get_running_loop()
        for number in SIGNALS:
            loop.add_signal_handler(number, self._stop, number)
        try:
            yield
        finally:
            for number in SIGNALS:
                loop.remove_signal_handler(number)

    def _stop(self, number: signal.Signals) -> None:
        """The first SIGTERM waits for balancers; Ctrl-C, and a second signal, do not."""
        if self._stopping is not None or number == signal.SIGINT:
            self.force_exit = self.should_exit
            self.should_exit = True
        self._readiness.is_ready = False
        if self._stopping is None:
            self._stopping = asyncio.get_running_loop().create_task(self._finish(number))

    async def _finish(self, number: signal.Signals) -> None:
        self._log.write("draining", signal=signal.Signals(number).name, seconds=self._drain)
        if not self.should_exit:
            await asyncio.sleep(self._drain)
        self.should_exit = True
