"""Files that are no text in columns: JSON, workbooks and archives, read as a CSV of their table would be."""

from __future__ import annotations

import gzip
import json
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from cases import Good
from conftest import describe_columns, describe_series
from packed_tables import to_workbook, to_zip

from deploy import ExtraMissingError
from deploy.columns import Columns
from deploy.errors import ConfigError, DataError
from deploy.time.timestep import TimeStep
from forecaster.config import Asked
from forecaster.data import read_data, read_for_model
from forecaster.data.columns import AskedByModel

RECORDS = [{"date": f"2024-01-0{day}", "y": day} for day in (1, 2, 3)]
DAYS = "date %Y-%m-%d, 1 day; targets y\n: 2024-01-01 1 2 3"
FRAME = pd.DataFrame(RECORDS)
CSV = "date,y\n2024-01-01,1\n2024-01-02,2\n2024-01-03,3\n"


def lines(*records: dict[str, Any]) -> str:
    return "".join(json.dumps(record) + "\n" for record in records)


JSON: dict[str, Good] = {
    "records": Good(json.dumps(RECORDS), DAYS),
    "records on several lines": Good(json.dumps(RECORDS, indent=1), DAYS),
    "JSON lines": Good(lines(*RECORDS), DAYS),
    "JSON lines without a line end": Good(lines(*RECORDS).strip(), DAYS),
    "records under data": Good(json.dumps({"data": RECORDS}), DAYS),
    "records among facts": Good(json.dumps({"status": "ok", "count": 3, "rows": RECORDS}), DAYS),
    "records far inside": Good(json.dumps({"response": {"total": 3, "data": RECORDS}}), DAYS),
    "records next to a page": Good(json.dumps([{"page": 1, "pages": 1}, RECORDS]), DAYS),
    "a list for each column": Good(json.dumps(FRAME.to_dict(orient="list")), DAYS),
    "pandas' columns": Good(FRAME.to_json(), DAYS),
    "pandas' split": Good(FRAME.to_json(orient="split"), DAYS),
    "pandas' index": Good(FRAME.to_json(orient="index"), DAYS),
    "pandas' table": Good(FRAME.to_json(orient="table"), DAYS),
    "pandas' columns with an index of dates": Good(
        FRAME.set_index("date").to_json(), DAYS.replace("date", "index")
    ),
    "pandas' split with an index of dates": Good(
        FRAME.set_index("date").to_json(orient="split"), DAYS.replace("date", "index")
    ),
    "pandas' index of dates": Good(
        FRAME.set_index("date").to_json(orient="index"), DAYS.replace("date", "index")
    ),
    "values under dates": Good(
        json.dumps({record["date"]: record["y"] for record in RECORDS}),
        "index %Y-%m-%d, 1 day; targets value\n: 2024-01-01 1 2 3",
    ),
    "lists below one of names": Good(
        json.dumps([["date", "y"], *map(list, FRAME.to_numpy().tolist())]), DAYS
    ),
    "milliseconds": Good(
        json.dumps([{"t": 1_704_067_200_000 + 86_400_000 * day, "y": day} for day in range(3)]),
        "t %s000, 1 day; targets y\n: 1704067200000 0 1 2",
    ),
    "null and NaN": Good(
        '[{"date":"2024-01-01","y":1},{"date":"2024-01-02","y":null},{"date":"2024-01-03","y":NaN},'
        '{"date":"2024-01-04","y":4}]',
        "date %Y-%m-%d, 1 day; targets y\n: 2024-01-01 1 - - 4",
    ),
    "a record that lacks a value": Good(
        lines(RECORDS[0], {"date": "2024-01-02"}, RECORDS[2]),
        "date %Y-%m-%d, 1 day; targets y\n: 2024-01-01 1 - 3",
    ),
    "numbers as texts": Good(
        lines(*({**record, "y": str(record["y"])} for record in RECORDS)),
        DAYS,
    ),
    "a panel": Good(
        lines(*({"shop": shop, **record} for shop in "ab" for record in RECORDS)),
        "date %Y-%m-%d, 1 day; targets y; series shop\na: 2024-01-01 1 2 3\nb: 2024-01-01 1 2 3",
    ),
    "ids with zeros before": Good(
        lines(*({"shop": shop, **record} for shop in ("007", "010") for record in RECORDS)),
        "date %Y-%m-%d, 1 day; targets y; series shop\n007: 2024-01-01 1 2 3\n010: 2024-01-01 1 2 3",
        Asked(series=("shop",)),
    ),
    "gzip": Good(gzip.compress(json.dumps(RECORDS).encode()), DAYS),
    "a byte order mark": Good(b"\xef\xbb\xbf" + json.dumps(RECORDS).encode(), DAYS),
    "UTF-16": Good(json.dumps(RECORDS).encode("utf-16"), DAYS),
}
BAD_JSON = {
    "nested": (
        [{"date": "2024-01-01", "y": {"a": 1}}, {"date": "2024-01-02", "y": {"a": 2}}],
        'data.json: is JSON whose column "y" holds an object: {"a": "1"}\n'
        "  write a number or a text for each cell",
    ),
    "lists as cells": (
        [{"date": "2024-01-01", "y": [1, 2]}],
        'data.json: is JSON whose column "y" holds a list: ["1", "2"]\n'
        "  write a number or a text for each cell",
    ),
    "two tables": (
        {"a": RECORDS, "b": RECORDS},
        'data.json: is JSON with an object of "a", "b"\n'
        '  expected records, such as [{"date": "2024-01-31", "y": 1}, ...], or a list for each column',
    ),
    "one object": (
        {"name": "x", "n": 5},
        'data.json: is JSON with an object of "name", "n"\n'
        '  expected records, such as [{"date": "2024-01-31", "y": 1}, ...], or a list for each column',
    ),
    "columns of two lengths": (
        {"date": ["2024-01-01"], "y": [1, 2]},
        'data.json: is JSON with an object of "date", "y"\n'
        '  expected records, such as [{"date": "2024-01-31", "y": 1}, ...], or a list for each column',
    ),
    "nothing": ([], "data.json: is JSON without records"),
    "lists without names": (
        [["2024-01-01", 1], ["2024-01-02", 2], ["2024-01-03", 3]],
        'the header holds values, such as "2024-01-01", expected the names of the columns\n'
        "  --> data.json, row 0    2024-01-01\t1\n"
        "  write the names above row 0, or read the file with --no-header, which calls the columns c1, c2, "
        "...",
    ),
    "a cell that is no number": (
        [*RECORDS, {"date": "2024-01-04", "y": "x"}],
        'column "y": "x" is not a number\n'
        "  --> data.json, row 3    2024-01-04\tx\n"
        '  1 such cell (row 3); --na "x" reads it as missing',
    ),
}


