"""Ids that had their turn: 16 bytes each, so that one that comes back is told among tens of millions."""

import os
from collections.abc import Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

Digests = NDArray[np.int64]  # (2, ids): two hashes of 64 bits
# Parts are merged up to so many ids: a merge needs as much memory again.
MOST_OF_A_PART = 1 << 22
WORD = 4  # bytes that are multiplied at once
HASHES = 4  # of 32 bits
LOCAL = np.random.Generator(np.random.PCG64(int.from_bytes(os.urandom(16))))


class SeenIds:
    """The ids of all series so far, as hashes of 128 bits.

    Parts ascend by their first hash, and each is at least twice as long as the next, so an id is looked up in
    few of them.
    """

    def __init__(self) -> None:
        self._hashing = Hashing()
        self._parts: list[Digests] = []

    def add(self, ids: Sequence[pa.Array]) -> int | None:
        """Remember ids, of one or of several columns, or of none the only one.

        Return the place of one that was there before or is there twice, else None.
        """
        digests = self._hashing.digests(ids)
        order = np.lexsort(digests[::-1])
        ascending = digests[:, order]
        again = np.zeros(len(order), dtype=np.bool_)
        again[1:] = (ascending[:, 1:] == ascending[:, :-1]).all(axis=0)
        for part in self._parts:
            again |= _is_in(ascending, part)
        if again.any():
            return int(order[again].min())
        self._keep(ascending)
        return None

    def _keep(self, part: Digests) -> None:
        while self._parts and self._parts[-1].shape[1] <= 2 * part.shape[1] <= MOST_OF_A_PART:
            part = np.concatenate([self._parts.pop(), part], axis=1)
            part = part[:, np.argsort(part[0], kind="stable")]
        self._parts.append(part)


class Hashing:
    """Hashes of texts by sums of products with random numbers, whole columns at once.

    Of each 32 bits count: any two texts have the same ones with a probability of 2^-32, whatever they are,
    since nobody knows the numbers (multilinear hashing; Carter and Wegman, 1979). Four make 128 bits, so by
    chance two of 30 million ids do with a probability of 1e-24.
    """

    def __init__(self) -> None:
        """Draw numbers, which no other process has."""
        self._factors: list[NDArray[np.uint64]] = []  # of each column: (HASHES, words), as many as needed

    def digests(self, ids: Sequence[pa.Array]) -> Digests:
        """Return two hashes of 64 bits of each id: (2, ids). ids: columns; none: one id."""
        columns = [column.cast(pa.string()) for column in ids]
        sums = np.zeros((HASHES, len(columns[0]) if columns else 1), dtype=np.uint64)
        for number, column in enumerate(columns):
            words = _words(column)
            factors = self._of(number, words.shape[1])
            for row, total in zip(factors, sums, strict=True):
                for place, factor in enumerate(row[: words.shape[1]]):
                    total += words[:, place] * factor
        top = sums >> np.uint64(32)
        joined: Digests = ((top[::2] << np.uint64(32)) | top[1::2]).view(np.int64)
        return joined

    def _of(self, column: int, words: int) -> NDArray[np.uint64]:
        """Return the factors of a column, at least so many; those that it has stay."""
        while len(self._factors) <= column:
            self._factors.append(np.zeros((HASHES, 0), dtype=np.uint64))
        has = self._factors[column].shape[1]
        if has < words:
            more = LOCAL.integers(0, 2**64, (HASHES, words - has), dtype=np.uint64)
            self._factors[column] = np.concatenate([self._factors[column], more], axis=1)
        return self._factors[column]


def _words(column: pa.Array) -> NDArray[np.uint64]:
    """Return the length of each text and its bytes, four at a time, 0 behind its end: (texts, words)."""
    _, places, data = column.buffers()
    borders = np.frombuffer(places, dtype=np.int32)[column.offset : column.offset + len(column) + 1]
    octets = np.frombuffer(data, dtype=np.uint8) if data is not None else np.zeros(0, dtype=np.uint8)
    lengths = np.diff(borders).astype(np.uint32)
    width = -(-int(lengths.max(initial=0)) // WORD) * WORD
    padded = np.zeros((len(column), width), dtype=np.uint8)
    inside = np.arange(width) < lengths[:, None]
    padded[inside] = octets[borders[0] : borders[-1]]
    return np.concatenate([lengths[:, None], padded.view(np.uint32)], axis=1, dtype=np.uint64)


def keys_of(columns: Sequence[pa.Array]) -> list[bytes]:
    """Return bytes for each id, of one or of several columns, that no other id has; of no columns one."""
    texts = [column.cast(pa.string()).cast(pa.binary()).to_pylist() for column in columns]
    if len(texts) == 1:
        (only,) = texts
        return list(only)
    return [key_of(parts) for parts in (zip(*texts, strict=True) if texts else [()])]


def key_of(parts: Sequence[bytes]) -> bytes:
    """Return the bytes of one id, of its texts as bytes."""
    return parts[0] if len(parts) == 1 else b"".join(b"%d:%b" % (len(part), part) for part in parts)


def _is_in(wanted: Digests, part: Digests) -> NDArray[np.bool_]:
    """Return which of the wanted are in a part: (wanted,)."""
    first = np.searchsorted(part[0], wanted[0])
    found: NDArray[np.bool_] = part[0][np.minimum(first, part.shape[1] - 1)] == wanted[0]
    for place in np.flatnonzero(found):  # next to none, unless an id comes back
        end = np.searchsorted(part[0], wanted[0][place], side="right")
        found[place] = (part[1][first[place] : end] == wanted[1][place]).any()
    return found
