"""The body of a request, up to a limit."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

from starlette.requests import ClientDisconnect, Request

from .answers import Refusal

LARGE = 1 << 17  # bytes that take milliseconds to read
Found = TypeVar("Found")


async def read_body(request: Request, most: int) -> bytes:
    """All bytes. Raises Refusal: 413 for more than `most`, 415 for what is compressed; ClientDisconnect."""
    if request.headers.get("content-encoding", "identity") != "identity":
        raise Refusal(415, "Content-Encoding: expected a body that is not compressed")
    announced = request.headers.get("content-length")
    if announced is not None and int(announced) > most:
        raise too_large(most)
    parts, size = [], 0
    more = True
    while more:
        message = await request.receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        part = message.get("body", b"")
        size += len(part)
        if size > most:
            raise too_large(most)
        parts.append(part)
        more = message.get("more_body", False)
    return parts[0] if len(parts) == 1 else b"".join(parts)


def too_large(most: int) -> Refusal:
    """413: the rest of the body is not read, so the connection ends."""
    return Refusal(413, f"the body is larger than {most} bytes", {"connection": "close"})


async def beside_if_large(read: Callable[[bytes], Found], body: bytes) -> Found:
    """What `read` makes of a body, on a thread of its own if that holds the event loop up."""
    return await asyncio.to_thread(read, body) if len(body) > LARGE else read(body)
