"""Cells that are not numbers: each with its exact message."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from cases import Bad, days

from forecaster.config import Asked
from forecaster.data import read_data

BAD: dict[str, Bad] = {
    "a word among numbers": Bad(
        days("1", "2", "abc", "4"),
        'column "y": "abc" is not a number\n'
        "  --> data.csv:4    2024-01-03,abc\n"
        '  1 such cell (line 4); --na "abc" reads it as missing',
    ),
    "a word among texts for missing": Bad(
        days("1", "NA", "abc", "NaN", "NA"),
        'column "y": "abc" is not a number\n'
        "  --> data.csv:4    2024-01-03,abc\n"
        '  1 such cell (line 4); --na "abc" reads it as missing',
    ),
    "a word three times": Bad(
        days("1", "2", "abc", "4", "5", "6", "abc", "abc"),
        'column "y": "abc" is not a number\n'
        "  --> data.csv:4    2024-01-03,abc\n"
        '  3 such cells (lines 4, 8, 9); --na "abc" reads it as missing',
    ),
    "a word more often than is listed": Bad(
        days(*["x", "1"] * 12),
        'column "y": "x" is not a number\n'
        "  --> data.csv:2    2024-01-01,x\n"
        '  12 such cells (lines 2, 4, 6, ...); --na "x" reads it as missing',
    ),
    "two words": Bad(
        days("1", "nk", "3", "?", "5"),
        'column "y": "nk" is not a number\n'
        "  --> data.csv:3    2024-01-02,nk\n"
        '  2 such cells (lines 3, 5); --na "nk" --na "?" reads them as missing',
    ),
    "many words": Bad(
        days("1", "a", "b", "c", "d", "6", "7", "8"),
        'column "y": "a" is not a number\n'
        "  --> data.csv:3    2024-01-02,a\n"
        "  4 such cells (lines 3, 4, 5, ...); --na TEXT, once for each text, reads them as missing",
    ),
    "a stray quote in a number": Bad(
        days("1", '2"5'),
        'column "y": "2"5" is not a number\n'
        '  --> data.csv:3    2024-01-02,2"5\n'
        "  1 such cell (line 3); write such cells as plain numbers, such as 1234.5 or -1032, and leave "
        "missing ones empty",
    ),
    "a word after quoted and blank lines": Bad(
        "date,note,y\n2024-01-01,'two\nlines',1\n\n2024-01-02,-,abc\n2024-01-03,-,3\n".replace("'", '"'),
        'column "y": "abc" is not a number\n'
        "  --> data.csv:5    2024-01-02,-,abc\n"
        '  1 such cell (line 5); --na "abc" reads it as missing',
    ),
    "a word in a file of one column": Bad(
        "y\n1\n\n3\nabc\n",
        'column "y": "abc" is not a number\n'
        "  --> data.csv:5    abc\n"
        '  1 such cell (line 5); --na "abc" reads it as missing',
    ),
    "a word in a packed UTF-16 file": Bad(
        gzip.compress("date\ty\n2024-01-01\t1\n\n2024-01-02\tabc\n2024-01-03\t3\n".encode("utf-16")),
        'column "y": "abc" is not a number\n'
        "  --> data.csv:4    2024-01-02\tabc\n"
        '  1 such cell (line 4); --na "abc" reads it as missing',
    ),
    "a target of words": Bad(
        days("low", "high"),
        'column "y": "low" is not a number\n'
        "  --> data.csv:2    2024-01-01,low\n"
        '  2 such cells (lines 2, 3); --na "low" --na "high" reads them as missing',
        Asked(target=("y",)),
    ),
    "a value that is not finite": Bad(
        days("1", "inf", "3"),
        'column "y": "inf" is not finite\n'
        "  --> data.csv:3    2024-01-02,inf\n"
        '  1 such cell (line 3); --na "inf" reads it as missing',
    ),
    "a minus infinity": Bad(
        days("1", "-Infinity", "3"),
        'column "y": "-Infinity" is not finite\n'
        "  --> data.csv:3    2024-01-02,-Infinity\n"
        '  1 such cell (line 3); --na "-Infinity" reads it as missing',
    ),
    "a number beyond float64": Bad(
        "date;y\n2024-01-01;1,5\n2024-01-02;1e999\n",
        'column "y": "1e999" is not finite\n'
        "  --> data.csv:3    2024-01-02;1e999\n"
        '  1 such cell (line 3); --na "1e999" reads it as missing',
    ),
    "a whole number beyond float64": Bad(
        days("1", "9" * 320, "3"),
        f'column "y": "{"9" * 320}" is not finite\n'
        f"  --> data.csv:3    2024-01-02,{'9' * 149} ...\n"
        f'  1 such cell (line 3); --na "{"9" * 320}" reads it as missing',
    ),
    "a number beyond float32": Bad(
        days("1", "1e39", "3"),
        'column "y": "1e39" is beyond what 32-bit floating point holds\n'
        "  --> data.csv:3    2024-01-02,1e39\n"
        '  1 such cell (line 3); --na "1e39" reads it as missing',
    ),
    "a decimal point among decimal commas": Bad(
        "date;a;b\n2024-01-01;1,5;1,5\n2024-01-02;2,5;2.5\n",
        'column "b": "2.5" has a decimal point\n'
        "  --> data.csv:3    2024-01-02;2,5;2.5\n"
        "  1 such cell (line 3); expected a decimal comma",
    ),
    "commas that may be thousands": Bad(
        "date\ty\n2024-01-01\t1,234\n2024-01-02\t2,345\n",
        'column "y": "1,234" is unclear: the comma may mark decimals or thousands\n'
        "  --> data.csv:2    2024-01-01\t1,234\n"
        "  2 such cells (lines 2, 3); write numbers without thousands separators",
    ),
    "quoted commas that may be thousands": Bad(
        days('"1,234"', '"2,345"'),
        'column "y": "1,234" is unclear: the comma may mark decimals or thousands\n'
        '  --> data.csv:2    2024-01-01,"1,234"\n'
        "  2 such cells (lines 2, 3); write numbers without thousands separators",
    ),
    "no value at all": Bad(
        days("", "NA"),
        'no column of numbers to forecast; columns: "date" (time), "y" (empty)',
    ),
    "no value of the target": Bad(
        days("", "NA"),
        "no target value at all: every cell is missing",
        Asked(target=("y",)),
    ),
}


@pytest.mark.parametrize("bad", BAD.values(), ids=BAD)
def test_a_bad_number_is_refused_with_its_message(tmp_path: Path, bad: Bad) -> None:
    path = tmp_path / "data.csv"
    path.write_bytes(bad.content.encode() if isinstance(bad.content, str) else bad.content)
    with pytest.raises(bad.error) as error:
        read_data(path, bad.choice)
    assert (type(error.value), str(error.value)) == (bad.error, bad.message)
