"""How pages are looked at, and what is known of one that is open."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, ViewportSize


@dataclass(frozen=True)
class View:
    """How a page is looked at."""

    name: str
    width: int  # CSS pixels
    scheme: Literal["light", "dark"] = "light"
    media: Literal["screen", "print"] = "screen"


PATIENCE = 10_000  # milliseconds that something may take to appear
HEIGHT = 900  # CSS pixels of a window
PAPER = 688  # CSS pixels between the margins of A4
VIEWS = (
    View("phone", 390),
    View("phone-dark", 390, "dark"),
    View("tablet", 820),
    View("desktop", 1280),
    View("desktop-dark", 1280, "dark"),
    View("print", PAPER, media="print"),
)


@dataclass
class Opened:
    """A page, and what it did while it was opened."""

    page: Page
    console: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)  # other than for the page itself

    def save(self, folder: Path, name: str) -> Path:
        """A screenshot of the whole page."""
        path = folder / f"{name}.png"
        self.page.screenshot(path=path, full_page=True)
        return path


Open = Callable[[str | Path, View], Opened]


def open_view(browser: Browser, address: str, view: View) -> Opened:
    """A page at an address, in a browser that remembers nothing, when it has loaded all that it asked for."""
    size: ViewportSize = {"width": view.width, "height": HEIGHT}
    opened = Opened(browser.new_context(viewport=size, color_scheme=view.scheme).new_page())
    opened.page.set_default_timeout(PATIENCE)
    opened.page.on("console", lambda message: opened.console.append(message.text))
    opened.page.on("pageerror", lambda error: opened.console.append(str(error)))
    opened.page.on("request", lambda request: _note(opened, request.url, address))
    opened.page.emulate_media(media=view.media, color_scheme=view.scheme)
    opened.page.goto(address, wait_until="networkidle")
    return opened


def _note(opened: Opened, url: str, address: str) -> None:
    if url != address:
        opened.requests.append(url)
