"""What a forecast rests on, and what-ifs, on the page: said, drawn, and moved by a slider."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from page_checks import faint_texts, overflow, small_texts
from page_use import shown_steps
from running import BUNDLES, Service
from views import VIEWS, Opened, View

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

Visit = Callable[[Service, View], Opened]
DESK = View("desktop", 1280)
FOLLOWS = "text => document.getElementById('what-follows').textContent.startsWith(text)"


@pytest.fixture(scope="module")
def explaining(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service of a bundle that explains its forecasts, and of one exported before."""
    named = [f"{name}={BUNDLES / name}" for name in ("explained", "plain")]
    running = Service(tmp_path_factory.mktemp("why"), *named)
    yield running
    running.kill()


def explained(opened: Opened) -> Page:
    page = opened.page
    page.click("#use-example")
    shown_steps(page, 8)
    page.click("#explain")
    page.wait_for_selector("#rests-on:not(:empty)")
    return page


def drag(page: Page, value: float) -> None:
    """Move the slider, as a person does by its number."""
    page.fill("#how-much-number", str(value))


@pytest.mark.parametrize(
    "view", [view for view in VIEWS if view.media == "screen"], ids=lambda view: view.name
)
def test_the_explanation_and_a_what_if_can_be_looked_at(
    visit: Visit, explaining: Service, screenshots: Path, view: View
) -> None:
    opened = visit(explaining, view)
    page = explained(opened)
    drag(page, 2 * float(page.input_value("#how-much-number")))
    page.wait_for_function(FOLLOWS, arg="If y is ")
    opened.save(screenshots, f"why-{view.name}")
    assert overflow(page) == 0
    assert (small_texts(page), faint_texts(page)) == ([], [])
    assert opened.console == []


def test_it_says_what_the_forecast_rests_on_and_is_made_of(visit: Visit, explaining: Service) -> None:
    page = explained(visit(explaining, DESK))
    assert page.inner_text("#rests-on").startswith("It rests to ")
    assert page.inner_text("#made-of").startswith("The level is ")
    shares = page.eval_on_selector_all("#shares meter", "bars => bars.map(bar => bar.value)")
    assert sum(shares) == pytest.approx(1)
    assert shares == sorted(shares, reverse=True)
    assert any("promo" in text for text in page.locator("#shares li").all_inner_texts())


def test_a_step_that_is_dragged_moves_the_rest(visit: Visit, explaining: Service) -> None:
    page = explained(visit(explaining, DESK))
    with page.expect_request("**/forecast") as asked:
        drag(page, 2 * float(page.input_value("#how-much-number")))
    body = asked.value.post_data_json
    assert body["paths"] == 200
    assert body["series"][0]["fixed"] == [pytest.approx(float(page.input_value("#how-much-number")))]
    page.wait_for_function(FOLLOWS, arg="If y is ")
    assert " moves most: " in page.inner_text("#what-follows")
    assert "what if" in page.locator("#keys li").all_inner_texts()
    page.click("#free")
    assert "what if" not in page.locator("#keys li").all_inner_texts()
    assert page.inner_text("#what-follows") == ""


def test_a_known_covariate_that_is_dragged_is_asked_for(visit: Visit, explaining: Service) -> None:
    page = explained(visit(explaining, DESK))
    page.select_option("#what", label="promo")
    page.select_option("#when", "3")
    with page.expect_request("**/forecast") as asked:
        drag(page, 7.5)
    body = asked.value.post_data_json
    assert body["series"][0]["future_known"]["promo"][3] == 7.5
    assert "fixed" not in body["series"][0]
    page.wait_for_function(FOLLOWS, arg="If promo is 7.5")


def test_a_bundle_of_before_says_so(visit: Visit, explaining: Service) -> None:
    opened = visit(explaining, DESK)
    page = opened.page
    page.select_option("#model", label="plain")
    page.click("#use-example")
    shown_steps(page, 6)
    page.click("#explain")
    page.wait_for_function(FOLLOWS, arg="this bundle was exported before")
