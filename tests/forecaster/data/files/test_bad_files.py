"""Files that cannot be split into cells: each with its exact message."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from cases import AUTO, Bad, days

from deploy.errors import DataError
from forecaster.config import Asked
from forecaster.data import read_data

HEAD = "date,a,b\n2024-01-01,1,2\n"


BAD: dict[str, Bad] = {
    # no table
    "an empty file": Bad(
        "",
        "data.csv: the file is empty",
    ),
    "blank lines only": Bad(
        "\n \n\n",
        "data.csv: the file is empty",
    ),
    "a byte order mark alone": Bad(
        b"\xef\xbb\xbf",
        "data.csv: the file is empty",
    ),
    "a header alone": Bad(
        "date,y\n",
        "data.csv: a header and no rows",
    ),
    "a header and blank lines": Bad(
        "date;y\n\n\n",
        "data.csv: a header and no rows",
    ),
    "no header": Bad(
        "2024-01-01,1\n2024-01-02,2\n",
        'the header holds values, such as "2024-01-01", expected the names of the columns\n'
        "  --> data.csv:1    2024-01-01,1\n"
        "  write the names above line 1, or read the file with --no-header, which calls the columns c1, c2, "
        "...",
    ),
    "what PostgreSQL copies out, without a header": Bad(
        "2024-01-01 00:00:00+00\t1\t\\N\n2024-01-01 01:00:00+00\t2\t\\N\n",
        'the header holds values, such as "2024-01-01 00:00:00+00", expected the names of the columns\n'
        "  --> data.csv:1    2024-01-01 00:00:00+00\t1\t\\N\n"
        "  write the names above line 1, or read the file with --no-header, which calls the columns c1, c2, "
        "...",
    ),
    "numbers without a header": Bad(
        "1\n2\n3\n",
        'the header holds values, such as "1", expected the names of the columns\n'
        "  --> data.csv:1    1\n"
        "  write the names above line 1, or read the file with --no-header, which calls the columns c1, c2, "
        "...",
    ),
    "a hint for Excel that names another sign": Bad(
        "sep=^\ndate^y\n2024-01-01^1,5\n",
        'data.csv:1: the delimiter "^" is not read, expected comma, semicolon, tab or pipe\n'
        "  save the file with one of these",
    ),
    "a hint for Excel alone": Bad(
        "sep=;\n",
        "data.csv: the file is empty",
    ),
    "a short row below a hint for Excel": Bad(
        "sep=;\n\ndate;a;b\n2024-01-01;1;2\n2024-01-02;3\n",
        "a row has 2 cells, the header has 3\n"
        "  --> data.csv:5    2024-01-02;3\n"
        "  1 such row (line 5); fill in the empty cells, or --layout rows if every row is a series",
    ),
    "a cell that goes on below a hint for Excel": Bad(
        'sep=;\r\ndate;y\r\n2024-01-01;1\r\n2024-01-02;"2"3\r\n',
        "a cell continues after its closing quote\n"
        '  --> data.csv:4    2024-01-02;"2"3\n'
        '  write a quote within quotes twice: ""',
    ),
    "the row names of R": Bad(
        "date,y\n1,2024-01-01,1\n2,2024-01-02,2\n",
        "a row has 3 cells, the header has 2\n"
        "  --> data.csv:2    1,2024-01-01,1\n"
        "  no row fits line 1, the header; name every column there, or delete it if it is none",
    ),
    "names of rows that are words": Bad(
        "y,z\na,1.5,2.5\nb,3.5,4.5\nc,5.5,6.5\n",
        "a row has 3 cells, the header has 2\n"
        "  --> data.csv:2    a,1.5,2.5\n"
        "  no row fits line 1, the header; name every column there, or delete it if it is none",
    ),
    "a bzip2 file": Bad(
        b"BZh91AY&SY",
        "data.csv: is packed by bzip2, expected text (CSV), packed by gzip or not, or Parquet\n"
        "  save or unpack it as CSV",
    ),
    "a gzip file that is cut off": Bad(
        gzip.compress(days("1", "2").encode())[:-12],
        "data.csv: the gzip file is damaged: Compressed file ended before the end-of-stream marker was "
        "reached",
    ),
    "a gzip file with a wrong byte": Bad(
        gzip.compress(b"")[:10] + b"\xff" * 9,
        "data.csv: the gzip file is damaged: Error -3 while decompressing data: invalid block type",
    ),
    "Windows-1251": Bad(
        "date,число\n2024-01-01,1\n".encode("cp1251"),
        "data.csv: byte 5 (line 1) is not UTF-8: 0xf7\n"
        "  save the file as UTF-8; if it is Windows-1252: iconv -f WINDOWS-1252 -t UTF-8 data.csv > "
        "utf8-data.csv",
    ),
    "Windows-1251 in gzip": Bad(
        gzip.compress("date,y\n2024-01-01,да\n".encode("cp1251")),
        "data.csv: byte 18 (line 2) is not UTF-8: 0xe4\n  save the file as UTF-8",
    ),
    "UTF-8 with a damaged sign": Bad(
        "date,größe\n2024-01-01,1\n2024-01-02,".encode() + b"\xff\n",
        "data.csv: byte 37 (line 3) is not UTF-8: 0xff\n"
        "  save the file as UTF-8; if it is Windows-1252: iconv -f WINDOWS-1252 -t UTF-8 data.csv > "
        "utf8-data.csv",
    ),
    "a byte that Windows-1252 lacks": Bad(
        b"date,y\n2024-01-01,\x81\n",
        "data.csv: byte 18 (line 2) is not UTF-8: 0x81\n"
        "  save the file as UTF-8; if it is Windows-1252: iconv -f WINDOWS-1252 -t UTF-8 data.csv > "
        "utf8-data.csv",
    ),
    "a Git LFS pointer": Bad(
        "version https://git-lfs.github.com/spec/v1\noid sha256:abc\nsize 1234\n",
        "data.csv: is a Git LFS pointer, which stands in place of the data\n"
        "  fetch the file itself: git lfs pull",
    ),
    "a page in HTML": Bad(
        "\n<!DOCTYPE html>\n<html><head></head></html>\n",
        "data.csv: is a page in HTML, not the data\n  download the file itself, by its raw link",
    ),
    "a page without a document type": Bad(
        '<HTML lang="en">\n<body>1,2</body></html>\n',
        "data.csv: is a page in HTML, not the data\n  download the file itself, by its raw link",
    ),
    "XML": Bad(
        '<?xml version="1.0"?>\n<data></data>\n',
        "data.csv: is XML, expected a table\n  save the table as CSV",
    ),
    "UTF-8 with a mark and then not": Bad(
        b"\xef\xbb\xbfdate,y\n2024-01-01,1\n2024-01-02,\xff\n",
        "data.csv: byte 34 (line 3) is not UTF-8: 0xff\n"
        "  save the file as UTF-8; if it is Windows-1252: iconv -f WINDOWS-1252 -t UTF-8 data.csv > "
        "utf8-data.csv",
    ),
    "UTF-16 without a mark": Bad(
        days("1", "2").encode("utf-16-le"),
        "data.csv: holds zero bytes, so it is no text in UTF-8\n  save the file as UTF-8",
    ),
    "UTF-16 that ends in the middle": Bad(
        days("1", "2").encode("utf-16") + b"\x00\xd8",
        "data.csv: begins as UTF-16, but does not continue so\n  save the file as UTF-8",
    ),
    # shape
    "a row with a cell too many": Bad(
        HEAD + "2024-01-02,3,4,x\n",
        "a row has 4 cells, the header has 3\n"
        "  --> data.csv:3    2024-01-02,3,4,x\n"
        "  1 such row (line 3); if the commas are decimal ones, write 1.5 for 1,5, or separate the cells "
        'with ";"',
    ),
    "a cell too many in a semicolon file": Bad(
        "date;y\n2024-01-01;1\n2024-01-02;2;3\n",
        "a row has 3 cells, the header has 2\n"
        "  --> data.csv:3    2024-01-02;2;3\n"
        "  1 such row (line 3); take the surplus cells away, or quote the cells that hold a delimiter",
    ),
    "decimal commas between commas": Bad(
        days("1,5", "2", "3,25", "4", "5,5", "6,0"),
        "a row has 3 cells, the header has 2\n"
        "  --> data.csv:2    2024-01-01,1,5\n"
        "  4 such rows (lines 2, 4, 6, ...); if the commas are decimal ones, write 1.5 for 1,5, or "
        'separate the cells with ";"',
    ),
    "decimal commas between commas in every row": Bad(
        days("1,5", "2,5", "3,25"),
        "a row has 3 cells, the header has 2\n"
        "  --> data.csv:2    2024-01-01,1,5\n"
        "  3 such rows (lines 2, 3, 4); if the commas are decimal ones, write 1.5 for 1,5, or separate the "
        'cells with ";"',
    ),
    "a row without its last cell": Bad(
        HEAD + "2024-01-02,3\n2024-01-03,4,5\n",
        "a row has 2 cells, the header has 3\n"
        "  --> data.csv:3    2024-01-02,3\n"
        "  1 such row (line 3); fill in the empty cells, or --layout rows if every row is a series",
    ),
    "rows of a single cell": Bad(
        HEAD + "\n2024-01-02\n2024-01-03,4,5\n2024-01-04,6\n",
        "a row has 1 cell, the header has 3\n"
        "  --> data.csv:4    2024-01-02\n"
        "  2 such rows (lines 4, 6); fill in the empty cells, or --layout rows if every row is a series",
    ),
    "a row that is cut off at the end": Bad(
        HEAD + "2024-01-02,3,4\n2024-01",
        "a row has 1 cell, the header has 3\n"
        "  --> data.csv:4    2024-01\n"
        "  1 such row (line 4); fill in the empty cells, or --layout rows if every row is a series",
    ),
    "a short row beside quoted commas": Bad(
        'date,note,y\n2024-01-01,"a,b",1\n2024-01-02,"c,d"\n2024-01-03,e,3\n',
        "a row has 2 cells, the header has 3\n"
        '  --> data.csv:3    2024-01-02,"c,d"\n'
        "  1 such row (line 3); fill in the empty cells, or --layout rows if every row is a series",
    ),
    "a short row in a semicolon file": Bad(
        "date;a;b\n2024-01-01;1,5;2\n2024-01-02;3\n",
        "a row has 2 cells, the header has 3\n"
        "  --> data.csv:3    2024-01-02;3\n"
        "  1 such row (line 3); fill in the empty cells, or --layout rows if every row is a series",
    ),
    "a quoted cell that never ends": Bad(
        days("1", '"2', "3"),
        "a quoted cell is never closed\n"
        '  --> data.csv:3    2024-01-02,"2\n'
        "  close the quote, or take it away",
    ),
    "a number after a closing quote": Bad(
        HEAD + '2024-01-02,"3"4,5\n',
        "a cell continues after its closing quote\n"
        '  --> data.csv:3    2024-01-02,"3"4,5\n'
        '  write a quote within quotes twice: ""',
    ),
    "quotes inside a quoted cell": Bad(
        'date,note,y\n2024-01-01,"say "yes" now",1\n2024-01-02,,2\n',
        "a cell continues after its closing quote\n"
        '  --> data.csv:2    2024-01-01,"say "yes" now",1\n'
        '  write a quote within quotes twice: ""',
    ),
    "a cell that swallows lines": Bad(
        HEAD + '2024-01-02,"3,4\n2024-01-03,5,6\n2024-01-04,"7,8\n',
        "a cell continues after its closing quote\n"
        '  --> data.csv:3    2024-01-02,"3,4\n'
        '  write a quote within quotes twice: ""',
    ),
}


@pytest.mark.parametrize("bad", BAD.values(), ids=BAD)
def test_a_bad_file_is_refused_with_its_message(tmp_path: Path, bad: Bad) -> None:
    path = tmp_path / "data.csv"
    path.write_bytes(bad.content.encode() if isinstance(bad.content, str) else bad.content)
    with pytest.raises(bad.error) as error:
        read_data(path, bad.choice)
    assert (type(error.value), str(error.value)) == (bad.error, bad.message)


@pytest.mark.parametrize("bad", [bad for bad in BAD.values() if isinstance(bad.content, str)])
def test_a_bad_file_in_another_encoding_and_packed_is_refused_alike(tmp_path: Path, bad: Bad) -> None:
    path = tmp_path / "data.csv"
    path.write_bytes(gzip.compress(str(bad.content).encode("utf-16")))
    with pytest.raises(bad.error) as error:
        read_data(path, bad.choice)
    assert str(error.value) == bad.message


def test_a_byte_that_is_not_utf8_is_found_far_into_the_file(tmp_path: Path) -> None:
    path = tmp_path / "data.csv"
    path.write_bytes(b"date,y\n" + b"2024-01-01,1\n" * 100_000 + b"2024-01-02,\x81\n")
    with pytest.raises(DataError, match=r"^data\.csv: byte 1300018 \(line 100002\) is not UTF-8: 0x81\n"):
        read_data(path, AUTO)


def test_windows_1252_is_found_far_into_the_file(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "data.csv"
    rows = b"".join(b"%d,K,1\n" % (1_700_000_000 + 60 * number) for number in range(100_000))
    path.write_bytes(b"time,city,y\n" + rows + b"1800000000,K\xf6ln,2\n")
    assert read_data(path, Asked(series=("city",))).ids == (("K",), ("Köln",))
    assert 'is not UTF-8, and is read as Windows-1252 ("Köln")' in caplog.messages[0]


def test_a_file_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError) as error:
        read_data(tmp_path / "nothing.csv", AUTO)
    assert str(error.value) == f"{tmp_path / 'nothing.csv'}: no such file"


def test_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError) as error:
        read_data(tmp_path, AUTO)
    assert str(error.value) == f"{tmp_path}: the folder holds no Parquet file (*.parquet), found no file"
