"""Files with lines around their table: what is read is the table, and each line that is skipped is named."""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from pathlib import Path

import pytest
from cases import AUTO, Understand
from conftest import describe_columns, describe_series

from deploy.columns import Columns
from deploy.errors import DataError
from deploy.time.timestep import TimeStep
from forecaster.config import Asked
from forecaster.data import read_data, read_for_model
from forecaster.data.columns import AskedByModel

ROWS = "2024-01-01,1,5\n2024-01-02,2,6\n2024-01-03,3,7\n2024-01-04,4,8\n"
HEAD = "date,a,b\n"
TABLE = HEAD + ROWS
MONTHS = "Month,rev\n2010-01,99.5\n2010-02,107.25\n2010-03,111.5\n2010-04,122.25\n2010-05,3.5\n"
YEARS = "year,value\n1990,5\n1991,6\n1992,7\n1993,8\n"
GERMAN = "Datum;Wert\n01.01.2024;1,5\n02.01.2024;2,5\n03.01.2024;3,5\n"
PANEL = "shop,date,y\n" + "".join(
    f"{shop},2024-01-0{day},{day}\n" for shop in ("n", "s") for day in (1, 2, 3)
)
SPACED = "date  a  b\n" + ROWS.replace(",", "  ")


@dataclass(frozen=True)
class Framed:
    """A file that is read as the table alone would be."""

    content: str | bytes
    table: str
    notes: tuple[str, ...] = ()


