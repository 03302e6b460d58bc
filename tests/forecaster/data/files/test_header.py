"""Empty cells, blank lines and quotes in their place are no reason to refuse a file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from forecaster.config import Asked
from forecaster.data import read_data
from forecaster.data.files import header as shape

HEAD = "date,a,b\n2024-01-01,1,2\n"
GOOD = {
    "empty cells": HEAD + "2024-01-02,,\n",
    "quoted delimiters": 'date,"a,1",b\n2024-01-01,1,2\n2024-01-02,,""\n',
    "quoted quotes and lines": 'date,"a ""1"",\n2",b\n2024-01-01,1,2\n2024-01-02,,\n',
    "a quote in a cell without quotes": 'date,a"b,b\n2024-01-01,1,2\n2024-01-02,,\n',
    "blank lines": "\ndate,a,b\n\n2024-01-01,1,2\n\n2024-01-02,,\n\n",
    "spaces before quotes": 'date, "a", "b"\n2024-01-01, "1", "2"\n2024-01-02, "",\n',
}


@pytest.mark.parametrize("text", GOOD.values(), ids=GOOD)
@pytest.mark.parametrize("chunk", [1, 2, 3, 1 << 20])
def test_empty_cells_and_quotes_in_their_place_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, chunk: int
) -> None:
    monkeypatch.setattr(shape, "CHUNK", chunk)
    path = tmp_path / "data.csv"
    path.write_text(text)
    panel = read_data(path, Asked())
    np.testing.assert_array_equal(panel.values, np.array([1, 2], np.float32))
