"""Bodies on their way, and the memory that they may hold."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import Any

import pytest
from starlette.requests import ClientDisconnect, Request

from deploy.server.answers import Refusal
from deploy.server.http.bodies import LARGE, Bodies
from deploy.server.overload import BODIES


def request_of(*messages: dict[str, Any]) -> Request:
    waiting = list(messages)

    async def receive() -> dict[str, Any]:
        return waiting.pop(0)

    return Request({"type": "http", "headers": []}, receive)


def part(size: int, more: bool = False) -> dict[str, Any]:
    return {"type": "http.request", "body": b"a" * size, "more_body": more}


def attempt(bodies: Bodies, *messages: dict[str, Any]) -> int:
    return asyncio.run(bodies.read(request_of(*messages), len))


def test_parts_are_put_together() -> None:
    assert attempt(Bodies(10), part(4, True), part(0, True), part(6)) == 10


def test_one_byte_too_many_is_refused() -> None:
    with pytest.raises(Refusal) as caught:
        attempt(Bodies(10), part(4, True), part(7))
    assert (caught.value.status, caught.value.headers) == (413, {"connection": "close"})


def test_a_large_body_is_read_beside_the_event_loop() -> None:
    def where(_body: bytes) -> int:
        return threading.get_ident()

    async def play() -> tuple[int, int]:
        bodies = Bodies(4 * LARGE)
        small, large = request_of(part(LARGE)), request_of(part(LARGE + 1))
        return await bodies.read(small, where), await bodies.read(large, where)

    small, large = asyncio.run(play())
    assert small == threading.get_ident() != large


def test_all_together_may_not_hold_more_than_so_many_of_the_largest() -> None:
    most = 100

    async def play() -> None:
        bodies, gate = Bodies(most), asyncio.Event()

        def held() -> Request:
            first = [part(most - 1, True)]

            async def receive() -> dict[str, Any]:
                if first:
                    return first.pop()
                await gate.wait()
                return part(1)

            return Request({"type": "http", "headers": []}, receive)

        tasks = [asyncio.create_task(bodies.read(held(), len)) for _ in range(BODIES)]
        await asyncio.sleep(0)
        with pytest.raises(Refusal) as caught:
            await bodies.read(request_of(part(50, True), part(50)), len)
        assert caught.value.status == 503
        gate.set()
        assert await asyncio.gather(*tasks) == BODIES * [most]
        assert await bodies.read(request_of(part(50, True), part(50)), len) == 100

    asyncio.run(play())


ENDS: list[tuple[Callable[[bytes], int], tuple[dict[str, Any], ...], type[Exception]]] = [
    (len, (part(9, True), {"type": "http.disconnect"}), ClientDisconnect),
    (len, (part(9, True), part(9)), Refusal),
    (lambda _body: 1 // 0, (part(9),), ZeroDivisionError),
]


@pytest.mark.parametrize(("make", "messages", "error"), ENDS, ids=["gone", "too large", "broken"])
def test_however_it_ends_it_holds_nothing(
    make: Callable[[bytes], int], messages: tuple[dict[str, Any], ...], error: type[Exception]
) -> None:
    async def play() -> None:
        bodies = Bodies(10)
        for _ in range(2 * BODIES):
            with pytest.raises(error):
                await bodies.read(request_of(*messages), make)
        assert await bodies.read(request_of(part(5, True), part(5)), len) == 10

    asyncio.run(play())
