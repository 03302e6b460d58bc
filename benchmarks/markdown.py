"""Tables for the pages in docs."""

from collections.abc import Sequence
from typing import Any


def table(rows: Sequence[dict[str, Any]]) -> str:
    """Rows as a Markdown table; a cell is empty where a row has no such name."""
    head = list(dict.fromkeys(name for row in rows for name in row))
    lines = [head, ["---"] * len(head), *([str(row.get(name, "")) for name in head] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def sections(text: str) -> dict[str, list[dict[str, str]]]:
    """Read the tables of a page, by the heading above them; cells that are empty are left out."""
    found: dict[str, list[dict[str, str]]] = {}
    heading, head = "", []
    for line in text.splitlines():
        if line.startswith("#"):
            heading, head = line.lstrip("# "), []
        elif line.startswith("|"):
            cells = [cell.strip() for cell in line.strip("|").split("|")]
            if not head:
                head = cells
            elif set(cells) != {"---"}:
                row = {name: cell for name, cell in zip(head, cells, strict=True) if cell}
                found.setdefault(heading, []).append(row)
    return found
