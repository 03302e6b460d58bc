"""UTC offsets as they are written: +0100, +01:00, +01, Z; and which directive of a form writes them so."""

import re
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

# The directives of GNU date: +0100, +01:00, and with as many parts as it needs: +01, +05:30.
DIRECTIVES = {"z": "[+-]9999", ":z": "[+-]99:99", ":::z": "[+-]99(?::99)?"}
OFFSET = re.compile(r" ?(?:(?P<utc>Z|UTC)|(?P<sign>[+-])(?P<hours>\d{2}):?(?P<minutes>\d{2})?)")
LITERAL = re.compile(r" ?(?:Z|UTC|[+-]\d{2}(?::?\d{2})?)$")
UTC_NAMES = ("Z", "UTC")
FARTHEST = 16 * 3600  # no clock has been farther from UTC


def read_offsets(texts: NDArray[Any]) -> NDArray[np.int64]:
    """Return the seconds ahead of UTC, (texts,); beyond FARTHEST where a text is no offset.

    texts: (texts,) str.
    """
    codes, distinct = pd.factorize(texts)
    return np.array([read_offset(text) for text in distinct.tolist()], dtype=np.int64)[codes]


def read_offset(text: str) -> int:
    """Return the seconds ahead of UTC; beyond FARTHEST where the text is no offset."""
    found = OFFSET.fullmatch(text)
    if found is None or int(found["minutes"] or 0) > 59:
        return 2 * FARTHEST
    if found["utc"]:
        return 0
    seconds = int(found["hours"]) * 3600 + int(found["minutes"] or 0) * 60
    return -seconds if found["sign"] == "-" else seconds


def write_offsets(seconds: NDArray[np.int64], directive: str) -> list[str]:
    """Return the text of each offset, which are whole minutes."""
    return [_write(offset, directive) for offset in (seconds // 60).tolist()]


def _write(offset: int, directive: str) -> str:
    hours, minutes = divmod(abs(offset), 60)
    between = "" if directive == "z" else ":"
    text = f"{'-' if offset < 0 else '+'}{hours:02d}"
    return text if directive == ":::z" and minutes == 0 else f"{text}{between}{minutes:02d}"


def directive_of(texts: list[str]) -> str:
    """Return the part of a form that writes offsets as these are written, the space before them too."""
    numbers = [text.strip() for text in texts if text.strip() not in UTC_NAMES]
    fits = [
        directive
        for directive, pattern in DIRECTIVES.items()
        if numbers and all(re.fullmatch(pattern, re.sub(r"\d", "9", number)) for number in numbers)
    ]
    space = " " if texts and texts[0].startswith(" ") else ""
    return f"{space}%{fits[0] if fits else ':z'}"


def literal_offset(time_format: str) -> int | None:
    """Return the seconds ahead of UTC of a form that ends in one UTC offset for all texts.

    None for any other form.
    """
    found = LITERAL.search(time_format)
    return read_offset(found[0]) if found and ("%H" in time_format or "%I" in time_format) else None


def with_directive(time_format: str) -> str:
    """Return the form with the one UTC offset that it ends in as that of each text; Z stays Z."""
    found = LITERAL.search(time_format)
    if found is None or found[0].strip() in UTC_NAMES:
        return time_format
    return time_format[: found.start()] + directive_of([found[0]])
