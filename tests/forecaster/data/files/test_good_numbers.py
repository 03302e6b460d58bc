"""Cells that are numbers or missing: each file with all that is understood of it."""

from __future__ import annotations

import pytest
from cases import Good, Understand, days

from forecaster.config import Asked

GOOD: dict[str, Good] = {
    "whole numbers": Good(
        days("3", "0", "12"),
        "date %Y-%m-%d, 1 day; targets y\n: 2024-01-01 3 0 12",
    ),
    "negative and explicitly positive numbers": Good(
        days("-3", "+4"),
        "date %Y-%m-%d, 1 day; targets y\n: 2024-01-01 -3 4",
    ),
    "numbers without a digit on one side": Good(
        days("1.", ".5", "-.25"),
        "date %Y-%m-%d, 1 day; targets y\n: 2024-01-01 1 0.5 -0.25",
    ),
    "exponents": Good(
        days("1e3", "2.5E-3", "-1e+2"),
        "date %Y-%m-%d, 1 day; targets y\n: 2024-01-01 1000 0.0025 -100",
    ),
    "the smallest and the largest": Good(
        days("1e-45", "3.4028235e38", "-3.4028235e38"),
        "date %Y-%m-%d, 1 day; targets y\n: 2024-01-01 1e-45 3.4028235e+38 -3.4028235e+38",
    ),
    "more digits than float32 holds": Good(
        days("0.1234567890123456789", "16777217"),
        "date %Y-%m-%d, 1 day; targets y\n: 2024-01-01 0.12345678901234568 16777217",
    ),
    "a constant": Good(
        days("7", "7", "7"),
        "date %Y-%m-%d, 1 day; targets y\n: 2024-01-01 7 7 7",
    ),
    "texts for missing": Good(
        days("1", "NA", "n/a", "NaN", "null", "None", "#N/A", "", "2"),
        "date %Y-%m-%d, 1 day; targets y\n: 2024-01-01 1 - - - - - - - 2",
    ),
    "texts for missing that were named": Good(
        days("1", "-", "-999", "?", "2"),
        "date %Y-%m-%d, 1 day; targets y\n: 2024-01-01 1 - - - 2",
        Asked(na=("-", "-999", "?")),
    ),
    "texts for missing among thousands": Good(
        "date;y\n2024-01-01;1.234,5\n2024-01-02;NA\n2024-01-03;n/a\n2024-01-04;NULL\n2024-01-05;12\n",
        "date %Y-%m-%d, 1 day; targets y\n: 2024-01-01 1234.5 - - - 12",
    ),
    "missing values at both ends": Good(
        days("", "1", "", "2", ""),
        "date %Y-%m-%d, 1 day; targets y\n: 2024-01-02 1 - 2",
    ),
    "True and False": Good(
        days("True", "False", ""),
        "date %Y-%m-%d, 1 day; targets y\n: 2024-01-01 1 0",
    ),
    "thousands that are clear": Good(
        "date;y\n2024-01-01;1.234,5\n2024-01-02;1.234\n2024-01-03;12\n",
        "date %Y-%m-%d, 1 day; targets y\n: 2024-01-01 1234.5 1234 12",
    ),
    "thousands in quotes that are clear": Good(
        days('"1,234.5"', '"1,234,567"', '"1,234"'),
        "date %Y-%m-%d, 1 day; targets y\n: 2024-01-01 1234.5 1234567 1234",
    ),
    "points that may be thousands": Good(
        "date;y\n2024-01-01;1.250\n2024-01-02;2.500\n",
        "date %Y-%m-%d, 1 day; targets y\n"
        ": 2024-01-01 1.25 2.5\n"
        'data.csv: the point in "1.250" is read as a decimal point',
    ),
    "three decimals": Good(
        days("1.250", "2.500"),
        "date %Y-%m-%d, 1 day; targets y\n: 2024-01-01 1.25 2.5",
    ),
}


@pytest.mark.parametrize("good", GOOD.values(), ids=GOOD)
def test_a_good_number_is_understood(understand: Understand, good: Good) -> None:
    assert understand(good.content, good.choice) == good.understood
