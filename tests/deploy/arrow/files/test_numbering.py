"""Ids have numbers in the order in which they are first met, whatever their batches, hashes and columns."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pa = pytest.importorskip("pyarrow")

from deploy.arrow.files import numbering  # noqa: E402
from deploy.arrow.files.numbering import Numbering  # noqa: E402
from deploy.arrow.seen import Hashing  # noqa: E402

TEXTS = st.text("ab", max_size=5)
BATCHES = st.lists(st.lists(TEXTS, max_size=30), max_size=8)


def expect(batches: list[list[str]]) -> list[list[int]]:
    known: dict[str, int] = {}
    return [[known.setdefault(text, len(known)) for text in batch] for batch in batches]


@settings(max_examples=60, deadline=None)
@given(batches=BATCHES, block=st.integers(1, 9), is_coded=st.booleans())
def test_ids_are_numbered_as_they_are_met_and_put_in_order(
    batches: list[list[str]], block: int, *, is_coded: bool
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(numbering, "BLOCK", block)
        patch.setattr(numbering, "SLOTS", 16)
        numbers = Numbering()
        arrays = [pa.array(batch, pa.string()) for batch in batches]
        found = [numbers.number([array.dictionary_encode() if is_coded else array]) for array in arrays]
    assert [part.tolist() for part in found] == expect(batches)
    ids, places = numbers.ascending()
    distinct = list(dict.fromkeys(text for batch in batches for text in batch))
    assert (ids[0].to_pylist() if ids else []) == sorted(distinct)
    assert places.tolist() == [sorted(distinct).index(text) for text in distinct]


def test_ids_that_come_in_the_same_order_again_are_not_hashed(monkeypatch: pytest.MonkeyPatch) -> None:
    hashed, digests = list[int](), Hashing.digests

    def counted(self: Hashing, ids: list[pa.Array]) -> np.ndarray:
        hashed.append(len(ids[0]))
        return digests(self, ids)

    monkeypatch.setattr(Hashing, "digests", counted)
    monkeypatch.setattr(numbering, "BLOCK", 4)
    order = [f"meter {number}" for number in (7, 3, 11, 0, 5, 2, 9, 1)]
    numbers = Numbering()
    for _ in range(3):
        assert numbers.number([pa.array(order)]).tolist() == list(range(8))
    assert hashed == [4, 4]
    swapped = [order[1], order[0], *order[2:]]
    assert numbers.number([pa.array(swapped)]).tolist() == [1, 0, 2, 3, 4, 5, 6, 7]
    assert hashed == [4, 4, 4]


@pytest.mark.parametrize("same", [np.array([[0], [1]]), np.array([[1], [0]])])
def test_ids_that_share_one_of_their_hashes_are_told_apart(
    monkeypatch: pytest.MonkeyPatch, same: np.ndarray
) -> None:
    digests = Hashing.digests
    monkeypatch.setattr(Hashing, "digests", lambda self, columns: digests(self, columns) * same)
    monkeypatch.setattr(numbering, "SLOTS", 16)
    numbers = Numbering()
    batches = [list("abcab"), list("dacbe"), [*"fghijklmnopqrstuvw", "a"]]
    assert [numbers.number([pa.array(batch)]).tolist() for batch in batches] == expect(batches)


def test_ids_of_several_columns_of_numbers_and_of_none() -> None:
    numbers = Numbering()
    first, second = pa.array([3, -1, 3, 3]), pa.array(["b", "a", "a", "b"])
    assert numbers.number([first, second.dictionary_encode()]).tolist() == [0, 1, 2, 0]
    assert numbers.number([first[1:], second[1:]]).tolist() == [1, 2, 0]
    ids, places = numbers.ascending()
    assert [column.to_pylist() for column in ids] == [[-1, 3, 3], ["a", "a", "b"]]
    assert places.tolist() == [2, 0, 1]
    alone = Numbering()
    assert [alone.number([]).tolist(), alone.number([]).tolist()] == [[0], [0]]
    assert alone.ascending()[1].tolist() == [0]
