"""Files of every form of time: what two series have, and what follows in a forecast of four steps."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

BERLIN, NEW_YORK = ("--timezone", "Europe/Berlin"), ("--timezone", "America/New_York")


def times(end: str, freq: str, form: str, zone: str | None = None) -> list[str]:
    """The texts of 24 moments, a `freq` apart, up to `end`."""
    return list(pd.date_range(end=end, periods=24, freq=freq, tz=zone).strftime(form))


def ticks(end: str, freq: str, unit: int) -> list[str]:
    """24 moments up to `end` as counts since 1970, `unit` in a second."""
    return [str(int(moment.timestamp()) * unit) for moment in pd.date_range(end=end, periods=24, freq=freq)]


def quarters(end: str, form: str) -> list[str]:
    """The texts of 24 quarters up to that of `end`."""
    return [form.format(period) for period in pd.period_range(end=end, periods=24, freq="Q")]


def isoformat(end: str, freq: str, zone: str) -> list[str]:
    """24 moments of a zone up to `end`, each with its own UTC offset."""
    return [moment.isoformat() for moment in pd.date_range(end=end, periods=24, freq=freq, tz=zone)]


@dataclass(frozen=True)
class Case:
    """The times of the series north and south, and those of their forecasts, a bar between them."""

    north: list[str]
    south: list[str]
    after_north: str
    after_south: str
    options: tuple[str, ...] = ()


CASES = {
    "days over a leap day": Case(
        times("2024-02-27", "D", "%Y-%m-%d"),
        times("2023-02-26", "D", "%Y-%m-%d"),
        "2024-02-28|2024-02-29|2024-03-01|2024-03-02",
        "2023-02-27|2023-02-28|2023-03-01|2023-03-02",
    ),
    "month ends through leap and plain Februaries": Case(
        times("2023-12-31", "ME", "%Y-%m-%d"),
        times("2023-01-31", "ME", "%Y-%m-%d"),
        "2024-01-31|2024-02-29|2024-03-31|2024-04-30",
        "2023-02-28|2023-03-31|2023-04-30|2023-05-31",
    ),
    "month ends that end on a 28th and a 30th": Case(
        times("2023-02-28", "ME", "%d.%m.%Y"),
        times("2023-04-30", "ME", "%d.%m.%Y"),
        "31.03.2023|30.04.2023|31.05.2023|30.06.2023",
        "31.05.2023|30.06.2023|31.07.2023|31.08.2023",
    ),
    "quarter ends": Case(
        times("2023-09-30", "QE", "%Y-%m-%d"),
        times("2023-06-30", "QE", "%Y-%m-%d"),
        "2023-12-31|2024-03-31|2024-06-30|2024-09-30",
        "2023-09-30|2023-12-31|2024-03-31|2024-06-30",
    ),
    "quarter starts": Case(
        times("2023-10-01", "QS", "%Y-%m-%d"),
        times("2023-04-01", "QS", "%Y-%m-%d"),
        "2024-01-01|2024-04-01|2024-07-01|2024-10-01",
        "2023-07-01|2023-10-01|2024-01-01|2024-04-01",
    ),
    "month starts, day first": Case(
        times("2023-11-01", "MS", "%d/%m/%Y"),
        times("2023-09-01", "MS", "%d/%m/%Y"),
        "01/12/2023|01/01/2024|01/02/2024|01/03/2024",
        "01/10/2023|01/11/2023|01/12/2023|01/01/2024",
        ("--time-format", "%d/%m/%Y"),
    ),
    "months on the fifteenth": Case(
        [text.replace("-01T", "-15T") for text in times("2023-11-01", "MS", "%Y-%m-%dT00:00:00")],
        [text.replace("-01T", "-15T") for text in times("2023-01-01", "MS", "%Y-%m-%dT00:00:00")],
        "2023-12-15T00:00:00|2024-01-15T00:00:00|2024-02-15T00:00:00|2024-03-15T00:00:00",
        "2023-02-15T00:00:00|2023-03-15T00:00:00|2023-04-15T00:00:00|2023-05-15T00:00:00",
    ),
    "years at their ends": Case(
        times("2022-12-31", "YE", "%Y-%m-%d"),
        times("2019-12-31", "YE", "%Y-%m-%d"),
        "2023-12-31|2024-12-31|2025-12-31|2026-12-31",
        "2020-12-31|2021-12-31|2022-12-31|2023-12-31",
    ),
    "weeks, each series on its own weekday": Case(
        times("2023-12-24", "W-SUN", "%Y-%m-%d"),
        times("2023-12-20", "W-WED", "%Y-%m-%d"),
        "2023-12-31|2024-01-07|2024-01-14|2024-01-21",
        "2023-12-27|2024-01-03|2024-01-10|2024-01-17",
    ),
    "business days over a weekend": Case(
        times("2024-03-07", "B", "%Y-%m-%d"),
        times("2024-02-29", "B", "%Y-%m-%d"),
        "2024-03-08|2024-03-11|2024-03-12|2024-03-13",
        "2024-03-01|2024-03-04|2024-03-05|2024-03-06",
    ),
    "business days, month first without zeros": Case(
        times("2024-03-08", "B", "%-m/%-d/%Y"),
        times("2024-03-05", "B", "%-m/%-d/%Y"),
        "3/11/2024|3/12/2024|3/13/2024|3/14/2024",
        "3/6/2024|3/7/2024|3/8/2024|3/11/2024",
    ),
    "days before months": Case(
        times("2024-02-27", "D", "%d/%m/%Y"),
        times("2024-01-30", "D", "%d/%m/%Y"),
        "28/02/2024|29/02/2024|01/03/2024|02/03/2024",
        "31/01/2024|01/02/2024|02/02/2024|03/02/2024",
    ),
    "compact days": Case(
        times("2023-12-30", "D", "%Y%m%d"),
        times("2023-12-12", "D", "%Y%m%d"),
        "20231231|20240101|20240102|20240103",
        "20231213|20231214|20231215|20231216",
    ),
    "months alone": Case(
        times("2023-11-01", "MS", "%Y-%m"),
        times("2023-08-01", "MS", "%Y-%m"),
        "2023-12|2024-01|2024-02|2024-03",
        "2023-09|2023-10|2023-11|2023-12",
    ),
    "months by name with years of two digits": Case(
        times("2023-11-01", "MS", "%b-%y"),
        times("2000-01-01", "MS", "%b-%y"),
        "Dec-23|Jan-24|Feb-24|Mar-24",
        "Feb-00|Mar-00|Apr-00|May-00",
    ),
    "days of months by their whole name": Case(
        times("2024-04-29", "D", "%-d %B %Y"),
        times("2024-05-30", "D", "%-d %B %Y"),
        "30 April 2024|1 May 2024|2 May 2024|3 May 2024",
        "31 May 2024|1 June 2024|2 June 2024|3 June 2024",
    ),
    "compact months": Case(
        times("2023-11-01", "MS", "%Y%m"),
        times("2023-08-01", "MS", "%Y%m"),
        "202312|202401|202402|202403",
        "202309|202310|202311|202312",
    ),
    "quarters": Case(
        quarters("2023Q3", "{0.year}-Q{0.quarter}"),
        quarters("2024Q1", "{0.year}-Q{0.quarter}"),
        "2023-Q4|2024-Q1|2024-Q2|2024-Q3",
        "2024-Q2|2024-Q3|2024-Q4|2025-Q1",
    ),
    "quarters before their years": Case(
        quarters("2023Q3", "Q{0.quarter} {0.year}"),
        quarters("2022Q4", "Q{0.quarter} {0.year}"),
        "Q4 2023|Q1 2024|Q2 2024|Q3 2024",
        "Q1 2023|Q2 2023|Q3 2023|Q4 2023",
    ),
    "ISO weeks of a year of 53": Case(
        times("2020-12-21", "W-MON", "%G-W%V"),
        times("2021-12-20", "W-MON", "%G-W%V"),
        "2020-W53|2021-W01|2021-W02|2021-W03",
        "2021-W52|2022-W01|2022-W02|2022-W03",
    ),
    "years": Case(
        [str(year) for year in range(1976, 2000)],
        [str(year) for year in range(1970, 1994)],
        "2000|2001|2002|2003",
        "1994|1995|1996|1997",
    ),
    "15 minutes across midnight": Case(
        times("2023-12-31 23:30", "15min", "%Y-%m-%d %H:%M"),
        times("2023-12-31 12:00", "15min", "%Y-%m-%d %H:%M"),
        "2023-12-31 23:45|2024-01-01 00:00|2024-01-01 00:15|2024-01-01 00:30",
        "2023-12-31 12:15|2023-12-31 12:30|2023-12-31 12:45|2023-12-31 13:00",
    ),
    "30 minutes, off the full hour": Case(
        times("2024-02-28 23:10", "30min", "%d.%m.%Y %H:%M:%S"),
        times("2024-02-28 20:25", "30min", "%d.%m.%Y %H:%M:%S"),
        "28.02.2024 23:40:00|29.02.2024 00:10:00|29.02.2024 00:40:00|29.02.2024 01:10:00",
        "28.02.2024 20:55:00|28.02.2024 21:25:00|28.02.2024 21:55:00|28.02.2024 22:25:00",
    ),
    "two hours, odd and even": Case(
        times("2024-04-30 21:00", "2h", "%Y-%m-%dT%H:%M"),
        times("2024-04-30 18:00", "2h", "%Y-%m-%dT%H:%M"),
        "2024-04-30T23:00|2024-05-01T01:00|2024-05-01T03:00|2024-05-01T05:00",
        "2024-04-30T20:00|2024-04-30T22:00|2024-05-01T00:00|2024-05-01T02:00",
    ),
    "twelve hours on the clock": Case(
        times("2024-01-31 22:00", "h", "%m/%d/%Y %I:%M %p"),
        times("2024-01-31 10:00", "h", "%m/%d/%Y %I:%M %p"),
        "01/31/2024 11:00 PM|02/01/2024 12:00 AM|02/01/2024 01:00 AM|02/01/2024 02:00 AM",
        "01/31/2024 11:00 AM|01/31/2024 12:00 PM|01/31/2024 01:00 PM|01/31/2024 02:00 PM",
    ),
    "hours of UTC": Case(
        times("2024-12-31 22:00", "h", "%Y-%m-%dT%H:%M:%SZ"),
        times("2024-12-30 22:00", "h", "%Y-%m-%dT%H:%M:%SZ"),
        "2024-12-31T23:00:00Z|2025-01-01T00:00:00Z|2025-01-01T01:00:00Z|2025-01-01T02:00:00Z",
        "2024-12-30T23:00:00Z|2024-12-31T00:00:00Z|2024-12-31T01:00:00Z|2024-12-31T02:00:00Z",
    ),
    "seconds since 1970": Case(
        ticks("2024-01-01 00:00", "h", 1),
        ticks("2023-12-31 00:00", "h", 1),
        "1704070800|1704074400|1704078000|1704081600",
        "1703984400|1703988000|1703991600|1703995200",
    ),
    "milliseconds since 1970": Case(
        ticks("2024-01-01 00:00", "15min", 1000),
        ticks("2023-12-31 00:00", "15min", 1000),
        "1704068100000|1704069000000|1704069900000|1704070800000",
        "1703981700000|1703982600000|1703983500000|1703984400000",
    ),
    "nanoseconds since 1970": Case(
        ticks("2024-01-01 00:00", "D", 10**9),
        ticks("2023-12-31 00:00", "D", 10**9),
        "1704153600000000000|1704240000000000000|1704326400000000000|1704412800000000000",
        "1704067200000000000|1704153600000000000|1704240000000000000|1704326400000000000",
    ),
    "hours into summer, local times of a zone": Case(
        times("2024-03-31 00:00", "h", "%Y-%m-%d %H:%M", "Europe/Berlin"),
        times("2024-03-30 12:00", "h", "%Y-%m-%d %H:%M", "Europe/Berlin"),
        "2024-03-31 01:00|2024-03-31 03:00|2024-03-31 04:00|2024-03-31 05:00",
        "2024-03-30 13:00|2024-03-30 14:00|2024-03-30 15:00|2024-03-30 16:00",
        BERLIN,
    ),
    "hours into winter, local times of a zone": Case(
        times("2024-11-02 23:00", "h", "%Y-%m-%d %H:%M", "America/New_York"),
        times("2024-11-03 00:00", "h", "%Y-%m-%d %H:%M", "America/New_York"),
        "2024-11-03 00:00|2024-11-03 01:00|2024-11-03 01:00|2024-11-03 02:00",
        "2024-11-03 01:00|2024-11-03 01:00|2024-11-03 02:00|2024-11-03 03:00",
        NEW_YORK,
    ),
    "hours into summer, with UTC offsets": Case(
        isoformat("2024-03-31 00:00", "h", "Europe/Berlin"),
        isoformat("2023-10-29 01:00", "h", "Europe/Berlin"),
        "2024-03-31T01:00:00+01:00|2024-03-31T03:00:00+02:00|2024-03-31T04:00:00+02:00|2024-03-31T05:00:00+02:00",
        "2023-10-29T02:00:00+02:00|2023-10-29T02:00:00+01:00|2023-10-29T03:00:00+01:00|2023-10-29T04:00:00+01:00",
        BERLIN,
    ),
    "days into winter, with UTC offsets": Case(
        isoformat("2024-10-25 00:00", "D", "Europe/Berlin"),
        isoformat("2024-03-30 00:00", "D", "Europe/Berlin"),
        "2024-10-26T00:00:00+02:00|2024-10-27T00:00:00+02:00|2024-10-28T00:00:00+01:00|2024-10-29T00:00:00+01:00",
        "2024-03-31T00:00:00+01:00|2024-04-01T00:00:00+02:00|2024-04-02T00:00:00+02:00|2024-04-03T00:00:00+02:00",
        BERLIN,
    ),
    "counts": Case(
        [str(count) for count in range(100, 124)],
        [str(count) for count in range(-20, 4)],
        "124|125|126|127",
        "4|5|6|7",
    ),
    "counts by fives": Case(
        [str(count) for count in range(0, 120, 5)],
        [str(count) for count in range(2, 122, 5)],
        "120|125|130|135",
        "122|127|132|137",
    ),
}
