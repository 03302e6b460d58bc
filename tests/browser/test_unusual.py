"""Unusual values of a history on the page: marked, said and drawn, where asked."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from page_checks import faint_texts, overflow, repeated_ids, small_texts
from page_use import MONTHS, VALUES, drop, shown_steps
from running import Service
from sites import PACKAGES
from views import VIEWS, Opened, View

if TYPE_CHECKING:
    from playwright.sync_api import Page, Request, Route

pytestmark = pytest.mark.browser

Visit = Callable[[Service, View], Opened]
DESK = View("desktop", 1280)
LIKELY = [*VALUES[:-6], 133, 129, 123, 134, 148, 148]  # the last ones as forecast from before them
UNLIKELY = [*LIKELY[:-3], 420, *LIKELY[-2:]]  # in June 1950
HEAD = "month,passengers"
SAID = "1 of the last 6 values is unusual for this model, whose intervals are not calibrated"
BEGINS = "([id, text]) => document.getElementById(id).textContent.startsWith(text)"
AXE = PACKAGES / "axe-core" / "axe.min.js"
FAULTS = """async () => (await axe.run({ preload: false, resultTypes: ["violations"] })).violations
  .flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id}: ${target.join(" ")}`))"""


def rows(values: list[int]) -> list[str]:
    return [f"{month},{value}" for month, value in zip(MONTHS, values, strict=True)]


def forecast(page: Page, lines: list[str]) -> None:
    """Drop lines below a header, wait for their forecast, and ask for marks."""
    drop(page, "\n".join(lines))
    shown_steps(page, 6)
    page.check("#mark")


def said(page: Page, text: str) -> None:
    """Wait until the page says so of the last values."""
    page.wait_for_function(BEGINS, arg=["unusual", text])


def read(page: Page, text: str) -> None:
    """Wait until the page says so of the point that is looked at."""
    page.wait_for_function(BEGINS, arg=["readout", text])


def marked(page: Page) -> list[str]:
    return page.locator("#unusual-values li").all_inner_texts()


@pytest.fixture
def page(visit: Visit, service: Service) -> Page:
    return visit(service, DESK).page


@pytest.mark.parametrize(
    "view", [view for view in VIEWS if view.media == "screen"], ids=lambda view: view.name
)
def test_marks_can_be_looked_at(visit: Visit, service: Service, screenshots: Path, view: View) -> None:
    opened = visit(service, view)
    forecast(opened.page, [HEAD, *rows(UNLIKELY)])
    said(opened.page, SAID)
    opened.save(screenshots, f"unusual-{view.name}")
    assert overflow(opened.page) == 0
    assert (small_texts(opened.page), faint_texts(opened.page), repeated_ids(opened.page)) == ([], [], [])
    assert opened.console == []


@pytest.mark.parametrize("view", [DESK, View("phone-dark", 390, "dark")], ids=lambda view: view.name)
def test_marks_break_no_rule_of_axe(visit: Visit, service: Service, view: View) -> None:
    if not AXE.is_file():
        pytest.skip("no axe-core: make test-browser installs it, where there is npm")
    page = visit(service, view).page
    forecast(page, [HEAD, *rows(UNLIKELY)])
    said(page, SAID)
    page.evaluate(AXE.read_text())
    assert page.evaluate(FAULTS) == []


def test_an_unusual_value_is_said_with_its_time_what_was_expected_and_how_rare_it_is(
    page: Page, service: Service
) -> None:
    forecast(page, [HEAD, *rows(UNLIKELY)])
    said(page, SAID)
    (line,) = marked(page)
    asked = {"series": [{"values": UNLIKELY, "last_timestamp": "1950-08"}], "anomalies": 6}
    judged = service.forecast(asked)["forecasts"][0]["anomalies"]
    low, high = judged["quantiles"]["0.1"][3], judged["quantiles"]["0.9"][3]
    assert line == f"Jun 1950: 420.0, 80% expected between {low:.1f} and {high:.1f}, p < 0.0001"
    assert "unusual value, and what was expected" in page.locator("#keys li").all_inner_texts()


def test_a_mark_is_read_with_the_arrow_keys(page: Page) -> None:
    forecast(page, [HEAD, *rows(UNLIKELY)])
    said(page, SAID)
    page.focus("#chart")
    for _ in range(2):
        page.keyboard.press("ArrowLeft")
    read(page, "Jun 1950, 420.0, unusual: 80% expected between ")
    page.keyboard.press("ArrowLeft")
    read(page, "May 1950, 123.0")
    assert "unusual" not in page.inner_text("#readout")


def test_nothing_is_marked_where_nothing_is_unusual(page: Page) -> None:
    forecast(page, [HEAD, *rows(LIKELY)])
    said(page, "None of the last 6 values is unusual.")
    assert marked(page) == []
    assert "unusual" not in page.inner_text("#keys")


def test_marks_are_asked_for_once_and_go_and_return_by_the_control(page: Page) -> None:
    asked: list[Request] = []
    page.on("request", lambda request: asked.append(request))
    forecast(page, [HEAD, *rows(UNLIKELY)])
    said(page, SAID)
    page.uncheck("#mark")
    assert (page.inner_text("#unusual"), marked(page)) == ("", [])
    page.focus("#horizon")
    page.keyboard.press("End")
    shown_steps(page, 18)
    page.check("#mark")
    said(page, SAID)
    page.focus("#horizon")
    page.keyboard.press("Home")
    shown_steps(page, 1)
    said(page, SAID)
    assert len(marked(page)) == 1
    bodies = [request.post_data or "" for request in asked if request.url.endswith("/forecast")]
    assert len(bodies) == 4
    assert [json.loads(body)["anomalies"] for body in bodies if "anomalies" in body] == [6]


def test_the_series_that_is_drawn_is_judged(page: Page) -> None:
    both = [f"{row},{line}" for line, values in (("a", LIKELY), ("b", UNLIKELY)) for row in rows(values)]
    forecast(page, [f"{HEAD},line", *both])
    said(page, "None of the last 6 values is unusual.")
    page.select_option("#drawn", "1")
    said(page, SAID)
    page.select_option("#drawn", "0")
    said(page, "None of the last 6 values is unusual.")


def test_each_channel_of_a_joint_model_is_judged(page: Page) -> None:
    page.select_option("#model", label="joint")
    page.click("#use-example")
    page.wait_for_selector("#choose-mark:visible")
    page.check("#mark")
    page.wait_for_selector("#unusual:not(:empty)")
    assert "of the last" in page.inner_text("#unusual")
    assert page.locator("#drawn option").count() > 1
    page.select_option("#drawn", "1")
    page.wait_for_selector("#unusual:not(:empty)")


def test_a_service_that_does_not_judge_says_why_and_its_forecast_stays(page: Page) -> None:
    def refuse(route: Route) -> None:
        if "anomalies" in json.loads(route.request.post_data or "{}"):
            route.fulfill(status=503, json={"error": "too much waits"})
        else:
            route.continue_()

    page.route("**/forecast", refuse)
    forecast(page, [HEAD, *rows(LIKELY)])
    said(page, "Whether the last values are unusual is not known: too much waits.")
    assert page.is_visible("#result")
    assert page.inner_text("#problem") == ""


def test_of_too_few_values_none_is_judged(page: Page) -> None:
    forecast(page, [HEAD, "1949-01,112"])
    said(page, "Whether the last values are unusual is not known: there are no values before")


def test_marks_are_there_unasked_where_intervals_are_calibrated(page: Page, service: Service) -> None:
    described = service.get("/models")
    for model in described["models"]:
        model["calibrated"] = True
    page.route("**/models", lambda route: route.fulfill(json=described))
    page.reload(wait_until="networkidle")
    drop(page, "\n".join([HEAD, *rows(UNLIKELY)]))
    said(
        page,
        "1 of the last 6 values is unusual: of values like those before, fewer than 1 in 1,000 lie so far",
    )
    assert page.is_checked("#mark")


def test_marks_are_not_there_unasked_where_they_are_not(page: Page) -> None:
    drop(page, "\n".join([HEAD, *rows(UNLIKELY)]))
    shown_steps(page, 6)
    assert not page.is_checked("#mark")
    assert (page.inner_text("#unusual"), marked(page)) == ("", [])
