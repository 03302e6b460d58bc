"""Ids of all parts: each is there once, or an error names it and both of its files."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np
import pyarrow.parquet
from numpy.typing import NDArray

from ...errors import UnsortedError
from ..plain import from_numpy
from ..seen import key_of, keys_of
from .parts import Found

IDS = 1 << 21  # whose hashes are held at once
ROWS = 1 << 18


def refuse_twice(parts: Sequence[Found], ids: Sequence[str]) -> None:
    """Raise UnsortedError for an id that is in two parts, or in one twice. ids: its columns.

    Where the parts ascend and none reaches into another that is all there is to see. Else the hashes of all
    ids are compared, so many at a time that memory is bounded; by chance two ids have the same one with a
    probability below 1e-5 for 30 million, and those of a hash are then compared themselves.
    """
    full = [part for part in parts if part.record.ids]
    if not ids or _are_apart(full):
        return
    rounds = sum(part.record.ids for part in full) // IDS + 1
    for number in range(rounds):
        hashes = np.concatenate(
            [found[found % rounds == number] for part in full for found in _hashes(part, ids)]
        )
        distinct, counts = np.unique(hashes, return_counts=True)
        if (counts > 1).any():
            _refuse_same({int(value) for value in distinct[counts > 1]}, full, ids)


def _are_apart(parts: Sequence[Found]) -> bool:
    """Return whether ids ascend within each part, and from one part to the next in some order."""
    both = ((part.record.first, part.record.last) for part in parts)
    ends = sorted(tuple(key_of([text.encode() for text in id]) for id in ids) for ids in both)
    return all(part.record.ascends for part in parts) and all(
        before[1] < after[0] for before, after in pairwise(ends)
    )


def _hashes(part: Found, ids: Sequence[str]) -> Iterator[NDArray[np.uint64]]:
    for keys in _keys(part, ids):
        yield np.array([*map(hash, keys)], dtype=np.int64).view(np.uint64)


def _keys(part: Found, ids: Sequence[str]) -> Iterator[list[bytes]]:
    """Yield the keys of the ids of a part."""
    every, place = part.record.rows_of_an_id, 0
    file = pyarrow.parquet.ParquetFile(part.path)
    for batch in file.iter_batches(ROWS, columns=[*ids], use_threads=False):
        first = -place % every
        firsts = from_numpy(np.arange(first, batch.num_rows, every))
        place += batch.num_rows
        if len(firsts):
            yield keys_of([batch.column(name).take(firsts) for name in ids])


def _refuse_same(hashes: set[int], parts: Sequence[Found], ids: Sequence[str]) -> None:
    """Raise UnsortedError for the first id of these hashes that is there twice."""
    seen: dict[bytes, str] = {}
    for part in parts:
        for keys in _keys(part, ids):
            for key in keys:
                if hash(key) % 2**64 not in hashes:
                    continue
                file = part.record.table["file"]
                if key in seen:
                    places = f"{seen[key]} and {file}" if seen[key] != file else f"two places of {file}"
                    raise UnsortedError(
                        f"series {key.decode()} is in {places}, so it was forecast from parts of its "
                        "history; write each into one file, its rows one after another, or let --sort do it"
                    )
                seen[key] = file
