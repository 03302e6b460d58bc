"""Pages in the Chromium of the system: how each is looked at, and what it does while it is.

A test opens a file or an address with `open_page` in a View; `page_checks` says what is wrong with it.
Screenshots go to the folder SCREENSHOTS names, by default tests/browser/screenshots.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from views import Open, Opened, View

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ViewportSize

CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
# As root in a container there is no sandbox, and there may be no GPU.
ARGUMENTS = ["--no-sandbox", "--disable-gpu"]
HEIGHT = 900


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The Chromium of the system."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="install the extra: browser")
    found = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if found is None:
        pytest.skip(f"no Chromium: none of {', '.join(CHROMIUM)} is installed")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def screenshots() -> Path:
    """Where pictures of pages go, to be looked at."""
    folder = Path(os.environ.get("SCREENSHOTS", Path(__file__).parent / "screenshots"))
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def open_page(browser: Browser) -> Iterator[Open]:
    """open_page(path or address, view): in a browser that remembers nothing.

    Opened once for all tests of the session: they look, and change nothing.
    """
    known: dict[tuple[str, View], Opened] = {}

    def open_(place: str | Path, view: View) -> Opened:
        address = place.as_uri() if isinstance(place, Path) else place
        if (address, view) not in known:
            known[address, view] = _open(browser, address, view)
        return known[address, view]

    yield open_
    for opened in known.values():
        opened.page.context.close()


def _open(browser: Browser, address: str, view: View) -> Opened:
    size: ViewportSize = {"width": view.width, "height": HEIGHT}
    opened = Opened(browser.new_context(viewport=size, color_scheme=view.scheme).new_page())
    opened.page.on("console", lambda message: opened.console.append(message.text))
    opened.page.on("pageerror", lambda error: opened.console.append(str(error)))
    opened.page.on("request", lambda request: _note(opened, request.url, address))
    opened.page.emulate_media(media=view.media, color_scheme=view.scheme)
    opened.page.goto(address, wait_until="networkidle")
    return opened


def _note(opened: Opened, url: str, address: str) -> None:
    if url != address:
        opened.requests.append(url)
