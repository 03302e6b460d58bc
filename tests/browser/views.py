"""How pages are looked at, and what is known of one that is open."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from playwright.sync_api import Page


@dataclass(frozen=True)
class View:
    """How a page is looked at."""

    name: str
    width: int  # CSS pixels
    scheme: Literal["light", "dark"] = "light"
    media: Literal["screen", "print"] = "screen"


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
