"""Rows in buckets come out sorted, in the order in which a sort of all would have them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

pa = pytest.importorskip("pyarrow")

from deploy.arrow.files import buckets  # noqa: E402
from deploy.arrow.files.buckets import Buckets  # noqa: E402

Rows = list[tuple[int, int]]


def made_of(rows: Rows, kind: Any) -> list[Any]:
    """Batches of rows, each with its number."""
    series, times = zip(*rows, strict=True)
    columns = {
        "key": pa.array(series, pa.int32()),
        "time": pa.array(times, pa.int64()).cast(kind),
        "row": pa.array(range(len(rows))),
    }
    return pa.table(columns).to_batches(max_chunksize=5)  # type: ignore[no-any-return]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(st.tuples(st.integers(0, 11), st.integers(0, 6)), min_size=1, max_size=60),
    size=st.integers(1, 70),
    in_order=st.booleans(),
    kind=st.sampled_from((pa.int64(), pa.timestamp("us"), pa.string())),
)
def test_rows_come_out_by_series_then_time(
    tmp_path_factory: pytest.TempPathFactory, rows: Rows, size: int, *, in_order: bool, kind: Any
) -> None:
    rows = sorted(rows, key=lambda row: row[1]) if in_order else rows
    filled = Buckets(tmp_path_factory.mktemp("sorting"), "key", "time", 12, len(rows) // size)
    filled.fill(made_of(rows, kind))
    found = pa.Table.from_batches(filled.sorted(7)).to_pylist()
    expected = sorted(range(len(rows)), key=lambda row: rows[row])
    assert [(row["key"], row["row"]) for row in found] == [(rows[row][0], row) for row in expected]
    assert not list(filled.folder.iterdir())


def test_rows_without_a_time_keep_their_order(tmp_path: Path) -> None:
    filled = Buckets(tmp_path, "key", None, 3, 2)
    filled.fill(made_of([(2, 5), (0, 9), (2, 1), (1, 0), (0, 3), (2, 4)], pa.int64()))
    assert pa.Table.from_batches(filled.sorted(100))["row"].to_pylist() == [1, 4, 3, 0, 2, 5]


def test_files_that_are_open_at_once_are_not_too_many() -> None:
    assert Buckets(Path(), "key", None, 10**6, 10**9).width == -(-(10**6) // buckets.MOST_OPEN)
    assert Buckets(Path(), "key", None, 0, 1).width == 1


def test_series_of_more_than_65536_a_bucket_are_told_apart(tmp_path: Path) -> None:
    series = np.array([70_000, 4464, 70_000, 4464 + 65_536], dtype=np.int32)
    filled = Buckets(tmp_path, "key", None, 70_001, 1)
    filled.fill([pa.record_batch({"key": pa.array(series)})])
    assert pa.Table.from_batches(filled.sorted(9))["key"].to_pylist() == sorted(series.tolist())
