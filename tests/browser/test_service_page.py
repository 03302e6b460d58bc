"""The page of the service as people use it: on a phone and on a desk, by pointer and by keyboard."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from page_checks import faint_texts, heading_levels, overflow, repeated_ids, small_texts
from page_use import AIR, VALUES, drop, notes, problem, shown_steps
from running import BUNDLES, Service
from views import VIEWS, Opened, View

from deploy.bundle.bundle import digest_of

if TYPE_CHECKING:
    from playwright.sync_api import Page, Route

pytestmark = pytest.mark.browser

Visit = Callable[[Service, View], Opened]
DESK = View("desktop", 1280)
SCREENS = [view for view in VIEWS if view.media == "screen"]
ON_SCREEN = pytest.mark.parametrize("view", SCREENS, ids=lambda view: view.name)
# What can be operated and has no name, as browsers compute it.
NAMELESS = """
[...document.querySelectorAll("button, input, select, textarea, [tabindex='0']")].filter(one => {
  const ids = (one.getAttribute("aria-labelledby") || "").split(" ").filter(id => id);
  const named = ids.map(id => document.getElementById(id)?.textContent).join("");
  const labels = [...(one.labels || [])].map(label => label.textContent).join("");
  const own = one.tagName === "BUTTON" ? one.textContent : "";
  return one.checkVisibility() && !(one.ariaLabel || named || labels || own).trim();
}).map(one => one.id)"""
# Focus that cannot be seen: nothing is drawn around it or its label.
UNSEEN_FOCUS = """() => [document.activeElement, document.activeElement.previousElementSibling].every(
  one => !one || getComputedStyle(one).outlineStyle === "none")"""


@pytest.fixture
def page(visit: Visit, service: Service) -> Page:
    return visit(service, DESK).page


def with_trains() -> str:
    """Two columns of numbers, of which any may be meant."""
    head, *lines = AIR.splitlines()
    return "\n".join([f"{head},trains", *(f"{line},{50 + n * n % 17}" for n, line in enumerate(lines))])


@ON_SCREEN
@pytest.mark.parametrize("moment", ["empty", "forecast", "warned", "question", "problem"])
def test_the_page_can_be_looked_at(
    visit: Visit, service: Service, screenshots: Path, view: View, moment: str
) -> None:
    opened = visit(service, view)
    if moment == "forecast":
        opened.page.select_option("#model", label="covariates")
        opened.page.click("#use-example")
        shown_steps(opened.page, 12)
        opened.page.hover("#chart", position={"x": view.width * 0.75, "y": 120})
    elif moment == "warned":
        drop(opened.page, AIR)
        shown_steps(opened.page, 6)
        assert notes(opened.page)[0].startswith("The model was made for “y”")
    elif moment == "question":
        drop(opened.page, with_trains())
        opened.page.wait_for_selector("#question:not(:empty)")
    elif moment == "problem":
        drop(opened.page, AIR.replace("132", "closed"))
        problem(opened.page)
        assert "status of 422" in opened.console.pop()  # as browsers say of any answer that is none
    opened.save(screenshots, f"service-{moment}-{view.name}")
    assert overflow(opened.page) == 0
    assert (small_texts(opened.page), faint_texts(opened.page)) == ([], [])
    assert opened.console == []


def test_nothing_is_asked_of_another_host(visit: Visit, service: Service) -> None:
    opened = visit(service, DESK)
    drop(opened.page, AIR)
    shown_steps(opened.page, 6)
    ours = f"http://127.0.0.1:{service.port}/"
    assert opened.requests
    assert all(url.startswith(ours) for url in opened.requests)
    assert opened.console == []


def test_a_dropped_file_is_forecast_as_the_service_does(page: Page, service: Service, tmp_path: Path) -> None:
    drop(page, AIR)
    shown_steps(page, 6)
    with page.expect_download() as waiting:
        page.click("#download")
    waiting.value.save_as(tmp_path / "forecast.csv")
    rows = list(csv.DictReader(io.StringIO((tmp_path / "forecast.csv").read_text())))
    answer = service.forecast({"series": [{"values": VALUES, "last_timestamp": "1950-08"}]})["forecasts"][0]
    assert [row["month"] for row in rows] == [time[:7] for time in answer["timestamps"]]
    assert [float(row["forecast"]) for row in rows] == answer["median"]
    for level, values in answer["quantiles"].items():
        assert [float(row[f"q{level}"]) for row in rows] == values


def test_moving_the_horizon_forecasts_anew(page: Page) -> None:
    drop(page, AIR)
    shown_steps(page, 6)
    page.focus("#horizon")
    page.keyboard.press("End")
    shown_steps(page, 18)
    assert page.inner_text("#horizon-text") == "18 months"
    page.fill("#horizon-number", "3")
    page.keyboard.press("Enter")
    shown_steps(page, 3)


def test_what_is_pasted_is_forecast(page: Page) -> None:
    page.fill("#text", AIR.replace(",", ";"))
    page.click("#use-text")
    shown_steps(page, 6)


def test_a_chosen_file_is_forecast(page: Page) -> None:
    page.set_input_files("#file", {"name": "air.csv", "mimeType": "text/csv", "buffer": AIR.encode("utf-16")})
    shown_steps(page, 6)
    assert page.inner_text("#given").startswith("air.csv 1 series, 20 values")


def test_several_series_are_forecast_and_one_is_drawn(page: Page) -> None:
    rows = [f"{name},{line}" for name in ("north", "south, far") for line in AIR.splitlines()[1:]]
    drop(
        page,
        "place,month,passengers\n" + "\n".join(row.replace("south, far", '"south, far"') for row in rows),
    )
    shown_steps(page, 6)
    assert page.locator("#drawn option").all_inner_texts() == ["north", "south, far"]
    page.select_option("#drawn", label="south, far")
    assert page.inner_text("#result-title") == "south, far · passengers"


def test_every_model_forecasts_its_example(page: Page) -> None:
    page.click("#use-example")
    shown_steps(page, 6)
    for name, steps in (("covariates", 12), ("joint", 6)):
        page.select_option("#model", label=name)
        page.wait_for_function("name => document.querySelector('#facts dd').textContent === name", arg=name)
        shown_steps(page, steps)
        assert page.inner_text("#problem") == ""
    assert page.locator("#drawn option").count() == 9  # three series of three targets


def test_a_series_may_be_a_column(page: Page) -> None:
    drop(page, with_trains())
    page.select_option("#target", label="all: “passengers” and “trains”")
    shown_steps(page, 6)
    assert page.locator("#drawn option").all_inner_texts() == ["passengers", "trains"]
    page.select_option("#target", label="trains")
    page.wait_for_function("() => document.getElementById('choose-drawn').hidden")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            AIR.replace("132", "many"),
            r'column "passengers": "many" is not a number\n--> air.csv:4 1949-03',
        ),
        (
            AIR.replace("1949-03,132", "1949-03"),
            r"a row has 1 cell, the header has 2\n--> air.csv:4 1949-03\n",
        ),
        (AIR.replace("1949-03", "1949-02"), r"timestamp 1949-02 appears twice\n--> air.csv:3 1949-02,118"),
        (
            AIR.replace("1949-03", "March"),
            r'column "month": "March" is not a timestamp\n--> air.csv:4 March',
        ),
        (AIR.replace("132", '"132'), r"a quoted cell is never closed\n--> air.csv:4 1949-03,"),
        ("", "air.csv: the file is empty"),
    ],
)
def test_a_problem_of_the_data_is_told_with_its_place(page: Page, text: str, expected: str) -> None:
    drop(page, text)
    assert re.match(expected, problem(page))
    assert page.get_attribute("#problem", "role") == "alert"


def test_an_error_of_the_service_is_shown_with_the_title_of_the_series(page: Page, service: Service) -> None:
    drop(page, AIR.replace("132", "-132"))
    values = [-132 if value == 132 else value for value in VALUES]
    content = {"series": [{"values": values, "last_timestamp": "1950-08"}]}
    assert problem(page) == service.refusal(content)[1].replace("series 0", "“passengers”")


def test_markup_in_data_is_text(page: Page) -> None:
    hostile = "<img src=x onerror=alert(1)>"
    drop(page, AIR.replace("passengers", hostile), f"{hostile}.csv")
    shown_steps(page, 6)
    assert page.inner_text("#result-title") == hostile
    assert page.locator("img").count() == 0


@pytest.fixture
def guarded(tmp_path: Path) -> Iterator[Service]:
    running = Service(tmp_path, str(BUNDLES / "plain"), FORECASTER_TOKEN="open-sesame")
    yield running
    running.kill()


def test_a_token_is_asked_for_and_used(visit: Visit, guarded: Service) -> None:
    page = visit(guarded, DESK).page
    for token, opens in (("wrong", False), ("open-sesame", True)):
        page.fill("#token", token)
        page.keyboard.press("Enter")
        page.wait_for_function(
            "() => document.getElementById('problem').textContent || !document.getElementById('input').hidden"
        )
        assert page.is_visible("#input") == opens
    drop(page, AIR)
    shown_steps(page, 6)
    assert page.evaluate("[localStorage.length, sessionStorage.length, document.cookie]") == [0, 0, ""]


def test_all_can_be_reached_and_seen_by_keyboard(page: Page) -> None:
    drop(page, AIR)
    shown_steps(page, 6)
    page.click("h1")
    reached = []
    while len(reached) < 20:
        page.keyboard.press("Tab")
        found = page.evaluate("document.activeElement.id || document.activeElement.tagName")
        if found in ("BODY", *reached):
            break
        assert not page.evaluate(UNSEEN_FOCUS), found
        reached.append(found)
    wanted = [
        "model",
        "other-data",
        "columns-facts",
        "horizon",
        "horizon-number",
        "mark",
        "range",
        "chart",
        "explain",
        "what",
        "when",
        "how-much",
        "how-much-number",
        "download",
        "DIV",
    ]
    assert reached == wanted


def test_arrow_keys_read_the_chart(page: Page) -> None:
    drop(page, AIR)
    shown_steps(page, 6)
    page.focus("#chart")
    page.keyboard.press("Home")
    page.wait_for_function("() => document.getElementById('readout').textContent === 'Jan 1949, 112.0'")
    page.keyboard.press("End")
    page.wait_for_function(
        "() => document.getElementById('readout').textContent.startsWith('Feb 1951, median')"
    )


@pytest.mark.parametrize("moment", ["empty", "forecast"])
def test_the_page_can_be_heard(page: Page, moment: str) -> None:
    if moment == "forecast":
        page.click("#use-example")
        shown_steps(page, 6)
        assert page.inner_text("#status").startswith("The forecast is there. In 6 months")
    levels = heading_levels(page)
    assert (levels[0], levels.count(1)) == (1, 1)
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert (page.evaluate(NAMELESS), repeated_ids(page)) == ([], [])
    assert page.get_attribute("html", "lang") == "en"


def test_a_service_that_is_gone_is_said_to_be(page: Page) -> None:
    page.route("**/forecast", lambda route: route.abort())
    drop(page, AIR)
    assert problem(page) == "The service does not answer. Is it still running?"


def test_while_a_forecast_is_made_the_page_says_so(page: Page) -> None:
    waiting: list[Route] = []
    page.route("**/forecast", lambda route: waiting.append(route))
    drop(page, AIR)
    page.wait_for_selector("#status:has-text('Forecasting…'):not(.unseen)")
    page.wait_for_function("() => document.getElementById('result').ariaBusy === 'true'")
    waiting[0].continue_()
    shown_steps(page, 6)
    assert "unseen" in (page.get_attribute("#status", "class") or "")


def test_a_model_that_nothing_was_fitted_on_says_so(visit: Visit, tmp_path: Path) -> None:
    from forecaster.workflows.serve import with_pretrained

    with with_pretrained(["--pretrained"]) as arguments:
        service = Service(tmp_path, *arguments)
        try:
            page = visit(service, DESK).page
            page.click("#use-example")
            shown_steps(page, 12)
            assert "pretrained and not fitted on any data" in page.inner_text("#lead")
            assert "made-up series" in page.inner_text("#facts")
        finally:
            service.kill()


def test_a_model_that_took_the_place_of_another_is_shown(visit: Visit, tmp_path: Path) -> None:
    other = tmp_path / "other"
    shutil.copytree(BUNDLES / "plain", other)
    manifest = json.loads((other / "manifest.json").read_bytes())
    manifest["training"] = {}
    manifest["digest"] = digest_of(manifest)
    (other / "manifest.json").write_text(json.dumps(manifest))
    served = tmp_path / "served"
    served.symlink_to(BUNDLES / "plain")
    service = Service(tmp_path, str(served), "--reload", "0.05")
    try:
        page = visit(service, DESK).page
        page.click("#use-example")
        shown_steps(page, 6)
        assert manifest["digest"][:12] not in page.inner_text("#facts")
        (tmp_path / "new").symlink_to(other)
        (tmp_path / "new").rename(served)
        service.wait_for("reload")
        page.fill("#horizon-number", "3")
        page.keyboard.press("Enter")
        shown_steps(page, 3)
        shown = "digest => document.querySelector('#facts').innerText.includes(digest)"
        page.wait_for_function(shown, arg=manifest["digest"][:12])
    finally:
        service.kill()
