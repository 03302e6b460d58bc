"""Every page of the site, by axe: on a phone and on a desk, in the light and in the dark."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sites import PACKAGES, Site
from views import VIEWS, View

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

AXE = PACKAGES / "axe-core" / "axe.min.js"
LOOKED_AT = ("", "try/", "start/", "guides/files/", "reference/python/")  # screenshots, for people
# The places where a rule is broken, of all rules. preload: of style sheets, which would be fetched once more.
FAULTS = """async () => {
  const frame = () => new Promise(resolve => requestAnimationFrame(resolve));
  for (let frames = 0; frames < 3; frames++) await frame(); // sizes are known, and what follows is done
  const { violations } = await axe.run({ preload: false, resultTypes: ["violations"] });
  return violations.flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id}: ${target.join(" ")}`));
}"""
SCREENS = [view for view in VIEWS if view.name.startswith(("phone", "desktop"))]
ON_SCREEN = pytest.mark.parametrize("view", SCREENS, ids=lambda view: view.name)


def opened(browser: Browser, view: View) -> Page:
    """A window in which every document has axe, also that of a frame; without transitions."""
    size: Any = {"width": view.width, "height": 900}
    context = browser.new_context(viewport=size, color_scheme=view.scheme, reduced_motion="reduce")
    context.add_init_script(path=AXE)
    return context.new_page()


@ON_SCREEN
def test_no_page_of_the_site_breaks_a_rule_of_axe(
    browser: Browser, site: Site, screenshots: Any, view: View
) -> None:
    page = opened(browser, view)
    broken: dict[str, list[str]] = {}
    for name in site.pages():
        page.goto(f"{site.address}{name}", wait_until="load")
        if faults := page.evaluate(FAULTS):
            broken[name] = faults
        if name in LOOKED_AT:
            path = screenshots / f"site-{name.replace('/', '-') or 'home-'}{view.name}.png"
            page.screenshot(path=path)
    page.context.close()
    assert broken == {}


@ON_SCREEN
def test_no_forecast_in_the_browser_breaks_a_rule_of_axe(browser: Browser, site: Site, view: View) -> None:
    page = opened(browser, view)
    page.goto(f"{site.address}try/", wait_until="networkidle")
    forecast = page.frame_locator("iframe.forecast")
    forecast.locator("#use-example").click()
    forecast.locator("#table tbody tr").first.wait_for()
    assert page.evaluate(FAULTS) == []
    page.context.close()
