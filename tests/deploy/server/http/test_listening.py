"""As many connections as there are files, and no more than one word where files run out."""

from __future__ import annotations

import asyncio
import errno
import resource
import socket
from typing import Any

import pytest

from deploy.errors import ConfigError
from deploy.server.http import listening
from deploy.server.http.listening import Listener, connections_within, listen
from deploy.server.http.room import SPARE, Place, Room

INFINITY = resource.RLIM_INFINITY


@pytest.mark.parametrize(
    ("soft", "hard", "wanted", "left", "raised"),
    [
        (5000, 5000, 1024, 1024, None),
        (1024, 5000, 1024, 1024, "needed"),
        (200, 500, 1024, "hard", 500),
        (500, 500, 1024, "hard", 500),
        (INFINITY, INFINITY, 1024, 1024, None),
        (256, INFINITY, 1024, 1024, "needed"),
    ],
)
def test_connections_are_as_many_as_files_allow(
    monkeypatch: pytest.MonkeyPatch, soft: int, hard: int, wanted: int, left: Any, raised: Any
) -> None:
    limits = [(soft, hard)]
    monkeypatch.setattr(resource, "getrlimit", lambda _kind: limits[-1])
    monkeypatch.setattr(resource, "setrlimit", lambda _kind, pair: limits.append(pair))
    monkeypatch.setattr(listening, "_own_files", lambda: 100)
    assert connections_within(wanted) == (hard - 100 if left == "hard" else left)
    expected = wanted + 100 if raised == "needed" else raised
    assert limits[-1] == ((soft, hard) if raised is None else (expected, hard))


def test_no_file_for_any_connection_is_said_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda _kind: (100, 100))
    monkeypatch.setattr(resource, "setrlimit", lambda _kind, _pair: None)
    monkeypatch.setattr(listening, "_own_files", lambda: 100)
    with pytest.raises(ConfigError, match="ulimit -n of 100 leaves no file for connections, expected 101"):
        connections_within(10)


class Short(socket.socket):
    """A socket that finds no file for its next connections."""

    attempts = 0

    def accept(self) -> Any:
        type(self).attempts += 1
        if self.attempts <= 2:
            raise OSError(errno.EMFILE, "Too many open files")
        return super().accept()


def test_where_files_run_out_it_waits_and_lets_one_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listening, "PAUSE", 0.01)
    monkeypatch.setattr(Short, "attempts", 0)
    words: list[str] = []

    class Log:
        def seldom(self, _level: str, message: str) -> None:
            words.append(message)

    class Guest:
        left = False

        def give_way(self) -> None:
            self.left = True

    async def play() -> tuple[bool, int]:
        plain = listen("127.0.0.1", 0)
        room, guest, made = Room(SPARE, 1), Guest(), asyncio.Event()
        Place(room).wait(guest)  # type: ignore[arg-type]

        def make(_place: Place) -> asyncio.Protocol:
            made.set()
            return asyncio.Protocol()

        short = Short(fileno=plain.detach())
        listener = Listener(short, room, Log(), make, 20)  # type: ignore[arg-type]
        listener.start()
        with socket.create_connection(listener._socket.getsockname()) as caller:
            caller.sendall(b"GET")
            await asyncio.wait_for(made.wait(), 20)
            await listener.finish()
        return guest.left, Short.attempts

    left, attempts = asyncio.run(play())
    assert left
    assert words == 2 * ["connections wait: Too many open files"]
    assert attempts <= 5


class Quiet:
    """A log that nobody should write."""

    def seldom(self, _level: str, message: str) -> None:
        raise AssertionError(message)


def test_who_says_nothing_has_a_place_and_no_protocol() -> None:
    made: list[Place] = []

    def make(place: Place) -> asyncio.Protocol:
        made.append(place)
        return asyncio.Protocol()

    async def play() -> tuple[int, int, int, bytes]:
        plain, room = listen("127.0.0.1", 0), Room(SPARE, 1)
        listener = Listener(plain, room, Quiet(), make, 20)  # type: ignore[arg-type]
        listener.start()
        callers = [socket.create_connection(plain.getsockname()) for _ in range(3)]
        while room.waiting < len(callers):
            await asyncio.sleep(0.01)
        silent = len(made)
        callers[0].sendall(b"GET")
        callers[1].close()  # says nothing, and ends
        while room.waiting > 1:
            await asyncio.sleep(0.01)
        spoke = len(made)
        room.free_one()
        await asyncio.sleep(0)
        left = callers[2].recv(1)
        await listener.finish()
        for caller in callers:
            caller.close()
        return silent, spoke, room.waiting, left

    assert asyncio.run(play()) == (0, 1, 0, b"")


def test_who_says_nothing_for_too_long_gets_a_protocol_that_says_so() -> None:
    async def play() -> bool:
        plain, made = listen("127.0.0.1", 0), asyncio.Event()

        def make(_place: Place) -> asyncio.Protocol:
            made.set()
            return asyncio.Protocol()

        listener = Listener(plain, Room(SPARE, 1), Quiet(), make, 0.01)  # type: ignore[arg-type]
        listener.start()
        with socket.create_connection(plain.getsockname()):
            await asyncio.wait_for(made.wait(), 20)
            await listener.finish()
        return made.is_set()

    assert asyncio.run(play())
