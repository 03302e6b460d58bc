"""Room for connections, and for answers that are not taken yet: who stays, and who leaves first.

A connection that waits for a request has nothing to lose, so when all places are taken the one that waits
longest leaves for the next. There are some more places than requests that may be under way, so whoever comes
is heard out; if it is no probe, and all others are served, it is refused.
"""

import time
from collections.abc import Callable
from typing import Protocol

SPARE = 16  # places beyond those whose requests are served


class Guest(Protocol):
    """A connection, as room is made of it."""

    def give_way(self) -> None:
        """Close: nothing is under way."""

    def hang_up(self) -> None:
        """Close at once, with whatever is not sent yet."""

    def unsent(self) -> int:
        """Return the bytes that the other side did not take yet."""


class Place:
    """A place for one connection, from the moment that it is accepted."""

    is_spare = False  # whether the request came when as many were served as may be

    def __init__(self, room: "Room") -> None:
        self._room = room
        room.enter(self)

    @property
    def untaken(self) -> "Untaken":
        """The answers of all connections that wait to be taken."""
        return self._room.untaken

    def wait(self, guest: Guest) -> None:
        """Say that nothing is under way; who already said so waits since then."""
        self._room.wait(self, guest)

    def serve(self) -> None:
        """Say that a request is under way."""
        self._room.serve(self)

    def leave(self) -> None:
        """Give the place up, once or again."""
        self._room.leave(self)


class Room:
    """The places of a service, and the answers that wait to be taken."""

    def __init__(self, connections: int, answers: int) -> None:
        """connections: served at a time; answers: bytes of answers that may wait, in all."""
        self._most = connections
        self._taken: set[Place] = set()
        self._served: set[Place] = set()
        self._waiting: dict[Place, Guest] = {}  # who waits longest is first
        self.untaken = Untaken(answers)
        self.on_free: Callable[[], None] = lambda: None

    @property
    def is_full(self) -> bool:
        """Tell whether all places are taken, and nobody would leave."""
        return len(self._taken) >= self._most + SPARE and not self._waiting

    @property
    def waiting(self) -> int:
        """Return how many would leave for others."""
        return len(self._waiting)

    def enter(self, place: Place) -> None:
        """Take a place; if all are taken, whoever waits longest leaves."""
        if len(self._taken) >= self._most + SPARE:
            self.free_one()
        self._taken.add(place)

    def free_one(self) -> None:
        """Close the connection that waits longest, if there is one."""
        if self._waiting:
            place, guest = next(iter(self._waiting.items()))
            self.leave(place)
            guest.give_way()

    def wait(self, place: Place, guest: Guest) -> None:
        """Take note that nothing is under way at a place."""
        if place in self._taken:
            self._served.discard(place)
            self._waiting.setdefault(place, guest)
            self.on_free()

    def serve(self, place: Place) -> None:
        """Take note that a request is under way at a place."""
        if self._waiting.pop(place, None) is not None:
            place.is_spare = len(self._served) >= self._most
            if not place.is_spare:
                self._served.add(place)

    def leave(self, place: Place) -> None:
        """Free a place, if it is taken."""
        self._waiting.pop(place, None)
        self._served.discard(place)
        self._taken.discard(place)
        self.on_free()


class Untaken:
    """The answers that wait to be taken; if they are too many, who takes nothing for longest loses his."""

    def __init__(self, most: int) -> None:
        """most: bytes, in all; alone, an answer of any size may wait."""
        self._most = most
        self._seen: dict[Guest, tuple[int, float]] = {}  # bytes, and since when there are as many

    def hold(self, guest: Guest) -> None:
        """Take note of an answer that is not taken whole; make room for it."""
        now = time.monotonic()
        self._seen.pop(guest, None)
        for other, (size, _) in self._seen.items():
            if other.unsent() != size:
                self._seen[other] = other.unsent(), now
        self._seen[guest] = guest.unsent(), now
        held = sum(size for size, _ in self._seen.values())
        # In the order of standing still; the newest is last, and stays.
        stalled = sorted(self._seen, key=lambda other: self._seen[other][1])
        for other in stalled:
            if held <= self._most or other is guest:
                break
            held -= self._seen.pop(other)[0]
            other.hang_up()

    def release(self, guest: Guest) -> None:
        """Take note that the answer is taken, or its connection gone."""
        self._seen.pop(guest, None)
