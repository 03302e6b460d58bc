"""Lines as wide as a terminal, broken between words; a file or a pipe takes them as they are."""

import os
import re
import textwrap
from typing import TextIO

# A label and the blanks after it, below which its text continues.
LABEL = re.compile(r"\s*\S+\s{2,}(?=\S)")
INDENT = 2  # of what continues a line without a label
NARROWEST = 20  # characters that a text needs next to its label


def width_of(stream: TextIO) -> int | None:
    """Return how many characters a line of a terminal takes; None of all else."""
    try:
        if not stream.isatty():
            return None
        return int(os.environ.get("COLUMNS") or os.get_terminal_size(stream.fileno()).columns)
    except (OSError, ValueError):  # closed, or no number
        return None


def fill(text: str, width: int | None) -> str:
    """Return lines of at most `width` characters; only a word that is longer stands on a longer one."""
    return text if width is None else "\n".join(_fill(line, width) for line in text.split("\n"))


def _fill(line: str, width: int) -> str:
    if len(line) <= width:
        return line
    label, longest = LABEL.match(line), max(map(len, line.split()))
    hang = len(label[0]) if label and len(label[0]) + max(NARROWEST, longest) <= width else 0
    hang = hang or len(line) - len(line.lstrip()) + INDENT
    return textwrap.fill(
        line,
        width,
        subsequent_indent=" " * hang,
        break_long_words=False,
        break_on_hyphens=False,
        replace_whitespace=False,
    )
