"""Timestamps that cannot be read, or that lie on no grid: each with its exact message."""

from __future__ import annotations

from pathlib import Path

import pytest
from cases import Bad, dates, days

from deploy.errors import ConfigError
from forecaster.config import Asked
from forecaster.data import read_data

ANY_FORM = (
    "expected one form in all cells, such as 2024-01-31 or 2024-01-31 13:00; --time-format names any other"
)
SOME_OFFSETS = (
    "  give all of them an offset or none, and --timezone ZONE to read those without one in local time"
)


BAD: dict[str, Bad] = {
    "a day that does not exist": Bad(
        dates("2023-02-28", "2023-02-29", "2023-03-01"),
        'column "date": "2023-02-29" is not a timestamp\n'
        "  --> data.csv:3    2023-02-29,2\n"
        "  1 such cell (line 3); " + ANY_FORM,
    ),
    "an hour that does not exist": Bad(
        dates("2024-01-01 23:00", "2024-01-01 25:00"),
        'column "date": "2024-01-01 25:00" is not a timestamp\n'
        "  --> data.csv:3    2024-01-01 25:00,2\n"
        "  1 such cell (line 3); " + ANY_FORM,
    ),
    "midnight at the end of a day and at the beginning of another": Bad(
        dates("2024-01-01 23:00", "2024-01-01 24:00", "2024-01-02 01:00", "2024-01-03 00:00"),
        'column "date": the cells contradict each other: some are of the form %Y-%m-%d %H:%M, such as '
        '"2024-01-03 00:00", and others of the form %Y-%m-%d %[24]H:%M, such as "2024-01-01 24:00"\n'
        "  --> data.csv:3    2024-01-01 24:00,2\n"
        "  --> data.csv:5    2024-01-03 00:00,4\n"
        "  write all timestamps in one form",
    ),
    "a row without a timestamp": Bad(
        dates("2024-01-01", "", "2024-01-03"),
        'column "date": an empty cell is not a timestamp\n'
        "  --> data.csv:3    ,2\n"
        "  1 such cell (line 3); every row needs a timestamp",
    ),
    "a row without a count": Bad(
        "t,y\n1,1\n,2\n3,3\n",
        'column "t": an empty cell is not a timestamp\n'
        "  --> data.csv:3    ,2\n"
        "  1 such cell (line 3); every row needs a timestamp",
    ),
    "years of two digits": Bad(
        dates("11.01.24", "11.02.24"),
        'column "date": "11.01.24" is 2024-01-11 in the form %d.%m.%y and 2011-01-24 in the form %y.%m.%d, '
        "and no cell tells which\n"
        "  --> data.csv:2    11.01.24,1\n"
        '  --time-format "%d.%m.%y" or --time-format "%y.%m.%d" decides',
    ),
    "two numbers that may be days or years": Bad(
        "month,y\n01/10,1\n02/10,2\n03/10,3\n",
        'column "month": "01/10" is not a timestamp\n'
        "  --> data.csv:2    01/10,1\n"
        '  3 such cells (lines 2, 3, 4); --time-format "%m/%y" or --time-format "%y/%m" decides how they are '
        "read",
    ),
    "months that may be days": Bad(
        dates("Jan 01", "Jan 02", "Jan 03"),
        'column "date": "Jan 01" may be a day without its year, or a month of a year of two digits\n'
        "  --> data.csv:2    Jan 01,1\n"
        '  --time-format "%b %y" reads months; days need their year',
    ),
    "a form that no column has": Bad(
        "when,y\n2024-01-01,1\n2024-01-02,2\n",
        '--time-format "Y-m-d": no column holds times of this form; it takes strftime\'s letters, such as '
        "%d/%m/%Y, and --time names the column",
        Asked(time_format="Y-m-d"),
        ConfigError,
    ),
    "names of months of an unknown language": Bad(
        dates("1. Ionawr 2024", "2. Ionawr 2024"),
        'column "date": "1. Ionawr 2024" is not a timestamp\n'
        "  --> data.csv:2    1. Ionawr 2024,1\n"
        "  2 such cells (lines 2, 3); " + ANY_FORM,
    ),
    "days and months in both orders": Bad(
        dates("01/31/2024", "31/01/2024", "02/28/2024"),
        'column "date": the cells contradict each other: some are month first (%m/%d/%Y), such as '
        '"01/31/2024", and others day first (%d/%m/%Y), such as "31/01/2024"\n'
        "  --> data.csv:2    01/31/2024,1\n"
        "  --> data.csv:3    31/01/2024,2\n"
        "  write all timestamps in one form",
    ),
    "days and months that nothing tells apart": Bad(
        dates("01/01/2024", "02/01/2024", "03/01/2024"),
        'column "date": "02/01/2024" is 2024-01-02 in the form %d/%m/%Y and 2024-02-01 in the form '
        "%m/%d/%Y, and no cell tells which\n"
        "  --> data.csv:3    02/01/2024,2\n"
        '  --time-format "%d/%m/%Y" or --time-format "%m/%d/%Y" decides',
    ),
    "hours of the first of January": Bad(
        dates("01/01/2024 11:00", "01/01/2024 12:00"),
        'column "date": "01/01/2024 11:00" is 2024-01-01 in the forms %d/%m/%Y %H:%M and %m/%d/%Y %H:%M, '
        "and no cell tells which\n"
        "  --> data.csv:2    01/01/2024 11:00,1\n"
        '  --time-format "%d/%m/%Y %H:%M" or --time-format "%m/%d/%Y %H:%M" decides',
    ),
    "two forms": Bad(
        dates("2024-01-01", "2024-01-02", "2024/01/03", "2024/01/04"),
        'column "date": two forms in one column: "2024-01-01", then "2024/01/03"\n'
        "  --> data.csv:2    2024-01-01,1\n"
        "  --> data.csv:4    2024/01/03,3\n"
        "  write all timestamps in one form",
    ),
    "a form that was named and does not fit": Bad(
        dates("01.02.24", "02.02.24", "30.02.24"),
        'column "date": "30.02.24" is not a timestamp of the form %d.%m.%y\n'
        "  --> data.csv:4    30.02.24,3\n"
        '  1 such cell (line 4); --time-format "%d.%m.%y" has to fit every cell; without it the form is '
        "found",
        Asked(time_format="%d.%m.%y"),
    ),
    "a form in letters": Bad(
        dates("2024-01-01", "2024-01-02"),
        'column "date": "2024-01-01" is not a timestamp of the form YYYY-MM-DD\n'
        "  --> data.csv:2    2024-01-01,1\n"
        "  2 such cells (lines 2, 3); --time-format takes strftime's letters, such as %Y-%m-%d",
        Asked(time_format="YYYY-MM-DD"),
    ),
    "a form with an unknown directive": Bad(
        dates("2024-01-01", "2024-01-02"),
        'time format "%Y-%k-%d": %k is not known; known: %Y, %y, %m, %d, %H, %I, %M, %S, %q, %G, %g, %V, '
        "%u, %j, %[24]H, %[half]q, %[+1]y, %[+1]Y, %e, %o, %[fr]o, %b, %B, %a, %A, %p, %P, %z, %:z, %:::z, "
        "%[CET/CEST]Z, %+1h(FORM)",
        Asked(time_format="%Y-%k-%d"),
        ConfigError,
    ),
    "dates that shall be seconds since 1970": Bad(
        dates("2024-01-01", "2024-01-02"),
        'column "date": "2024-01-01" is not a number\n'
        "  --> data.csv:2    2024-01-01,1\n"
        "  2 such cells (lines 2, 3); write such cells as plain numbers, such as 1234.5 or -1032, and leave "
        "missing ones empty",
        Asked(time="date", time_format="%s"),
    ),
    "digits before the seconds since 1970": Bad(
        "t,y\n1,2\n2,3\n",
        'time format "%s %Y": only digits may follow %s, such as %s000',
        Asked(time="t", time_format="%s %Y"),
        ConfigError,
    ),
    "a UTC offset that changes as in no time zone": Bad(
        dates("2024-03-30 00:00+01:00", "2024-03-30 01:00+01:00", "2024-03-30 03:00+02:00"),
        'column "date": the UTC offset changes, from +01:00 to +02:00, as the clocks of no time zone do\n'
        "  --> data.csv:2    2024-03-30 00:00+01:00,1\n"
        "  --> data.csv:4    2024-03-30 03:00+02:00,3\n"
        "  --timezone ZONE reads all moments in the local time of that zone",
    ),
    "a UTC offset that some times lack": Bad(
        dates("2024-03-30 00:00+01:00", "2024-03-31 03:00", "2024-04-01 00:00+02:00"),
        'column "date": some cells have a UTC offset, such as "+01:00", and others have none\n'
        "  --> data.csv:2    2024-03-30 00:00+01:00,1\n"
        "  --> data.csv:3    2024-03-31 03:00,2\n" + SOME_OFFSETS,
    ),
    "a UTC offset that a date lacks": Bad(
        dates("2024-03-30 00:00+01:00", "2024-03-31", "2024-04-01 00:00+02:00"),
        'column "date": some cells have a UTC offset, such as "+01:00", and others have none\n'
        "  --> data.csv:2    2024-03-30 00:00+01:00,1\n"
        "  --> data.csv:3    2024-03-31,2\n" + SOME_OFFSETS,
    ),
    "a column of amounts as time": Bad(
        days("1.5", "2.5"),
        'column "y": "1.5" is not a whole number\n'
        "  --> data.csv:2    2024-01-01,1.5\n"
        "  2 such cells (lines 2, 3); timestamps are dates or whole numbers",
        Asked(time="y"),
    ),
    "a count beyond int64": Bad(
        "t,y\n1,1\n18446744073709551615,2\n",
        'column "t": "18446744073709551615" is too large a timestamp\n'
        "  --> data.csv:3    18446744073709551615,2\n"
        "  1 such cell (line 3); " + ANY_FORM,
        Asked(time="t"),
    ),
    "the least count of int64": Bad(
        "t,y\n1,1\n-9223372036854775808,2\n",
        'column "t": "-9223372036854775808" is too large a timestamp\n'
        "  --> data.csv:3    -9223372036854775808,2\n"
        "  1 such cell (line 3); " + ANY_FORM,
        Asked(time="t"),
    ),
    "a compact date that does not exist": Bad(
        "date,y\n20240131,1\n20240230,2\nsoon,3\n",
        'column "date": "20240230" is not a timestamp of the form %Y%m%d\n'
        "  --> data.csv:3    20240230,2\n"
        "  2 such cells (lines 3, 4); " + ANY_FORM,
    ),
    "one row": Bad(
        days("1"),
        "a single row does not show the step\n"
        "  --> data.csv:2    2024-01-01,1\n"
        "  --step names it, such as --step 1d",
    ),
    "one row of counts": Bad(
        "t,y\n5,1\n",
        "a single row does not show the step\n  --> data.csv:2    5,1\n  --step names it, such as --step 1",
    ),
    "one row in each series": Bad(
        "date,id,y\n2024-01-01,a,1\n2024-01-02,b,2\n",
        "series of a single row each do not show the step\n"
        "  --> data.csv:2    2024-01-01,a,1\n"
        "  --step names it, such as --step 1d",
        Asked(series=("id",)),
    ),
    "a row between two steps": Bad(
        days("1", "2", "3", "4") + "2024-01-04 13:00,5\n",
        "timestamps are irregular: 1 day 3 times, 13 hours once\n"
        "  --> data.csv:6    2024-01-04 13:00,5\n"
        "  1 row is off the grid of 1 day (line 6); correct them, or --aggregate mean --step 1d takes "
        "the mean of each step; --step 1 counts the rows",
    ),
    "a row on a finer grid": Bad(
        dates(*(f"2024-01-01 {hour:02}:00" for hour in (0, 2, 4, 6, 7))),
        "timestamps are irregular: 2 hours 3 times, 1 hour once\n"
        "  --> data.csv:6    2024-01-01 07:00,5\n"
        "  1 row is off the grid of 2 hours (line 6); --step 1h puts every row on a grid",
    ),
    "two rows in one month": Bad(
        dates(*(f"2024-{month:02}-01" for month in range(1, 13)), "2024-12-02"),
        "timestamps are irregular: 31 days 6 times, 30 days 4 times\n"
        "  --> data.csv:14    2024-12-02,13\n"
        "  1 row is off the grid of 1 month (line 14); correct them, or --aggregate mean --step 1month takes "
        "the mean of each step; --step 1 counts the rows",
    ),
    "a Saturday among business days": Bad(
        dates("2024-01-05", "2024-01-06", "2024-01-08"),
        "timestamps are irregular: 1 day once, 2 days once\n"
        "  --> data.csv:3    2024-01-06,2\n"
        "  1 row is off the grid of 1 business-day (line 3); --step 1d puts every row on a grid",
        Asked(step="1b"),
    ),
    "days on a grid of weeks": Bad(
        days("1", "2", "3"),
        "timestamps are irregular: 1 day twice\n"
        "  --> data.csv:3    2024-01-02,2\n"
        "  2 rows are off the grid of 1 week (lines 3, 4); --step 1d puts every row on a grid",
        Asked(step="1w"),
    ),
    "dates on a grid of every second count": Bad(
        days("1", "2"),
        "--step is 2 rows, but the timestamps are dates",
        Asked(step="2"),
        ConfigError,
    ),
    "counts on a grid of days": Bad(
        "t,y\n1,1\n2,2\n",
        "--step is 1 day, but the timestamps are plain counts",
        Asked(step="1d"),
        ConfigError,
    ),
    "a stray year": Bad(
        dates("2024-01-01 00:00:00", "2024-01-01 00:00:01", "2044-01-01 00:00:02"),
        "3 rows on a grid of 1 second leave 631152000 gaps, most of them between two rows\n"
        "  --> data.csv:3    2024-01-01 00:00:01,2\n"
        "  --> data.csv:4    2044-01-01 00:00:02,3\n"
        "  a timestamp is wrong, or --step sets a longer step",
    ),
    "milliseconds among seconds": Bad(
        "t,y\n1700000000,1\n1700003600,2\n1700007200000,3\n",
        "3 rows on a grid of 3600 rows leave 471751998 gaps, most of them between two rows\n"
        "  --> data.csv:3    1700003600,2\n"
        "  --> data.csv:4    1700007200000,3\n"
        "  a timestamp is wrong, or --step sets a longer step",
    ),
}


@pytest.mark.parametrize("bad", BAD.values(), ids=BAD)
def test_a_bad_time_is_refused_with_its_message(tmp_path: Path, bad: Bad) -> None:
    path = tmp_path / "data.csv"
    path.write_bytes(bad.content.encode() if isinstance(bad.content, str) else bad.content)
    with pytest.raises(bad.error) as error:
        read_data(path, bad.choice)
    assert (type(error.value), str(error.value)) == (bad.error, bad.message)
