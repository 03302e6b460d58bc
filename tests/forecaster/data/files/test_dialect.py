"""Text files as people have them: delimiters, decimal signs, encodings, gzip."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deploy.errors import DataError
from forecaster.config import Asked
from forecaster.data import read_data
from forecaster.data.files.dialect import Dialect, find_delimiter, find_dialect

pytestmark = pytest.mark.slow

COMMA = "date,a,b\n2024-01-01,1.5,10\n2024-01-02,2.5,20\n2024-01-03,-3.25,30\n"
GOOD = {
    "comma": COMMA,
    "tab": COMMA.replace(",", "\t"),
    "semicolon": COMMA.replace(",", ";"),
    "pipe": COMMA.replace(",", "|"),
    "windows line ends": COMMA.replace("\n", "\r\n"),
    "spaces after the delimiter": COMMA.replace(",", ", "),
    "quoted cells": "\n".join('"' + line.replace(",", '","') + '"' for line in COMMA.splitlines()),
    "semicolon and decimal comma": COMMA.replace(",", ";").replace(".", ","),
    "tab and decimal comma": COMMA.replace(",", "\t").replace(".", ","),
    "pipe and decimal comma": COMMA.replace(",", "|").replace(".", ","),
    "decimal commas everywhere": "date;a;b\n2024-01-01;1,5;10,0\n2024-01-02;2,5;20\n2024-01-03;-3,25;3e1\n",
    "a comma in a name": "date;a;b, m\n2024-01-01;1,5;10\n2024-01-02;2,5;20\n2024-01-03;-3,25;30\n",
    "commas in every name": "date,;a,;b,\n2024-01-01;1,5;10\n2024-01-02;2,5;20\n2024-01-03;-3,25;30\n",
    "an exponent": "date;a;b\n2024-01-01;15e-1;10\n2024-01-02;2,5;20\n2024-01-03;-0,325e1;3e1\n",
}


def read(folder: Path, content: str | bytes, **choice: object) -> list[float]:
    """The values of a file, series after series."""
    path = folder / "data.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    panel = read_data(path, Asked(**choice))  # type: ignore[arg-type]
    values: list[float] = panel.values.tolist()
    return values


@pytest.mark.parametrize("content", GOOD.values(), ids=GOOD)
def test_the_same_numbers_are_read_in_every_dialect(tmp_path: Path, content: str) -> None:
    assert read(tmp_path, content) == [1.5, 2.5, -3.25, 10, 20, 30]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("packed", [False, True])
def test_the_same_numbers_are_read_in_every_encoding(tmp_path: Path, encoding: str, packed: bool) -> None:
    content = COMMA.encode(encoding)
    assert read(tmp_path, gzip.compress(content) if packed else content) == [1.5, 2.5, -3.25, 10, 20, 30]


def test_the_dialect_is_what_was_found(tmp_path: Path) -> None:
    path = tmp_path / "data.txt"
    path.write_bytes(gzip.compress(GOOD["semicolon and decimal comma"].encode("utf-16")))
    assert find_dialect(path) == Dialect(";", ",", "utf-16", is_gzip=True)


@pytest.mark.parametrize(
    ("head", "delimiter"),
    [
        ("y\n1\n2\n", ","),
        ("", ","),
        ("a,b\n1,2\n", ","),
        ("a;b\n1,2;3\n4,5;6\n", ";"),
        ("a,b;c,d\n1,2;3,4\n", ";"),
        ('a,b\n"x;y",1\n"x;z",2\n', ","),
        ("name|kind,y\np|q,1\np|r,2\n", ","),
        ("a\tb\n1,5\t2,5\n", "\t"),
        ("a,b,c\n1\n1,2\n", ","),
        ("a;b;c\n1\n1;2\n", ";"),
        ('a;b\n"never closed;1\n', ";"),
        ("time;n,0\n2024-01;1,5\n2024-02;2,5\n", ";"),  # a comma in a name
    ],
)
def test_the_delimiter_is_the_one_that_splits_alike_and_leaves_figures(head: str, delimiter: str) -> None:
    assert find_delimiter(head) == delimiter


@pytest.mark.parametrize(
    ("cells", "values"),
    [
        (["1.234,5", "2,5"], [1234.5, 2.5]),
        (["1.234,5", "1.234", "17"], [1234.5, 1234, 17]),
        (["1.234.567", "-1.234", "0"], [1234567, -1234, 0]),
        (["1,234.5", "2.5"], [1234.5, 2.5]),
        (["1,234,567", "1,234", "2"], [1234567, 1234, 2]),
        (["1,5", "1,234"], [1.5, 1.234]),
        (["1,5", "", "2"], [1.5, 2]),
    ],
)
def test_thousands_are_read_where_they_are_clear(
    tmp_path: Path, cells: list[str], values: list[float]
) -> None:
    rows = "".join(f"2024-01-0{day};{cell}\n" for day, cell in enumerate(cells, start=1))
    found = [value for value in read(tmp_path, "date;y\n" + rows) if value == value]
    assert found == pytest.approx(values, rel=1e-7)  # values are float32


def test_a_point_that_may_mark_thousands_is_read_as_decimal_with_a_warning(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    assert read(tmp_path, "y;z\n1.250;7\n2.500;8\n") == [1.25, 2.5, 7, 8]
    assert caplog.messages == ['data.csv: the point in "1.250" is read as a decimal point']


@settings(deadline=None)  # a machine may be busy
@given(
    numbers=st.lists(
        st.floats(-1e6, 1e6, width=32).map(lambda value: round(value, 3)), min_size=2, max_size=9
    ),
    delimiter=st.sampled_from(";\t|"),
    decimal=st.sampled_from(".,"),
)
def test_numbers_are_read_as_they_were_written_or_refused(
    tmp_path_factory: pytest.TempPathFactory, numbers: list[float], delimiter: str, decimal: str
) -> None:
    rows = [f"{index}{delimiter}{number!r}".replace(".", decimal) for index, number in enumerate(numbers)]
    text = "\n".join([f"t{delimiter}y", *rows])
    values, refusal = numbers, "is unclear"
    try:
        values = read(tmp_path_factory.mktemp("dialect"), text)
    except DataError as error:
        refusal = str(error)
    assert values == numbers
    assert "is unclear" in refusal


def test_a_decimal_comma_far_into_the_file_is_read(tmp_path: Path) -> None:
    rows = "".join(f"{index};{index}\n" for index in range(200_000))
    values = read(tmp_path, f"t;y\n{rows}200000;0,5\n")
    assert values[-2:] == [199999, 0.5]


def test_a_delimiter_inside_quotes_is_part_of_the_cell(tmp_path: Path) -> None:
    path = tmp_path / "data.csv"
    path.write_text('date;shop;y\n2024-01-01;"a;1";1\n2024-01-02;"a;1";2\n2024-01-01;b;3\n2024-01-02;b;4\n')
    assert read_data(path, Asked()).ids == (("a;1",), ("b",))
