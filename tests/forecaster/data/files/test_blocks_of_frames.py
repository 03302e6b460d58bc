"""Columns of frames and of Parquet files are read so many rows at a time, to the same cells."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from forecaster.config import Asked
from forecaster.data.files import columnar, rows
from forecaster.data.files.columnar import open_parquet
from forecaster.data.files.frames import read_rows_of, to_narwhals
from forecaster.data.files.rows import FrameColumns, Rows

ROWS = 11


def make_frame() -> pd.DataFrame:
    days = pd.date_range("2024-01-01", periods=ROWS).to_series(index=range(ROWS))
    days[7] = pd.NaT
    whole = pd.array([*range(ROWS - 1), None], dtype="Int64")
    texts = ["b", "a", None, "b", "", "c", "a", "NA", "b", None, "a"]
    kinds = pd.Categorical(["y", "x", None, "y", "x", "x", "y", "x", "y", "x", "z"])
    return pd.DataFrame(
        {
            "day": days,
            "text": texts,
            "kind": kinds,
            "count": np.arange(ROWS),
            "gaps": whole,
            "number": [0.5, np.nan, *range(9)],
            "yes": np.arange(ROWS) % 2 == 0,
        }
    )


def cells_of(source: Rows) -> dict[str, list[Any]]:
    frame = read_rows_of(source, Asked(na=("NA",)))
    return {name: frame[name].astype(object).where(frame[name].notna(), None).tolist() for name in frame}


@pytest.mark.parametrize("kind", ["pandas", "polars", "parquet"])
def test_blocks_of_any_size_give_the_same_cells(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    pytest.importorskip("pyarrow")
    frame = make_frame()
    frame.to_parquet(tmp_path / "data.parquet", row_group_size=5)

    def source() -> Rows:
        if kind == "parquet":
            return open_parquet(tmp_path / "data.parquet")
        as_is = frame if kind == "pandas" else pytest.importorskip("polars").from_pandas(frame)
        return Rows(FrameColumns(to_narwhals(as_is)))

    whole = cells_of(source())
    assert whole["text"] == ["b", "a", None, "b", None, "c", "a", None, "b", None, "a"]
    assert whole["kind"] == ["y", "x", None, "y", "x", "x", "y", "x", "y", "x", "z"]
    assert (whole["day"][0], whole["day"][7]) == ("2024-01-01", None)
    assert (whole["count"][:2], whole["gaps"][-2:]) == ([0, 1], [9, None])
    for size in (1, 3, 11):
        monkeypatch.setattr(rows, "BLOCK_ROWS", size)
        monkeypatch.setattr(columnar, "BLOCK_ROWS", size)
        assert cells_of(source()) == whole


@pytest.mark.parametrize("cells", [[1, "1"], [True, "True"], [1.0, "1.0"], ["a", 7]])
def test_cells_that_are_no_texts_are_written_as_they_are(cells: list[Any]) -> None:
    frame = pd.DataFrame({"id": pd.Series([*cells, *cells], dtype=object), "y": np.arange(4)})
    texts = cells_of(Rows(FrameColumns(to_narwhals(frame))))["id"]
    assert texts == [*map(str, cells), *map(str, cells)]


def test_the_arrays_of_a_frame_are_copied_since_its_owner_may_write_into_it() -> None:
    numbers = np.arange(ROWS, dtype=np.float64)
    frame = pd.DataFrame({"y": numbers}, copy=False)
    cells = read_rows_of(Rows(FrameColumns(to_narwhals(frame))), Asked())
    numbers[:] = 0
    assert cells["y"].tolist() == list(range(ROWS))
