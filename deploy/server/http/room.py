"""Room for connections, and for answers that are not taken yet: who stays, and who leaves first.

A connection that waits for a request has nothing to lose, so when all places are taken the one that waits
longest leaves for the next. Some more places are kept for probes: whoever comes while all others are taken
by requests under way is heard out there, and refused unless it is a probe.
"""

import time
from collections.abc import Callable
from typing import Protocol

SPARE = 16  # places beyond the limit


class Guest(Protocol):
    """A connection, as room is made of it."""

    def give_way(self) -> None:
        """Close: nothing is under way."""

    def hang_up(self) -> None:
        """Close at once, with whatever is not sent yet."""

    def unsent(self) -> int:
        """Return the bytes that the other side did not take yet."""


class Lane:
    """So many places of one kind."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._taken: set[Place] = set()
        self._waiting: dict[Place, Guest] = {}  # who waits longest is first

    @property
    def has_place(self) -> bool:
        """Tell whether a place is free, or would be if somebody left."""
        return len(self._taken) < self._most or bool(self._waiting)

    def enter(self, place: "Place") -> None:
        """Take a place; if all are taken, whoever waits longest leaves."""
        if len(self._taken) >= self._most:
            self.free_one()
        self._taken.add(place)

    def free_one(self) -> None:
        """Close the connection that waits longest, if there is one."""
        if self._waiting:
            place, guest = next(iter(self._waiting.items()))
            self.leave(place)
            guest.give_way()

    def wait(self, place: "Place", guest: Guest) -> None:
        """Take note that a guest has nothing under way; who already had nothing waits since then."""
        if place in self._taken:
            self._waiting.setdefault(place, guest)

    def serve(self, place: "Place") -> None:
        """Take note that a request is under way."""
        self._waiting.pop(place, None)

    def leave(self, place: "Place") -> None:
        """Free a place, if it is taken."""
        self._waiting.pop(place, None)
        self._taken.discard(place)


class Place:
    """A place for one connection, from the moment that it is accepted."""

    def __init__(self, room: "Room") -> None:
        self._room = room
        self._lane = room.usual if room.usual.has_place else room.spare
        self._lane.enter(self)

    @property
    def is_spare(self) -> bool:
        """Tell whether it is one of those kept for probes."""
        return self._lane is self._room.spare

    @property
    def untaken(self) -> "Untaken":
        """The answers of all connections that wait to be taken."""
        return self._room.untaken

    def wait(self, guest: Guest) -> None:
        """Say that the guest waits for a request."""
        self._lane.wait(self, guest)

    def serve(self) -> None:
        """Say that a request is under way; a spare place becomes a usual one if there is one."""
        self._lane.serve(self)
        if self.is_spare and self._room.usual.has_place:
            self._lane.leave(self)
            self._lane = self._room.usual
            self._lane.enter(self)

    def leave(self) -> None:
        """Give the place up, once or again."""
        self._lane.leave(self)
        self._room.on_free()


class Room:
    """The places of a service, and the answers that wait to be taken."""

    def __init__(self, connections: int, answers: int) -> None:
        """connections: open at a time; answers: bytes of answers that may wait, in all."""
        self.usual, self.spare = Lane(connections), Lane(SPARE)
        self.untaken = Untaken(answers)
        self.on_free: Callable[[], None] = lambda: None

    @property
    def is_full(self) -> bool:
        """Tell whether there is not even a spare place."""
        return not (self.usual.has_place or self.spare.has_place)


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
