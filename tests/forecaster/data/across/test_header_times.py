"""Times in the header: rows that are series, under dates, months, years and numbered days."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from cases import AUTO, Bad, Good, Understand

from forecaster.config import Asked
from forecaster.data import read_data

NOTE = 'the columns "{}" to "{}" are times, and each row is a series (--layout wide reads a column a series)'


def rows(header: str, *lines: str) -> str:
    return "\n".join([header, *lines]) + "\n"


def under(*times: str, before: str = "shop", sign: str = ",") -> str:
    """Two series under these times, with values 1, 2, 3 ... and 11, 12, 13 ..."""
    count = len(times)
    first, second = (sign.join(str(begin + step) for step in range(count)) for begin in (1, 11))
    return rows(sign.join([before, *times]), f"a{sign}{first}", f"b{sign}{second}")


HOURS = ("2024-01-31 22:00", "2024-01-31 23:00", "2024-02-01 00:00")
FORMS: dict[str, tuple[tuple[str, ...], str, str]] = {
    # the header; the form; the first time and the step
    "days": (("2024-01-30", "2024-01-31", "2024-02-01"), "%Y-%m-%d", "2024-01-30, 1 day"),
    "days of the United States": (("1/22/2020", "1/23/2020", "1/24/2020"), "%-m/%-d/%Y", "1/22/2020, 1 day"),
    "short days": (("1/22/20", "1/23/20", "1/24/20"), "%-m/%-d/%y", "1/22/20, 1 day"),
    "short days below 13": (("1/2/20", "1/3/20", "1/4/20", "1/5/20"), "%-m/%-d/%y", "1/2/20, 1 day"),
    "days as R writes them": (("X1.22.20", "X1.23.20", "X1.24.20"), "%-m.%-d.%y", "1.22.20, 1 day"),
    "days with points": (("30.1.2024", "31.1.2024", "1.2.2024"), "%-d.%-m.%Y", "30.1.2024, 1 day"),
    "compact days": (("20240130", "20240131", "20240201"), "%Y%m%d", "20240130, 1 day"),
    "moments": (HOURS, "%Y-%m-%d %H:%M", "2024-01-31 22:00, 1 hour"),
    "months": (("2024-01", "2024-02", "2024-03"), "%Y-%m", "2024-01, 1 month"),
    "months by name": (("Jan 2024", "Feb 2024", "Mar 2024"), "%b %Y", "Jan 2024, 1 month"),
    "months of Eurostat": (("2024M01", "2024M02", "2024M03"), "%YM%m", "2024M01, 1 month"),
    "quarters": (("2023Q3", "2023Q4", "2024Q1"), "%YQ%q", "2023Q3, 3 months"),
    "years": (("1999", "2000", "2001"), "index", "1999, 1 row"),
    "years of the World Bank": (("1999 [YR1999]", "2000 [YR2000]", "2001 [YR2001]"), "index", "1999, 1 row"),
    "years of R": (("X1999", "X2000", "X2001"), "index", "1999, 1 row"),
    "years with a word": (("pop_1999", "pop_2000", "pop_2001"), "index", "1999, 1 row"),
    "every fifth year": (("1990", "1995", "2000"), "index", "1990, 5 rows"),
}


@pytest.mark.parametrize(("times", "time_format", "begin"), FORMS.values(), ids=FORMS)
@pytest.mark.parametrize("order", [1, -1], ids=["rising", "falling"])
def test_times_in_the_header_are_those_of_the_rows(
    understand: Understand, times: tuple[str, ...], time_format: str, begin: str, order: int
) -> None:
    first, step = begin.rsplit(", ", 1)
    values = range(1, len(times) + 1)[::order]
    a, b = (" ".join(str(tens + value) for value in values) for tens in (0, 10))
    assert understand(under(*times[::order]), AUTO).splitlines() == [
        f"time {time_format}, {step}; targets value; series shop; rows",
        f"a: {first} {a}",
        f"b: {first} {b}",
        NOTE.format(times[0], times[-1]),
    ]


YEARS = "2000,2001,2002"
YEARLY = "time index, 1 row; targets value"
GOOD: dict[str, Good] = {
    "one series": Good(
        rows("name," + YEARS, "a,1,2,3"), f"{YEARLY}; series name; rows\na: 2000 1 2 3"
    ),
    "one series without a name": Good(rows(YEARS, "1,2,3"), f"{YEARLY}; rows\n: 2000 1 2 3"),
    "the fewest texts that tell rows apart": Good(
        rows("region,country," + YEARS, "x,a,1,2,3", "x,b,4,5,6", "y,c,7,8,9"),
        f"{YEARLY}; series country; static region; rows\n"
        "a, x: 2000 1 2 3\nb, x: 2000 4 5 6\nc, y: 2000 7 8 9",
    ),
    "a text and missing ones, and numbers of a place": Good(
        rows("Province,Country,Lat," + YEARS, "p,a,0.5,1,2,3", "q,a,1.5,4,5,6", ",b,2.5,7,8,9"),
        f"{YEARLY}; series Province, Country; static Lat; rows\n"
        "p, a, 0.5: 2000 1 2 3\nq, a, 1.5: 2000 4 5 6\n, b, 2.5: 2000 7 8 9",
    ),
    "ids of digits keep their zeros": Good(
        rows("store," + YEARS, "007,1,2,3", "012,4,5,6"),
        f"{YEARLY}; series store; rows\n007: 2000 1 2 3\n012: 2000 4 5 6",
    ),
    "two ids of digits": Good(
        rows("store_id,item_id," + YEARS, "1,1,1,2,3", "1,2,4,5,6", "2,1,7,8,9"),
        f"{YEARLY}; series store_id, item_id; rows\n1, 1: 2000 1 2 3\n1, 2: 2000 4 5 6\n2, 1: 2000 7 8 9",
    ),
    "a column without a name that pandas writes": Good(
        rows(",shop," + YEARS, "0,a,1,2,3", "1,b,4,5,6"),
        f"{YEARLY}; series shop; ignored unnamed column 1; rows\na: 2000 1 2 3\nb: 2000 4 5 6",
    ),
    "texts without a name": Good(
        rows("," + YEARS, "a,1,2,3", "b,4,5,6"),
        f"{YEARLY}; series unnamed column 1; rows\na: 2000 1 2 3\nb: 2000 4 5 6",
    ),
    "a delimiter at the end": Good(
        rows("country,code," + YEARS + ",", "Aruba,ABW,,2,3,", "Angola,AGO,,5,6,"),
        f"{YEARLY}; series country; static code; ignored unnamed column 6; rows\n"
        "Aruba, ABW: 2001 2 3\nAngola, AGO: 2001 5 6",
    ),
    "missing at begin and end, and inside": Good(
        rows("name," + YEARS + ",2003", "a,,2,,4", "b,1,2,,"),
        f"{YEARLY}; series name; rows\na: 2001 2 - 4\nb: 2000 1 2",
    ),
    "counted days with ids": Good(
        rows("id,item_id,d_1,d_2,d_3", "x_a,a,1,2,3", "y_b,b,4,5,6"),
        "d index, 1 row; targets value; series id; static item_id; rows\nx_a, a: 1 1 2 3\ny_b, b: 1 4 5 6",
    ),
    "counted weeks that begin later": Good(
        rows("shop,Week 9,Week 10,Week 11", "a,1,2,3", "b,4,5,6"),
        "Week index, 1 row; targets value; series shop; rows\na: 9 1 2 3\nb: 9 4 5 6",
    ),
    "a column called value": Good(
        rows("id,value," + YEARS, "slow,7,1,2,3", "fast,8,4,5,6"),
        "time index, 1 row; targets value of the series; series id; static value; rows\n"
        "slow, 7: 2000 1 2 3\nfast, 8: 2000 4 5 6",
    ),
    "Eurostat's columns in one": Good(
        rows("freq,unit,geo\\TIME_PERIOD\t2001 \t2000 \t1999 ", "A,PC,DE\t3 \t2 \t1 ", "A,PC,FR\t6 \t5 \t4 "),
        "TIME_PERIOD index, 1 row; targets value; series geo; ignored freq, unit; rows\n"
        "DE: 1999 1 2 3\nFR: 1999 4 5 6",
    ),
    "Eurostat's missing numbers": Good(
        rows("geo\\TIME_PERIOD\t2001 \t2000 \t1999 ", "DE\t3 \t: \t1 ", "FR\t: \t: \t4 "),
        "TIME_PERIOD index, 1 row; targets value; series geo; rows\nDE: 1999 1 - 3\nFR: 1999 4\n"
        'column "2001": ":" (1 cell) is read as missing (--na ":" says so)',
    ),
    "flags of each year": Good(
        rows("country,Y2000,Y2000F,Y2001,Y2001F,Y2002,Y2002F", "a,1,A,2,E,3,E", "b,4,A,5,A,6,E"),
        f"{YEARLY}; series country; ignored Y2000F, Y2001F, Y2002F; rows\na: 2000 1 2 3\nb: 2000 4 5 6",
    ),
    "a frame of dates": Good(
        pd.DataFrame([["a", 1, 2, 3]], columns=["shop", *pd.date_range("2024-01-01", periods=3)]),
        "time %Y-%m-%d %H:%M:%S, 1 day; targets value; series shop; rows\na: 2024-01-01 00:00:00 1 2 3",
    ),
    "a frame of years": Good(
        pd.DataFrame([["a", 1, 2, 3]], columns=["shop", 2000, 2001, 2002]),
        f"{YEARLY}; series shop; rows\na: 2000 1 2 3",
    ),
    "two dates that were asked for": Good(
        rows("id,2024-01-01,2024-01-02", "a,1,2", "b,3,4"),
        "time %Y-%m-%d, 1 day; targets value; series id; rows\na: 2024-01-01 1 2\nb: 2024-01-01 3 4",
        Asked(layout="rows"),
    ),
    "series that were asked for": Good(
        rows("id,kind,2000,2001,2002", "a,x,1,2,3", "b,y,4,5,6"),
        f"{YEARLY}; series id, kind; rows\na, x: 2000 1 2 3\nb, y: 2000 4 5 6",
        Asked(series=("id", "kind")),
    ),
}  # fmt: skip


@pytest.mark.parametrize("good", GOOD.values(), ids=GOOD)
def test_rows_are_told_apart_by_what_stands_before_the_times(understand: Understand, good: Good) -> None:
    found = understand(good.content, good.choice).splitlines()
    assert [line for line in found if "are times" not in line] == good.understood.splitlines()


WIDE = {
    "rows with a time of their own": rows("date,2000,2001,2002", "2024-01-01,1,2,3", "2024-01-02,4,5,6"),
    "rows with a year of their own": rows("year,d_1,d_2,d_3", "1990,1,2,3", "1991,4,5,6"),
    "rows with years in a column without a name": rows(
        ",2020-01,2020-02,2020-03", "1990,1,2,3", "1991,4,5,6", "1992,7,8,9"
    ),
    "numbered columns alone": rows("d1,d2,d3", "1,2,3", "4,5,6"),
    "two years between others": rows("date,x2000,z,x2001", "2024-01-01,1,2,3", "2024-01-02,4,5,6"),
}  # fmt: skip


@pytest.mark.parametrize("text", WIDE.values(), ids=WIDE)
def test_columns_are_series_where_rows_have_a_time_or_no_id(understand: Understand, text: str) -> None:
    assert "; rows" not in understand(text, AUTO)


def test_what_stands_behind_the_times_is_left_out(understand: Understand) -> None:
    found = understand(rows(f"shop,{YEARS},Total", "a,1,2,3,6", "b,4,5,6,15"), AUTO)
    assert found.splitlines()[0] == f"{YEARLY}; series shop; ignored Total; rows"
    assert '"Total" behind the times is left out' in found


BAD = {
    "two rows of one series": Bad(
        rows("shop," + YEARS, "a,1,2,3", "a,4,5,6", "b,7,8,9"),
        'two rows are one series: "a" (shop)\n  --> data.csv:2    a,1,2,3\n'
        "  1 such pair of rows (lines 2, 3); keep one row of each series, or add a column that tells them "
        "apart",
    ),
    "a word among numbers": Bad(
        rows("shop," + YEARS, "a,1,2,3", "b,4,x,6"),
        'column "2001": "x" is not a number\n  --> data.csv:3    b,4,x,6\n'
        '  1 such cell (line 3); --na "x" reads it as missing',
    ),
    "one time twice": Bad(
        rows("shop,2024-01-01,2024-1-1,2024-01-02", "a,1,2,3"),
        'the columns "2024-01-01" and "2024-1-1" are called by one time\n'
        "  keep one of them; if the rows are times, --layout wide says so",
    ),
    "days or months": Bad(
        rows("shop,01/02/2020,05/06/2020,04/09/2021", "a,1,2,3"),
        'the names of the columns are times: "01/02/2020" is 2020-02-01 in the form %d/%m/%Y and 2020-01-02 '
        "in the form %m/%d/%Y, and no cell tells which\n"
        '  --time-format "%d/%m/%Y" or --time-format "%m/%d/%Y" decides',
    ),
}  # fmt: skip


@pytest.mark.parametrize("bad", BAD.values(), ids=BAD)
def test_a_header_or_a_row_that_contradicts_another_is_refused(tmp_path: Path, bad: Bad) -> None:
    path = tmp_path / "data.csv"
    path.write_text(str(bad.content))
    with pytest.raises(bad.error) as error:
        read_data(path, bad.choice)
    assert str(error.value) == bad.message


def test_the_form_of_ambiguous_names_can_be_given(understand: Understand) -> None:
    text = rows("shop,01/02/2020,05/06/2020,04/09/2021", "a,1,2,3")
    found = understand(text, Asked(time_format="%d/%m/%Y", step="1d"))
    assert "a: 01/02/2020 1 - -" in found
