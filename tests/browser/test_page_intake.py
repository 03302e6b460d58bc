"""Data that cannot be read, or arrive while others do, and a service that refuses: nothing is lost."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from page_use import AIR, drop, problem, shown_steps
from running import Service
from views import Opened, View

if TYPE_CHECKING:
    from playwright.sync_api import Page, Route

pytestmark = pytest.mark.browser

DESK = View("desktop", 1280)
Visit = Callable[[Service, View], Opened]
# Files whose bytes come when they are let go: first.csv may come after second.csv.
SLOW = """() => {
  const wait = {};
  const read = File.prototype.arrayBuffer;
  File.prototype.arrayBuffer = function () {
    return new Promise((done, fail) => (wait[this.name] = (isThere) =>
      isThere ? done(read.call(this)) : fail(new DOMException("", "NotFoundError"))));
  };
  window.letGo = (name, isThere = true) => wait[name](isThere);
  window.isWaiting = (name) => name in wait;
}"""


@pytest.fixture
def page(visit: Visit, service: Service) -> Page:
    return visit(service, DESK).page


def let_go(page: Page, name: str, is_there: bool = True) -> None:
    """Let a file be read, once the page asks for it."""
    page.wait_for_function("name => isWaiting(name)", arg=name)
    page.evaluate("([name, isThere]) => letGo(name, isThere)", [name, is_there])


def test_of_two_files_the_later_is_shown(page: Page) -> None:
    page.evaluate(SLOW)
    drop(page, AIR.replace("passengers", "first"), "first.csv")
    drop(page, AIR.replace("passengers", "second"), "second.csv")
    let_go(page, "second.csv")
    shown_steps(page, 6)
    let_go(page, "first.csv")
    page.evaluate("() => new Promise((go) => setTimeout(go, 50))")
    assert page.inner_text("#given-name") == "second.csv"
    assert page.inner_text("#result-title") == "second"


def test_a_forecast_of_other_data_is_not_shown_with_new_ones(page: Page) -> None:
    waiting: list[Route] = []
    page.route("**/forecast", lambda route: waiting.append(route))
    drop(page, AIR)
    page.wait_for_selector("#status:has-text('Forecasting…')")
    drop(page, AIR.replace("1949-03", "March"), "bad.csv")
    assert problem(page).startswith('column "month": "March" is not a timestamp')
    waiting[0].fulfill(json={"forecasts": [{"median": [1], "quantiles": {"0.5": [1]}}]})
    page.evaluate("() => new Promise((go) => setTimeout(go, 50))")
    assert not page.is_visible("#result")
    assert page.inner_text("#given-name") == "bad.csv"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a,b\n", "air.csv: a header and no rows"),
        ("when,what\n2024-01-01,a\n2024-01-02,b\n", "no column of numbers to forecast"),
        ("\0\1", "air.csv: holds zero bytes"),
    ],
)
def test_a_file_without_data_is_refused(page: Page, text: str, expected: str) -> None:
    drop(page, text)
    assert problem(page).startswith(expected)
    assert page.inner_text("#status") == ""


def test_a_file_of_one_row_is_forecast_with_a_warning(page: Page) -> None:
    drop(page, "\n".join(AIR.splitlines()[:2]))
    shown_steps(page, 6)
    assert "Of the last 22 months that the model looks back at, 1 has a value." in page.inner_text("#notes")


def test_a_folder_is_refused(page: Page) -> None:
    page.evaluate(SLOW)
    drop(page, "", "folder")
    let_go(page, "folder", is_there=False)
    assert problem(page) == "folder cannot be read: it is a folder, or no longer there. Expected a file."


def test_several_files_are_refused(page: Page) -> None:
    page.evaluate("""() => {
      const dropped = new DataTransfer();
      for (const name of ["a.csv", "b.csv"]) dropped.items.add(new File(["y\\n1\\n"], name));
      const options = {dataTransfer: dropped, bubbles: true, cancelable: true};
      document.body.dispatchEvent(new DragEvent("drop", options));
    }""")
    assert problem(page) == "Found 2 files, expected one. Put all series into one table."


def test_a_file_that_cannot_be_read_leaves_the_forecast_of_another(page: Page) -> None:
    drop(page, AIR)
    shown_steps(page, 6)
    drop(page, "a,b\n", "bad.csv")
    assert problem(page) == "bad.csv: a header and no rows\nBelow is still the forecast of air.csv."
    assert page.inner_text("#given-name") == "air.csv"
    shown_steps(page, 6)


ANSWERS = [
    (503, {"error": "too much to do"}, "too much to do", True),
    (503, "<html>", "The service answered 503. It has too much to do.", True),
    (413, "<html>", "The service answered 413. The data are too large for it.", False),
    (413, {"error": "the body is larger than 5 bytes"}, "the body is larger than 5 bytes", False),
    (500, {}, "The service answered 500.", True),
    (200, "<html>", "The service answered 200.", False),
    (422, {"error": 'series[0]: "values" is odd'}, '“passengers”: "values" is odd', False),
]


@pytest.mark.parametrize(("status", "body", "expected", "is_passing"), ANSWERS)
def test_what_was_given_stays_where_the_service_refuses(
    page: Page, status: int, body: object, expected: str, is_passing: bool
) -> None:
    def refuse(route: Route) -> None:
        if isinstance(body, str):
            route.fulfill(status=status, body=body)
        else:
            route.fulfill(status=status, json=body)

    page.route("**/forecast", refuse)
    page.fill("#text", AIR)
    page.click("#use-text")
    assert problem(page) == expected
    assert page.is_visible("#try-again") == is_passing
    page.unroute("**/forecast")
    if is_passing:
        page.click("#try-again")
        shown_steps(page, 6)
        assert page.inner_text("#problem") == ""
    page.click("#other-data")
    assert page.input_value("#text") == AIR


def test_a_forecast_stays_while_the_next_is_refused(page: Page) -> None:
    drop(page, AIR)
    shown_steps(page, 6)
    page.route("**/forecast", lambda route: route.abort())
    page.fill("#horizon-number", "3")
    page.keyboard.press("Enter")
    assert problem(page).endswith("Is it still running? Below is still the forecast that was there before.")
    assert page.is_visible("#try-again")
    page.unroute("**/forecast")
    page.click("#try-again")
    shown_steps(page, 3)


def test_a_service_that_never_answers_is_given_up(page: Page) -> None:
    page.clock.install()
    page.route("**/forecast", lambda _route: None)
    drop(page, AIR)
    page.clock.run_for(1000)
    page.wait_for_selector("#status:has-text('Forecasting…')")
    page.clock.run_for(120_000)
    assert problem(page) == "The service has not answered for 120 seconds."
    assert page.is_visible("#try-again")


def test_a_token_that_is_refused_later_is_asked_for_and_the_data_stay(page: Page) -> None:
    page.route("**/forecast", lambda route: route.fulfill(status=401, json={"error": "token expected"}))
    drop(page, AIR)
    assert problem(page) == "token expected"
    page.unroute("**/forecast")
    page.fill("#token", "new")
    page.keyboard.press("Enter")
    shown_steps(page, 6)
    assert not page.is_visible("#authorization")
