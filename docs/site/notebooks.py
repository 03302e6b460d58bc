"""Pages of the site from executed notebooks: texts, code and what it showed. Nothing is run here."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "docs" / "notebooks"
STYLE = re.compile(r"<style.*?</style>", re.S)  # of pandas' tables; the site has its own
SPACE = re.compile(r"\s*\n\s*")


def pages() -> dict[str, str]:
    """Return the Markdown of each notebook, by its page in docs/."""
    return {f"notebooks/{path.stem}.md": page(path) for path in sorted(FOLDER.glob("*.ipynb"))}


def page(path: Path) -> str:
    """Return a notebook as Markdown, with a link to itself below its title."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    parts = [part for cell in cells for part in shown(cell)]
    parts.insert(1, f"[The notebook]({path.name}){{ download }}, as it was run.")
    return "\n\n".join(parts) + "\n"


def shown(cell: dict[str, Any]) -> list[str]:
    """Return a cell, and after code what it showed."""
    text = "".join(cell["source"])
    if cell["cell_type"] == "markdown":
        title, _, rest = text.partition("\n\n")
        return [title, rest] if title.startswith("# ") and rest else [text]
    return [f"```python\n{text}\n```", *(output(one) for one in cell["outputs"])]


def output(one: dict[str, Any]) -> str:
    """Return an output: HTML where there is some, or a picture, or text."""
    data = one.get("data", {})
    if "text/html" in data:
        html = SPACE.sub(" ", STYLE.sub("", "".join(data["text/html"]))).strip()
        return f'<div class="output" tabindex="0">{html}</div>'
    if "image/png" in data:
        picture = "".join(data["image/png"]).strip()
        return f'<div class="output"><img alt="plot" src="data:image/png;base64,{picture}"></div>'
    text = one.get("text") or data.get("text/plain", "")
    return f"```text\n{''.join(text).rstrip()}\n```"
