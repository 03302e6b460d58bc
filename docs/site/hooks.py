"""Hooks of mkdocs: pages made from the code, and a page for every file outside of docs/ that a page links to.

So the site needs no other host: where a page on disk leads to `../forecaster/config/config.py`, that of the
site leads to `source/forecaster/config/config.py`, which shows the file.
"""

from __future__ import annotations

import logging
import os.path
import re
import sys
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

sys.path.insert(0, str(Path(__file__).parent))
import in_browser
import notebooks
import tables

ROOT = Path(__file__).parents[2]
DOCS = PurePosixPath("docs")
SOURCE = PurePosixPath("source")
MARKDOWN = ".md"
LINK = re.compile(r"(?P<before>\]\()(?P<path>(?!https?:|#|mailto:)[^)\s#]+)(?P<rest>#[^)\s]*)?(?=\))")
LANGUAGES = {".py": "python", ".toml": "toml", ".mjs": "javascript"}
TRIED = "try.md"  # the page that has the forecast in the browser
FRAME = re.compile(r'<div class="in-browser">.*?</div>', re.S)
LEFT_OUT = """!!! note "Left out"

    This site was built without npm. `forecaster serve --pretrained` shows the same page.
"""
log = logging.getLogger(f"mkdocs.hooks.{__name__}")
EMPTY_HEADER = re.compile(r"<th\b([^>]*)></th>")  # a corner of a table, which names nothing
UNSEARCHED = "---\nsearch:\n  exclude: true\n---\n"


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages that are made from the code, and those of linked files."""
    for path, text in tables.PAGES.items():
        files.append(File.generated(config, path, content=text()))
    for path, content in notebooks.pages().items():
        files.append(File.generated(config, path, content=content))
    found = {file.src_uri: read(DOCS / file.src_uri) for file in files.documentation_pages()}
    waiting = list(_nav(config.nav)) + [
        place for path, text in found.items() for place in outside(DOCS / path, text)
    ]
    while waiting:
        place = waiting.pop()
        if (page := page_of(place)) in files.src_uris:
            continue
        text = read(place)
        if place.suffix == MARKDOWN:
            waiting += outside(place, text)
        files.append(File.generated(config, page, content=text if place.suffix == MARKDOWN else shown(place)))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:  # noqa: ARG001
    """Turn links to files outside of docs/ into links to their pages."""
    if page.file.src_uri == TRIED and not in_browser.is_possible():
        markdown = FRAME.sub(LEFT_OUT, markdown)
    here = place_of(page.file.src_uri)

    def turned(match: re.Match[str]) -> str:
        target = resolved(here, match["path"])
        if target is None:
            return match[0]
        uri = in_site(target)
        if uri not in files.src_uris and not (ROOT / target).is_dir():
            return match[0]
        if uri not in files.src_uris:
            uri = page_of(target)
        path = os.path.relpath(uri, PurePosixPath(page.file.src_uri).parent).replace(os.sep, "/")
        return f"{match['before']}{path}{match['rest'] or ''}"

    return LINK.sub(turned, markdown)


def on_post_page(output: str, page: Page, config: MkDocsConfig) -> str:  # noqa: ARG001
    """Say to screen readers what the theme and tables leave unsaid."""
    return EMPTY_HEADER.sub(r"<td\1></td>", named_search(output))


def on_post_template(output: str, template_name: str, config: MkDocsConfig) -> str:  # noqa: ARG001
    """Do so on a page that is made of no file: that of an address that leads nowhere."""
    return named_search(output)


def named_search(output: str) -> str:
    """Give the dialog of the search a name."""
    return output.replace('role="dialog"', 'role="dialog" aria-label="Search"')


def on_post_build(config: MkDocsConfig) -> None:
    """Add the forecast in the browser, or say why it is left out."""
    if in_browser.is_possible():
        in_browser.write(Path(config.site_dir) / Path(TRIED).stem / "forecast")
    else:
        log.info(
            "The forecast in the browser is left out: %s is missing, which make site gets by npm",
            in_browser.RUNTIME.relative_to(ROOT),
        )


def read(place: PurePosixPath) -> str:
    """Return the text of a file of the repository; nothing of one that is made from the code."""
    path = ROOT / place
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def place_of(uri: str) -> PurePosixPath:
    """Return the place in the repository that a page of the site is of."""
    path = PurePosixPath(uri)
    return path.relative_to(SOURCE) if path.is_relative_to(SOURCE) else DOCS / path


def in_site(place: PurePosixPath) -> str:
    """Return the page of the site that a place in the repository has."""
    return str(place.relative_to(DOCS)) if place.is_relative_to(DOCS) else page_of(place)


def page_of(place: PurePosixPath) -> str:
    """Return the page of a place outside of docs/."""
    page = SOURCE / place
    return str(page if page.suffix == MARKDOWN else page.with_name(page.name + MARKDOWN))


def resolved(here: PurePosixPath, link: str) -> PurePosixPath | None:
    """Return the place in the repository that a link of a page leads to; None beyond it."""
    place = PurePosixPath(os.path.normpath(here.parent / link))
    return None if ".." in place.parts else place


def outside(here: PurePosixPath, text: str) -> Iterator[PurePosixPath]:
    """Yield the places outside of docs/ that a page links to and that are there."""
    for match in LINK.finditer(text):
        place = resolved(here, match["path"])
        if place is not None and not place.is_relative_to(DOCS) and (ROOT / place).exists():
            yield place


def shown(place: PurePosixPath) -> str:
    """Return a page that shows a file, or names what a folder holds."""
    path = ROOT / place
    if path.is_dir():
        body = "\n".join(f"- `{one.name}`" for one in sorted(path.iterdir()) if one.suffix in LANGUAGES)
    else:
        fence = "````"
        body = f"{fence}{LANGUAGES.get(place.suffix, 'text')}\n{path.read_text(encoding='utf-8')}\n{fence}"
    return f"{UNSEARCHED}# {place}\n\n{body}\n"


def _nav(nav: object) -> Iterator[PurePosixPath]:
    """Yield the places outside of docs/ that the navigation names."""
    if isinstance(nav, str):
        if nav.startswith(f"{SOURCE}/"):
            yield place_of(nav)
    elif isinstance(nav, dict | list):
        for entry in nav.values() if isinstance(nav, dict) else nav:
            yield from _nav(entry)
