"""The time in which an answer has to be taken, on a connection whose other side is played."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

import uvicorn
from uvicorn.server import ServerState

from deploy.server.http.connections import BoundedProtocol
from deploy.server.http.room import Place, Room

REQUEST = b"GET / HTTP/1.1\r\nhost: a\r\n\r\n"
ANSWER = 1000  # bytes


class Side:
    """A transport whose other side takes bytes when it is told to."""

    def __init__(self, takes: int) -> None:
        self.takes, self.waiting, self.events = takes, 0, list[str]()
        self.protocol: BoundedProtocol

    def write(self, data: bytes) -> None:
        self.waiting += len(data)
        self.take(0)

    def take(self, more: int) -> None:
        """Let the other side take so many bytes more."""
        self.takes += more
        taken = min(self.takes, self.waiting)
        self.takes, was = self.takes - taken, self.waiting
        self.waiting -= taken
        if was and not self.waiting:
            self.protocol.resume_writing()

    def get_write_buffer_size(self) -> int:
        return self.waiting

    def is_closing(self) -> bool:
        return bool({"close", "abort"} & set(self.events))

    def __getattr__(self, name: str) -> Any:
        return lambda *_given, **_named: self.events.append(name)

    def get_extra_info(self, _name: str) -> None:
        return None


async def answer(_scope: Any, _receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"1000")]})
    await send({"type": "http.response.body", "body": b"a" * ANSWER})


def connection(takes: int) -> Side:
    """A connection to a service that answers with so many bytes."""
    config = uvicorn.Config(answer, log_config=None, lifespan="off", ws="none")
    protocol = BoundedProtocol(config, ServerState(), {}, asyncio.get_running_loop())
    protocol.place = Place(Room(1, 10 * ANSWER))
    side = protocol_side = Side(takes)
    side.protocol = protocol
    protocol.connection_made(protocol_side)  # type: ignore[arg-type]
    return side


async def ask(side: Side) -> None:
    side.protocol.data_received(REQUEST)
    for _ in range(5):
        await asyncio.sleep(0)


def play(coroutine: Coroutine[Any, Any, None]) -> None:
    asyncio.run(coroutine)


def test_the_time_of_an_answer_ends_when_it_is_taken() -> None:
    async def scene() -> None:
        side = connection(10)
        await ask(side)
        first = side.protocol._untaken
        assert first is not None
        side.take(10 * ANSWER)
        assert side.protocol._untaken is None
        assert first.cancelled()
        side.takes = 10
        await ask(side)
        second = side.protocol._untaken
        assert second is not None
        assert second.when() > first.when()

    play(scene())


def test_an_answer_that_is_taken_at_once_has_no_timer() -> None:
    async def scene() -> None:
        side = connection(10 * ANSWER)
        await ask(side)
        assert side.protocol._untaken is None

    play(scene())


def test_the_next_answer_is_not_made_before_one_is_taken() -> None:
    async def scene() -> None:
        side = connection(10)
        await ask(side)
        held = side.waiting
        for _ in range(3):
            await ask(side)
        assert side.waiting == held
        side.take(held)
        for _ in range(5):
            await asyncio.sleep(0)
        assert ANSWER < side.waiting < 2 * ANSWER

    play(scene())


def test_a_connection_that_is_lost_leaves_no_timer() -> None:
    async def scene() -> None:
        side = connection(10)
        await ask(side)
        timer, late = side.protocol._untaken, side.protocol._late
        side.protocol.connection_lost(ConnectionResetError())
        assert timer is not None
        assert timer.cancelled()
        assert late is None
        assert side.protocol.timeout_keep_alive_task is None

    play(scene())