FRAMED: dict[str, Framed] = {
    # comments
    "comments": Framed(
        "# station 7, north\n# unit: mm\n#\n" + TABLE,
        TABLE,
        ('data.csv: lines 1 to 3 are comments and are skipped: "# station 7, north", "# unit: mm", ...',),
    ),
    "a line drawn below each name": Framed(
        HEAD + "-----,---,---\n" + ROWS,
        TABLE,
        (
            "data.csv: line 2 stands between the header and the first row, as units do, and is skipped: "
            '"-----,---,---"',
        ),
    ),
    "comments of MATLAB": Framed(
        "% by x\n%\n" + TABLE, TABLE, ('data.csv: lines 1 to 2 are comments and are skipped: "% by x", "%"',)
    ),
    "comments of C with as many cells": Framed(
        "// a, b, c\n\n" + TABLE, TABLE, ('data.csv: line 1 is a comment and is skipped: "// a, b, c"',)
    ),
    "comments with an exclamation mark": Framed(
        "!Series_title\tx\n" + TABLE.replace(",", "\t"),
        TABLE,
        ('data.csv: line 1 is a comment and is skipped: "!Series_title\tx"',),
    ),
    "a comment in quotes": Framed(
        '"# by x"\n' + TABLE, TABLE, ('data.csv: line 1 is a comment and is skipped: ""# by x""',)
    ),
    "comments with the delimiters of the table": Framed(
        "# Einheit; mm\n" + GERMAN, GERMAN, ('data.csv: line 1 is a comment and is skipped: "# Einheit; mm"',)
    ),
    "a header in a comment": Framed(
        "# title\n# date,a,b\n" + ROWS,
        TABLE,
        (
            'data.csv: lines 1 to 2 are comments; the last names the columns date, a, b: "# title", '
            '"# date,a,b"',
        ),
    ),
    "a header in a comment, between blanks": Framed(
        "# date a b\n" + ROWS.replace(",", " "),
        TABLE,
        ('data.csv: line 1 names the columns date, a, b: "#\tdate\ta\tb"',),
    ),
    "comments between rows": Framed(
        TABLE + "# sensor replaced\n2024-01-05,5,9\n# again, with, more, cells\n2024-01-06,6,10\n",
        TABLE + "2024-01-05,5,9\n2024-01-06,6,10\n",
        (
            'data.csv: lines 6, 8 are comments and are skipped: "# sensor replaced", "# again, with, more, '
            'cells"',
        ),
    ),
    # titles
    "a title": Framed(
        "Sales report\n" + TABLE,
        TABLE,
        ('data.csv: line 1 stands above the header, line 2, and is skipped: "Sales report"',),
    ),
    "a title and blank lines": Framed(
        "Sales report\n\n\n" + TABLE,
        TABLE,
        ('data.csv: line 1 stands above the header, line 4, and is skipped: "Sales report"',),
    ),
    "a title that Excel filled up": Framed(
        "Sales report,,\n,,\n" + TABLE,
        TABLE,
        ('data.csv: line 1 stands above the header, line 3, and is skipped: "Sales report,,"',),
    ),
    "a title of two lines": Framed(
        '"Title\nsecond line"\n' + TABLE,
        TABLE,
        ('data.csv: line 1 stands above the header, line 3, and is skipped: ""Title"',),
    ),
    "lines with a key and a value": Framed(
        "Title:,x\nUnits:,mm\nUpdated:,2024-06-28\n\n" + TABLE,
        TABLE,
        (
            'data.csv: lines 1 to 3 stand above the header, line 5, and are skipped: "Title:,x", '
            '"Units:,mm", ...',
        ),
    ),
    "as many cells as the table has": Framed(
        "Title,x\nUpdated,2024-06-28\n" + MONTHS,
        MONTHS,
        (
            'data.csv: lines 1 to 2 stand above the header, line 3, and are skipped: "Title,x", '
            '"Updated,2024-06-28"',
        ),
    ),
    "more lines than the table has": Framed(
        "".join(f"Line {number}, with commas\n" for number in range(30)) + TABLE,
        TABLE,
        (
            'data.csv: lines 1 to 30 stand above the header, line 31, and are skipped: "Line 0, with '
            'commas", "Line 1, with commas", ...',
        ),
    ),
    "a title with another delimiter": Framed(
        "Umsatz, monatlich\n" + GERMAN,
        GERMAN,
        ('data.csv: line 1 stands above the header, line 2, and is skipped: "Umsatz, monatlich"',),
    ),
    "a title above years": Framed(
        "Title,GDP\nSource,WB\n\n" + YEARS,
        YEARS,
        ('data.csv: lines 1 to 2 stand above the header, line 4, and are skipped: "Title,GDP", "Source,WB"',),
    ),
    "a title below a mark and before Windows line ends": Framed(
        "\ufeffTitle\r\n\r\n" + TABLE.replace("\n", "\r\n"),
        TABLE,
        ('data.csv: line 1 stands above the header, line 3, and is skipped: "Title"',),
    ),
    "a title above a panel": Framed(
        "Report\nBy: me\n\n" + PANEL,
        PANEL,
        ('data.csv: lines 1 to 2 stand above the header, line 4, and are skipped: "Report", "By: me"',),
    ),
    "a title below a hint for Excel": Framed(
        "sep=;\nReport\n" + TABLE.replace(",", ";"),
        TABLE,
        ('data.csv: line 2 stands above the header, line 3, and is skipped: "Report"',),
    ),
    "a title in a packed file": Framed(
        gzip.compress(("Report\n" + TABLE).encode("utf-16")),
        TABLE,
        ('data.csv: line 1 stands above the header, line 2, and is skipped: "Report"',),
    ),
    # units
    "a row of units": Framed(
        HEAD + ",EUR,EUR\n" + ROWS,
        TABLE,
        (
            "data.csv: line 2 stands between the header and the first row, as units do, and is skipped: "
            '",EUR,EUR"',
        ),
    ),
    "units of the time, too": Framed(
        HEAD + "UTC,degC,mm\n" + ROWS,
        TABLE,
        (
            "data.csv: line 2 stands between the header and the first row, as units do, and is skipped: "
            '"UTC,degC,mm"',
        ),
    ),
    "two rows of units": Framed(
        HEAD + ",EUR,EUR\n,thousands,thousands\n" + ROWS,
        TABLE,
        (
            "data.csv: lines 2 to 3 stand between the header and the first row, as units do, and are "
            'skipped: ",EUR,EUR", ",thousands,thousands"',
        ),
    ),
    "units below years": Framed(
        YEARS.replace("value\n", "value\n,mm\n"),
        YEARS,
        ('data.csv: line 2 stands between the header and the first row, as units do, and is skipped: ",mm"',),
    ),
    "the table of a database": Framed(
        "date | a | b\n-----+---+---\n" + ROWS.replace(",", " | ") + "(4 rows)\n",
        TABLE,
        (
            "data.csv: line 2 stands between the header and the first row, as units do, and is skipped: "
            '"-----+---+---"',
            'data.csv: line 7 stands below the last row and is skipped: "(4 rows)"',
        ),
    ),
    "the file of a data logger": Framed(
        '"TOA5","CR1000","x","1"\n"date","a","b"\n"TS","RN","Deg C"\n"","","Avg"\n' + ROWS,
        TABLE,
        (
            'data.csv: line 1 stands above the header, line 2, and is skipped: ""TOA5","CR1000","x","1""',
            "data.csv: lines 3 to 4 stand between the header and the first row, as units do, and are "
            'skipped: ""TS","RN","Deg C"", ""","","Avg""',
        ),
    ),
    # several lines that name the columns
    "a ticker and the name of the index": Framed(
        "Price,a,b\nTicker,AAPL,AAPL\ndate,,\n" + ROWS,
        TABLE,
        ('data.csv: lines 1 to 3 are read as one header: date, a, b: "Price,a,b", "Ticker,AAPL,AAPL", ...',),
    ),
    "two tickers": Framed(
        "Price,a,a\nTicker,X,Y\ndate,,\n" + ROWS,
        "date,X,Y\n" + ROWS,
        ('data.csv: lines 1 to 3 are read as one header: date, X, Y: "Price,a,a", "Ticker,X,Y", ...',),
    ),
    "cells that were joined": Framed(
        "Region,North,,South,\ndate,a,b,a,b\n" + ROWS.replace("\n", ",7,8\n"),
        "date,North a,North b,South a,South b\n" + ROWS.replace("\n", ",7,8\n"),
        (
            "data.csv: lines 1 to 2 are read as one header: date, North a, North b, South a, South b: "
            '"Region,North,,South,", "date,a,b,a,b"',
        ),
    ),
    # remarks
    "a total": Framed(
        TABLE + "Total,10,26\n",
        TABLE,
        ('data.csv: line 6 stands below the last row and is skipped: "Total,10,26"',),
    ),
    "a total in German": Framed(
        GERMAN + "Summe;7,5\n",
        GERMAN,
        ('data.csv: line 5 stands below the last row and is skipped: "Summe;7,5"',),
    ),
    "a total of a panel": Framed(
        PANEL + "Total,,20\n",
        PANEL,
        ('data.csv: line 8 stands below the last row and is skipped: "Total,,20"',),
    ),
    "a total of years": Framed(
        YEARS + "Total,26\n",
        YEARS,
        ('data.csv: line 6 stands below the last row and is skipped: "Total,26"',),
    ),
    "a sum and an average": Framed(
        TABLE + "Sum,10,26\nAverage,2.5,6.5\n",
        TABLE,
        ('data.csv: lines 6 to 7 stand below the last row and are skipped: "Sum,10,26", "Average,2.5,6.5"',),
    ),
    "a source": Framed(
        TABLE + "\nSource: ONS, 2024\n",
        TABLE,
        ('data.csv: line 7 stands below the last row and is skipped: "Source: ONS, 2024"',),
    ),
    "a source with as many cells as the rows": Framed(
        MONTHS + "\nSource: ONS, 2024\n",
        MONTHS,
        ('data.csv: line 8 stands below the last row and is skipped: "Source: ONS, 2024"',),
    ),
    "a numbered note below pipes and an empty title": Framed(
        "Report 2024\n||\n" + TABLE.replace(",", "|") + "\nNotes:\n1. rounded\n",
        TABLE,
        (
            'data.csv: line 1 stands above the header, line 3, and is skipped: "Report 2024"',
            'data.csv: lines 9 to 10 stand below the last row and are skipped: "Notes:", "1. rounded"',
        ),
    ),
    "months by name below a title of two words": Framed(
        "Report 2024\nby month\nMonth,y\nJan 2010,1.5\nFeb 2010,2.5\nMar 2010,3.5\n",
        "Month,y\nJan 2010,1.5\nFeb 2010,2.5\nMar 2010,3.5\n",
        (
            'data.csv: lines 1 to 2 stand above the header, line 3, and are skipped: "Report 2024", "by '
            'month"',
        ),
    ),
    "notes": Framed(
        TABLE + "\nNotes:\n1) provisional, see web\n(c) 2024 ONS\n",
        TABLE,
        (
            'data.csv: lines 7 to 9 stand below the last row and are skipped: "Notes:", "1) provisional, see '
            'web", ...',
        ),
    ),
    "a source that Excel filled up": Framed(
        TABLE + ",,\nSource: x,,\n",
        TABLE,
        ('data.csv: line 7 stands below the last row and is skipped: "Source: x,,"',),
    ),
    "a total in UTF-16": Framed(
        (TABLE + "Total,10,26\n").encode("utf-16"),
        TABLE,
        ('data.csv: line 6 stands below the last row and is skipped: "Total,10,26"',),
    ),
    # files that were joined
    "the header again": Framed(
        TABLE + HEAD + "2024-01-05,5,9\n" + HEAD + "2024-01-06,6,10\n",
        TABLE + "2024-01-05,5,9\n2024-01-06,6,10\n",
        ('data.csv: lines 6, 8 repeat the header and are skipped: "date,a,b", "date,a,b"',),
    ),
    "the header of a panel again": Framed(
        PANEL + "shop,date,y\nw,2024-01-01,5\nw,2024-01-02,5\n",
        PANEL + "w,2024-01-01,5\nw,2024-01-02,5\n",
        ('data.csv: line 8 repeats the header and is skipped: "shop,date,y"',),
    ),
    "a title and the header again": Framed(
        "Report\n" + TABLE + "Report\n" + HEAD + "2024-01-05,5,9\n",
        TABLE + "2024-01-05,5,9\n",
        (
            'data.csv: line 1 stands above the header, line 2, and is skipped: "Report"',
            'data.csv: lines 7, 8 repeat the header and are skipped: "Report", "date,a,b"',
        ),
    ),
    # blanks
    "blanks": Framed(SPACED, TABLE),
    "single blanks": Framed(TABLE.replace(",", " "), TABLE),
    "columns under each other": Framed(
        "date                 a       b\n" + ROWS.replace(",", "       "),
        TABLE,
    ),
    "blanks within cells": Framed(
        "time                 a\n" + "".join(f"2024-01-01 0{hour}:00     {hour}\n" for hour in range(4)),
        "time,a\n" + "".join(f"2024-01-01 0{hour}:00,{hour}\n" for hour in range(4)),
    ),
    "blanks and tabs": Framed(TABLE.replace(",", " \t "), TABLE),
    "blanks and quotes": Framed('date "a" "b"\n' + ROWS.replace(",", " "), TABLE),
    "blanks below a title": Framed(
        "Monthly means\n\n" + SPACED,
        TABLE,
        ('data.csv: line 1 stands above the header, line 3, and is skipped: "Monthly means"',),
    ),
    "blanks and decimal commas": Framed(GERMAN.replace(";", "   "), GERMAN),
    # encodings
    "Windows-1252": Framed(
        "date,größe\n2024-01-01,1\n2024-01-02,2\n".encode("cp1252"),
        "date,größe\n2024-01-01,1\n2024-01-02,2\n",
        (
            'data.csv: is not UTF-8, and is read as Windows-1252 ("größe"); to convert it: iconv -f '
            "WINDOWS-1252 -t UTF-8 data.csv > utf8-data.csv",
        ),
    ),
    "Latin-1 in texts": Framed(
        PANEL.replace("n,", "Köln,").encode("latin-1"),
        PANEL.replace("n,", "Köln,"),
        (
            'data.csv: is not UTF-8, and is read as Windows-1252 ("Köln"); to convert it: iconv -f '
            "WINDOWS-1252 -t UTF-8 data.csv > utf8-data.csv",
        ),
    ),
}


