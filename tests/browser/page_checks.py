"""What is wrong with a page as a browser shows it: each check gives back the faults, at best none."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Page

SMALLEST_TEXT = 12.0  # CSS pixels
CONTRAST = 4.5  # of text and what is behind it (WCAG 2.2, 1.4.3)
OVERLAP = 2.0  # CSS pixels that boxes of texts may share: letters do not fill theirs

# Every text that can be seen: its element, its words, its size on the screen and its box.
TEXTS = """
function texts() {
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode, element = node.parentElement;
    if (!node.data.trim() || element.closest("title, desc, .unseen, script, style")) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    const box = range.getBoundingClientRect();
    if (!box.width) continue;
    const svg = element.closest("svg");
    const scale = svg ? element.getScreenCTM().a : 1;
    const size = parseFloat(getComputedStyle(element).fontSize) * scale;
    found.push({element, svg, box, size, words: node.data.trim()});
  }
  return found;
}
"""
SMALL = "limit => texts().filter(text => text.size < limit - 0.01).map(text => `${text.size}: ${text.words}`)"
FAINT = """
limit => {
  const canvas = new OffscreenCanvas(1, 1).getContext("2d", {willReadFrequently: true});
  const light = colour => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    const [r, g, b] = [...canvas.getImageData(0, 0, 1, 1).data].map(value => {
      const share = value / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = element => {
    for (; element; element = element.parentElement) {
      const colour = getComputedStyle(element).backgroundColor;
      if (colour !== "rgba(0, 0, 0, 0)") return colour;
    }
    return "white";
  };
  return texts().flatMap(text => {
    const style = getComputedStyle(text.element);
    const [one, other] = [text.svg ? style.fill : style.color, behind(text.element)].map(light);
    const contrast = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
    return contrast < limit ? [`${contrast.toFixed(2)}: ${text.words}`] : [];
  });
}
"""
OVERLAPPING = """
shared => {
  const inside = texts().filter(text => text.svg);
  return inside.flatMap((one, place) => inside.slice(place + 1).filter(other =>
    one.svg === other.svg
    && Math.min(one.box.right, other.box.right) - Math.max(one.box.left, other.box.left) > shared
    && Math.min(one.box.bottom, other.box.bottom) - Math.max(one.box.top, other.box.top) > shared
  ).map(other => `${one.words} | ${other.words}`));
}
"""
CUT_OFF = """
() => texts().filter(text => text.svg).filter(text => {
  const frame = text.svg.getBoundingClientRect();
  return text.box.left < frame.left - 1 || text.box.right > frame.right + 1
    || text.box.top < frame.top - 1 || text.box.bottom > frame.bottom + 1;
}).map(text => text.words)
"""
UNNAMED = """
[...document.querySelectorAll("svg:not([aria-hidden]), img:not([alt])")].filter(element => {
  const ids = (element.getAttribute("aria-labelledby") || "").split(" ");
  return !ids.some(id => document.getElementById(id)?.textContent);
}).length
"""


def small_texts(page: Page) -> list[str]:
    """Texts below SMALLEST_TEXT, those in figures as they are scaled."""
    return _faults(page, SMALL, SMALLEST_TEXT)


def faint_texts(page: Page) -> list[str]:
    """Texts that stand out too little."""
    return _faults(page, FAINT, CONTRAST)


def overlapping_labels(page: Page) -> list[str]:
    """Texts of one figure that cover each other."""
    return _faults(page, OVERLAPPING, OVERLAP)


def cut_labels(page: Page) -> list[str]:
    """Texts that reach out of their figure."""
    return _faults(page, CUT_OFF, None)


def overflow(page: Page) -> int:
    """CSS pixels that the page is wider than the window."""
    width: int = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return width


def repeated_ids(page: Page) -> list[str]:
    """Ids that more than one element has."""
    ids: list[str] = page.evaluate("[...document.querySelectorAll('[id]')].map(element => element.id)")
    return sorted({id_ for id_ in ids if ids.count(id_) > 1})


def heading_levels(page: Page) -> list[int]:
    """1 for h1 and so on, in the order of the page."""
    levels: list[int] = page.evaluate(
        "[...document.querySelectorAll('h1, h2, h3, h4, h5, h6')].map(element => Number(element.tagName[1]))"
    )
    return levels


def unnamed_images(page: Page) -> int:
    """Images that say nothing to those who cannot see them, and are not hidden from them."""
    count: int = page.evaluate(UNNAMED)
    return count


def _faults(page: Page, script: str, limit: float | None) -> list[str]:
    faults: list[str] = page.evaluate(f"limit => {{ {TEXTS} return ({script})(limit); }}", limit)
    return faults
