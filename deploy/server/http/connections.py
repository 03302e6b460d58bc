"""Connections within limits: of the time that a request takes to arrive whole, and an answer to be taken.

uvicorn waits for the rest of a head or a body for as long as it takes, and so for whoever takes no answer. It
closes while the other side still sends, which then never sees the answer. What it says is plain text.
"""

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from ..answers import Refusal, dump, shorten
from ..overload import IS_SPARE, UNREAD, too_many_connections
from ..settings import Limits
from .chunks import Parser
from .room import Place

GRACE = 0.5  # seconds at the end of the service for a request that is on its way
LINGER = 5.0  # seconds to drop what the other side sends after its answer; more while its request has time
RECEIVED_AT_ONCE = 1 << 16  # bytes; what is in them holds up all others


class Closing:
    """The transport of a connection, which is closed as the connection says."""

    def __init__(self, transport: Any, close: Callable[[], None], is_closing: Callable[[], bool]) -> None:
        self._transport, self.close, self.is_closing = transport, close, is_closing

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)


class BoundedProtocol(H11Protocol):
    """A connection of HTTP/1.1 with limits."""

    limits = Limits()
    shed: Callable[[bytes], bool] = staticmethod(lambda _data: False)  # whether to refuse a request unread
    place: Place
    _late: asyncio.TimerHandle | None = None  # runs from the first byte of a request to its last
    _untaken: asyncio.TimerHandle | None = None  # runs until the answer is taken
    _is_lingering = False  # the answer is sent; what still comes is dropped

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.conn: Parser = Parser(h11.SERVER)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take one more connection."""
        self._real: asyncio.Transport = transport  # type: ignore[assignment]
        self._real.set_write_buffer_limits(high=0)  # resume_writing: all is taken
        self._real.max_size = RECEIVED_AT_ONCE  # type: ignore[attr-defined]
        closing = Closing(transport, self._close, lambda: self._is_lingering or self._real.is_closing())
        super().connection_made(closing)  # type: ignore[arg-type]
        self._settle()

    def data_received(self, data: bytes) -> None:
        """Take bytes of a request, or of several."""
        if self._is_lingering:
            return
        is_new = self.conn.their_state is h11.IDLE and not self.conn.trailing_data[0]
        if is_new and self._untaken is None and self.shed(data):
            self._shed()
            return
        super().data_received(data)
        self._settle()

    def on_response_complete(self) -> None:
        """Wait until the answer is taken; only then may the next one be made."""
        if self._real.get_write_buffer_size():
            self._await_taking()
        else:
            self._answered()

    def pause_writing(self) -> None:
        """Write on: each answer is there whole, and no other is made before it is taken."""

    def resume_writing(self) -> None:
        """Take note that all is taken."""
        if self._untaken is not None:
            self._stop_waiting()
            if not self._is_lingering:
                self._answered()

    def connection_lost(self, exc: Exception | None) -> None:
        """End what was asked: nobody waits for it."""
        self._unwatch()
        self._stop_waiting()
        self._unset_keepalive_if_required()
        self.place.leave()
        super().connection_lost(exc)
        asking: asyncio.Task[None] | None = self.scope.get("task") if self.scope else None  # type: ignore[assignment]
        if asking is not None and not self.cycle.response_complete:
            asking.cancel()

    def send_400_response(self, msg: str) -> None:
        """Answer what is no HTTP."""
        self._refuse(Refusal(400, f"{msg.rstrip('.')}: {self.conn.fault}"))

    def shutdown(self) -> None:
        """End after what is under way, or on its way."""
        if self.cycle is None or self.cycle.response_complete:
            self.loop.call_later(GRACE, self._end)
        else:
            super().shutdown()

    def give_way(self) -> None:
        """Close, for another connection."""
        if self.conn.trailing_data[0] and not self._is_lingering:
            self._refuse(too_many_connections())
        self.hang_up() if self.unsent() else self._real.close()

    def hang_up(self) -> None:
        """Close at once, with whatever is not sent yet."""
        self._real.abort()

    def unsent(self) -> int:
        """Return the bytes that the other side did not take yet."""
        return self._real.get_write_buffer_size()

    def _end(self) -> None:
        """End a connection that had its time for a request, at the end of the service."""
        if self.cycle is None or self.cycle.response_complete:
            self._real.close()
        else:
            super().shutdown()

    def _shed(self) -> None:
        """Refuse a request that was not read."""
        self._unwatch()
        self._unset_keepalive_if_required()
        self._real.write(UNREAD)
        self.timeout_keep_alive_task = self.loop.call_later(
            self.timeout_keep_alive, self.timeout_keep_alive_handler
        )
        self.place.serve()
        self.place.wait(self)
        if self.unsent():
            self._await_taking()

    def _settle(self) -> None:
        """Say where the connection stands; let time run while a request is not whole."""
        if self._is_lingering or self._real.is_closing():
            return
        state = self.conn.their_state
        if state is h11.IDLE:
            self.place.wait(self)
        else:
            self.place.serve()
            self.scope[IS_SPARE] = self.place.is_spare  # type: ignore[literal-required]
        if state not in (h11.IDLE, h11.SEND_BODY):
            self._unwatch()
        elif self._late is None:
            self._late = self.loop.call_later(self.limits.receive, self._give_up)

    def _answered(self) -> None:
        """Be ready for the next request, or see what was sent of it."""
        super().on_response_complete()
        if self.conn.their_state is not h11.IDLE or self.conn.trailing_data[0]:
            self._settle()
        elif not self._real.is_closing():
            self.place.wait(self)

    def _await_taking(self) -> None:
        """Give the other side time to take an answer."""
        self._stop_waiting()
        self.place.serve()
        self._untaken = self.loop.call_later(self.limits.receive, self.hang_up)
        self.place.untaken.hold(self)

    def _stop_waiting(self) -> None:
        if self._untaken is not None:
            self._untaken.cancel()
            self._untaken = None
            self.place.untaken.release(self)

    def _unwatch(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None

    def _give_up(self) -> None:
        self._late = None
        if self._is_lingering:
            self.hang_up()
        else:
            self._refuse(Refusal(408, f"the request was not there whole within {self.limits.receive:g} s"))

    def _close(self) -> None:
        """Close; while the other side sends, read on, or it is reset before it sees the answer."""
        sends = self.conn.their_state in (h11.SEND_BODY, h11.ERROR) or self.conn.trailing_data[0]
        if not sends or self._is_lingering or self._real.is_closing():
            self._real.close()
            return
        self._is_lingering = True
        if self._late is None:
            self._late = self.loop.call_later(min(LINGER, self.limits.receive), self._give_up)
        with contextlib.suppress(OSError):  # the other side is gone
            self._real.write_eof()
        self.flow.resume_reading()
        self.place.wait(self)

    def _refuse(self, refusal: Refusal) -> None:
        """Answer where there is no request that could be handed on, and end the connection."""
        if self.cycle is not None and not self.cycle.response_complete:
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        if self.conn.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            body = dump({"error": shorten(refusal.message)})
            head = [
                (b"content-type", b"application/json"),
                (b"content-length", str(len(body)).encode()),
                (b"connection", b"close"),
                *((name.encode(), value.encode()) for name, value in (refusal.headers or {}).items()),
            ]
            answer = h11.Response(status_code=refusal.status, headers=head)
            for event in (answer, h11.Data(data=body), h11.EndOfMessage()):
                self._real.write(self.conn.send(event) or b"")
        self._close()
        if self.unsent():
            self._await_taking()


def protocol_with(limits: Limits, shed: Callable[[bytes], bool]) -> type[BoundedProtocol]:
    """Return a class: uvicorn makes one for each connection, so what they share belongs to it."""
    return type("LimitedProtocol", (BoundedProtocol,), {"limits": limits, "shed": staticmethod(shed)})
