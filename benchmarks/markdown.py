"""Tables for the pages in docs."""

from __future__ import annotations


def table(rows: list[dict[str, object]]) -> str:
    """Rows, all with the same columns, as a Markdown table."""
    head = list(rows[0])
    lines = [head, ["---"] * len(head), *([str(row[name]) for name in head] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