@pytest.mark.parametrize("framed", FRAMED.values(), ids=FRAMED)
def test_a_table_is_read_without_what_stands_around_it(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, framed: Framed
) -> None:
    path, alone = tmp_path / "data.csv", tmp_path / "alone.csv"
    path.write_bytes(framed.content.encode() if isinstance(framed.content, str) else framed.content)
    alone.write_text(framed.table, encoding="utf-8")
    expected = read_data(alone)
    caplog.clear()
    found = read_data(path)
    assert (describe_columns(found), describe_series(found)) == (
        describe_columns(expected),
        describe_series(expected),
    )
    assert tuple(caplog.messages) == framed.notes == found.notes


NO_HEADER = {
    "a text, a date and a number": "north,2010-01-01,100.02\nnorth,2010-02-01,110\nnorth,2010-03-01,11\n",
    "a date, a text and a number": "2010-01-01,north,100.02\n2010-02-01,north,110\n2010-03-01,north,11\n",
    "decimal commas": "01.01.2010;north;100,02\n02.01.2010;north;110,5\n03.01.2010;north;11,5\n",
    "codes, each once": "CN01,1,5.5,7\nPA02,3,6,7.5\nCN03,3,7,1\nCN04,4,4,1\n",
    "ids and numbers": "a,1,5\na,2,6\na,3,7\nb,1,5\nb,2,7\nb,3,5\n",
    "a constant": "5,95.5,5,a\n5,94.5,5,a\n5,93.5,5,a\n",
    "numbers that repeat": "5,95,5\n5,94,5\n5,93,5\n",
    "months by name": "Jan 2010,5\nFeb 2010,6\nMar 2010,7\n",
    "times and states": "2024-01-01 00:00,ok,5.5\n2024-01-01 01:00,ok,6.5\n2024-01-01 02:00,bad,6.5\n",
    "every cell quoted": '"2024-01-01","AB","5"\n"2024-01-02","AB","6"\n"2024-01-03","AB","7"\n',
    "a number that is missing": "2024-01-01,a,NA\n2024-01-02,a,6\n2024-01-03,a,7\n",
    "texts that differ": "2024-01-01,x y,5\n2024-01-02,y z,6\n2024-01-03,z x,7\n",
}
A_HEADER = {
    "years": "Country,1960,1961,1962\nAruba,1,2,3\nAngola,4,5,6\n",
    "columns called by numbers": "0,1,2\n2024-01-01,5,6\n2024-01-02,6,7\n",
}


