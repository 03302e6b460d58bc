"""How the page of the service reads data: its modules, called in the browser that they run in."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from running import Service
from views import View, open_view

from deploy import TimeStep
from deploy.cells import safe_cell
from deploy.time.timestep import MONTH_PARTS

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

CALL = """async ([module, name, given]) => {
  const found = await import(`/${module}.js`);
  try {
    return await found[name](...given);
  } catch (problem) {
    return {problem: problem.message};
  }
}"""


@pytest.fixture(scope="module")
def page(browser: Browser, service: Service) -> Page:
    return open_view(browser, f"http://127.0.0.1:{service.port}/", View("desktop", 1280)).page


def call(page: Page, module: str, name: str, *given: Any) -> Any:
    """What a function of a module gives back, or {problem: message}."""
    return page.evaluate(CALL, [module, name, list(given)])


@pytest.mark.parametrize(
    ("text", "columns", "rows"),
    [
        ("a,b\n1,2\n", ["a", "b"], [["1", "2"]]),
        ("a;b\r\n1,5;2\r\n", ["a", "b"], [["1,5", "2"]]),
        ("a\tb\n1\t\n", ["a", "b"], [["1", ""]]),
        ("a|b\r1|2", ["a", "b"], [["1", "2"]]),
        ("sep=;\na;b\n1;2\n", ["a", "b"], [["1", "2"]]),
        ('\ufeffa,"b ""x"""\n"1,5"," 2\nlines"\n', ["a", 'b "x"'], [["1,5", "2\nlines"]]),
        ("a\n1\n\n2\n", ["a"], [["1"], ["2"]]),
        ("5\n6\n", ["column 1"], [["5"], ["6"]]),
        (
            "2024-01-01,5\n2024-01-02,6\n",
            ["column 1", "column 2"],
            [["2024-01-01", "5"], ["2024-01-02", "6"]],
        ),
        ("time,1,2\n2024-01-01,5,6\n", ["time", "1", "2"], [["2024-01-01", "5", "6"]]),
        ("a,b,\n1,2,\n", ["a", "b", "column 3"], [["1", "2", ""]]),
    ],
)
def test_a_table_is_read_as_it_was_meant(
    page: Page, text: str, columns: list[str], rows: list[list[str]]
) -> None:
    table = call(page, "csv", "readTable", text)
    assert (table["columns"], [row["cells"] for row in table["rows"]]) == (columns, rows)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "a,b\n1,2\n3\n4,5,6\n",
            "Line 3: 1 cell, expected 2 as in the first line. So have 1 more lines another",
        ),
        ('a,b\n1,"2\n3', "Line 2: a quote opens here and is never closed."),
        ("a,a\n1,2\n", 'Two columns are called "a".'),
        ("a,b\n", "There is a header and no row below it."),
        ("\n \n", "There are no rows."),
    ],
)
def test_what_is_no_table_is_refused_with_the_line(page: Page, text: str, expected: str) -> None:
    assert call(page, "csv", "readTable", text)["problem"].startswith(expected)


@pytest.mark.parametrize(
    ("cells", "separator", "values"),
    [
        (["1.5", "2"], ",", [1.5, 2]),
        (["1,5", "1.234,5", "7"], ";", [1.5, 1234.5, 7]),
        (["1,234.5", "1e3", "-.5"], ";", [1234.5, 1000, -0.5]),
        (["1,5"], ",", [1.5]),  # in quotes
        (["1,234", "5"], ",", [1234, 5]),
        (["1.5", "", "NA", "-", "null"], ",", [1.5, None, None, None, None]),
        (["1.5", "12 kg", "inf", "."], ",", [1.5, "NaN", "NaN", None]),
    ],
)
def test_a_number_is_read_by_the_decimal_sign_of_its_file(
    page: Page, cells: list[str], separator: str, values: list[Any]
) -> None:
    table = {
        "columns": ["a"],
        "rows": [{"line": 1, "cells": [cell]} for cell in cells],
        "separator": separator,
    }
    decimal = call(page, "numbers", "findDecimal", table)
    found = [call(page, "numbers", "toNumber", cell, decimal) for cell in cells]
    assert ["NaN" if value != value else value for value in found] == values


@pytest.mark.parametrize(
    ("cells", "forms", "first"),
    [
        (["2024-01-31", "2024-02-29"], ["iso"], "2024-01-31T00:00:00"),
        (["2024-01-31 14:05", "2024-01-31T15:05:10.5"], ["iso"], "2024-01-31T14:05:00"),
        (["2024-03"], ["iso"], "2024-03-01T00:00:00"),
        (["31.1.2024 7:30"], ["dots"], "2024-01-31T07:30:00"),
        (["1/2/2024", "1/31/2024"], ["month first"], "2024-01-02T00:00:00"),
        (["1/2/2024", "31/1/2024"], ["day first"], "2024-02-01T00:00:00"),
        (["1/2/2024", "3/4/2024"], ["month first", "day first"], "2024-01-02T00:00:00"),
        (["20240131"], ["compact"], "2024-01-31T00:00:00"),
        (["2024Q3", "2024-Q4"], ["quarter"], "2024-07-01T00:00:00"),
        (["1999", "2000"], ["year"], "1999-01-01T00:00:00"),
        (["1706659200"], ["seconds"], "2024-01-31T00:00:00"),
        (["2023-02-29", "2024-13-01", "noon"], [], None),
    ],
)
def test_a_time_is_read_in_the_form_of_its_column(
    page: Page, cells: list[str], forms: list[str], first: str | None
) -> None:
    assert call(page, "times", "formsOf", cells) == forms
    if first:
        local = datetime.fromisoformat(first).replace(tzinfo=UTC).timestamp() * 1000
        assert call(page, "times", "timeOf", cells[0], forms[0])["local"] == local


