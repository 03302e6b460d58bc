"""Columns of numbers with signs and units: each file with all that is understood of it, and what is said."""

from __future__ import annotations

import pandas as pd
import pytest
from cases import Good, Understand, days

from forecaster.config import Asked

GOOD: dict[str, Good] = {
    "a currency": Good(
        days("$10", "$20.50"),
        'date %Y-%m-%d, 1 day; targets y\n: 2024-01-01 10 20.5\ncolumn "y": "$10" is read as 10',
    ),
    "a currency and decimal commas between semicolons": Good(
        "date;y\n2024-01-01;10,50 €\n2024-01-02;1.234,00 €\n",
        'date %Y-%m-%d, 1 day; targets y\n: 2024-01-01 10.5 1234\ncolumn "y": "10,50 €" is read as 10.5',
    ),
    "quoted decimal commas": Good(
        days("1", '"1,5"'),
        "date %Y-%m-%d, 1 day; targets y\n: 2024-01-01 1 1.5\n"
        'column "y": "1,5" is read as 1.5: commas mark decimals',
    ),
    "thousands and millions": Good(
        days("900K", "1.2M", "3"),
        "date %Y-%m-%d, 1 day; targets y\n: 2024-01-01 900000 1200000 3\n"
        'column "y": "900K" is read as 900000, "1.2M" is read as 1200000',
    ),
    "minus in three ways": Good(
        days("(5)", "5-", "\u22125", "5"),
        'date %Y-%m-%d, 1 day; targets y\n: 2024-01-01 -5 -5 -5 5\ncolumn "y": "(5)" is read as -5',
    ),
    "thousands set apart by spaces": Good(
        days("1 234", "2 345"),
        'date %Y-%m-%d, 1 day; targets y\n: 2024-01-01 1234 2345\ncolumn "y": "1 234" is read as 1234',
    ),
    "a unit, and cells without": Good(
        days("5 km", "6 km", "7"),
        'date %Y-%m-%d, 1 day; targets y\n: 2024-01-01 5 6 7\ncolumn "y": "5 km" is read as 5',
    ),
    "columns of one currency share a note": Good(
        "date,a,b\n2024-01-01,$1,$2\n2024-01-02,$3,$4\n",
        "date %Y-%m-%d, 1 day; targets a, b\na: 2024-01-01 1 3\nb: 2024-01-01 2 4\n"
        'columns "a", "b": "$1" is read as 1',
    ),
    "thousands that another column tells": Good(
        'date,a,b\n2024-01-01,"1,352",5.3\n2024-01-02,"1,400",6.1\n',
        "date %Y-%m-%d, 1 day; targets a, b\na: 2024-01-01 1352 1400\nb: 2024-01-01 5.3 6.1\n"
        'column "a": "1,352" is read as 1352, since other numbers tell that a point marks decimals',
    ),
    "thousands with points that another column tells": Good(
        "date;a;b\n2024-01-01;1,5;1.234\n2024-01-02;2,5;2.345\n",
        "date %Y-%m-%d, 1 day; targets a, b\na: 2024-01-01 1.5 2.5\nb: 2024-01-01 1234 2345\n"
        'column "b": "1.234" is read as 1234, since other numbers tell that a comma marks decimals',
    ),
    "thousands that dollars tell": Good(
        days('"$1,234"', '"$2,345"'),
        'date %Y-%m-%d, 1 day; targets y\n: 2024-01-01 1234 2345\ncolumn "y": "$1,234" is read as 1234',
    ),
    "footnotes": Good(
        days("1", "2", "3", "4p", "5 e", "6*"),
        "date %Y-%m-%d, 1 day; targets y\n: 2024-01-01 1 2 3 4 5 6\n"
        'column "y": "4p" (3 cells) is read as 4, and what follows as a footnote '
        '(--na "4p" reads it as missing)',
    ),
    "footnotes of several kinds on every number": Good(
        days("1p", "2e", "3p"),
        "date %Y-%m-%d, 1 day; targets y\n: 2024-01-01 1 2 3\n"
        'column "y": "1p" (3 cells) is read as 1, and what follows as a footnote',
        Asked(target=("y",)),
    ),
    "sizes that are constant in each series stay texts": Good(
        "date,shop,size,y\n2024-01-01,a,500 g,1\n2024-01-02,a,500 g,2\n"
        "2024-01-01,b,900 g,3\n2024-01-02,b,900 g,4\n",
        "date %Y-%m-%d, 1 day; targets y; series shop; static size\n"
        "a, 500 g: 2024-01-01 1 2\nb, 900 g: 2024-01-01 3 4",
    ),
    "sizes that tell series apart stay texts": Good(
        "date,size,y\n2024-01-01,500 g,1\n2024-01-02,500 g,2\n2024-01-01,900 g,3\n2024-01-02,900 g,4\n",
        "date %Y-%m-%d, 1 day; targets y; series size\n500 g: 2024-01-01 1 2\n900 g: 2024-01-01 3 4\n"
        'the numbers of "size" tell series apart, as ids do (--series COLUMN names other columns)',
    ),
    "limits": Good(
        days("1", "<0.5", "2"),
        'date %Y-%m-%d, 1 day; targets y\n: 2024-01-01 1 0.5 2\ncolumn "y": "<0.5" (1 cell) is read as 0.5 '
        '(--na "<0.5" reads it as missing)',
    ),
    "signs for missing": Good(
        days("1", ".", "3", ".."),
        "date %Y-%m-%d, 1 day; targets y\n: 2024-01-01 1 - 3\n"
        'column "y": ".", ".." (2 cells) are read as missing (--na "." --na ".." says so)',
    ),
    "words for missing": Good(
        days("1", "nil", "(blank)", "5"),
        "date %Y-%m-%d, 1 day; targets y\n: 2024-01-01 1 - - 5\n"
        'column "y": "nil", "(blank)" (2 cells) are read as missing (--na "nil" --na "(blank)" says so)',
    ),
    "dashes for missing": Good(
        days("1", "-", "3"),
        "date %Y-%m-%d, 1 day; targets y\n: 2024-01-01 1 - 3\n"
        'column "y": "-" (1 cell) is read as missing (--na "-" says so); write 0 where it means 0',
    ),
    "errors of a spreadsheet": Good(
        days("1", "#DIV/0!", "3"),
        "date %Y-%m-%d, 1 day; targets y\n: 2024-01-01 1 - 3\n"
        'column "y": "#DIV/0!" (1 cell) is read as missing (--na "#DIV/0!" says so)',
    ),
    "signs for missing that were named need no note": Good(
        days("1", "-", "3"),
        "date %Y-%m-%d, 1 day; targets y\n: 2024-01-01 1 - 3",
        Asked(na=("-",)),
    ),
    "a sentinel": Good(
        days("1", "-999", "3", "4", "5", "6", "-999", "7"),
        "date %Y-%m-%d, 1 day; targets y\n: 2024-01-01 1 -999 3 4 5 6 -999 7\n"
        'column "y": -999 (2 cells) is read as a number, though it lies far from all others; '
        "--na -999 reads it as missing",
    ),
    "-200 of a sensor": Good(
        days("11", "-200", "13", "14", "15", "16", "-200", "17"),
        "date %Y-%m-%d, 1 day; targets y\n: 2024-01-01 11 -200 13 14 15 16 -200 17\n"
        'column "y": -200 (2 cells) is read as a number, though it lies far from all others; '
        "--na -200 reads it as missing",
    ),
    "losses of round amounts": Good(
        days("0", "-100", "900", "400", "150", "160", "-100", "170"),
        "date %Y-%m-%d, 1 day; targets y\n: 2024-01-01 0 -100 900 400 150 160 -100 170",
    ),
    "two sentinels": Good(
        days("1", "-999", "3", "4", "5", "6", "-9999", "7"),
        "date %Y-%m-%d, 1 day; targets y\n: 2024-01-01 1 -999 3 4 5 6 -9999 7\n"
        'column "y": -9999 (1 cell) is read as a number, though it lies far from all others; '
        "--na -9999 reads it as missing\n"
        'column "y": -999 (1 cell) is read as a number, though it lies far from all others; '
        "--na -999 reads it as missing",
    ),
    "nines among the others": Good(
        days("90", "99", "105", "120", "97", "99"),
        "date %Y-%m-%d, 1 day; targets y\n: 2024-01-01 90 99 105 120 97 99",
    ),
    "yes and no where nothing else is a number": Good(
        days("yes", "no", "no"),
        "date %Y-%m-%d, 1 day; targets y\n: 2024-01-01 1 0 0\n"
        'column "y": "yes" is read as 1, "no" is read as 0',
    ),
    "yes and no as a covariate that was named": Good(
        "date,y,promo\n2024-01-01,1,Ja\n2024-01-02,2,Nein\n2024-01-03,3,Nein\n",
        "date %Y-%m-%d, 1 day; targets y; past promo\n: 2024-01-01 1 2 3 | promo 1 0 0\n"
        'column "promo": "Ja" is read as 1, "Nein" is read as 0',
        Asked(target=("y",), past=("promo",)),
    ),
    "yes and no next to numbers": Good(
        "date,y,promo\n2024-01-01,1,yes\n2024-01-02,2,no\n",
        "date %Y-%m-%d, 1 day; targets y; ignored promo\n: 2024-01-01 1 2",
    ),
    "kinds of holidays, each once": Good(
        "date,y,holiday\n"
        + "".join(f"2024-01-{day:02},{day},{'ab'[day - 21] if day > 20 else 0}\n" for day in range(1, 23)),
        "date %Y-%m-%d, 1 day; targets y; ignored holiday\n"
        f": 2024-01-01 {' '.join(map(str, range(1, 23)))}\n"
        'column "holiday" is left out: "a" is not a number; --na "a" reads it as missing',
    ),
    "categories of 0 and a": Good(
        "date,y,holiday\n"
        + "".join(f"2024-01-{day:02},{day},{'a' if day > 20 else 0}\n" for day in range(1, 25)),
        "date %Y-%m-%d, 1 day; targets y; ignored holiday\n"
        f": 2024-01-01 {' '.join(map(str, range(1, 25)))}\n"
        'column "holiday" is left out: "a" is not a number; --na "a" reads it as missing',
    ),
    "sizes that are of several units": Good(
        "date,y,size\n2024-01-01,1,500 g\n2024-01-02,2,1 l\n2024-01-03,3,750 g\n",
        "date %Y-%m-%d, 1 day; targets y; ignored size\n: 2024-01-01 1 2 3\n"
        'column "size" is left out: "1 l" is of another unit than the rest of the column: g and l; '
        "write all numbers of the column in one unit, or without units",
    ),
    "digits between signs of no number": Good(
        "date,y,part\n" + "".join(f"2024-01-0{day},{day},{day}_234\n" for day in range(1, 8)),
        "date %Y-%m-%d, 1 day; targets y; ignored part\n: 2024-01-01 1 2 3 4 5 6 7\n"
        'column "part" is left out: "1_234" is not a number as it stands; '
        "write such cells as plain numbers, such as 1234.5 or -1032, and leave missing ones empty",
    ),
    "quotes of spreadsheets before numbers": Good(
        days("'1.5", "'-2", '"=""3"""'),
        'date %Y-%m-%d, 1 day; targets y\n: 2024-01-01 1.5 -2 3\ncolumn "y": "\'1.5" is read as 1.5',
    ),
    "a frame of texts": Good(
        pd.DataFrame({"date": ["2024-01-01", "2024-01-02"], "y": ["$1,234.50", "(5.5)"]}),
        "date %Y-%m-%d, 1 day; targets y\n: 2024-01-01 1234.5 -5.5\n"
        'column "y": "$1,234.50" is read as 1234.5, "(5.5)" is read as -5.5',
    ),
}


@pytest.mark.parametrize("good", GOOD.values(), ids=GOOD)
def test_good_figures_are_understood(understand: Understand, good: Good) -> None:
    assert understand(good.content, good.choice) == good.understood