@pytest.mark.parametrize("content", NO_HEADER.values(), ids=NO_HEADER)
def test_a_first_row_that_is_like_the_others_is_no_header(tmp_path: Path, content: str) -> None:
    path, first = tmp_path / "data.csv", content.splitlines()[0]
    path.write_text("# made by x\n" + content, encoding="utf-8")
    with pytest.raises(DataError) as error:
        read_data(path)
    found, place, remedy = str(error.value).splitlines()
    assert found.startswith("the header holds values, such as ")
    assert place == f"  --> data.csv:2    {first}"
    assert remedy == (
        "  write the names above line 2, or read the file with --no-header, which calls the columns c1, c2, "
        "..."
    )


@pytest.mark.parametrize("content", A_HEADER.values(), ids=A_HEADER)
def test_a_header_with_figures_is_one(tmp_path: Path, content: str) -> None:
    path = tmp_path / "data.csv"
    path.write_text(content, encoding="utf-8")
    assert read_data(path).series_count == 2


@pytest.mark.parametrize("content", NO_HEADER.values(), ids=NO_HEADER)
def test_columns_without_a_header_are_counted(tmp_path: Path, content: str) -> None:
    path, named = tmp_path / "data.csv", tmp_path / "named.csv"
    path.write_text(content, encoding="utf-8")
    delimiter = ";" if ";" in content else ","
    width = content.splitlines()[0].count(delimiter) + 1
    names = delimiter.join(f"c{number}" for number in range(1, width + 1))
    named.write_text(f"{names}\n{content}", encoding="utf-8")
    found, expected = read_data(path, Asked(no_header=True)), read_data(named)
    assert (describe_columns(found), describe_series(found)) == (
        describe_columns(expected),
        describe_series(expected),
    )


