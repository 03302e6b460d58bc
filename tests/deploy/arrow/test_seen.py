"""Ids that return are found, among many and after parts were merged."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

pa = pytest.importorskip("pyarrow")

from deploy.arrow import seen  # noqa: E402
from deploy.arrow.seen import SeenIds, keys_of  # noqa: E402

KEYS = st.lists(st.lists(st.integers(0, 400).map(lambda n: b"%d" % n), min_size=1, max_size=40), max_size=20)


@given(KEYS)
def test_the_first_id_that_returns_is_named(batches: list[list[bytes]]) -> None:
    found, known = SeenIds(), set[bytes]()
    for batch in batches:
        again = found.add(batch)
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
        assert found.add([b"%d" % n for n in range(begin, begin + 10)]) is None
    assert sum(part.nbytes for part in found._parts) == 16 * 1000
    assert max(part.shape[1] for part in found._parts) <= 64 + 32
    assert found.add([b"new", b"500"]) == 1


def test_ids_that_share_the_first_hash_are_told_by_the_second(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seen, "hash", lambda key: hash(key) if key.endswith(b"other") else 0, raising=False)
    found = SeenIds()
    assert found.add([b"a", b"b"]) is None
    assert found.add([b"c"]) is None
    assert found.add([b"d", b"b"]) == 1


def test_ids_of_several_columns_are_told_apart_wherever_their_texts_are_cut() -> None:
    first, second = pa.array(["a", "ab", "1:a"]), pa.array(["bc", "c", ""])
    assert len(set(keys_of([first, second]))) == 3
    assert keys_of([pa.array([7, 12])]) == [b"7", b"12"]
