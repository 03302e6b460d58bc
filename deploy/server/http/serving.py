"""The server of uvicorn as this service runs it: its settings, and an end in our order.

At the end the service is first not ready, so that balancers look elsewhere; then it takes the connections
that are there, closes its listener, and answers what is under way. uvicorn closes its listener at once on
SIGTERM, and who comes in that moment is turned away; so the signals are ours.
"""

import asyncio
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import cast

import uvicorn
from starlette.types import ASGIApp

from ..about.logs import Log
from .connections import BoundedProtocol
from .listening import Listener
from .room import Place, Room

SIGNALS = (signal.SIGTERM, signal.SIGINT)
HANGUP = getattr(signal, "SIGHUP", None)  # Windows has none
KEEP_ALIVE = 75  # seconds: longer than balancers keep theirs, so that it is they who close


@dataclass
class Readiness:
    """The state that tells whether new requests should come here."""

    is_ready: bool = False


class DrainingServer(uvicorn.Server):
    """A server of uvicorn that is told to stop in our order."""

    def __init__(
        self, config: uvicorn.Config, room: Room, readiness: Readiness, drain: float, log: Log
    ) -> None:
        super().__init__(config)
        self._room, self._readiness, self._drain, self._log = room, readiness, drain, log
        self.on_ready: Callable[[], None] = lambda: None
        self.on_hangup: Callable[[], None] | None = None  # None: SIGHUP ends the process
        self._stopping: asyncio.Task[None] | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Accept connections of the one socket; only then be ready."""
        await super().startup([])
        (listening,) = sockets or []
        seconds = self._protocol.limits.receive
        self._listener = Listener(listening, self._room, self._log, self._make, seconds)
        self._listener.start()
        self._readiness.is_ready = True
        self.on_ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:  # noqa: ARG002
        """Take the connections that are there, close the listener, and answer what is under way."""
        await self._listener.finish()
        await super().shutdown([])

    @property
    def _protocol(self) -> "type[BoundedProtocol]":
        return cast("type[BoundedProtocol]", self.config.http_protocol_class)

    def _make(self, place: Place) -> asyncio.Protocol:
        """Return the protocol of one connection."""
        protocol = self._protocol(
            config=self.config, server_state=self.server_state, app_state=self.lifespan.state
        )
        protocol.place = place
        return protocol

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Handle signals in place of uvicorn, which would also raise them again at the end."""
        loop = asyncio.get_running_loop()
        for number in SIGNALS:
            loop.add_signal_handler(number, self._stop, number)
        if HANGUP is not None and self.on_hangup is not None:
            loop.add_signal_handler(HANGUP, self.on_hangup)
        try:
            yield
        finally:
            for number in (*SIGNALS, *([HANGUP] if HANGUP is not None else [])):
                loop.remove_signal_handler(number)

    def _stop(self, number: signal.Signals) -> None:
        """Stop: the first SIGTERM waits for balancers; Ctrl-C, and a second signal, do not."""
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


def configure(app: ASGIApp, protocol: type[BoundedProtocol]) -> uvicorn.Config:
    """Return settings of uvicorn with which it has nothing of its own to say."""
    return uvicorn.Config(
        app,
        http=protocol,
        loop="asyncio",
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE,
    )
