"""How the page of the service reads data: its modules, called in the browser that they run in."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from running import Service
from views import View, open_view

from deploy.timestep import TimeStep

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
            "Line 3: 1 cells, expected 2 as in the first line. So have 1 more lines another",
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
    last = {"x": 0}
    choice = {"label": "=1+1", "name": "=1+1", "target": None, "last": last, "curve": {"x": [0], "y": [1]}}
    choice["forecast"] = {"median": [1.5], "quantiles": {"0.1": [1], "0.9": [2]}}
    text = call(page, "answer", "writeCsv", [choice, {**choice, "name": 'a "b", c'}])
    rows = ["series,step,forecast,q0.1,q0.9", "'=1+1,1,1.5,1,2", '"a ""b"", c",1,1.5,1,2']
    assert text.splitlines() == rows, json.dumps(text)
