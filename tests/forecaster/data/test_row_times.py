"""Times that are held as codes are the times of the rows, wherever they are looked at."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from forecaster.config import Asked
from forecaster.data import row_times
from forecaster.data.files.source import open_source
from forecaster.data.row_times import Times, all_differences
from forecaster.data.tabulating import tabulate

TIMES = np.array([86400, 0, 172800, 0])
CODES = np.array([1, 0, 2, 2, 3, 0], dtype=np.int16)
CODED, PLAIN = Times(TIMES, CODES), Times(TIMES[CODES])


@pytest.mark.parametrize("rows", [2, -1, slice(1, 4), slice(None, None, -2), np.array([5, 0, 0]), CODES == 2])
def test_codes_give_the_times_of_any_rows(rows: int | slice | NDArray[np.int64]) -> None:
    np.testing.assert_array_equal(CODED[rows], PLAIN[rows])  # type: ignore[arg-type]
    assert len(CODED) == len(PLAIN) == len(CODED.all())


def test_codes_are_taken_and_mapped_like_times() -> None:
    order = np.array([3, 1, 4, 4])
    for times in (CODED, PLAIN):
        taken = times.take(order).map(lambda seconds: seconds // 2)
        np.testing.assert_array_equal(taken.all(), PLAIN.all()[order] // 2)
    assert CODED.take(order).codes is not None  # still a quarter of the memory


@given(
    lengths=st.lists(st.integers(1, 5), min_size=1, max_size=6),
    moments=st.lists(st.integers(-2, 2), min_size=30, max_size=30),
    block=st.integers(1, 9),
)
def test_blocks_see_every_difference_within_a_series(
    lengths: list[int], moments: list[int], block: int
) -> None:
    offsets, times = np.cumsum([0, *lengths]), np.array(moments[: sum(lengths)])
    parts = [np.diff(times[first:end]) for first, end in pairwise(offsets.tolist())]
    coded = Times(np.arange(-2, 3), times + 2)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(row_times, "BLOCK_ROWS", block)
        for given_times in (times, coded):
            found = all_differences(given_times, offsets, lambda differences: differences >= 0)
            assert found == all((part >= 0).all() for part in parts)


@pytest.mark.parametrize("form", ["%Y-%m-%d", "%Y-%m-%dT%H:%M:%SZ"])
def test_the_times_of_a_file_are_held_as_codes(tmp_path: Path, form: str) -> None:
    days = np.arange("2024-01-01", "2024-03-01", dtype="datetime64[D]")
    texts = [day.item().strftime(form) for day in days]
    rows = [f"{shop},{text},{number}" for shop in "ab" for number, text in enumerate(texts)]
    path = tmp_path / "sales.csv"
    path.write_text("\n".join(["shop,date,sales", *rows]) + "\n")
    table, _, _ = tabulate(open_source(path), Asked())
    assert table.times.codes is not None
    assert table.times.codes.itemsize <= 2
    np.testing.assert_array_equal(table.timestamps, np.tile(days, 2).astype("datetime64[s]").astype(np.int64))
