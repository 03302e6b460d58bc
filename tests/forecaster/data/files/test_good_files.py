"""Files as people have them, and frames: each with all that is understood of it."""

from __future__ import annotations

import gzip
import io
from datetime import date
from pathlib import Path

import pandas as pd
import polars
import pytest
from cases import Good, Understand, days

from forecaster.config import Asked
from forecaster.data import read_data

FRAME = pd.DataFrame({"when": pd.to_datetime(["2024-01-01", "2024-01-02"]), "y": [1.5, None]})


def to_parquet(frame: pd.DataFrame) -> bytes:
    content = io.BytesIO()
    frame.to_parquet(content)
    return content.getvalue()


GOOD: dict[str, Good] = {
    "commas": Good(
        days("1.5", "-2", "3e2"),
        "date %Y-%m-%d, 1 day; targets y\n: 2024-01-01 1.5 -2 300",
    ),
    "tabs": Good(
        days("1.5", "-2").replace(",", "\t"),
        "date %Y-%m-%d, 1 day; targets y\n: 2024-01-01 1.5 -2",
    ),
    "semicolons and decimal commas": Good(
        "date;a;b\n2024-01-01;1,5;2\n2024-01-02;-2,5;3,25\n",
        "date %Y-%m-%d, 1 day; targets a, b\na: 2024-01-01 1.5 -2.5\nb: 2024-01-01 2 3.25",
    ),
    "months with a point and decimal commas": Good(
        "Monat;a\n01.2010;100,72\n02.2010;90,5\n03.2010;95\n",
        "Monat %m.%Y, 1 month; targets a\n: 01.2010 100.72 90.5 95",
    ),
    "pipes": Good(
        days("1.5", "-2").replace(",", "|"),
        "date %Y-%m-%d, 1 day; targets y\n: 2024-01-01 1.5 -2",
    ),
    "tabs and decimal commas": Good(
        "date\ty\n2024-01-01\t1,5\n2024-01-02\t2,5\n",
        "date %Y-%m-%d, 1 day; targets y\n: 2024-01-01 1.5 2.5",
    ),
    "spaces after the commas": Good(
        " date, y\n2024-01-01, 1\n2024-01-02, 2\n",
        "date %Y-%m-%d, 1 day; targets y\n: 2024-01-01 1 2",
    ),
    "spaces before the commas": Good(
        "date ,shop ,y \n2024-01-01 ,a ,1 \n2024-01-02 ,a,2 \n2024-01-01,b ,- \n2024-01-02,b ,4 \n",
        "date %Y-%m-%d, 1 day; targets y; series shop\na: 2024-01-01 1 2\nb: 2024-01-02 4",
        Asked(na=("-",)),
    ),
    "the pipes of a table in a terminal": Good(
        "    date    | shop |  y   \n 2024-01-01 | a    |  1.5 \n 2024-01-02 | a    |      \n"
        " 2024-01-03 | a    |   NA \n 2024-01-04 | a    | 2.25 \n",
        "date %Y-%m-%d, 1 day; targets y; ignored shop\n: 2024-01-01 1.5 - - 2.25",
    ),
    "a hint for Excel": Good(
        "sep=;\ndate;y\n2024-01-01;1,5\n2024-01-02;2,5\n",
        "date %Y-%m-%d, 1 day; targets y\n: 2024-01-01 1.5 2.5",
    ),
    "a hint for Excel and Windows line ends": Good(
        "\ufeffsep=,\r\ndate,y\r\n2024-01-01,1.5\r\n2024-01-02,2.5\r\n",
        "date %Y-%m-%d, 1 day; targets y\n: 2024-01-01 1.5 2.5",
    ),
    "a hint for Excel that decides": Good(
        "sep=;\r\rdate;b,c\r2024-01-01;1,5\r2024-01-02;2,5\r",
        "date %Y-%m-%d, 1 day; targets b,c\n: 2024-01-01 1.5 2.5",
    ),
    "a hint for Excel in UTF-16": Good(
        "sep=;\r\ndate;y\r\n2024-01-01;1,5\r\n2024-01-02;2,5\r\n".encode("utf-16"),
        "date %Y-%m-%d, 1 day; targets y\n: 2024-01-01 1.5 2.5",
    ),
    "Windows line ends": Good(
        days("1", "2").replace("\n", "\r\n"),
        "date %Y-%m-%d, 1 day; targets y\n: 2024-01-01 1 2",
    ),
    "old Mac line ends": Good(
        days("1", "2").replace("\n", "\r"),
        "date %Y-%m-%d, 1 day; targets y\n: 2024-01-01 1 2",
    ),
    "no line end at the end": Good(
        days("1", "2").rstrip(),
        "date %Y-%m-%d, 1 day; targets y\n: 2024-01-01 1 2",
    ),
    "blank lines": Good(
        "\n\ndate,y\n\n2024-01-01,1\n\n2024-01-02,2\n\n",
        "date %Y-%m-%d, 1 day; targets y\n: 2024-01-01 1 2",
    ),
    "blank lines of old Macs": Good(
        "\r\rdate,y\r\r2024-01-01,1\r\r2024-01-02,2\r\r",
        "date %Y-%m-%d, 1 day; targets y\n: 2024-01-01 1 2",
    ),
    "blank lines of old Macs above a single column": Good(
        "\r\ry\r1\r\r2\r",
        "None index, 1 row; targets y\n: 0 1 - 2",
    ),
    "rows of empty cells at the end": Good(
        days("1", "2") + ",\n,\n",
        "date %Y-%m-%d, 1 day; targets y\n: 2024-01-01 1 2",
    ),
    "a comma at the end of every line": Good(
        days("1", "2").replace("\n", ",\n"),
        "date %Y-%m-%d, 1 day; targets y; ignored unnamed column 3\n: 2024-01-01 1 2",
    ),
    "two commas at the end of every line": Good(
        days("1", "2").replace("\n", ",,\n"),
        "date %Y-%m-%d, 1 day; targets y; ignored unnamed column 3, unnamed column 4\n: 2024-01-01 1 2",
    ),
    "a comma at the end of every row": Good(
        days("1,", "2,"),
        "date %Y-%m-%d, 1 day; targets y\n: 2024-01-01 1 2",
    ),
    "a byte order mark before semicolons": Good(
        "\ufeffdate;y\n2024-01-01;1,5\n2024-01-02;2,5\n",
        "date %Y-%m-%d, 1 day; targets y\n: 2024-01-01 1.5 2.5",
    ),
    "UTF-16": Good(
        days("1", "2").encode("utf-16"),
        "date %Y-%m-%d, 1 day; targets y\n: 2024-01-01 1 2",
    ),
    "gzip": Good(
        gzip.compress(days("1", "2").encode()),
        "date %Y-%m-%d, 1 day; targets y\n: 2024-01-01 1 2",
    ),
    "gzip of UTF-16 with tabs": Good(
        gzip.compress(days("1", "2").replace(",", "\t").encode("utf-16")),
        "date %Y-%m-%d, 1 day; targets y\n: 2024-01-01 1 2",
    ),
    "every cell quoted": Good(
        '"date","y"\n"2024-01-01","1"\n"2024-01-02","2"\n',
        "date %Y-%m-%d, 1 day; targets y\n: 2024-01-01 1 2",
    ),
    "commas and newlines in quotes": Good(
        'date,"y, in\nkWh"\n2024-01-01,1\n2024-01-02,2\n',
        "date %Y-%m-%d, 1 day; targets y, in\nkWh\n: 2024-01-01 1 2",
    ),
    "quotes in quotes": Good(
        'date,"the ""y"""\n2024-01-01,1\n2024-01-02,2\n',
        'date %Y-%m-%d, 1 day; targets the "y"\n: 2024-01-01 1 2',
    ),
    "names of other scripts": Good(
        "日付,größe\n2024-01-01,1\n2024-01-02,2\n",
        "日付 %Y-%m-%d, 1 day; targets größe\n: 2024-01-01 1 2",
    ),
    "the row numbers of pandas": Good(
        ",date,y\n0,2024-01-01,1\n1,2024-01-02,2\n",
        "date %Y-%m-%d, 1 day; targets y; ignored unnamed column 1\n: 2024-01-01 1 2",
    ),
    "an index of dates of pandas": Good(
        ",y\n2024-01-01,1\n2024-01-02,2\n",
        "unnamed column 1 %Y-%m-%d, 1 day; targets y\n: 2024-01-01 1 2",
    ),
    "numbers alone under the name of pandas": Good(
        "0\n5\n7\n",
        "None index, 1 row; targets 0\n: 0 5 7",
    ),
    "a frame of numbers of pandas": Good(
        ",0,1\n0,5,7\n1,6,8\n",
        "None index, 1 row; targets 0, 1; ignored unnamed column 1\n0: 0 5 6\n1: 0 7 8",
    ),
    "Parquet": Good(
        to_parquet(FRAME),
        "when %Y-%m-%d, 1 day; targets y\n: 2024-01-01 1.5",
    ),
    "a pandas frame": Good(
        FRAME,
        "when %Y-%m-%d, 1 day; targets y\n: 2024-01-01 1.5",
    ),
    "a pandas frame with an index of months": Good(
        pd.DataFrame({"y": [1, 2]}, index=pd.period_range("2024-01", periods=2, freq="M")),
        "index %Y-%m, 1 month; targets y\n: 2024-01 1 2",
    ),
    "a polars frame": Good(
        polars.DataFrame({"when": [date(2024, 1, 1), date(2024, 1, 2)], "y": [1, 2]}),
        "when %Y-%m-%d, 1 day; targets y\n: 2024-01-01 1 2",
    ),
}


@pytest.mark.parametrize("good", GOOD.values(), ids=GOOD)
def test_a_good_file_is_understood(understand: Understand, good: Good) -> None:
    assert understand(good.content, good.choice) == good.understood


def test_columns_of_one_name_are_told_apart(tmp_path: Path) -> None:
    path = tmp_path / "data.csv"
    path.write_text("date,y, y,y (2)\n2024-01-01,1,2,3\n2024-01-02,2,3,5\n", encoding="utf-8")
    panel = read_data(path)
    assert panel.columns.targets == ("y", "y (3)", "y (2)")
    assert panel.values.reshape(3, 2)[1].tolist() == [2, 3]
    assert 'those after the first are called "y (3)"' in panel.notes[0]
