"""How the page reads plain files where the service reads none: its modules, called in the browser."""

from __future__ import annotations

import csv
import io
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
MORE = " This page reads plain CSV; `forecaster serve` reads most other forms of files, times and numbers."


@pytest.fixture(scope="module")
def page(browser: Browser, bare: Service) -> Page:
    return open_view(browser, f"http://127.0.0.1:{bare.port}/", View("desktop", 1280)).page


def call(page: Page, module: str, name: str, *given: Any) -> Any:
    """What a function of a module gives back, or {problem: message}."""
    return page.evaluate(CALL, [module, name, list(given)])


@pytest.mark.parametrize(
    ("text", "columns", "rows"),
    [
        ("a,b\n1,2\n", ["a", "b"], [["1", "2"]]),
        ("a;b\r\n1;2\r\n", ["a", "b"], [["1", "2"]]),
        ("a\tb\n1\t\n", ["a", "b"], [["1", ""]]),
        ("a,b\r1,2", ["a", "b"], [["1", "2"]]),
        ('\ufeffa,"b ""x"""\n"1,5"," 2\nlines"\n', ["a", 'b "x"'], [["1,5", "2\nlines"]]),
        ("a\n1\n\n2\n", ["a"], [["1"], ["2"]]),
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
    ("cell", "local"),
    [
        ("2024-01-31", "2024-01-31T00:00:00"),
        ("2024-01-31 14:05", "2024-01-31T14:05:00"),
        ("2024-01-31T15:05:10.5", "2024-01-31T15:05:10"),
        ("2024-03", "2024-03-01T00:00:00"),
        *(
            (text, None)
            for text in ("31.1.2024", "1/2/2024", "20240131", "2024Q3", "2023-02-29", "2024-13-01")
        ),
    ],
)
def test_times_are_those_of_iso_8601(page: Page, cell: str, local: str | None) -> None:
    found = call(page, "times", "timeOf", cell, True)
    milliseconds = local and datetime.fromisoformat(local).replace(tzinfo=UTC).timestamp() * 1000
    assert (found and found["local"]) == milliseconds


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


@pytest.mark.parametrize(
    ("dates", "expected"),
    [
        (["2024-01-31", "2024-02-29", "2024-03-31"], "1 month"),
        (["2023-10-01", "2024-01-01", "2024-07-01"], "3 months"),
        (["2022-05-01", "2023-05-01"], "1 year"),
        (["2024-01-01", "2024-01-08", "2024-01-29"], "1 week"),
        (["2024-01-05", "2024-01-08"], "1 day"),
        (["2024-01-05", "2024-01-05T07:00"], "1 hour"),
        (["2024-01-05", "2024-01-05T07:30"], None),
        (["2024-01-05"], None),
    ],
)
def test_the_longest_usual_step_of_times_is_found(page: Page, dates: list[str], expected: str | None) -> None:
    times = [datetime.fromisoformat(date).replace(tzinfo=UTC).timestamp() * 1000 for date in dates]
    assert call(page, "steps", "usualStep", times) == expected


def test_cells_are_escaped_as_the_command_does_and_read_again(page: Page) -> None:
    signs = ["=1", "'=1", "\t=1", "\uff1d1", " \xa0@x", '"+x', "-1-1", "a;=b", "a\r\n-x", "\ufeff=b"]
    names = [*signs, "-1", "+1.5e3", "O'B"]
    assert [call(page, "csv", "safeCell", name) for name in names] == list(map(safe_cell, names))
    text = io.StringIO()
    csv.writer(text).writerows([("'=id", "y"), *((safe_cell(name), 1) for name in names)])
    table = call(page, "csv", "readTable", text.getvalue())
    assert table["columns"] == ["=id", "y"]
    assert [row["cells"][0] for row in table["rows"]] == names


def test_a_forecast_is_written_as_python_writes_numbers_and_no_cell_is_run(page: Page) -> None:
    values = [5.0, -0.0, 1e-05, 0.0001, 1.25e16, 123456789.125, 1e22, -2.5e-7]
    series = {"key": {"=id": "=1+1", "at": 'a "b", c'}, "target": None, "last": 0, "coming": {"t": ["x"] * 8}}
    choice: dict[str, Any] = {"series": series, "target": None, "curve": {"x": [0], "y": [1]}}
    choice["forecast"] = {"median": values, "quantiles": {"0.5": values}}
    text = call(page, "answer", "writeCsv", [choice])
    head, *rows = list(csv.reader(io.StringIO(text)))
    assert head == ["'=id", "at", "t", "forecast", "q0.5"]
    # JSON, by which a call passes, has no sign of zero
    assert [row[3] for row in rows] == [repr(value) if value else row[3] for value, row in zip(values, rows)]  # noqa: B905
    assert rows[0][:3] == ["'=1+1", 'a "b", c', "x"]


MODEL: dict[str, Any] = {
    "has_calendar": True,
    "timezone": None,
    "joint": False,
    "time": "time",
    "series": [],
    "targets": ["y"],
    "known": [],
}
MODEL |= {"past": [], "static": [], "context_length": 48, "max_horizon": 24, "season": 24, "levels": [0.5]}
HOURLY = {**MODEL, "step": {"count": 1, "unit": "hour", "text": "1 hour"}}
DAILY = {**MODEL, "step": {"count": 1, "unit": "day", "text": "1 day"}}


def requests(page: Page, model: dict[str, Any], text: str, **chosen: list[str]) -> Any:
    """What would be asked for a file, or {problem: message}."""
    found = call(page, "plain", "readPlain", text, model, chosen)
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


def test_known_covariates_go_on_after_the_last_value(page: Page) -> None:
    text = "time,y,promo\n2024-01-01,1,0\n2024-01-02,2,1\n2024-01-03,,0\n2024-01-04,,1\n"
    model = {**DAILY, "known": ["promo"]}
    found = call(page, "plain", "readPlain", text, model, {})
    understood = call(page, "series", "understand", found, model, {})
    (series,) = understood["series"]
    assert series["request"]["known"] == {"promo": [0, 1]}
    assert series["request"]["future_known"] == {"promo": [0, 1]}
    assert call(page, "series", "longestHorizon", [series], model) == 2
    assert call(page, "series", "requestOf", series, model, 1)["future_known"] == {"promo": [0]}
    ended = {**series, "request": {"future_known": {"promo": []}}}
    problem = call(page, "series", "longestHorizon", [ended], model)["problem"]
    assert problem.startswith('Column "promo" ends with the values of "y".')


def test_a_request_has_no_more_than_the_model_looks_at(page: Page) -> None:
    text = "time,y\n" + "".join(f"2024-01-{day:02},{day}\n" for day in range(1, 31))
    found = call(page, "plain", "readPlain", text, DAILY, {})
    (series,) = call(page, "series", "understand", found, DAILY, {})["series"]
    asked = call(page, "series", "requestOf", series, {**DAILY, "context_length": 4}, 3)
    assert asked == {"values": [27, 28, 29, 30], "last_timestamp": "2024-01-30T00:00:00"}


PANEL = "day,store,y,n\n2024-01-01,a,1,5\n2024-01-01,b,2,6\n2024-01-02,a,3,7\n2024-01-02,b,4,8\n"


def test_columns_are_those_of_the_model_or_chosen(page: Page) -> None:
    found = call(page, "plain", "readPlain", PANEL, {**DAILY, "series": ["store"]}, {})["columns"]
    assert (found["time"], found["series"], found["targets"]) == (["day"], ["store"], ["y"])
    chosen = {"series": ["store"], "target": ["n"], "time": [""]}
    found = call(page, "plain", "readPlain", PANEL, DAILY, chosen)
    columns = found["columns"]
    assert (columns["time"], columns["series"], columns["targets"]) == ([], ["store"], ["n"])
    assert [series["request"]["values"] for series in found["series"]] == [[5, 7], [6, 8]]
    open_ = call(page, "plain", "readPlain", PANEL.replace(",y,", ",m,"), {**DAILY, "series": ["store"]}, {})
    assert (open_["columns"]["targets"], open_["series"]) == ([], [])
    question = call(page, "series", "understand", open_, {**DAILY, "pretrained": False}, {})["question"]
    assert question["text"].endswith("no column is called so: there are “m” and “n”.")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (PANEL, "Line 3: 2024-01-01 is there twice. Expected a row a step."),
        ("time,y\n2024-01-01,1\n2024-01-02,1.234,5\n", "Line 3: 3 cells, expected 2"),
        ("time;y\n2024-01-01;1,5\n", 'Line 2, column "y": "1,5" is no number.'),
        ("time,y\n2024-01-01,1\n2024-01-02,$2\n2024-01-03,3\n", 'Line 3, column "y": "$2" is no number.'),
        ("time,y\n31.01.2024,1\n", 'Line 2, column "time": "31.01.2024" is no time. Expected a date such as'),
        ("time,y\n2024-01-01,1\n2024-01-01 06:00,2\n", "Line 3: 2024-01-01 06:00 comes after 2024-01-01, "),
    ],
)  # fmt: skip
def test_what_is_not_plain_is_refused_and_who_reads_more_is_said(
    page: Page, text: str, expected: str
) -> None:
    problem = requests(page, DAILY, text)["problem"]
    assert problem.startswith(expected)
    assert problem.endswith(MORE)


def test_a_model_without_a_calendar_counts(page: Page) -> None:
    model = {
        **MODEL,
        "has_calendar": False,
        "step": {"count": 2, "unit": "index", "text": "2 rows"},
        "time": "n",
    }
    assert requests(page, model, "n,y\n10,1\n12,2\n16,3\n") == [
        {"values": [1, 2, None, 3], "last_timestamp": 16}
    ]
