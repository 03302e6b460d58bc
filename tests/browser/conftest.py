"""Pages in the Chromium of the system: how each is looked at, and what it does while it is.

A test opens a file or an address with `open_page` in a View; `page_checks` says what is wrong with it.
Screenshots go to the folder SCREENSHOTS names, by default tests/browser/screenshots.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from running import BUNDLES, Service
from sites import PACKAGES, Site, shown
from views import Open, Opened, View, open_view

if TYPE_CHECKING:
    from playwright.sync_api import Browser

NAMED = [f"{name}={BUNDLES / name}" for name in ("plain", "covariates", "joint")]
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
# As root in a container there is no sandbox, and there may be no GPU.
ARGUMENTS = ["--no-sandbox", "--disable-gpu"]


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
            known[address, view] = open_view(browser, address, view)
        return known[address, view]

    yield open_
    for opened in known.values():
        opened.page.context.close()


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service of three models that reads files; `plain` is the first."""
    running = Service(tmp_path_factory.mktemp("service"), *NAMED, program=["-m", "forecaster", "serve"])
    yield running
    running.kill()


@pytest.fixture(scope="session")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """The same service where the runtime is alone: it reads no files."""
    running = Service(tmp_path_factory.mktemp("bare"), *NAMED)
    yield running
    running.kill()


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The site of the documentation."""
    for package in ("onnxruntime-web", "axe-core"):
        if not (PACKAGES / package).is_dir():
            pytest.skip(f"no {package}: make test-browser installs it, where there is npm")
    with shown(tmp_path_factory.mktemp("site") / "site") as site:
        yield site


@pytest.fixture
def visit(browser: Browser) -> Iterator[Callable[[Service, View], Opened]]:
    """visit(service, view): its page, for one test."""
    visits: list[Opened] = []

    def open_(service: Service, view: View) -> Opened:
        visits.append(open_view(browser, f"http://127.0.0.1:{service.port}/", view))
        return visits[-1]

    yield open_
    for opened in visits:
        opened.page.context.close()
