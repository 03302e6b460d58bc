"""Ids that had their turn: 16 bytes each, so that one that comes back is told among tens of millions."""

import os
from collections.abc import Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from .plain import to_numpy
from .stamps import plain_type

Digests = NDArray[np.int64]  # (2, ids): two hashes of 64 bits
# Parts are merged up to so many ids: a merge needs as much memory again.
MOST_OF_A_PART = 1 << 22
WORD = 4  # bytes that are multiplied at once
HASHES = 4  # of 32 bits
BLOCK = 1 << 13  # ids that are hashed at once: their words stay in the cache
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
        found = np.empty((2, len(ids[0]) if ids else 1), dtype=np.int64)
        for begin in range(0, found.shape[1], BLOCK):
            part = found[:, begin : begin + BLOCK]
            top = self._sums([column.slice(begin, BLOCK) for column in ids], part.shape[1]) >> np.uint64(32)
            part[:] = ((top[::2] << np.uint64(32)) | top[1::2]).view(np.int64)
        return found

    def _sums(self, ids: Sequence[pa.Array], count: int) -> NDArray[np.uint64]:
        """Return the sums of products of each id: (HASHES, count)."""
        sums = np.zeros((HASHES, count), dtype=np.uint64)
        for number, column in enumerate(ids):
            words = _words(column)
            sums += np.einsum("hw,wn->hn", self._of(number, len(words))[:, : len(words)], words)
        return sums

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
    """Return the values of a column in words of four bytes: (words, values).

    Of a text its length and its bytes, 0 behind its end.
    """
    column = column.cast(plain_type(column.type))
    if pa.types.is_integer(column.type):
        wide = to_numpy(column).astype(np.int64)
        return wide.view(np.uint32).reshape(-1, 2).T.astype(np.uint64, order="C")
    _, places, data = column.cast(pa.string()).buffers()
    borders = np.frombuffer(places, dtype=np.int32)[column.offset : column.offset + len(column) + 1]
    octets = np.frombuffer(data, dtype=np.uint8) if data is not None else np.zeros(0, dtype=np.uint8)
    texts, lengths = octets[borders[0] : borders[-1]], np.diff(borders).astype(np.uint32)
    longest = int(lengths.max(initial=0))
    words = np.empty((1 + -(-longest // WORD), len(column)), dtype=np.uint64)
    words[0] = lengths
    if longest >= WORD and (lengths == longest).all():
        _fill_alike(words[1:], texts, longest)
    else:
        padded = np.zeros((len(column), WORD * len(words[1:])), dtype=np.uint8)
        padded[np.arange(padded.shape[1]) < lengths[:, None]] = texts
        words[1:] = padded.view(np.uint32).T
    return words


def _fill_alike(words: NDArray[np.uint64], texts: NDArray[np.uint8], length: int) -> None:
    """Fill in the words of texts of one length, without a copy of them."""
    for place, word in enumerate(words):
        begin = min(WORD * place, length - WORD)  # the last word begins with bytes of the one before
        found = np.ndarray((len(word),), "<u4", texts.data, begin, (length,))
        np.right_shift(found, np.uint32(8 * (WORD * place - begin)), out=word, casting="unsafe")


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