def test_local_times_are_moments_of_the_zone_of_the_model(page: Page) -> None:
    def utc(local: str) -> str:
        milliseconds = datetime.fromisoformat(local).replace(tzinfo=UTC).timestamp() * 1000
        moment = call(page, "times", "localToUtc", milliseconds, "Europe/Berlin")
        return datetime.fromtimestamp(moment / 1000, UTC).strftime("%m-%d %H:%M")

    assert utc("2024-01-15 12:00") == "01-15 11:00"
    assert utc("2024-03-31 00:00") == "03-30 23:00"
    assert utc("2024-03-31 03:00") == "03-31 01:00"
    assert utc("2024-10-27 02:30") == "10-27 00:30"  # the first of two
    assert utc("2024-10-27 12:00") == "10-27 11:00"


STEPS = [(1, "second"), (15, "minute"), (1, "hour"), (1, "day"), (2, "week"), (1, "business-day")]
STEPS += [(1, "month"), (3, "month"), (12, "month"), (1, "month-end"), (3, "month-end"), (5, "index")]
STEPS += [(1, "business-month-start"), (1, "business-month-end"), (3, "business-month-end")]
STEPS += [(1, unit) for unit in MONTH_PARTS]
STARTS = ["1969-12-31", "2023-11-30", "2024-01-31", "2024-02-29", "2024-03-01"]


@pytest.mark.parametrize(("count", "unit"), STEPS)
def test_steps_are_those_of_the_service(page: Page, count: int, unit: str) -> None:
    step = TimeStep(count, unit)
    given = {"count": count, "unit": unit, "text": str(step)}
    for start, steps in product(STARTS, (1, 2, 11, 24)):
        seconds = np.array([np.datetime64(start, "s").astype(np.int64)])
        first = step.shift(seconds, np.array([0]))[0]  # onto a weekday, or the end of a month
        later = int(step.shift(np.array([first]), np.array([steps]))[0])
        scale = 1000 if step.has_calendar else 1
        assert call(page, "steps", "stepsBetween", given, int(first) * scale, later * scale) == steps, start
        assert call(page, "steps", "shift", given, int(first) * scale, steps) == later * scale, start


def test_a_day_between_two_months_is_on_no_step(page: Page) -> None:
    monthly = {"count": 1, "unit": "month", "text": "1 month"}
    first, other = (datetime(2024, 1, 15, tzinfo=UTC), datetime(2024, 3, 16, tzinfo=UTC))
    between = call(page, "steps", "stepsBetween", monthly, first.timestamp() * 1000, other.timestamp() * 1000)
    assert between != round(between)


def test_cells_that_a_spreadsheet_would_run_are_texts(page: Page) -> None:
    series = {"name": "=1+1", "last": {"x": 0}}
    choice: dict[str, Any] = {"series": series, "target": None, "curve": {"x": [0], "y": [1]}}
    choice["forecast"] = {"median": [1.5], "quantiles": {"0.1": [1], "0.9": [2]}}
    text = call(page, "answer", "writeCsv", [choice, {**choice, "series": {**series, "name": 'a "b", c'}}])
    rows = ["series,step,forecast,q0.1,q0.9", "'=1+1,1,1.5,1,2", '"a ""b"", c",1,1.5,1,2']
    assert text.splitlines() == rows, json.dumps(text)


def test_cells_are_escaped_as_the_command_does_and_read_again(page: Page) -> None:
    signs = ["=1", "'=1", "\t=1", "\uff1d1", " \xa0@x", '"+x', "-1-1", "a;=b", "a\r\n-x", "\ufeff=b"]
    names = [*signs, "-1", "+1.5e3", "O'B"]
    assert [call(page, "csv", "safeCell", name) for name in names] == list(map(safe_cell, names))
    text = io.StringIO()
    csv.writer(text).writerows([("'=id", "y"), *((safe_cell(name), 1) for name in names)])
    table = call(page, "csv", "readTable", text.getvalue())
    assert table["columns"] == ["=id", "y"]
    assert [row["cells"][0] for row in table["rows"]] == names