@pytest.mark.parametrize("header", ["", "c1,c2,c3\n", "c3,c1,c2\n"])
def test_a_model_of_counted_columns_reads_files_with_a_header_and_without(
    tmp_path: Path, header: str
) -> None:
    columns = Columns("c2", "%Y-%m-%d", ("c3",), series=("c1",))
    path = tmp_path / "data.csv"
    rows = [("n", f"2024-01-0{day}", str(day)) for day in (1, 2)]
    order = [
        header.strip().split(",").index(name) if header else place
        for place, name in enumerate(("c1", "c2", "c3"))
    ]
    cells = [[row[order.index(place)] for place in range(3)] for row in rows]
    path.write_text(header + "".join(",".join(row) + "\n" for row in cells), encoding="utf-8")
    panel = read_for_model(path, AskedByModel.of(columns, TimeStep(1, "day")))
    assert describe_series(panel) == ["n: 2024-01-01 1 2"]


ERRORS = {
    "below comments": ("# a\n# b\n" + HEAD, "2024-01-01,1,5\n2024-01-02,x,6\n2024-01-03,3,7\n", 5),
    "below a title": ("Title\n\n" + HEAD, "2024-01-01,1,5\n2024-01-02,x,6\n2024-01-03,3,7\n", 5),
    "below units": (HEAD + ",mm,mm\n", "2024-01-01,1,5\n2024-01-02,x,6\n2024-01-03,3,7\n", 4),
    "below the header again": (TABLE + HEAD, "2024-01-05,1,5\n2024-01-06,x,6\n2024-01-07,3,7\n", 8),
    "above a total": (HEAD, "2024-01-01,1,5\n2024-01-02,x,6\n2024-01-03,3,7\nTotal,5,6\n", 3),
}


