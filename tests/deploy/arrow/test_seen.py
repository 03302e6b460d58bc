"""Ids that return are found, among many and after parts were merged."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

pa = pytest.importorskip("pyarrow")

from deploy.arrow import seen  # noqa: E402
from deploy.arrow.seen import Hashing, SeenIds, keys_of  # noqa: E402

KEYS = st.lists(st.lists(st.integers(0, 400).map(str), min_size=1, max_size=40), max_size=20)


def ids(*texts: str) -> list[pa.Array]:
    return [pa.array(texts, pa.string())]


@given(KEYS)
def test_the_first_id_that_returns_is_named(batches: list[list[str]]) -> None:
    found, known = SeenIds(), set[str]()
    for batch in batches:
        again = found.add(ids(*batch))
        twice = [n for n, key in enumerate(batch) if key in known or key in batch[:n]]
        if twice:
            assert again is not None
            assert batch[again] in known or batch.count(batch[again]) > 1
            return
        assert again is None
        known |= set(batch)


def test_memory_is_16_bytes_an_id_and_merges_have_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seen, "MOST_OF_A_PART", 64)
    found = SeenIds()
    for begin in range(0, 1000, 10):
        assert found.add(ids(*map(str, range(begin, begin + 10)))) is None
    assert sum(part.nbytes for part in found._parts) == 16 * 1000
    assert max(part.shape[1] for part in found._parts) <= 64 + 32
    assert found.add(ids("new", "500")) == 1


def test_ids_that_share_the_first_hash_are_told_by_the_second(monkeypatch: pytest.MonkeyPatch) -> None:
    digests = Hashing.digests
    monkeypatch.setattr(
        Hashing, "digests", lambda self, columns: digests(self, columns) * np.array([[0], [1]])
    )
    found = SeenIds()
    assert found.add(ids("a", "b")) is None
    assert found.add(ids("c")) is None
    assert found.add(ids("d", "b")) == 1


@given(st.lists(st.tuples(st.text(max_size=9), st.text(max_size=3)), unique=True, min_size=1, max_size=40))
def test_ids_have_hashes_of_their_own_and_the_same_in_any_batch(keys: list[tuple[str, str]]) -> None:
    hashing, columns = Hashing(), [pa.array(texts, pa.string()) for texts in zip(*keys, strict=True)]
    whole = hashing.digests(columns)
    assert len({*map(tuple, whole.T.tolist())}) == len(keys)
    for place in range(len(keys)):
        alone = hashing.digests([column.slice(place, 1) for column in columns])
        assert alone.tolist() == whole[:, place : place + 1].tolist()


def test_no_column_is_one_id() -> None:
    found = SeenIds()
    assert found.add([]) is None
    assert found.add([]) == 0


def test_ids_of_several_columns_are_told_apart_wherever_their_texts_are_cut() -> None:
    first, second = pa.array(["a", "ab", "1:a"]), pa.array(["bc", "c", ""])
    assert len(set(keys_of([first, second]))) == 3
    assert keys_of([pa.array([7, 12])]) == [b"7", b"12"]