MODEL: dict[str, Any] = {
    "has_calendar": True,
    "timezone": None,
    "joint": False,
    "targets": ["y"],
    "known": [],
}
MODEL |= {"past": [], "static": [], "context_length": 48, "max_horizon": 24, "season": 24, "levels": [0.5]}
HOURLY = {**MODEL, "step": {"count": 1, "unit": "hour", "text": "1 hour"}}
DAILY = {**MODEL, "step": {"count": 1, "unit": "day", "text": "1 day"}}
MONTHLY = {**MODEL, "step": {"count": 1, "unit": "month", "text": "1 month"}}


def requests(page: Page, model: dict[str, Any], text: str) -> Any:
    """What would be asked for a file, or {problem: message}."""
    table = call(page, "csv", "readTable", text)
    roles = call(page, "columns", "guessRoles", table, model)
    found = call(page, "series", "readSeries", table, roles, model)
    return found if "problem" in found else [series["request"] for series in found["series"]]


def test_a_step_without_a_row_is_a_missing_value(page: Page) -> None:
    text = "time,y\n2024-01-01 03:00,4\n2024-01-01 00:00,1\n2024-01-01 01:00,\n"
    assert requests(page, HOURLY, text) == [
        {"values": [1, None, None, 4], "last_timestamp": "2024-01-01T03:00:00"}
    ]


def test_rows_of_a_model_with_a_time_zone_go_on_over_a_jump_of_its_clock(page: Page) -> None:
    berlin = {"timezone": "Europe/Berlin"}
    hours = "time,y\n2024-03-31 01:00,1\n2024-03-31 03:00,2\n"
    assert requests(page, {**HOURLY, **berlin}, hours) == [
        {"values": [1, 2], "last_timestamp": "2024-03-31T01:00:00Z"}
    ]
    days = "time,y\n2024-03-30,1\n2024-03-31,2\n2024-04-01,3\n"
    assert requests(page, {**DAILY, **berlin}, days) == [
        {"values": [1, 2, 3], "last_timestamp": "2024-03-31T22:00:00Z"}
    ]


def test_the_step_of_the_model_tells_days_from_months(page: Page) -> None:
    text = "date,y\n" + "".join(f"01/{month:02}/2024,{month}\n" for month in range(1, 7))
    assert requests(page, MONTHLY, text)[0]["last_timestamp"] == "2024-06-01T00:00:00"
    assert requests(page, DAILY, text)[0]["last_timestamp"] == "2024-01-06T00:00:00"
    yearly = {**MODEL, "step": {"count": 12, "unit": "month", "text": "1 year"}}
    problem = requests(page, yearly, "date,y\n01/02/2023,1\n01/02/2024,2\n")["problem"]
    assert problem.startswith('Line 2: "01/02/2023" has the day or the month first, and no row tells which.')


def test_known_covariates_go_on_after_the_last_value(page: Page) -> None:
    text = "time,y,promo\n2024-01-01,1,0\n2024-01-02,2,1\n2024-01-03,,0\n2024-01-04,,1\n"
    model = {**DAILY, "known": ["promo"]}
    table = call(page, "csv", "readTable", text)
    found = call(
        page, "series", "readSeries", table, call(page, "columns", "guessRoles", table, model), model
    )
    (series,) = found["series"]
    assert (series["request"]["known"], series["future"]) == ({"promo": [0, 1]}, {"promo": [0, 1]})
    assert call(page, "series", "longestHorizon", [series], model) == 2
    assert call(page, "series", "requestOf", series, 1)["future_known"] == {"promo": [0]}
    ended = {**series, "future": {"promo": []}}
    problem = call(page, "series", "longestHorizon", [ended], model)["problem"]
    assert problem.startswith('Column "promo" ends with the values of "y".')


@pytest.mark.parametrize(
    ("text", "series", "targets"),
    [
        ("date,store,y\n2024-01-01,a,1\n2024-01-01,b,2\n2024-01-02,a,3\n2024-01-02,b,4\n", 1, [2]),
        ("date,store,y\n2024-01-01,1,1\n2024-01-01,2,2\n2024-01-02,1,3\n2024-01-02,2,4\n", 1, [2]),
        ("date,weekday,value\n2024-01-01,Mon,1\n2024-01-08,Mon,2\n2024-01-15,Mon,2\n", None, [2]),
        ("date,north,south\n2024-01-01,1,2\n2024-01-02,3,4\n", None, []),
        ("store,value\na,1\na,2\nb,3\nb,4\n", 0, [1]),
        ("5\n6\n7\n", None, [0]),
    ],
)
def test_columns_are_told_by_what_they_hold(
    page: Page, text: str, series: int | None, targets: list[int]
) -> None:
    roles = call(page, "columns", "guessRoles", call(page, "csv", "readTable", text), DAILY)
    assert (roles["series"], roles["targets"]) == (series, targets)


def test_a_model_without_a_calendar_counts(page: Page) -> None:
    model = {**MODEL, "has_calendar": False, "step": {"count": 2, "unit": "index", "text": "2 rows"}}
    assert requests(page, model, "step,y\n10,1\n12,2\n16,3\n") == [
        {"values": [1, 2, None, 3], "last_timestamp": 16}
    ]