@pytest.mark.parametrize(("above", "rows", "line"), ERRORS.values(), ids=ERRORS)
def test_an_error_names_the_line_as_an_editor_counts(
    tmp_path: Path, above: str, rows: str, line: int
) -> None:
    path = tmp_path / "data.csv"
    path.write_text(above + rows, encoding="utf-8")
    with pytest.raises(DataError, match=f"--> data.csv:{line}    2024-01-0[26],x,6\n"):
        read_data(path)


def test_two_lines_that_may_both_be_the_header_are_named(tmp_path: Path) -> None:
    path = tmp_path / "data.csv"
    path.write_text("date,temp,rain\ntime,mean temperature,sum of rain\n" + ROWS, encoding="utf-8")
    with pytest.raises(DataError) as error:
        read_data(path)
    assert str(error.value) == (
        "two lines may be the header\n"
        "  --> data.csv:1    date,temp,rain\n"
        "  --> data.csv:2    time,mean temperature,sum of rain\n"
        "  delete line 1 if it is a title, or 2 if it holds units"
    )


NO_MARGINS = {
    "a last row with a bad date": (TABLE + "2024-13-01,4,5\n", '"2024-13-01" is not a timestamp'),
    "a last row without a date": (TABLE + ",4,5\n", "an empty cell is not a timestamp"),
    "a last row of another name": (YEARS + "Unknown,26\n", '"Unknown" is not a number'),
    "first rows that are marked": (
        "date,y\n2024-01-01,closed\n2024-01-02,closed\n2024-01-03,1\n2024-01-04,2\n2024-01-05,2\n",
        '"closed" is not a number',
    ),
    "a first row without a date": ("date,a,b\n??,1,2\n" + ROWS, '"??" is not a timestamp'),
}


