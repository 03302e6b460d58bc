"""The ways to read of a benchmark make the same arrays, so that their times compare."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest

from benchmarks import reading, reading_ways


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("reading") / "data.csv"
    reading.write_file(path, 3 * reading.SERIES)
    return path


@pytest.mark.parametrize("way", ["polars", "pyarrow"])
@pytest.mark.parametrize("is_sorted", [True, False])
def test_every_way_makes_the_same_arrays(path: Path, tmp_path: Path, way: str, *, is_sorted: bool) -> None:
    pytest.importorskip(way)
    if not is_sorted:
        header, *rows = path.read_text().splitlines()
        path = tmp_path / "falling.csv"
        path.write_text("\n".join([header, *rows[::3], *rows[2::3], *rows[1::3]]) + "\n")
    own, other = reading_ways.panel(path), getattr(reading_ways, way)(path)
    for field in fields(own):
        np.testing.assert_array_equal(getattr(own, field.name), getattr(other, field.name))
