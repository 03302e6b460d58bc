"""Files that the documents name are there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [
    *(
        ROOT / f"{name}.md"
        for name in ("README", "CONTRIBUTING", "SECURITY", "RELEASE", "CODE_OF_CONDUCT", "CHANGELOG")
    ),
    *sorted((ROOT / "docs").rglob("*.md")),
]
# A path may leave out its package, and a bare name the room that the sentence speaks of.
PLACES = [ROOT / place for place in (".", "forecaster", "deploy", "deploy/server", "tests/forecaster")]
LINK = re.compile(r"\]\(((?!https?:|#|mailto:)[^)#]+)(?:#[^)]*)?\)")
FILE = re.compile(r"`([a-z_0-9/]+/[a-z_0-9]+\.py)`")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_to_a_file(page: Path) -> None:
    links = LINK.findall(page.read_text(encoding="utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_module_that_is_named_is_there(page: Path) -> None:
    names = FILE.findall(page.read_text(encoding="utf-8"))
    assert [name for name in names if not any((place / name).exists() for place in PLACES)] == []