@pytest.mark.parametrize(("content", "message"), NO_MARGINS.values(), ids=NO_MARGINS)
def test_a_row_with_a_mistake_is_a_row(tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "data.csv"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(DataError) as error:
        read_data(path)
    assert message in str(error.value)


def test_a_note_of_several_lines_in_the_last_row_is_no_remark(understand: Understand) -> None:
    content = 'date,y,note\n2024-01-01,1,a\n2024-01-02,2,"x\nmore, text"\n'
    assert understand(content, AUTO) == "date %Y-%m-%d, 1 day; targets y; ignored note\n: 2024-01-01 1 2"


def test_a_header_and_a_comment_are_found_far_into_a_file(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    days = [
        f"{1700 + year}-{month:02}-{day:02},1,5\n"
        for year in range(300)
        for month in range(1, 13)
        for day in range(1, 28)
    ]
    path = tmp_path / "data.csv"
    path.write_text(
        HEAD + "".join(days[:90_000]) + HEAD + "# new sensor\n" + "".join(days[90_000:]), encoding="utf-8"
    )
    panel = read_data(path, Asked(target=("a",)))
    assert panel.columns.targets == ("a",)
    assert caplog.messages[:2] == [
        'data.csv: line 90002 repeats the header and is skipped: "date,a,b"',
        'data.csv: line 90003 is a comment and is skipped: "# new sensor"',
    ]


def test_a_total_below_a_large_file_is_found(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "data.csv"
    path.write_text(
        "time,y\n" + "".join(f"{1_700_000_000 + 60 * n},{n}\n" for n in range(20_000)) + "Total,5\n\n"
    )
    assert read_data(path).lengths().tolist() == [20_000]
    assert caplog.messages == ['data.csv: line 20002 stands below the last row and is skipped: "Total,5"']


FEW = "2024-01-01,1,5\n2024-01-02,2,6\n"
FOR_A_MODEL = {
    "a title": "Title\n\n" + HEAD + FEW,
    "keys and values": "Title:,x\nUnits:,y\n\n" + HEAD + FEW,
    "more lines of title than rows": "".join(f"line {number}\n" for number in range(20)) + HEAD + FEW,
    "units": HEAD + ",EUR,EUR\n" + FEW,
    "units of the time": HEAD + "UTC,mm,mm\n" + FEW,
    "a total": HEAD + FEW + "Total,3,11\n",
    "a source": HEAD + FEW + "\nSource: x, y\n",
    "comments": "# a\n# b\n" + HEAD + FEW,
    "a header in a comment": "# a\n# date,a,b\n" + FEW,
    "the header again": HEAD + FEW.splitlines(keepends=True)[0] + HEAD + FEW.splitlines(keepends=True)[1],
    "three lines of header": "Price,a,b\nTicker,AAPL,AAPL\ndate,,\n" + FEW,
    "blanks": (HEAD + FEW).replace(",", "   "),
    "all of it": "# c\nTitle\n\n" + HEAD + ",mm,mm\n" + FEW + "\nSource: y\n",
}


@pytest.mark.parametrize("content", FOR_A_MODEL.values(), ids=FOR_A_MODEL)
def test_a_model_reads_two_rows_within_lines_that_are_none(tmp_path: Path, content: str) -> None:
    path = tmp_path / "data.csv"
    path.write_text(content, encoding="utf-8")
    asked = AskedByModel.of(Columns("date", "%Y-%m-%d", ("a", "b")), TimeStep(1, "day"))
    assert describe_series(read_for_model(path, asked)) == ["a: 2024-01-01 1 2", "b: 2024-01-01 5 6"]


def test_a_line_of_widths_below_the_header_is_no_row(tmp_path: Path) -> None:
    path = tmp_path / "flow.rdb"
    rows = "".join(f"USGS\t01646500\t2024-01-{day:02}\t{day * 7 % 5}.5\tA\n" for day in range(1, 20))
    header = "# U.S. Geological Survey\nagency_cd\tsite_no\tdatetime\tflow\tflow_cd\n5s\t15s\t20d\t14n\t10s\n"
    path.write_text(header + rows, encoding="utf-8")
    panel = read_data(path)
    assert (panel.columns.time, panel.columns.targets, len(panel.values)) == ("datetime", ("flow",), 19)
    assert any("line 3 stands between the header and the first row" in note for note in panel.notes)
