"""Ids that had their turn: 16 bytes each, so that one that comes back is told among tens of millions."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

Digests = NDArray[np.int64]  # (2, ids): two hashes of 64 bits
# Parts are merged up to so many ids: a merge needs as much memory again.
MOST_OF_A_PART = 1 << 22
_OTHER = b"\x00other"


class SeenIds:
    """The ids of all series so far, as hashes of 128 bits.

    Python's hash has another key in each process (SipHash), so nobody can make two ids collide; by chance two
    of 30 million do with a probability of 1e-24. Parts ascend by their first hash, and each is at least twice
    as long as the next, so an id is looked up in few of them.
    """

    def __init__(self) -> None:
        self._parts: list[Digests] = []

    def add(self, keys: Sequence[bytes]) -> int | None:
        """Remember these ids; return the place of one that was there before or is there twice, else None."""
        digests = np.array([[*map(hash, keys)], [hash(key + _OTHER) for key in keys]], dtype=np.int64)
        order = np.lexsort(digests[::-1])
        ascending = digests[:, order]
        again = np.zeros(len(keys), dtype=np.bool_)
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


def keys_of(columns: Sequence[pa.Array]) -> list[bytes]:
    """Return bytes for each id, of one or of several columns, that no other id has; of no columns one."""
    texts = [column.cast(pa.string()).cast(pa.binary()).to_pylist() for column in columns]
    if len(texts) == 1:
        (only,) = texts
        return list(only)
    parts = zip(*texts, strict=True) if texts else [()]
    return [b"".join(b"%d:%b" % (len(part), part) for part in key) for key in parts]


def _is_in(wanted: Digests, part: Digests) -> NDArray[np.bool_]:
    """Return which of the wanted are in a part: (wanted,)."""
    first = np.searchsorted(part[0], wanted[0])
    found: NDArray[np.bool_] = part[0][np.minimum(first, part.shape[1] - 1)] == wanted[0]
    for place in np.flatnonzero(found):  # next to none, unless an id comes back
        end = np.searchsorted(part[0], wanted[0][place], side="right")
        found[place] = (part[1][first[place] : end] == wanted[1][place]).any()
    return found
