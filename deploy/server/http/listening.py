"""The listener: it accepts as many connections as there is room for, and files to hold them.

asyncio's own accepts thousands at once, whoever else waits; where files run out it writes a line for each.
"""

import asyncio
import contextlib
import errno
import resource
import socket
import weakref
from collections.abc import Callable
from functools import partial
from pathlib import Path

from ...errors import ConfigError
from ..about.logs import Log
from .room import SPARE, Place, Room

BACKLOG = 2048  # connections that wait to be accepted
# Accepted before others have their turn: so few that who came is read before it has to leave, and so many
# that nobody is long behind a crowd that says nothing.
AT_ONCE, MOST_AT_ONCE, OF_WAITING = 4, 64, 8
PAUSE = 0.1  # seconds, after files ran out
OUT_OF_FILES = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)
OWN_FILES = 32  # that the process may open after its start


class Newcomer:
    """A connection that has said nothing yet: a socket without a protocol, which costs a tenth of one."""

    def __init__(
        self, connection: socket.socket, room: Room, seconds: float, speak: Callable[["Newcomer"], None]
    ) -> None:
        """Take a place, and call `speak` once it says something or ends, or after so many seconds."""
        self.connection, self._loop = connection, asyncio.get_running_loop()
        self._place = Place(room)
        self._place.wait(self)
        self._late = self._loop.call_later(seconds, speak, self)
        self._loop.add_reader(connection, speak, self)

    def forget(self) -> None:
        """Give the place up, and wait no longer."""
        self._late.cancel()
        self._loop.remove_reader(self.connection)
        self._place.leave()

    def give_way(self) -> None:
        """Close, for another connection."""
        self.forget()
        self.connection.close()

    hang_up = give_way

    def unsent(self) -> int:
        """Return that nothing was sent."""
        return 0


class Listener:
    """A socket whose connections become protocols once they say something, each with a place."""

    def __init__(
        self,
        listening: socket.socket,
        room: Room,
        log: Log,
        make: Callable[[Place], asyncio.Protocol],
        seconds: float,
    ) -> None:
        """Accept nothing yet.

        make: the protocol of a connection that has the place; seconds: that one may say nothing.
        """
        self._socket, self._room, self._log, self._make = listening, room, log, make
        self._loop, self._seconds = asyncio.get_running_loop(), seconds
        self._newcomers: weakref.WeakSet[Newcomer] = weakref.WeakSet()  # but for those that left for others
        self._tasks: set[asyncio.Task[None]] = set()
        self._is_watching = self._is_closed = False

    def start(self) -> None:
        """Accept connections from here on."""
        self._socket.setblocking(False)
        self._room.on_free = self._watch
        self._watch()

    async def finish(self) -> None:
        """Take the connections that are there already, and close."""
        self._unwatch()
        self._is_closed = True
        for _ in range(BACKLOG):
            if not self._accept():
                break
        for newcomer in list(self._newcomers):
            self._hear(newcomer)
        self._socket.close()
        await asyncio.gather(*self._tasks)

    def _watch(self) -> None:
        if not self._is_watching and not self._is_closed:
            self._is_watching = True
            self._loop.add_reader(self._socket, self._accept_some)

    def _unwatch(self) -> None:
        if self._is_watching:
            self._is_watching = False
            self._loop.remove_reader(self._socket)

    def _accept_some(self) -> None:
        for _ in range(min(max(AT_ONCE, self._room.waiting // OF_WAITING), MOST_AT_ONCE)):
            if not self._accept():
                break

    def _accept(self) -> bool:
        """Take one more connection; tell whether to try for another."""
        if self._room.is_full:
            self._unwatch()  # until a place is free
            return False
        try:
            connection, _ = self._socket.accept()
        except (BlockingIOError, InterruptedError):
            return False
        except OSError as error:  # of the one connection, mostly: it was reset before it was taken
            if error.errno in OUT_OF_FILES:
                self._pause(error)
                return False
            return True
        connection.setblocking(False)
        self._newcomers.add(Newcomer(connection, self._room, self._seconds, self._hear))
        return True

    def _hear(self, newcomer: Newcomer) -> None:
        """Give a newcomer a protocol, or let it go if it has ended."""
        newcomer.forget()
        self._newcomers.discard(newcomer)
        with contextlib.suppress(BlockingIOError):
            if not _is_there(newcomer.connection):
                newcomer.connection.close()
                return
        task = self._loop.create_task(self._connect(newcomer.connection, Place(self._room)))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _connect(self, connection: socket.socket, place: Place) -> None:
        try:
            await self._loop.connect_accepted_socket(partial(self._make, place), connection)
        except OSError:  # it is gone already
            place.leave()
            connection.close()

    def _pause(self, error: OSError) -> None:
        """Wait for files; those of a connection that waits will do."""
        self._log.seldom("warning", f"connections wait: {error.strerror}")
        self._room.free_one()
        self._unwatch()
        self._loop.call_later(PAUSE, self._watch)


def _is_there(connection: socket.socket) -> bool:
    """Tell whether the other side has not ended. Raises BlockingIOError if it said nothing."""
    try:
        return bool(connection.recv(1, socket.MSG_PEEK))
    except ConnectionError:
        return False


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that connections may come to. Raises ConfigError for an address that cannot be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Named as TCP, or asyncio does not know it for that, and small answers wait for acknowledgements.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        reason = error.strerror or error
        raise ConfigError(
            f"cannot listen on {host}, port {port}: {reason}; port 0 takes any that is free"
        ) from None
    return listener


def connections_within(wanted: int) -> int:
    """Return how many connections may be open at a time: `wanted`, or fewer where files are fewer.

    The soft limit of files is raised up to the hard one. Raises ConfigError if no file is left for any.
    """
    own = _own_files()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < wanted + own:
        raised = wanted + own if hard == resource.RLIM_INFINITY else min(wanted + own, hard)
        with contextlib.suppress(OSError, ValueError):  # of macOS, whose limit is not the one that it tells
            resource.setrlimit(resource.RLIMIT_NOFILE, (raised, hard))
        soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY:
        return wanted
    if soft <= own:
        raise ConfigError(f"ulimit -n of {soft} leaves no file for connections, expected {own + 1} or more")
    return min(wanted, soft - own)


def _own_files() -> int:
    """Return the files that are for none of the connections within the limit."""
    return len(list(Path("/dev/fd").iterdir())) + OWN_FILES + SPARE