@pytest.mark.parametrize("good", JSON.values(), ids=JSON)
def test_json_is_read(tmp_path: Path, caplog: pytest.LogCaptureFixture, good: Good) -> None:
    path = tmp_path / "data.json"
    path.write_bytes(good.content.encode() if isinstance(good.content, str) else good.content)
    panel = read_data(path, good.choice)
    assert "\n".join([describe_columns(panel), *describe_series(panel)]) == good.understood
    assert caplog.messages == []


@pytest.mark.parametrize(("content", "message"), BAD_JSON.values(), ids=BAD_JSON)
def test_json_that_is_no_table_is_refused(tmp_path: Path, content: Any, message: str) -> None:
    path = tmp_path / "data.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(DataError) as error:
        read_data(path)
    assert str(error.value) == message


def test_json_that_is_cut_off_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "data.json"
    path.write_text(json.dumps(RECORDS)[:-5], encoding="utf-8")
    with pytest.raises(DataError, match=r"^data\.json: is JSON, but not whole: "):
        read_data(path)


SHEET: list[list[Any]] = [["date", "y"], [(45292,), 1], [(45293,), 2], [(45294,), 3]]
OTHER: list[list[Any]] = [["day", "z"], [(45292,), 4], [(45293,), 5], [(45294,), 6]]
ABOUT: list[list[Any]] = [["About"], ["made by x"]]
WORKBOOKS: dict[str, tuple[bytes, str, tuple[str, ...]]] = {
    "a sheet": (to_workbook(A=SHEET), DAYS, ()),
    "numbers with digits after the point": (
        to_workbook(A=[["date", "y"], [(45292,), 1.5], [(45293,), 0.1]]),
        "date %Y-%m-%d, 1 day; targets y\n: 2024-01-01 1.5 0.1",
        (),
    ),
    "hours": (
        to_workbook(A=[["t", "y"], [(45292,), 1], [(45292 + 1 / 24,), 2], [(45292 + 2 / 24,), 3]]),
        "t %Y-%m-%d %H:%M:%S, 1 hour; targets y\n: 2024-01-01 00:00:00 1 2 3",
        (),
    ),
    "dates as texts": (
        to_workbook(A=[["date", "y"], ["2024-01-01", 1], ["2024-01-02", 2], ["2024-01-03", 3]]),
        DAYS,
        (),
    ),
    "an empty cell": (
        to_workbook(A=[*SHEET[:2], [(45293,), None], SHEET[3]]),
        "date %Y-%m-%d, 1 day; targets y\n: 2024-01-01 1 - 3",
        (),
    ),
    "empty rows and columns around": (
        to_workbook(A=[[], [], *([None, None, *row] for row in SHEET), [], [None, None, None]]),
        DAYS,
        (),
    ),
    "a title and a total": (
        to_workbook(A=[["Report"], [], *SHEET, ["Total", 6]]),
        DAYS,
        (
            'data.xlsx: row 1 stands above the header, row 3, and is skipped: "Report"',
            'data.xlsx: row 7 stands below the last row and is skipped: "Total\t6"',
        ),
    ),
    "several sheets": (
        to_workbook(A=SHEET, B=OTHER),
        DAYS,
        ('data.xlsx: the sheet "A" is read, and not "B"; --sheet NAME reads another',),
    ),
    "a sheet of words before": (
        to_workbook(About=ABOUT, A=SHEET),
        DAYS,
        ('data.xlsx: the sheet "A" is read, and not "About"; --sheet NAME reads another',),
    ),
    "an empty sheet before": (to_workbook(Empty=[], A=SHEET), DAYS, ()),
    "a line end in a cell": (
        to_workbook(A=[["date", "y\nin kWh"], *SHEET[1:]]),
        DAYS.replace("targets y", "targets y in kWh"),
        (),
    ),
}


