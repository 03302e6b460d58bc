"""The bodies of requests: up to a limit each, and up to a limit all together."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

from starlette.requests import ClientDisconnect, Request

from ..answers import Refusal
from ..overload import BODIES, refuse_more_memory

LARGE = 1 << 17  # bytes that take milliseconds to read
LARGE_AT_ONCE = 2  # read as JSON, numbers take up to ten times the bytes that they are written in
Found = TypeVar("Found")


class Bodies:
    """The bodies that are on their way, or being read."""

    def __init__(self, most: int, at_once: int = BODIES) -> None:
        """Hold nothing yet. most: bytes of one body; at_once: of the largest size in memory."""
        self._most, self._held, self._room = most, 0, most * at_once
        self._large = asyncio.Semaphore(LARGE_AT_ONCE)

    async def read(self, request: Request, make: Callable[[bytes], Found]) -> Found:
        """Return `make` of the body, on a thread if that would hold the event loop up.

        Raises Refusal: 413 for too large a body, 415 for a compressed one, 503 if all together are too large;
        ClientDisconnect; and whatever `make` raises.
        """
        if request.headers.get("content-encoding", "identity") != "identity":
            raise Refusal(415, "Content-Encoding: expected a body that is not compressed")
        announced = request.headers.get("content-length")
        if announced is not None and int(announced) > self._most:
            raise self._too_large()
        body = bytearray()
        try:
            await self._receive(request, body)
            if len(body) <= LARGE:
                return make(bytes(body))
            async with self._large:
                return await asyncio.to_thread(make, bytes(body))
        finally:
            self._held -= len(body)

    async def _receive(self, request: Request, body: bytearray) -> None:
        """Append all that comes."""
        more = True
        while more:
            message = await request.receive()
            if message["type"] == "http.disconnect":
                raise ClientDisconnect
            part = message.get("body", b"")
            if len(body) + len(part) > self._most:
                raise self._too_large()
            if body:
                refuse_more_memory(self._held, len(part), self._room)
            body += part
            self._held += len(part)
            more = message.get("more_body", False)

    def _too_large(self) -> Refusal:
        """Return the refusal; the rest of the body is not read, so the connection ends."""
        return Refusal(413, f"the body is larger than {self._most} bytes", {"connection": "close"})
