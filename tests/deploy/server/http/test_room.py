"""Who has a place, who leaves first, and whose answers wait."""

from __future__ import annotations

import pytest

from deploy.server.http.room import SPARE, Place, Room, Untaken


class Guest:
    """A connection without one."""

    def __init__(self, place: Place | None = None, size: int = 0) -> None:
        self.size, self.left = size, False
        if place is not None:
            place.wait(self)

    def give_way(self) -> None:
        self.left = True

    def hang_up(self) -> None:
        self.left = True

    def unsent(self) -> int:
        return self.size


def fill(room: Room, count: int) -> tuple[list[Place], list[Guest]]:
    """So many places, all of them with guests that wait."""
    places = [Place(room) for _ in range(count)]
    return places, [Guest(place) for place in places]


def who_left(guests: list[Guest]) -> list[int]:
    return [number for number, guest in enumerate(guests) if guest.left]


def test_who_waits_longest_leaves_and_who_is_served_stays() -> None:
    room = Room(3, 1)
    places, guests = fill(room, 3 + SPARE)
    places[0].serve()
    Place(room)
    assert who_left(guests) == [1]
    places[0].wait(guests[0])  # since now
    Place(room)
    assert who_left(guests) == [1, 2]


def test_bytes_of_a_head_do_not_make_a_wait_shorter() -> None:
    room = Room(1, 1)
    places, guests = fill(room, 1 + SPARE)
    places[0].wait(guests[0])
    Place(room)
    assert who_left(guests) == [0]


def test_of_requests_no_more_than_the_limit_are_served_and_others_are_heard_out() -> None:
    room = Room(2, 1)
    places, guests = fill(room, 2 + SPARE)
    for place in places:
        place.serve()
    assert [place.is_spare for place in places] == [False] * 2 + [True] * SPARE
    assert room.is_full
    places[5].wait(guests[5])
    assert not room.is_full
    Place(room)
    assert who_left(guests) == [5]


def test_a_request_is_served_once_another_is_done() -> None:
    room = Room(1, 1)
    (first, second), guests = fill(room, 2)
    first.serve()
    second.serve()
    second.serve()
    assert second.is_spare
    second.wait(guests[1])
    first.wait(guests[0])
    second.serve()
    assert not second.is_spare


def test_a_place_is_free_once_however_often_it_is_left() -> None:
    room, calls = Room(1, 1), []
    room.on_free = lambda: calls.append(None)
    places, guests = fill(room, 1 + SPARE)
    places[0].leave()
    places[0].leave()
    places[0].wait(guests[0])
    assert calls
    Place(room)
    assert who_left(guests) == []
    Place(room)
    assert who_left(guests) == [1]


@pytest.mark.parametrize(("most", "left"), [(300, 0), (299, 1), (200, 1), (100, 2), (1, 2)])
def test_answers_that_wait_longest_make_room_for_the_newest(most: int, left: int) -> None:
    untaken = Untaken(most)
    guests = [Guest(size=100) for _ in range(3)]
    for guest in guests:
        untaken.hold(guest)
    assert [guest.left for guest in guests] == [True] * left + [False] * (3 - left)


def test_who_takes_a_part_is_behind_who_takes_nothing() -> None:
    untaken = Untaken(250)
    steady, stalled, newest = (Guest(size=100) for _ in range(3))
    untaken.hold(steady)
    untaken.hold(stalled)
    steady.size = 90
    untaken.hold(newest)
    assert [guest.left for guest in (steady, stalled, newest)] == [False, True, False]


def test_an_answer_that_is_taken_holds_nothing() -> None:
    untaken = Untaken(100)
    first, second = Guest(size=100), Guest(size=100)
    untaken.hold(first)
    untaken.release(first)
    untaken.hold(second)
    assert not first.left
