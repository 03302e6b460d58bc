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

        listener = Listener(Short(fileno=plain.detach()), room, Log(), make)  # type: ignore[arg-type]
        listener.start()
        with socket.create_connection(listener._socket.getsockname()):
            await asyncio.wait_for(made.wait(), 20)
            await listener.finish()
        return guest.left, Short.attempts

    left, attempts = asyncio.run(play())
    assert left
    assert words == 2 * ["connections wait: Too many open files"]
    assert attempts <= 5
