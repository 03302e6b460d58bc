"""Columns, options and layouts that do not fit the file: each with its exact message."""

from __future__ import annotations

from pathlib import Path

import pytest
from cases import Bad, dates, days

from deploy.errors import ConfigError
from forecaster.config import Asked
from forecaster.data import read_data

SHOPS = "date,shop,kind,sales\n2024-01-01,a,p,1\n2024-01-02,a,p,2\n2024-01-01,b,q,3\n2024-01-02,b,q,4\n"
TWINS = "date,left,right,y\n" + "".join(
    f"2024-01-0{day},{store},{10 * store},{day * store}\n" for store in (1, 2) for day in (1, 2, 4)
)
ROWS = "V1,V2,V3\na,1,2\nb,3,4\nc,5,6\n"


BAD: dict[str, Bad] = {
    "a name misspelt": Bad(
        SHOPS,
        '--target "sale": no such column; did you mean "sales"? columns: date, shop, kind, sales',
        Asked(target=("sale",)),
        ConfigError,
    ),
    "a name like no other": Bad(
        SHOPS,
        '--known "zzz": no such column; columns: date, shop, kind, sales',
        Asked(known=("zzz",)),
        ConfigError,
    ),
    "a past covariate that does not exist": Bad(
        SHOPS,
        '--past "zzz": no such column; columns: date, shop, kind, sales',
        Asked(past=("zzz",)),
        ConfigError,
    ),
    "a time that does not exist": Bad(
        SHOPS,
        '--time "dat": no such column; did you mean "date"? columns: date, shop, kind, sales',
        Asked(time="dat"),
        ConfigError,
    ),
    "two roles for one column": Bad(
        SHOPS,
        'column "sales" is given as --target and as --known',
        Asked(target=("sales",), known=("sales",)),
        ConfigError,
    ),
    "a column twice in one role": Bad(
        SHOPS,
        'column "sales" is given twice as --target',
        Asked(target=("sales", "sales")),
        ConfigError,
    ),
    "a static that changes": Bad(
        SHOPS.replace("02,b,q", "02,b,p"),
        'column "kind" is static, but changes within a series: "q", then "p"\n'
        "  --> data.csv:4    2024-01-01,b,q,3\n"
        "  --> data.csv:5    2024-01-02,b,p,4\n"
        "  every row of a series needs the same category",
        Asked(static=("kind",)),
    ),
    "a static number that changes": Bad(
        "date,id,area,y\n2024-01-01,a,,1\n2024-01-02,a,5,2\n2024-01-03,a,7.5,2\n2024-01-01,b,9,3\n",
        'column "area" is static, but changes within a series: "5", then "7.5"\n'
        "  --> data.csv:3    2024-01-02,a,5,2\n"
        "  --> data.csv:4    2024-01-03,a,7.5,2\n"
        "  every row of a series needs the same number",
        Asked(static=("area",)),
    ),
    "only covariates": Bad(
        SHOPS,
        "every column of numbers is a covariate; --target names what to forecast",
        Asked(known=("sales",)),
    ),
    "only covariates that end with the targets": Bad(
        SHOPS,
        "every column of numbers is a covariate; --target names what to forecast",
        Asked(past=("sales",)),
    ),
    "a known covariate of words": Bad(
        SHOPS,
        'column "kind": "p" is not a number\n'
        "  --> data.csv:2    2024-01-01,a,p,1\n"
        '  4 such cells (lines 2, 3, 4, ...); --na "p" --na "q" reads them as missing',
        Asked(known=("kind",)),
    ),
    "a past covariate of words": Bad(
        SHOPS,
        'column "kind": "p" is not a number\n'
        "  --> data.csv:2    2024-01-01,a,p,1\n"
        '  4 such cells (lines 2, 3, 4, ...); --na "p" --na "q" reads them as missing',
        Asked(past=("kind",)),
    ),
    "whole numbers of which several could be the key": Bad(
        TWINS,
        "timestamp 2024-01-01 appears twice\n"
        "  --> data.csv:2    2024-01-01,1,10,1\n"
        "  --> data.csv:5    2024-01-01,2,20,2\n"
        '  3 such pairs of rows; --series "left" separates several series in one file',
    ),
    "several series and no column for them": Bad(
        dates("2024-01-01", "2024-01-02", "2024-01-01", "2024-01-02"),
        "timestamp 2024-01-01 appears twice\n"
        "  --> data.csv:2    2024-01-01,1\n"
        "  --> data.csv:4    2024-01-01,3\n"
        "  2 such pairs of rows; keep one row of each, or --aggregate mean takes the mean of each step",
    ),
    "a date and hours that no day has": Bad(
        "date,hour,y\n2024-01-01,50,5\n2024-01-01,51,6\n2024-01-01,62,7\n",
        "timestamp 2024-01-01 appears twice\n"
        "  --> data.csv:2    2024-01-01,50,5\n"
        "  --> data.csv:3    2024-01-01,51,6\n"
        '  2 such pairs of rows; join the columns "date" and "hour" if they are one timestamp together',
    ),
    "a date and times that no day has": Bad(
        "date,clock,y\n"
        + "".join(f"2024-01-0{day},{hour}:30,1\n" for day in (1, 2) for hour in (30, 31, 32)),
        'the rows of a "date" differ in their "clock": join these columns to one of timestamps, such as '
        '2024-01-31 13:00; if every clock is a series of its own, --series "clock" says so',
    ),
    "a date and hours from 0 to 24": Bad(
        "date,hour,y\n" + "".join(f"2024-01-0{day},{hour},1\n" for day in (1, 2) for hour in range(25)),
        'the rows of a "date" differ in their "hour": join these columns to one of timestamps, such as '
        '2024-01-31 13:00; if every hour is a series of its own, --series "hour" says so',
    ),
    "a year and months that no year has": Bad(
        "year,month,y\n" + "".join(f"{year},{month},1\n" for year in (2022, 2023) for month in range(13, 25)),
        'the rows of a "year" differ in their "month": join these columns to one of timestamps, such as '
        '2024-01-31 13:00; if every month is a series of its own, --series "month" says so',
    ),
    "a timestamp twice in a series": Bad(
        SHOPS + "2024-01-02,a,p,9\n",
        "timestamp 2024-01-02 of series a appears twice\n"
        "  --> data.csv:3    2024-01-02,a,p,2\n"
        "  --> data.csv:6    2024-01-02,a,p,9\n"
        '  1 such pair of rows; keep one row of each, or --series "shop" --aggregate mean '
        "takes the mean of each step",
    ),
    "a timestamp thrice": Bad(
        dates("2024-01-01", "2024-01-02", "2024-01-02", "2024-01-02"),
        "timestamp 2024-01-02 appears twice\n"
        "  --> data.csv:3    2024-01-02,2\n"
        "  --> data.csv:4    2024-01-02,3\n"
        "  2 such pairs of rows; keep one row of each, or --aggregate mean takes the mean of each step",
    ),
    "wide with a series column": Bad(
        SHOPS,
        "--layout wide has a column a series; leave out --series",
        Asked(layout="wide", series=("shop",)),
        ConfigError,
    ),
    "long without a series column": Bad(
        days("1", "2"),
        "--layout long: no column of text tells series apart; --series COLUMN names one",
        Asked(layout="long"),
        ConfigError,
    ),
    "rows with a target": Bad(
        ROWS,
        "--layout rows has a row a series, and --series for the column of ids alone; found --target V2",
        Asked(layout="rows", target=("V2",)),
        ConfigError,
    ),
    "rows with two keys": Bad(
        ROWS,
        "--layout rows has a row a series, and --series for the column of ids alone; found --series V1 V2",
        Asked(layout="rows", series=("V1", "V2")),
        ConfigError,
    ),
    "rows of one id": Bad(
        ROWS.replace("b,", "a,"),
        'column "V1": "a" names a series once more\n'
        "  --> data.csv:3    a,3,4\n"
        "  1 such cell (line 3); every row needs an id of its own",
        Asked(layout="rows"),
    ),
    "rows without an id": Bad(
        ROWS.replace("b,", ","),
        'column "V1": an empty cell does not name a series\n'
        "  --> data.csv:3    ,3,4\n"
        "  1 such cell (line 3); every row needs an id",
        Asked(layout="rows"),
    ),
    "rows with a word": Bad(
        ROWS.replace("4", "x"),
        'column "V3": "x" is not a number\n'
        "  --> data.csv:3    b,3,x\n"
        '  1 such cell (line 3); --na "x" reads it as missing',
    ),
    "rows with a cell too many": Bad(
        ROWS.replace("4", "4,5"),
        "a row has 4 cells, the header has 3\n"
        "  --> data.csv:3    b,3,4,5\n"
        "  1 such row (line 3); if the commas are decimal ones, write 1.5 for 1,5, or separate the cells "
        'with ";"',
    ),
    "rows of ids alone": Bad(
        "V1\na\nb\n",
        'a row a series: "V1" is the only column, expected columns of numbers after the ids',
        Asked(layout="rows"),
    ),
    "rows under dates": Bad(
        "id,2024-01-01,2024-01-02\na,1,2\nb,3,4\n",
        'every row seems to be a series: "id" differs in each, and the columns "2024-01-01" to '
        '"2024-01-02" follow each other in time\n'
        '  --layout rows reads the rows as series, once every column but "id" holds numbers; --layout wide '
        "reads the columns as series",
    ),
    "rows under years after two texts": Bad(
        "country,code,2000,2001\nDE,DEU,1,2\nFR,FRA,3,4\n",
        'every row seems to be a series: "country" differs in each, and the columns "2000" to "2001" '
        "follow each other in time\n"
        '  --layout rows reads the rows as series, once every column but "country" holds numbers; --layout '
        "wide reads the columns as series",
    ),
}


@pytest.mark.parametrize("bad", BAD.values(), ids=BAD)
def test_a_column_that_does_not_fit_is_refused_with_its_message(tmp_path: Path, bad: Bad) -> None:
    path = tmp_path / "data.csv"
    path.write_bytes(bad.content.encode() if isinstance(bad.content, str) else bad.content)
    with pytest.raises(bad.error) as error:
        read_data(path, bad.choice)
    assert (type(error.value), str(error.value)) == (bad.error, bad.message)
