"""UTC offsets as they are written: +0100, +01:00, +01, Z, CET; which directive writes them so."""

import re
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from forecaster.data.spelling.vocabulary import UNCLEAR_ZONES, ZONE_NAMES, ZONES

# The directives of GNU date: +0100, +01:00, and with as many parts as it needs: +01, +05:30.
OFFSETS = {"z": "[+-]9999", ":z": "[+-]99:99", ":::z": "[+-]99(?::99)?"}
NAMED = re.compile(r"\[([A-Z/]+)\]Z")  # the directive of names: of standard and of summer time
NAMES = {
    name: ahead * 60
    for pair, both in ZONES.items()
    for name, ahead in zip(pair.split("/"), both, strict=True)
}
OFFSET = re.compile(r" ?(?:(?P<utc>Z|UTC)|(?P<sign>[+-])(?P<hours>\d{2}):?(?P<minutes>\d{2})?)")
HOURS = re.compile(r"%[-_^]?(?:\[24\])?[HI]")  # whether a form has a time of day
LITERAL = re.compile(
    rf" ?\(?(?:Z|UTC|{'|'.join(ZONE_NAMES)}|[+-]\d{{2}}(?::?\d{{2}})?)\)?(?=$| ?(?:-|–|to|/)? ?%\+)"
)
UTC_NAMES = ("Z", "UTC")
FARTHEST = 16 * 3600  # no clock has been farther from UTC


def is_offset(directive: str) -> bool:
    """Return whether a directive, without %, stands for a UTC offset."""
    return directive in OFFSETS or NAMED.fullmatch(directive) is not None


def offset_pattern(directive: str) -> str:
    """Return the pattern of an offset, of a text in which digits are 9."""
    named = NAMED.fullmatch(directive)
    return named[1].replace("/", "|") if named else OFFSETS[directive]


def read_offsets(texts: NDArray[Any], directive: str = "") -> NDArray[np.int64]:
    """Return the seconds ahead of UTC, (texts,); beyond FARTHEST where a text is no offset.

    texts: (texts,) str; directive: it tells what names mean that several zones have.
    """
    codes, distinct = pd.factorize(texts)
    names = _names_of(directive) or NAMES
    return np.array([read_offset(text, names) for text in distinct.tolist()], dtype=np.int64)[codes]


def read_offset(text: str, names: dict[str, int] = NAMES) -> int:
    """Return the seconds ahead of UTC; beyond FARTHEST where the text is no offset."""
    name = text.strip(" ()")
    if name in names:
        return names[name]
    found = OFFSET.fullmatch(text)
    if found is None or int(found["minutes"] or 0) > 59:
        return 2 * FARTHEST
    if found["utc"]:
        return 0
    seconds = int(found["hours"]) * 3600 + int(found["minutes"] or 0) * 60
    return -seconds if found["sign"] == "-" else seconds


def write_offsets(seconds: NDArray[np.int64], directive: str) -> list[str]:
    """Return the text of each offset, which are whole minutes; of one without a name the number."""
    names = {ahead: name for name, ahead in _names_of(directive).items()}
    return [names.get(offset * 60) or _write(offset, directive) for offset in (seconds // 60).tolist()]


def _write(offset: int, directive: str) -> str:
    hours, minutes = divmod(abs(offset), 60)
    between = "" if directive == "z" else ":"
    text = f"{'-' if offset < 0 else '+'}{hours:02d}"
    return text if directive == ":::z" and minutes == 0 else f"{text}{between}{minutes:02d}"


def _names_of(directive: str) -> dict[str, int]:
    """Return the names that a directive writes, and the seconds that each is ahead of UTC."""
    found = NAMED.fullmatch(directive)
    if found is None:
        return {}
    ahead = ZONES.get(found[1], ())
    names = found[1].split("/")
    known = [minutes * 60 for minutes in ahead] or [NAMES.get(name, 2 * FARTHEST) for name in names]
    return dict(zip(names, known, strict=True))


def directive_of(texts: list[str]) -> str:
    """Return the part of a form that writes offsets as these are written, with what is around them too."""
    around = re.fullmatch(r"( ?\(?)(.*?)(\)?)", texts[0]) if texts else None
    before, after = (around[1], around[3]) if around else ("", "")
    numbers = [text.strip(" ()") for text in texts if text.strip(" ()") not in UTC_NAMES]
    patterns = {**OFFSETS, **{f"[{pair}]Z": pair.replace("/", "|") for pair in ZONES}}
    fits = [
        directive
        for directive, pattern in patterns.items()
        if numbers and all(re.fullmatch(pattern, re.sub(r"\d", "9", number)) for number in numbers)
    ]
    return f"{before}%{fits[0] if fits else ':z'}{after}"


def literal_offset(time_format: str) -> int | None:
    """Return the seconds ahead of UTC of a form that ends in one UTC offset for all texts.

    None for any other form, and for a name that means several: of these the time is local.
    """
    found = LITERAL.search(time_format)
    is_clear = found and found[0].strip(" ()") not in UNCLEAR_ZONES
    return read_offset(found[0]) if found and is_clear and HOURS.search(time_format) else None


def with_directive(time_format: str) -> str:
    """Return the form with the one UTC offset that it ends in as that of each text; Z stays Z."""
    found = LITERAL.search(time_format)
    if found is None or found[0].strip() in UTC_NAMES or found.end() < len(time_format):
        return time_format
    return time_format[: found.start()] + directive_of([found[0]])


def with_literal(time_format: str, offset: int) -> str:
    """Return the form with one UTC offset, in seconds, for all texts in the place of that of each."""

    def write(found: re.Match[str]) -> str:
        return write_offsets(np.array([offset]), found[1])[0]

    return re.sub(rf"%({'|'.join(OFFSETS)}|{NAMED.pattern})", write, time_format)
