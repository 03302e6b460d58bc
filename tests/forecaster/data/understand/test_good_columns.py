"""Columns, series and layouts: each file with all that is understood of it."""

from __future__ import annotations

import re

import pytest
from cases import Good, Understand, days

from forecaster.config import Asked

SHOPS = """\
date,shop,city,sales
2024-01-01,b,Rome,1
2024-01-02,b,Rome,2
2024-01-01,a,Oslo,3
2024-01-02,a,Oslo,4
"""
PROMO = "date,y,promo\n2024-01-01,1,0\n2024-01-02,2,1\n2024-01-03,,1\n2024-01-04,,0\n"
PROMO_IS_KNOWN = (
    '"y" ends 2 rows before "promo": "promo" is read as known ahead by 2 steps (--target with all of them '
    "forecasts them, too)"
)


GOOD: dict[str, Good] = {
    "one column": Good(
        "y\n4\n\n6\n",
        "None index, 1 row; targets y\n: 0 4 - 6",
    ),
    "one row of one column": Good(
        "y\n4\n",
        "None index, 1 row; targets y\n: 0 4",
    ),
    "decimal years that are the names of rows": Good(
        ",y\n" + "".join(f"{1962 + quarter / 4},{quarter}\n" for quarter in range(16)),
        "unnamed column 1 %[year.1-2 month], 3 months; targets y\n"
        f": 1962.0 {' '.join(map(str, range(16)))}\n"
        'column "unnamed column 1": "1962.0" is read as 1962-01-01, of the form %[year.1-2 month] '
        "(--time COLUMN names another column)",
    ),
    "numbers that are called time and are none": Good(
        "time,cal\n0.45,1\n0.45,2\n1.3,3\n2.4,4\n",
        "None index, 1 row; targets time, cal\ntime: 0 0.45 0.45 1.3 2.4\ncal: 0 1 2 3 4\n"
        'data.csv: column "time" is called like time, but its numbers, such as 0.45, are no dates and no '
        "even steps; the rows are numbered (--time COLUMN names the time)",
    ),
    "coordinates that could be seconds since 1970": Good(
        "position\n" + "".join(f"{1992059000 + 8 * (place % 2)}\n" for place in range(5)),
        "None index, 1 row; targets position\n: 0 1992059000 1992059008 1992059000 1992059008 1992059000",
    ),
    "a series of a column": Good(
        SHOPS,
        "date %Y-%m-%d, 1 day; targets sales; series shop; static city\n"
        "b, Rome: 2024-01-01 1 2\n"
        "a, Oslo: 2024-01-01 3 4",
    ),
    "rows by time, then series": Good(
        "date,shop,y\n2024-01-01,b,1\n2024-01-01,a,2\n2024-01-02,b,3\n2024-01-02,a,4\n",
        "date %Y-%m-%d, 1 day; targets y; series shop\nb: 2024-01-01 1 3\na: 2024-01-01 2 4",
    ),
    "rows in no order": Good(
        days("1", "2") + "2023-12-31,0\n",
        "date %Y-%m-%d, 1 day; targets y\n"
        ": 2023-12-31 0 1 2\n"
        "data.csv: rows are not in order of time; sorted",
    ),
    "two keys": Good(
        "date,shop,item,y\n"
        + "".join(f"2024-01-0{day},{key},{day}\n" for key in ("a,x", "a,y", "b,x", "b,y") for day in (1, 2)),
        "date %Y-%m-%d, 1 day; targets y; series shop, item\n"
        "a, x: 2024-01-01 1 2\n"
        "a, y: 2024-01-01 1 2\n"
        "b, x: 2024-01-01 1 2\n"
        "b, y: 2024-01-01 1 2",
    ),
    "a region above the shops": Good(
        "date,region,shop,y\n"
        + "".join(f"2024-01-0{day},{key},{day}\n" for key in ("n,a", "n,b", "s,c") for day in (1, 2)),
        "date %Y-%m-%d, 1 day; targets y; series shop; static region\n"
        "a, n: 2024-01-01 1 2\n"
        "b, n: 2024-01-01 1 2\n"
        "c, s: 2024-01-01 1 2",
    ),
    "numbers as a key": Good(
        "date,shop,y\n2024-01-01,007,1\n2024-01-02,007,2\n2024-01-01,8,3\n2024-01-02,8,4\n",
        "date %Y-%m-%d, 1 day; targets y; series shop\n007: 2024-01-01 1 2\n8: 2024-01-01 3 4",
        Asked(series=("shop",)),
    ),
    "an empty cell as a key": Good(
        SHOPS.replace(",a,", ",,"),
        "date %Y-%m-%d, 1 day; targets sales; series shop; static city\n"
        "b, Rome: 2024-01-01 1 2\n"
        ", Oslo: 2024-01-01 3 4",
        Asked(series=("shop",)),
    ),
    "a country that is called as R calls the missing": Good(
        SHOPS.replace(",a,", ",NA,"),
        "date %Y-%m-%d, 1 day; targets sales; series shop; static city\n"
        "b, Rome: 2024-01-01 1 2\n"
        "NA, Oslo: 2024-01-01 3 4",
    ),
    "such a country before all others": Good(
        "date,country,y\n"
        + "".join(f"{day},{country},{day}\n" for country in ("NA", "US") for day in range(1, 1203)),
        "date index, 1 row; targets y; series country\n"
        + "\n".join(f"{name}: 1 " + " ".join(map(str, range(1, 1203))) for name in ("NA", "US")),
    ),
    "such a country among numbers": Good(
        "date,key,y\n2024-01-01,1,1\n2024-01-02,1,2\n2024-01-01,NA,3\n2024-01-02,NA,4\n",
        "date %Y-%m-%d, 1 day; targets y; series key\n1: 2024-01-01 1 2\nNA: 2024-01-01 3 4",
        Asked(series=("key",)),
    ),
    "a text for missing that was named as a key": Good(
        SHOPS.replace(",a,", ",NA,"),
        "date %Y-%m-%d, 1 day; targets sales; series shop; static city\n"
        "b, Rome: 2024-01-01 1 2\n"
        ", Oslo: 2024-01-01 3 4\n"
        '2 rows have an empty "shop": read as one more series, without a name (--series names other columns)',
        Asked(na=("NA",)),
    ),
    "starts and ends of their own": Good(
        SHOPS + "2024-01-03,a,Oslo,5\n2023-12-31,b,Rome,0\n",
        "date %Y-%m-%d, 1 day; targets sales; series shop; static city\n"
        "b, Rome: 2023-12-31 0 1 2\n"
        "a, Oslo: 2024-01-01 3 4 5\n"
        "data.csv: rows are not in order of time; sorted",
    ),
    "a series without a value": Good(
        SHOPS.replace("o,3", "o,").replace("o,4", "o,"),
        "date %Y-%m-%d, 1 day; targets sales; series shop; static city\n"
        "b, Rome: 2024-01-01 1 2\n"
        "series a has no observed value; dropped",
    ),
    "a category that is missing": Good(
        SHOPS.replace("Oslo", ""),
        "date %Y-%m-%d, 1 day; targets sales; series shop; static city\n"
        "b, Rome: 2024-01-01 1 2\n"
        "a, -: 2024-01-01 3 4",
        Asked(static=("city",)),
    ),
    "a category that is missing as R writes it": Good(
        SHOPS.replace("01,a,Oslo", "01,a,NA").replace("Rome", "N/A"),
        "date %Y-%m-%d, 1 day; targets sales; series shop; static city\n"
        "b, -: 2024-01-01 1 2\n"
        "a, Oslo: 2024-01-01 3 4",
        Asked(static=("city",)),
    ),
    "a text that changes": Good(
        SHOPS.replace("02,b,Rome", "02,b,Bari"),
        "date %Y-%m-%d, 1 day; targets sales; series shop; ignored city\n"
        "b: 2024-01-01 1 2\n"
        "a: 2024-01-01 3 4",
    ),
    "a remark in some rows": Good(
        "date,y,remark\n2024-01-01,1,\n2024-01-02,2,holiday\n2024-01-03,3,\n",
        "date %Y-%m-%d, 1 day; targets y; ignored remark\n: 2024-01-01 1 2 3",
    ),
    "a column a series": Good(
        "date,a,b\n2024-01-01,1,\n2024-01-02,2,5\n2024-01-03,3,6\n",
        "date %Y-%m-%d, 1 day; targets a, b\na: 2024-01-01 1 2 3\nb: 2024-01-02 5 6",
    ),
    "columns that end one after another": Good(
        "date,a,b,c\n2024-01-01,1,1,1\n2024-01-02,2,2,2\n2024-01-03,3,3,\n2024-01-04,4,,\n",
        "date %Y-%m-%d, 1 day; targets a, b, c\n"
        "a: 2024-01-01 1 2 3 4\n"
        "b: 2024-01-01 1 2 3\n"
        "c: 2024-01-01 1 2\n"
        '"b", "c" end before others: all are forecast (--known names what is known ahead)',
    ),
    "sensors that take turns": Good(
        "t,sensor,y\n"
        + "".join(
            f"2024-01-01 0{hour}:{minute:02},{name},{hour}\n"
            for hour in range(5)
            for minute, name in ((0, "a"), (10, "b"))
        ),
        "t %Y-%m-%d %H:%M, 1 hour; targets y; series sensor\n"
        "a: 2024-01-01 00:00 0 1 2 3 4\n"
        "b: 2024-01-01 00:10 0 1 2 3 4",
    ),
    "the bounds of a query": Good(
        "_start,_time,_value\n2024-01-01,2024-01-05,1\n2024-01-01,2024-01-06,2\n",
        "_time %Y-%m-%d, 1 day; targets _value; ignored _start\n: 2024-01-05 1 2",
    ),
    "what nobody named may hold anything beside a target": Good(
        "date,y,holiday\n2024-01-01,1,a\n2024-01-02,2,0\n2024-01-03,3,0\n2024-01-04,4,0\n",
        "date %Y-%m-%d, 1 day; targets y; ignored holiday\n: 2024-01-01 1 2 3 4",
        Asked(target=("y",)),
    ),
    "a missing value as PostgreSQL writes it": Good(
        "date,y\n2024-01-01,1\n2024-01-02,\\N\n2024-01-03,3\n",
        "date %Y-%m-%d, 1 day; targets y\n: 2024-01-01 1 - 3",
    ),
    "whole numbers as a key": Good(
        "date,store,y\n2024-01-01,1,5\n2024-01-02,1,6\n2024-01-01,2,7\n2024-01-02,2,8\n",
        "date %Y-%m-%d, 1 day; targets y; series store\n1: 2024-01-01 5 6\n2: 2024-01-01 7 8",
    ),
    "a number of each series": Good(
        SHOPS.replace("Rome", "3.5").replace("Oslo", "8"),
        "date %Y-%m-%d, 1 day; targets sales; series shop; static city\n"
        "b, 3.5: 2024-01-01 1 2\n"
        "a, 8: 2024-01-01 3 4",
    ),
    "a covariate that ends with the target": Good(
        PROMO,
        "date %Y-%m-%d, 1 day; targets y; past promo\n: 2024-01-01 1 2 | promo 0 1",
        Asked(past=("promo",)),
    ),
    "several targets of several series": Good(
        re.sub(r"(\d)\n", r"\1,\g<1>0\n", SHOPS).replace("sales", "sales,visits"),
        "date %Y-%m-%d, 1 day; targets sales, visits; series shop; static city\n"
        "b, sales, Rome: 2024-01-01 1 2\n"
        "a, sales, Oslo: 2024-01-01 3 4\n"
        "b, visits, Rome: 2024-01-01 10 20\n"
        "a, visits, Oslo: 2024-01-01 30 40",
    ),
    "a covariate that goes on": Good(
        PROMO,
        "date %Y-%m-%d, 1 day; targets y; known promo\n: 2024-01-01 1 2 | promo 0 1 > 1 0\n" + PROMO_IS_KNOWN,
    ),
    "a covariate that was named": Good(
        PROMO.replace("2024-01-03,,1\n2024-01-04,,0\n", ""),
        "date %Y-%m-%d, 1 day; targets y; known promo\n: 2024-01-01 1 2 | promo 0 1",
        Asked(known=("promo",)),
    ),
    "a covariate of truth values": Good(
        PROMO.replace(",0", ",False").replace(",1\n", ",True\n"),
        "date %Y-%m-%d, 1 day; targets y; known promo\n: 2024-01-01 1 2 | promo 0 1 > 1 0\n" + PROMO_IS_KNOWN,
    ),
    "a covariate that goes on in each series": Good(
        "date,id,y,k\n2024-01-01,a,1,5\n2024-01-02,a,2,6\n2024-01-03,a,,7\n2024-01-01,b,3,8\n2024-0"
        "1-02,b,,9\n",
        "date %Y-%m-%d, 1 day; targets y; series id; known k\n"
        "a: 2024-01-01 1 2 | k 5 6 > 7\n"
        "b: 2024-01-01 3 | k 8 > 9",
        Asked(target=("y",)),
    ),
    "a target among other numbers": Good(
        "date,y,z\n2024-01-01,1,5\n2024-01-02,2,6\n",
        "date %Y-%m-%d, 1 day; targets y; ignored z\n: 2024-01-01 1 2",
        Asked(target=("y",)),
    ),
    "an empty column": Good(
        "date,y,z\n2024-01-01,1,\n2024-01-02,2,\n",
        "date %Y-%m-%d, 1 day; targets y; ignored z\n: 2024-01-01 1 2",
    ),
    "years in a column without a name": Good(
        ",lynx\n1821,1\n1822,2\n1823,4\n",
        "unnamed column 1 index, 1 row; targets lynx\n: 1821 1 2 4\n"
        "the first column has no name; its numbers, 1821 to 1823, are read as years (--time names another)",
    ),
    "years called so in Spanish": Good(
        "valor,año\n1,1950\n2,1951\n4,1952\n1,1953\n3,1954\n1,1955\n5,1956\n2,1957\n",
        "año index, 1 row; targets valor\n: 1950 1 2 4 1 3 1 5 2",
    ),
    "years of two words in German": Good(
        "Nr Jahr;Wert\n1901;1,5\n1902;2,5\n1904;4\n",
        "Nr Jahr index, 1 row; targets Wert\n: 1901 1.5 2.5 - 4",
    ),
    "years of a name that nobody knows": Good(
        "Ernte;Wert\n" + "".join(f"{1951 + row};{row * row % 7}\n" for row in range(9)),
        "Ernte index, 1 row; targets Wert\n: 1951 0 1 4 2 2 4 1 0 1\n"
        'column "Ernte": 1951 to 1959 are read as years (--time names another)',
    ),
    "rows numbered like years": Good(
        "row_no;Wert\n" + "".join(f"{1951 + row};{row * row % 7}\n" for row in range(9)),
        "None index, 1 row; targets Wert; ignored row_no\n: 0 0 1 4 2 2 4 1 0 1",
    ),
    "a number called year that holds none": Good(
        "Jahr;Wert\n7;1\n9;2\n8;4\n",
        "None index, 1 row; targets Jahr, Wert\nJahr: 0 7 9 8\nWert: 0 1 2 4",
    ),
    "falling years in a column without a name": Good(
        ",lynx\n1823,4\n1822,2\n1821,1\n",
        "unnamed column 1 index, 1 row; targets lynx\n: 1821 1 2 4\n"
        "data.csv: rows are not in order of time; sorted\n"
        "the first column has no name; its numbers, 1823 to 1821, are read as years (--time names another)",
    ),
    "numbers of rows in a column without a name": Good(
        ",lynx\n1,1\n2,2\n3,4\n",
        "None index, 1 row; targets lynx; ignored unnamed column 1\n: 0 1 2 4",
    ),
    "numbers in a column without a name that are no row's": Good(
        ",lynx\n2001,1\n2001,2\n2001,4\n",
        "None index, 1 row; targets lynx; ignored unnamed column 1\n: 0 1 2 4",
    ),
    "a row a series": Good(
        '"V1","V2","V3","V4"\n"H1",1,2,3\n"H2",4,,6\n"H3",7,,\n',
        "None index, 1 row; targets value; series V1; rows\nH1: 0 1 2 3\nH2: 0 4 - 6\nH3: 0 7",
    ),
    "rows that end early": Good(
        "id,V1,V2,V3\na,1,2,3\nb,4\nc,5,6\n",
        "None index, 1 row; targets value; series id; rows\na: 0 1 2 3\nb: 0 4\nc: 0 5 6",
    ),
    "ids of digits": Good(
        "id,1,2\n007,1,2\n8,3,4\n",
        "None index, 1 row; targets value; series id; rows\n007: 0 1 2\n8: 0 3 4",
        Asked(layout="rows"),
    ),
}


@pytest.mark.parametrize("good", GOOD.values(), ids=GOOD)
def test_a_column_is_understood(understand: Understand, good: Good) -> None:
    assert understand(good.content, good.choice) == good.understood
