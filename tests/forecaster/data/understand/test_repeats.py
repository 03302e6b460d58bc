"""Rows that stand twice: copies are read once, a skipped hour is found, all else is refused."""

from __future__ import annotations

import pandas as pd
import pytest
from cases import Good, Understand, dates

from deploy.errors import DataError
from forecaster.config import Asked


def hours(first: str, *written: str) -> str:
    """A file of these local times, the first at midnight of a day."""
    return dates(*(f"{first} {hour}" for hour in written))


def copied(order: list[int]) -> str:
    rows = [f"2024-01-{day:02},{day}\n" for day in range(1, 6)]
    return "date,y\n" + "".join(rows[number] for number in order)


READ_ONCE = "; each is read once (--aggregate sum adds them up)"
SHOPS = "date,shop,sales\n2024-01-01,7,5\n2024-01-02,7,6\n2024-01-01,8,5\n2024-01-02,8,9\n"
GOOD = {
    "each row twice": Good(
        copied([0, 0, 1, 1, 2, 2]),
        "date %Y-%m-%d, 1 day; targets y\n: 2024-01-01 1 2 3\n"
        "data.csv: 3 rows are copies of another row, alike in every cell, the first of them in line 3"
        + READ_ONCE,
    ),
    "the file once more": Good(
        copied([0, 1, 2, 0, 1, 2]),
        "date %Y-%m-%d, 1 day; targets y\n: 2024-01-01 1 2 3\n"
        "data.csv: 3 rows are copies of another row, alike in every cell, the first of them in line 5"
        + READ_ONCE,
    ),
    "one row thrice": Good(
        copied([0, 1, 1, 1, 2]),
        "date %Y-%m-%d, 1 day; targets y\n: 2024-01-01 1 2 3\n"
        "data.csv: 2 rows are copies of another row, alike in every cell, the first of them in line 4"
        + READ_ONCE,
    ),
    "a missing cell twice": Good(
        "date,y,z\n2024-01-01,1,2\n2024-01-02,,4\n2024-01-02,,4\n2024-01-03,5,6\n",
        "date %Y-%m-%d, 1 day; targets y, z\ny: 2024-01-01 1 - 5\nz: 2024-01-01 2 4 6\n"
        "data.csv: 1 row is a copy of another row, alike in every cell, the first of them in line 4"
        + READ_ONCE,
    ),
    "series that numbers tell apart": Good(
        SHOPS + "2024-01-03,7,1\n2024-01-03,8,2\n2024-01-03,8,2\n",
        "date %Y-%m-%d, 1 day; targets sales; series shop\n7: 2024-01-01 5 6 1\n8: 2024-01-01 5 9 2\n"
        "data.csv: 1 row is a copy of another row, alike in every cell, the first of them in line 8"
        + READ_ONCE,
    ),
    "the hour that a clock skips": Good(
        hours("2014-03-09", "00:00", "01:00", "03:00", "03:00", "04:00"),
        "date %Y-%m-%d %H:%M, 1 hour; targets y\n: 2014-03-09 00:00 1 2 3 4 5\n"
        "2014-03-09 03:00 stands twice and 2014-03-09 02:00 is missing: the first of the two is read as "
        "2014-03-09 02:00 (--aggregate mean takes the mean of both)",
    ),
    "the half hours that a clock skips": Good(
        hours("2024-03-31", "01:00", "01:30", "03:00", "03:30", "03:00", "03:30", "04:00"),
        "date %Y-%m-%d %H:%M, 30 minutes; targets y\n: 2024-03-31 01:00 1 2 3 4 5 6 7\n"
        "data.csv: rows are not in order of time; sorted\n"
        "2024-03-31 03:00 stands twice and 2024-03-31 02:00 is missing: the first of the two is read as "
        "2024-03-31 02:00 (--aggregate mean takes the mean of both)",
    ),
}


@pytest.mark.parametrize("good", GOOD.values(), ids=GOOD)
def test_what_stands_twice_is_read_once_and_said(understand: Understand, good: Good) -> None:
    first, second, *said = understand(good.content, good.choice).splitlines()
    expected = good.understood.splitlines()
    assert [first, second] == expected[:2]
    assert sorted(said) == sorted(expected[2:])


@pytest.mark.parametrize(
    ("content", "remedy"),
    [
        (
            copied([0, 1, 1, 2]).replace("02,2\n2024-01-02,2", "02,2\n2024-01-02,7"),
            "keep one row of each, or",
        ),
        (hours("2024-07-07", *[f"{hour:02}:00" for hour in (7, 8, 10, 10, 11)]), "keep one row of each, or"),
        (
            hours("2024-10-27", *[f"{hour:02}:00" for hour in (1, 2, 2, 3)]),
            "the clock was put back, --timezone",
        ),
    ],
)
def test_rows_that_contradict_each_other_are_refused(
    understand: Understand, content: str, remedy: str
) -> None:
    with pytest.raises(DataError, match="appears twice") as error:
        understand(content, Asked())
    assert remedy in str(error.value)
    assert "--series" not in str(error.value)


def test_a_log_of_copies_alone_is_added_up_where_that_is_asked(understand: Understand) -> None:
    said = understand(copied([0, 0, 1, 2, 2]), Asked(aggregate="sum"))
    assert said == "date %Y-%m-%d, 1 day; targets y\n: 2024-01-01 2 2 6"


def test_a_frame_has_rows_in_place_of_lines(understand: Understand) -> None:
    days = pd.date_range("2024-01-01", periods=3).repeat(2)
    said = understand(pd.DataFrame({"date": days, "y": [1, 1, 2, 2, 3, 3]}), Asked())
    assert "the first of them in row 1" in said