@pytest.mark.parametrize(("content", "understood", "notes"), WORKBOOKS.values(), ids=WORKBOOKS)
def test_a_workbook_is_read(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, content: bytes, understood: str, notes: tuple[str, ...]
) -> None:
    pytest.importorskip("python_calamine")
    path = tmp_path / "data.xlsx"
    path.write_bytes(content)
    panel = read_data(path)
    assert "\n".join([describe_columns(panel), *describe_series(panel)]) == understood
    assert tuple(caplog.messages) == notes == panel.notes


def test_a_sheet_is_read_by_its_name(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    pytest.importorskip("python_calamine")
    path = tmp_path / "data.xlsx"
    path.write_bytes(to_workbook(A=SHEET, B=OTHER))
    assert read_data(path, Asked(sheet="B")).columns.targets == ("z",)
    assert caplog.messages == []
    with pytest.raises(ConfigError) as error:
        read_data(path, Asked(sheet="C"))
    assert str(error.value) == '--sheet "C": no such sheet; sheets: "A", "B"'


def test_a_model_reads_the_sheet_that_has_its_columns(tmp_path: Path) -> None:
    pytest.importorskip("python_calamine")
    path = tmp_path / "data.xlsx"
    path.write_bytes(to_workbook(A=SHEET, B=[["Report"], *OTHER]))
    asked = AskedByModel.of(Columns("day", "%Y-%m-%d", ("z",)), TimeStep(1, "day"))
    assert read_for_model(path, asked).values.tolist() == [4, 5, 6]


def test_a_cell_of_a_sheet_is_named_by_its_row(tmp_path: Path) -> None:
    pytest.importorskip("python_calamine")
    path = tmp_path / "data.xlsx"
    path.write_bytes(to_workbook(A=[[], *SHEET, [(45295,), "x"]]))
    with pytest.raises(DataError) as error:
        read_data(path)
    assert "  --> data.xlsx, row 6    2024-01-04\tx\n" in str(error.value)


def test_a_workbook_without_cells_is_refused(tmp_path: Path) -> None:
    pytest.importorskip("python_calamine")
    path = tmp_path / "data.xlsx"
    path.write_bytes(to_workbook(A=[]))
    with pytest.raises(DataError, match=r"^data\.xlsx: the workbook has no cells$"):
        read_data(path)


@pytest.mark.parametrize("content", [b"\xd0\xcf\x11\xe0" + bytes(600), to_zip({"xl/workbook.xml": "x"})])
def test_a_damaged_workbook_is_refused(tmp_path: Path, content: bytes) -> None:
    pytest.importorskip("python_calamine")
    path = tmp_path / "data.xls"
    path.write_bytes(content)
    with pytest.raises(DataError, match=r"^data\.xls: is no workbook that can be read: .*\n  save the sheet"):
        read_data(path)


def test_a_workbook_without_the_extra_says_how_to_install_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "python_calamine", None)
    path = tmp_path / "data.xlsx"
    path.write_bytes(to_workbook(A=SHEET))
    with pytest.raises(ExtraMissingError, match=r"python-calamine is not installed; install the extra: pip"):
        read_data(path)


