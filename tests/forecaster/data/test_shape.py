"""Rows with too few or too many cells, and quotes out of place: the exact message with its line."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest

from deploy.errors import DataError
from forecaster.data import shape
from forecaster.data.columns import ColumnChoice
from forecaster.data.csv import read_panel

HEAD = "date,a,b\n2024-01-01,1,2\n"
REMEDY = "fill in the empty cells, or --layout rows if every row is a series"
TWICE = '  write a quote within quotes twice: ""'

BAD = {
    "a row without its last cell": (
        HEAD + "2024-01-02,3\n2024-01-03,4,5\n",
        "a row has 2 cells, the header has 3\n"
        "  --> data.csv:3    2024-01-02,3\n"
        f"  1 such row (line 3); {REMEDY}",
    ),
    "rows of a single cell": (
        HEAD + "\n2024-01-02\n2024-01-03,4,5\n2024-01-04,6\n",
        "a row has 1 cell, the header has 3\n"
        "  --> data.csv:4    2024-01-02\n"
        f"  2 such rows (lines 4, 6); {REMEDY}",
    ),
    "a row that is cut off at the end": (
        HEAD + "2024-01-02,3,4\n2024-01",
        f"a row has 1 cell, the header has 3\n  --> data.csv:4    2024-01\n  1 such row (line 4); {REMEDY}",
    ),
    "a short row beside quoted delimiters": (
        'date,note,y\n2024-01-01,"a,b",1\n2024-01-02,"c,d"\n2024-01-03,e,3\n',
        "a row has 2 cells, the header has 3\n"
        '  --> data.csv:3    2024-01-02,"c,d"\n'
        f"  1 such row (line 3); {REMEDY}",
    ),
    "a short row in a semicolon file": (
        "date;a;b\n2024-01-01;1,5;2\n2024-01-02;3\n",
        "a row has 2 cells, the header has 3\n"
        "  --> data.csv:3    2024-01-02;3\n"
        f"  1 such row (line 3); {REMEDY}",
    ),
    "a number after a closing quote": (
        HEAD + '2024-01-02,"3"4,5\n',
        f'a cell goes on after its closing quote\n  --> data.csv:3    2024-01-02,"3"4,5\n{TWICE}',
    ),
    "quotes inside a quoted cell": (
        'date,note,y\n2024-01-01,"say "yes" now",1\n2024-01-02,,2\n',
        f'a cell goes on after its closing quote\n  --> data.csv:2    2024-01-01,"say "yes" now",1\n{TWICE}',
    ),
    "a cell that swallows lines": (
        HEAD + '2024-01-02,"3,4\n2024-01-03,5,6\n2024-01-04,"7,8\n',
        f'a cell goes on after its closing quote\n  --> data.csv:3    2024-01-02,"3,4\n{TWICE}',
    ),
    "a stray quote beside a number": (
        HEAD + '2024-01-02,3,4"\n2024-01-03,5,6\n',
        'column "b": "4"" is not a number\n'
        '  --> data.csv:3    2024-01-02,3,4"\n'
        '  1 such cell (line 3); --na "4"" reads it as missing',
    ),
    "one row": (
        "date,y\n2024-01-01,1\n",
        "a single row does not show the step; --step names it, such as --step 1d",
    ),
    "no rows between semicolons": ("date;y\n", "data.csv: a header and no rows"),
}


@pytest.mark.parametrize(("text", "message"), BAD.values(), ids=BAD)
@pytest.mark.parametrize("packed", [False, True])
def test_a_file_out_of_shape_is_refused(tmp_path: Path, text: str, message: str, packed: bool) -> None:
    path = tmp_path / "data.csv"
    path.write_bytes(gzip.compress(text.encode("utf-16")) if packed else text.encode())
    with pytest.raises(DataError) as error:
        read_panel(path, ColumnChoice())
    assert str(error.value) == message


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
    panel = read_panel(path, ColumnChoice())
    np.testing.assert_array_equal(panel.values, np.array([1, 2], np.float32))
