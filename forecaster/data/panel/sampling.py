"""Some series of many, drawn by the hashes of their ids: the same whatever the order of rows."""

import hashlib
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from forecaster.data.panel.panel import Panel, take_series


def sample_series(panel: Panel, most: int) -> Panel:
    """Return so many series at most, in the order of their hashes, which that of a file does not change.

    Of each combination of static categories the same share, and the first of each before the second of any.
    """
    if panel.series_count <= most:
        return panel
    hashes = hash_ids(panel.ids)
    _, kind, sizes = np.unique(panel.categories, axis=0, return_inverse=True, return_counts=True)
    kind = kind.ravel()
    order = np.lexsort((hashes, kind))
    rank = np.empty(len(order), np.int64)  # of each series among those of its kind
    rank[order] = np.arange(len(order)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    chosen = np.lexsort((hashes, rank / sizes[kind]))[:most]
    return take_series(panel, chosen[np.argsort(hashes[chosen])])


def hash_ids(ids: Iterable[tuple[str, ...]]) -> NDArray[np.uint64]:
    """Return a number of each id that looks random and is the same on every machine: (ids,)."""
    texts = ("\0".join(id_).encode() for id_ in ids)
    digests = b"".join(hashlib.blake2b(text, digest_size=8).digest() for text in texts)
    return np.frombuffer(digests, ">u8").astype(np.uint64)