def test_a_sheet_of_a_text_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "data.csv"
    path.write_text(CSV, encoding="utf-8")
    with pytest.raises(ConfigError) as error:
        read_data(path, Asked(sheet="A"))
    assert str(error.value) == '--sheet "A": data.csv is no workbook; leave it out'


ARCHIVES: dict[str, tuple[dict[str, str | bytes], tuple[str, ...]]] = {
    "a file": ({"a.csv": CSV}, ()),
    "a file in a folder": ({"x/": "", "x/a.csv": CSV}, ()),
    "a file by any name": ({"download": CSV}, ()),
    "JSON": ({"a.json": json.dumps(RECORDS)}, ()),
    "a file and what Macs add": ({"a.csv": CSV, "__MACOSX/._a.csv": "x", ".DS_Store": "x"}, ()),
    "a file that is packed twice": ({"a.csv.gz": gzip.compress(CSV.encode())}, ()),
    "a table and a text": (
        {"a.csv": CSV, "README.txt": "x"},
        ("data.zip: of its 2 files a.csv is read, the only table",),
    ),
}


@pytest.mark.parametrize(("files", "notes"), ARCHIVES.values(), ids=ARCHIVES)
def test_an_archive_of_one_table_is_read(
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    files: dict[str, str | bytes],
    notes: tuple[str, ...],
) -> None:
    path = tmp_path / "data.zip"
    path.write_bytes(to_zip(files))
    panel = read_data(path)
    assert "\n".join([describe_columns(panel), *describe_series(panel)]) == DAYS
    assert tuple(caplog.messages) == notes


def test_an_archive_of_several_tables_is_refused_with_their_names(tmp_path: Path) -> None:
    path = tmp_path / "data.zip"
    path.write_bytes(to_zip({"a.csv": CSV, "b/c.csv": CSV, "README.txt": "x"}))
    with pytest.raises(DataError) as error:
        read_data(path)
    assert str(error.value) == (
        "data.zip: the zip archive holds a.csv, b/c.csv\n  unpack it, and name one of its files"
    )


def test_an_error_in_an_archive_names_the_line_of_its_file(tmp_path: Path) -> None:
    path = tmp_path / "data.zip"
    path.write_bytes(to_zip({"a.csv": CSV + "2024-01-04,x\n"}))
    with pytest.raises(DataError, match=r"  --> a\.csv:5    2024-01-04,x\n"):
        read_data(path)


def test_a_damaged_archive_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "data.zip"
    path.write_bytes(to_zip({"a.csv": CSV})[:40])
    with pytest.raises(DataError, match=r"^data\.zip: the zip archive cannot be unpacked: "):
        read_data(path)
