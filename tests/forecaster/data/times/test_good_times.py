"""Timestamps and steps: each file with all that is understood of it."""

from __future__ import annotations

import pytest
from cases import Good, Understand, dates

from forecaster.config import Asked

GOOD: dict[str, Good] = {
    "days over a leap day": Good(
        dates("2024-02-28", "2024-02-29", "2024-03-01"),
        "date %Y-%m-%d, 1 day; targets y\n: 2024-02-28 1 2 3",
    ),
    "a time with T and Z": Good(
        dates("2024-01-01T22:00:00Z", "2024-01-01T23:00:00Z", "2024-01-02T00:00:00Z"),
        "date %Y-%m-%dT%H:%M:%SZ, 1 hour; targets y\n: 2024-01-01T22:00:00Z 1 2 3",
    ),
    "a UTC offset": Good(
        dates("2024-07-01 22:00+02:00", "2024-07-01 23:00+02:00"),
        "date %Y-%m-%d %H:%M+02:00, 1 hour; targets y\n: 2024-07-01 22:00+02:00 1 2",
    ),
    "UTC offsets of a time zone": Good(
        dates("2024-03-31 01:00+01:00", "2024-03-31 03:00+02:00"),
        "date %Y-%m-%d %H:%M%:z, 1 hour; targets y; Europe/Berlin\n: 2024-03-31 01:00+01:00 1 2",
        Asked(timezone="Europe/Berlin"),
    ),
    "milliseconds that are zero": Good(
        dates("2024-01-01T00:00:00.000", "2024-01-01T00:00:10.000"),
        "date %Y-%m-%dT%H:%M:%S.000, 10 seconds; targets y\n: 2024-01-01T00:00:00.000 1 2",
    ),
    "days of one digit, with a blank before": Good(
        dates("Mon Jan  1 22:00:00 2024", "Mon Jan  1 23:00:00 2024", "Tue Jan  2 00:00:00 2024"),
        "date %a %b %e %H:%M:%S %Y, 1 hour; targets y\n: Mon Jan  1 22:00:00 2024 1 2 3",
    ),
    "weeks from and to, with points": Good(
        dates("18.12.2023 - 24.12.2023", "25.12.2023 - 31.12.2023", "01.01.2024 - 07.01.2024"),
        "date %d.%m.%Y - %+6d(%d.%m.%Y), 1 week; targets y\n: 18.12.2023 - 24.12.2023 1 2 3",
    ),
    "dashes before the hour": Good(
        dates("2024-01-01-22-00", "2024-01-01-23-00", "2024-01-02-00-00"),
        "date %Y-%m-%d-%H-%M, 1 hour; targets y\n: 2024-01-01-22-00 1 2 3",
    ),
    "quarters of an hour": Good(
        dates("2024-01-01 23:30", "2024-01-01 23:45", "2024-01-02 00:00"),
        "date %Y-%m-%d %H:%M, 15 minutes; targets y\n: 2024-01-01 23:30 1 2 3",
    ),
    "dates among times": Good(
        dates("2024-01-01", "2024-01-01 12:00", "2024-01-02"),
        "date %Y-%m-%d %H:%M, 12 hours; targets y\n: 2024-01-01 00:00 1 2 3",
    ),
    "twelve hours": Good(
        dates("9/30/2024 11:00 AM", "9/30/2024 12:00 PM", "9/30/2024 1:00 PM"),
        "date %-m/%-d/%Y %-I:%M %p, 1 hour; targets y\n: 9/30/2024 11:00 AM 1 2 3",
    ),
    "days before months": Good(
        dates("30/01/2024", "31/01/2024", "01/02/2024"),
        "date %d/%m/%Y, 1 day; targets y\n: 30/01/2024 1 2 3",
    ),
    "months before days": Good(
        dates("01/30/2024", "01/31/2024", "02/01/2024"),
        "date %m/%d/%Y, 1 day; targets y\n: 01/30/2024 1 2 3",
    ),
    "days before months by their step": Good(
        dates("01/02/2024", "08/02/2024", "15/02/2024"),
        "date %d/%m/%Y, 1 week; targets y\n: 01/02/2024 1 2 3",
    ),
    "dots": Good(
        dates("31.01.2024", "01.02.2024"),
        "date %d.%m.%Y, 1 day; targets y\n: 31.01.2024 1 2",
    ),
    "no zeros": Good(
        dates("2024-1-31", "2024-2-1"),
        "date %Y-%-m-%-d, 1 day; targets y\n: 2024-1-31 1 2",
    ),
    "names of months": Good(
        dates("31 Jan 2024", "29 Feb 2024", "31 Mar 2024"),
        "date %d %b %Y, 1 month-end; targets y\n: 31 Jan 2024 1 2 3",
    ),
    "the American way": Good(
        dates('"January 9, 2024"', '"January 10, 2024"'),
        "date %B %-d, %Y, 1 day; targets y\n: January 9, 2024 1 2",
    ),
    "months": Good(
        dates("2023-11", "2023-12", "2024-01"),
        "date %Y-%m, 1 month; targets y\n: 2023-11 1 2 3",
    ),
    "months of two-digit years": Good(
        "month,y\nNov-99,1\nDec-99,2\nJan-00,3\n",
        "month %b-%y, 1 month; targets y\n: Nov-99 1 2 3",
    ),
    "loud months of two-digit years": Good(
        "month,y\nDEC-23,1\nJAN-24,2\n",
        "month %^b-%y, 1 month; targets y\n: DEC-23 1 2",
    ),
    "months of statisticians": Good(
        "period,y\n2023M12,1\n2024M01,2\n2024M03,3\n",
        "period %YM%m, 1 month; targets y\n: 2023M12 1 2 - 3",
    ),
    "months of statisticians without zeros": Good(
        "period,y\n2023M9,1\n2023M10,2\n2023M11,3\n",
        "period %YM%-m, 1 month; targets y\n: 2023M9 1 2 3",
    ),
    "quarters before years": Good(
        "quarter,y\nQ4-2023,1\nQ1-2024,2\nQ2-2024,3\n",
        "quarter Q%q-%Y, 3 months; targets y\n: Q4-2023 1 2 3",
    ),
    "quarters of accountants": Good(
        "quarter,y\n4Q2023,1\n1Q2024,2\n2Q2024,3\n",
        "quarter %qQ%Y, 3 months; targets y\n: 4Q2023 1 2 3",
    ),
    "fiscal years": Good(
        "year,y\nFY2019,1\nFY2020,2\nFY2022,3\n",
        "year FY%Y, 1 year; targets y\n: FY2019 1 2 - 3",
    ),
    "months of no known form": Good(
        "month,y\n2024-I,1\n2024-II,2\n",
        "None index, 1 row; targets y; ignored month\n: 0 1 2\n"
        'data.csv: column "month" is called like time, but "2024-I" is of no known form; the rows are '
        "numbered (--time-format names the form)",
    ),
    "months of another language": Good(
        "Monat,y\nMrz 24,1\nApr 24,2\n",
        "Monat %[de Mrz]b %y, 1 month; targets y\n: Mrz 24 1 2",
    ),
    "texts that look like time": Good(
        "clock,y\n0:01:00,1\n0:02:00,2\n0:03:00,3\n",
        "None index, 1 row; targets y; ignored clock\n: 0 1 2 3\n"
        'data.csv: column "clock" looks like time, but "0:01:00" is of no known form; the rows are numbered '
        "(--time-format names the form)",
    ),
    "texts that look like months": Good(
        "when,y\n11/10,1\n12/10,2\n01/11,3\n",
        "None index, 1 row; targets y; ignored when\n: 0 1 2 3\n"
        'data.csv: column "when" looks like time, but "11/10" is of no known form; the rows are numbered '
        '(--time-format "%m/%y" reads it)',
    ),
    "days in the order of the rows": Good(
        dates("05.01.24", "06.01.24", "08.01.24", "09.01.24", "10.01.24", "01.02.24"),
        "date %d.%m.%y, 1 day; targets y\n: 05.01.24 1 2 - 3 4 5" + 21 * " -" + " 6\n"
        'column "date" is read as %d.%m.%y, in which the rows are in order of time; as %y.%m.%d '
        "they are not (--time-format names any other form)\n"
        "22 of 28 steps of 1 day have no row and are missing values; --step 1 counts the rows, without "
        "nights and other gaps",
    ),
    "quarters next to days": Good(
        "quarter,date,y\n2018q1,2018-03-31,1\n2018q2,2018-04-01,2\n2018q2,2018-04-02,3\n",
        "date %Y-%m-%d, 1 day; targets y; ignored quarter\n: 2018-03-31 1 2 3",
    ),
    "quarters": Good(
        dates("2023Q3", "2023Q4", "2024Q1"),
        "date %YQ%q, 3 months; targets y\n: 2023Q3 1 2 3",
    ),
    "ISO weeks": Good(
        dates("2020-W52", "2020-W53", "2021-W01"),
        "date %G-W%V, 1 week; targets y\n: 2020-W52 1 2 3",
    ),
    "compact dates": Good(
        dates("20240130", "20240131", "20240201"),
        "date %Y%m%d, 1 day; targets y\n: 20240130 1 2 3",
    ),
    "compact months": Good(
        dates("202311", "202312", "202401"),
        "date %Y%m, 1 month; targets y\n: 202311 1 2 3",
    ),
    "seconds since 1970": Good(
        dates("1700000000", "1700003600", "1700010800"),
        "date %s, 1 hour; targets y\n: 1700000000 1 2 - 3",
    ),
    "seconds since 1970 with a point": Good(
        dates("1700000000.0", "1700003600.0"),
        "date %s, 1 hour; targets y\n: 1700000000 1 2",
    ),
    "milliseconds since 1970": Good(
        dates("1700000000000", "1700000900000"),
        "date %s000, 15 minutes; targets y\n: 1700000000000 1 2",
    ),
    "nanoseconds since 1970": Good(
        dates("1700000000000000000", "1700000001000000000"),
        "date %s000000000, 1 second; targets y\n: 1700000000000000000 1 2",
    ),
    "years": Good(
        "year,y\n1999,1\n2000,2\n2002,3\n",
        "year index, 1 row; targets y\n: 1999 1 2 - 3",
    ),
    "counts that begin anywhere": Good(
        "t,y\n-10,1\n-5,2\n5,3\n",
        "t index, 5 rows; targets y\n: -10 1 2 - 3",
    ),
    "numbers that shall be counts": Good(
        dates("20240130", "20240131", "20240133"),
        "date index, 1 row; targets y\n: 20240130 1 2 - 3",
        Asked(time_format="index"),
    ),
    "a form that was named": Good(
        dates("31.01.24", "01.02.24"),
        "date %d.%m.%y, 1 day; targets y\n: 31.01.24 1 2",
        Asked(time_format="%d.%m.%y"),
    ),
    "short months that were named": Good(
        "month,y\nDec-23,1\nJan-24,2\n",
        "month %b-%y, 1 month; targets y\n: Dec-23 1 2",
        Asked(time_format="%b-%y"),
    ),
    "any column of dates": Good(
        "note,when,y\nx,2024-01-01,1\ny,2024-01-02,2\n",
        "when %Y-%m-%d, 1 day; targets y; ignored note\n: 2024-01-01 1 2",
    ),
    "a column that is called date among dates": Good(
        "opened,date,y\n2020-01-01,2024-01-01,1\n2020-01-01,2024-01-02,2\n",
        "date %Y-%m-%d, 1 day; targets y; ignored opened\n: 2024-01-01 1 2",
    ),
    "weeks": Good(
        dates("2024-02-24", "2024-03-02", "2024-03-16"),
        "date %Y-%m-%d, 1 week; targets y\n: 2024-02-24 1 2 - 3",
    ),
    "business days": Good(
        dates("2024-03-07", "2024-03-08", "2024-03-11", "2024-03-13"),
        "date %Y-%m-%d, 1 business-day; targets y\n: 2024-03-07 1 2 3 - 4",
    ),
    "month ends": Good(
        dates("2023-11-30", "2023-12-31", "2024-03-31", "2024-04-30"),
        "date %Y-%m-%d, 1 month-end; targets y\n: 2023-11-30 1 2 - - 3 4",
    ),
    "quarter ends": Good(
        dates("2023-12-31", "2024-03-31", "2024-06-30"),
        "date %Y-%m-%d, 3 month-ends; targets y\n: 2023-12-31 1 2 3",
    ),
    "ends of years": Good(
        dates("2022-12-31", "2023-12-31", "2024-12-31"),
        "date %Y-%m-%d, 1 year; targets y\n: 2022-12-31 1 2 3",
    ),
    "fiscal years that end in February": Good(
        dates("2022-02-28", "2023-02-28", "2024-02-29"),
        "date %Y-%m-%d, 12 month-ends; targets y\n: 2022-02-28 1 2 3",
    ),
    "a gap of days": Good(
        dates("2024-01-01", "2024-01-02", "2024-01-05"),
        "date %Y-%m-%d, 1 day; targets y\n: 2024-01-01 1 2 - - 3",
    ),
    "a step that was named": Good(
        dates("2024-01-01", "2024-01-03"),
        "date %Y-%m-%d, 1 day; targets y\n: 2024-01-01 1 - 2",
        Asked(step="1d"),
    ),
    "a single row with a step": Good(
        dates("2024Q1"),
        "date %YQ%q, 3 months; targets y\n: 2024Q1 1",
        Asked(step="3month"),
    ),
    "the first year": Good(
        dates("0001-01-01", "0001-01-02"),
        "date %Y-%m-%d, 1 day; targets y\n: 0001-01-01 1 2",
    ),
    "the last year": Good(
        dates("9999-12-30", "9999-12-31"),
        "date %Y-%m-%d, 1 day; targets y\n: 9999-12-30 1 2",
    ),
    "newest first": Good(
        dates("2024-01-03", "2024-01-02", "2024-01-01"),
        "date %Y-%m-%d, 1 day; targets y\n"
        ": 2024-01-01 3 2 1\n"
        "data.csv: rows are not in order of time; sorted",
    ),
    "a row number in each series": Good(
        "id,y\na,1\nb,2\na,3\nb,4\n",
        "None index, 1 row; targets y; series id\na: 0 1 3\nb: 0 2 4",
        Asked(series=("id",)),
    ),
    "numbers of hours as a covariate": Good(
        "date,hour,y\n2024-01-01 22:00,22,1\n2024-01-01 23:00,23,2\n2024-01-02 00:00,0,\n2024-01-02 "
        "01:00,1,\n",
        "date %Y-%m-%d %H:%M, 1 hour; targets y; known hour\n: 2024-01-01 22:00 1 2 | hour 22 23 > 0 1\n"
        '"y" ends 2 rows before "hour": "hour" is read as known ahead by 2 steps (--target with all of them '
        "forecasts them, too)",
    ),
}


@pytest.mark.parametrize("good", GOOD.values(), ids=GOOD)
def test_a_good_time_is_understood(understand: Understand, good: Good) -> None:
    assert understand(good.content, good.choice) == good.understood
