"""Tables for the pages in docs."""

from __future__ import annotations


def table(rows: list[dict[str, object]]) -> str:
    """Rows as a Markdown table; a cell is empty where a row has no such name."""
    head = list(dict.fromkeys(name for row in rows for name in row))
    lines = [head, ["---"] * len(head), *([str(row.get(name, "")) for name in head] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
