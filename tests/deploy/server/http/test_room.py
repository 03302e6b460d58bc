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


def test_who_waits_longest_leaves_and_who_is_served_stays() -> None:
    room = Room(3, 1)
    places = [Place(room) for _ in range(3)]
    guests = [Guest(place) for place in places]
    places[0].serve()
    Place(room)
    assert [guest.left for guest in guests] == [False, True, False]
    places[0].wait(guests[0])  # since now
    Place(room)
    assert [guest.left for guest in guests] == [False, True, True]


def test_bytes_of_a_head_do_not_make_a_wait_shorter() -> None:
    room = Room(2, 1)
    first, second = Place(room), Place(room)
    slow, other = Guest(first), Guest(second)
    first.wait(slow)
    Place(room)
    assert (slow.left, other.left) == (True, False)


def test_spare_places_are_for_when_all_are_served() -> None:
    room = Room(2, 1)
    usual = [Place(room) for _ in range(2)]
    spare = [Place(room) for _ in range(SPARE)]
    assert [place.is_spare for place in usual + spare] == [False] * 2 + [True] * SPARE
    assert room.is_full
    waiting = Guest(spare[3])
    assert not room.is_full
    assert Place(room).is_spare
    assert waiting.left


def test_a_spare_place_becomes_a_usual_one_once_there_is_one() -> None:
    room = Room(1, 1)
    usual, spare = Place(room), Place(room)
    spare.serve()
    assert spare.is_spare
    usual.leave()
    spare.serve()
    assert not spare.is_spare
    assert Place(room).is_spare


def test_a_place_is_free_once_however_often_it_is_left() -> None:
    room, calls = Room(1, 1), []
    room.on_free = lambda: calls.append(None)
    place = Place(room)
    place.leave()
    Place(room)
    place.leave()
    place.wait(Guest())
    assert Place(room).is_spare
    assert calls


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
