"""Histories from a file: a column of values, or value, series and time; or one message that says where."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from deploy import Predictor, TimeStep
from deploy.command.history_file import Histories, read_history
from deploy.errors import DataError

Read = Callable[..., Histories]
NAN = np.nan


@pytest.fixture
def read(tmp_path: Path, plain: Predictor) -> Read:
    """read(text, manifest=that of the monthly model)."""

    def from_text(text: str | bytes, manifest: Any = plain.manifest) -> Histories:
        path = tmp_path / "values.csv"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return read_history(path, manifest)

    return from_text


ONE_COLUMN: dict[str, tuple[str | bytes, list[float]]] = {
    "without a header": ("1\n2.5\n-3e2\n", [1, 2.5, -300]),
    "with a header": ("co2\n1\n2\n", [1, 2]),
    "with gaps": ("y\n1\n\nNaN\nNA\n2\n", [1, NAN, NAN, NAN, 2]),
    "that begins with a gap": ("\n1\n", [NAN, 1]),
    "that ends with a gap": ("1\nNaN\n", [1, NAN]),
    "with empty lines at its end": ("1\n2\n\n\n", [1, 2]),
    "of Windows": ("y\r\n1\r\n2\r\n", [1, 2]),
    "with a byte order mark": (b"\xef\xbb\xbf1\n2\n", [1, 2]),
    "with spaces and quotes": (' 1 \n"2"\n', [1, 2]),
    "without an end of line": ("1\n2", [1, 2]),
}


@pytest.mark.parametrize(("text", "values"), ONE_COLUMN.values(), ids=ONE_COLUMN)
def test_a_column_of_values_is_one_series(read: Read, text: str | bytes, values: list[float]) -> None:
    found = read(text)
    assert (found.series, found.last_timestamps) == ((), None)
    np.testing.assert_array_equal(found.values, [values])


def test_series_are_told_apart_in_the_order_of_their_first_rows(read: Read) -> None:
    found = read("value,series\n1,b\n2,a\n3,b\n")
    assert found.series == ("b", "a")
    assert [values.tolist() for values in found.values] == [[1, 3], [2]]


def test_the_last_time_of_each_series_is_kept(read: Read) -> None:
    found = read("series,time,value\na,2024-01-01,1\na,2024-02-01,2\nb,2023-12-01,3\n")
    assert found.last_timestamps == ["2024-02-01", "2023-12-01"]


def test_times_of_a_model_without_a_calendar_are_counts(read: Read, plain: Predictor) -> None:
    counted = replace(plain.manifest, time_step=TimeStep(2, "index"))
    assert read("time,value\n4,1\n6,2\n8,\n", counted).last_timestamps == [8]


def test_the_targets_of_a_joint_model_are_columns_by_their_names(read: Read, joint: Predictor) -> None:
    found = read("z,x,y\n3,1,2\n6,4,\n", joint.manifest)
    np.testing.assert_array_equal(found.values, [[[1, 2, 3], [4, NAN, 6]]])


REFUSED: dict[str, tuple[str | bytes, str]] = {
    "nothing": ("", "is empty"),
    "empty lines": ("\n\n", "is empty"),
    "a header alone": ("value\n", "has a header and no values"),
    "a header of three alone": ("series,time,value\n", "has a header and no values"),
    "a word": (
        "1\ntwo\n",
        ", line 2, column value: found 'two', expected a number, or nothing where missing",
    ),
    "infinity": ("1\ninf\n", ", line 2, column value: found 'inf', expected a number"),
    "digits apart": ("1\n1_000\n", ", line 2, column value: found '1_000', expected a number"),
    "an unknown column": (
        "date,value\n2024-01-01,1\n",
        ", line 1: found the columns date, value; expected value, and series and time where there are any",
    ),
    "no column of values": ("series,time\na,1\n", ", line 1: found the columns series, time; expected value"),
    "a column twice": ("value,value\n1,2\n", ", line 1: found the columns value, value; expected value"),
    "two columns without a header": ("a,1\na,2\n", ", line 1: found the columns a, 1; expected value"),
    "a row that is too short": ("series,value\na,1\nb\n", ", line 3: found 1 cells, expected 2"),
    "a quote that does not end": ('value\n"1\n', "is not a CSV file: unexpected end of data"),
    "Latin-1": ("gr\xfc\xdfe\n1\n".encode("latin-1"), "is not UTF-8: invalid start byte at byte 2"),
    "a time that is none": (
        "time,value\n2024-01-01,1\nnow,2\n",
        ", line 3, column time: expected an ISO date and time without a UTC offset, in the years 1 to 9999, "
        "found 'now'",
    ),
    "the newest row first": ("time,value\n2024-02-01,1\n2024-01-01,2\n", "are not one every 1 month"),
    "a month left out": (
        "time,value\n2024-01-01,1\n2024-03-01,2\n",
        ", lines 2 to 3: 2 rows from 2024-01-01 to 2024-03-01, about every 60 days, are not one every "
        "1 month, the oldest first; add rows with empty values where some are missing",
    ),
    "hours": (
        "time,value\n2024-01-01T00:00,1\n2024-01-01T01:00,2\n2024-01-01T02:00,2\n",
        "3 rows from 2024-01-01T00:00 to 2024-01-01T02:00, about every 1 hour, are not one every 1 month",
    ),
    "two months in the wrong order between the first and the last": (
        "time,value\n2024-01-01,1\n2024-03-01,2\n2024-02-01,3\n2024-04-01,4\n",
        ", line 3, column time: 2024-03-01 is not 1 month after 2024-01-01",
    ),
}


@pytest.mark.parametrize(("text", "message"), REFUSED.values(), ids=REFUSED)
def test_what_is_no_history_is_refused_with_its_place(read: Read, text: str | bytes, message: str) -> None:
    with pytest.raises(DataError) as error:
        read(text)
    assert message in str(error.value)
    assert "values.csv" in str(error.value)


def test_names_that_were_escaped_for_a_spreadsheet_are_read_as_they_were(read: Read) -> None:
    found = read("""series,value\n'=b,1\n'=b,2\n''=b,3\n"'\t\uff1da;'@c",4\n-1,5\nO'B,6\n""")
    assert found.series == ("=b", "'=b", "\t\uff1da;@c", "-1", "O'B")
