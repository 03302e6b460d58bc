"""Connections within limits: of their number, and of the time that a request takes to arrive whole.

uvicorn waits for the rest of a head or a body for as long as it takes, and says what it has to say in plain
text.
"""

import asyncio
from collections.abc import Callable

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from ..answers import Refusal, dump
from ..overload import UNREAD, refuse_more_connections
from ..settings import Limits


class BoundedProtocol(H11Protocol):
    """A connection of HTTP/1.1 with limits."""

    limits = Limits()
    shed: Callable[[bytes], bool] = staticmethod(lambda _data: False)  # whether to refuse a request unread
    _late: asyncio.TimerHandle | None = None  # runs from the first byte of a request to its last

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take one more connection, or refuse one too many."""
        super().connection_made(transport)  # type: ignore[arg-type]
        try:
            refuse_more_connections(len(self.connections), self.limits.connections)
        except Refusal as refusal:
            self._refuse(refusal)
        else:
            self._watch()

    def data_received(self, data: bytes) -> None:
        """Take bytes of a request, or of several."""
        is_new = self.conn.their_state is h11.IDLE and not self.conn.trailing_data[0]
        if is_new and self.shed(data):
            self._unwatch()
            self._keep_alive()
            self.transport.write(UNREAD)
            return
        super().data_received(data)
        self._watch()

    def on_response_complete(self) -> None:
        """Watch the other side: it may not take the answer, or have begun the next request."""
        super().on_response_complete()
        if self.transport.get_write_buffer_size():
            self.loop.call_later(self.limits.receive, self._hang_up)
        if self.conn.their_state is h11.IDLE and self.conn.trailing_data[0]:
            self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        """End what was asked: nobody waits for it."""
        self._unwatch()
        super().connection_lost(exc)
        asking: asyncio.Task[None] | None = self.scope.get("task") if self.scope else None  # type: ignore[assignment]
        if asking is not None and not self.cycle.response_complete:
            asking.cancel()

    def send_400_response(self, msg: str) -> None:
        """Answer what is no HTTP."""
        self._refuse(Refusal(400, msg))

    def _watch(self) -> None:
        """Let time run while a request is not whole."""
        if self.conn.their_state not in (h11.IDLE, h11.SEND_BODY):
            self._unwatch()
        elif self._late is None and not self.transport.is_closing():
            self._late = self.loop.call_later(self.limits.receive, self._give_up)

    def _unwatch(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None

    def _hang_up(self) -> None:
        """End a connection that does not read: it holds a whole answer in memory."""
        if self.transport.get_write_buffer_size():
            self.transport.abort()

    def _keep_alive(self) -> None:
        """Keep a connection open that is used."""
        self._unset_keepalive_if_required()
        self.timeout_keep_alive_task = self.loop.call_later(
            self.timeout_keep_alive, self.timeout_keep_alive_handler
        )

    def _give_up(self) -> None:
        self._late = None
        if self.cycle is not None and not self.cycle.response_complete:
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        late = f"the request was not there whole within {self.limits.receive:g} s"
        self._refuse(Refusal(408, late))

    def _refuse(self, refusal: Refusal) -> None:
        """Answer where there is no request that could be handed on, and end the connection."""
        if self.conn.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            body = dump({"error": refusal.message})
            head = [
                (b"content-type", b"application/json"),
                (b"content-length", str(len(body)).encode()),
                (b"connection", b"close"),
                *((name.encode(), value.encode()) for name, value in (refusal.headers or {}).items()),
            ]
            answer = h11.Response(status_code=refusal.status, headers=head)
            for event in (answer, h11.Data(data=body), h11.EndOfMessage()):
                self.transport.write(self.conn.send(event) or b"")
        self.transport.close()


def protocol_with(limits: Limits, shed: Callable[[bytes], bool]) -> type[BoundedProtocol]:
    """Return a class: uvicorn makes one for each connection, so what they share belongs to it."""
    return type("LimitedProtocol", (BoundedProtocol,), {"limits": limits, "shed": staticmethod(shed)})
