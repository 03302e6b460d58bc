"""Ids as numbers, whole columns at once: by the id before them, or else by their hashes in a table."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from ..plain import from_numpy, to_numpy
from ..seen import BLOCK, Hashing
from ..stamps import plain_type

Numbers = NDArray[np.int32]
Digests = NDArray[np.int64]  # (ids, 2)
FREE = -1
SLOTS = 1 << 15  # of an empty table
ROOM = 2  # slots for each id, at least: most ids are in the first one that is looked at


class Numbering:
    """The numbers of ids, from 0, in the order in which they are first met.

    In most logs the series of each time are in the order of the time before. So a block of ids is compared
    with those that followed the last one when they were first met, which takes a tenth of the time of hashes.

    Others are looked up in a table of slots, of which an id has the first that was free from that which its
    hash says (linear probing). They are told apart by 128 bits; how likely two share these, Hashing says.
    """

    def __init__(self) -> None:
        self._hashing = Hashing()
        self._slots = np.full(SLOTS, FREE, dtype=np.int32)  # the number of the id that has each
        self._digests: Digests = np.empty((SLOTS // ROOM, 2), dtype=np.int64)  # of each number
        self._met: list[list[pa.Array]] = []  # the ids by their numbers: of each column its parts
        self._begins: list[int] = []  # the number of the first id of each part
        self._count = 0
        self._next = 0  # the number that follows the last one

    def number(self, ids: Sequence[pa.Array]) -> Numbers:
        """Return the number of each id, new ones for those that were not met.

        ids: columns without nulls, or none, which is one id.
        """
        if len(ids) == 1 and pa.types.is_dictionary(ids[0].type):
            coded: Numbers = self.number([ids[0].dictionary])[to_numpy(ids[0].indices)]
            return coded
        rows, plain = len(ids[0]) if ids else 1, [column.cast(plain_type(column.type)) for column in ids]
        blocks = [[column.slice(begin, BLOCK) for column in plain] for begin in range(0, rows, BLOCK)]
        return np.concatenate([np.zeros(0, dtype=np.int32), *map(self._number_block, blocks)])

    def ascending(self) -> tuple[list[pa.Array], Numbers]:
        """Return all ids in their order, as columns, and for each number its place in it."""
        if not self._met:
            return [], np.arange(self._count, dtype=np.int32)
        names = [str(number) for number in range(len(self._met))]
        table = pa.table([pa.chunked_array(parts) for parts in self._met], names)
        order = pc.sort_indices(table, [(name, "ascending") for name in names])
        places = np.empty(len(order), dtype=np.int32)
        places[to_numpy(order)] = np.arange(len(order), dtype=np.int32)
        return [column.combine_chunks() for column in table.take(order).columns], places

    def _number_block(self, ids: Sequence[pa.Array]) -> Numbers:
        if ids and self._follow(ids):
            numbers = np.arange(self._next, self._next + len(ids[0]), dtype=np.int32)
        else:
            digests = np.ascontiguousarray(self._hashing.digests(ids).T)
            self._make_room(self._count + len(digests))
            numbers, new = self._look_up(digests)
            if len(new):
                self._met = self._met or [[] for _ in ids]
                self._begins.append(self._count - len(new))
                for parts, column in zip(self._met, ids, strict=True):
                    parts.append(column.take(from_numpy(new)))
        self._next = int(numbers[-1]) + 1 if numbers[-1] + 1 < self._count else 0
        return numbers

    def _follow(self, ids: Sequence[pa.Array]) -> bool:
        """Return whether these are the ids that followed when they were first met."""
        begin, end = self._next, self._next + len(ids[0])
        if end > self._count:
            return False
        first, last = bisect_right(self._begins, begin) - 1, bisect_left(self._begins, end)
        place = begin - self._begins[first]
        return all(
            pa.chunked_array(parts[first:last]).slice(place, len(column)).equals(pa.chunked_array([column]))
            for parts, column in zip(self._met, ids, strict=True)
        )

    def _look_up(self, digests: Digests) -> tuple[Numbers, NDArray[np.int64]]:
        """Return the number of each id, and the rows that are the first of an id. There is room for all.

        Meanwhile a new id has the number that it would have if all ids before it were new.
        """
        count, most = self._count, len(digests)
        self._digests[count : count + most] = digests
        numbers, taken = np.empty(most, dtype=np.int32), [np.zeros(0, dtype=np.int64)]
        rows, slots = np.arange(most), digests[:, 0] & (len(self._slots) - 1)
        while len(rows):
            found = self._slots.take(slots)
            free = np.flatnonzero(found == FREE)[::-1]  # so that of those for one slot the first has it
            if len(free):
                self._slots[slots[free]] = count + rows[free]
                taken.append(slots[free])
                found = self._slots.take(slots)
            numbers[rows] = found
            differ = self._digests.take(found, axis=0) != digests.take(rows, axis=0)
            left = np.flatnonzero(differ[:, 0] | differ[:, 1])
            rows, slots = rows[left], (slots[left] + 1) & (len(self._slots) - 1)
        new = np.flatnonzero(numbers == count + np.arange(most))
        if len(new):
            self._count = count + len(new)
            by_row = np.empty(most, dtype=np.int32)
            by_row[new] = np.arange(count, self._count)
            places, later = np.concatenate(taken), np.flatnonzero(numbers >= count)
            self._slots[places] = by_row[self._slots[places] - count]
            numbers[later] = by_row[numbers[later] - count]
            self._digests[count : self._count] = digests[new]
        return numbers, new

    def _make_room(self, most: int) -> None:
        """Make room for so many ids."""
        if most <= len(self._digests):
            return
        size, known = 1 << (most - 1).bit_length(), self._digests[: self._count]
        self._slots = np.full(size * ROOM, FREE, dtype=np.int32)
        self._digests = np.empty((size, 2), dtype=np.int64)
        self._digests[: self._count] = known
        left, slots = np.arange(self._count, dtype=np.int32), known[:, 0] & (len(self._slots) - 1)
        while len(left):
            free = np.flatnonzero(self._slots[slots] == FREE)
            self._slots[slots[free]] = left[free]  # the last of those for one slot has it
            others = np.flatnonzero(self._slots[slots] != left)
            left, slots = left[others], (slots[others] + 1) & (len(self._slots) - 1)
