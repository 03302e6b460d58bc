"""Strict JSON: whatever two readers may understand differently is an error."""

import json
import math
from typing import Any

MAX_DEPTH = 32  # a manifest has 6 levels
_INT64 = 1 << 63


def parse(data: bytes) -> Any:
    """Return the value of a JSON text.

    Raises ValueError for what is not JSON, for keys that occur twice, for NaN, infinities and numbers beyond
    float64 and int64, for texts that are not Unicode, and for what nests deeper than MAX_DEPTH.
    """
    try:
        content = json.loads(
            data,
            object_pairs_hook=_object,
            parse_constant=_constant,
            parse_float=_number,
            parse_int=_whole_number,
        )
    except RecursionError:
        raise ValueError(f"nested deeper than {MAX_DEPTH}") from None
    _check_values(content)
    return content


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in found if names.count(name) > 1)
        raise ValueError(f"the key {twice!r} is there twice")
    for name in found:
        name.encode()  # a lone surrogate raises
    return found


def _constant(text: str) -> Any:
    raise ValueError(f"{text} is not a number of JSON")


def _number(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"{text[:20]} is beyond what float64 holds")
    return value


def _whole_number(text: str) -> int:
    value = int(text) if len(text) <= 20 else _INT64
    if not -_INT64 <= value < _INT64:
        raise ValueError(f"{text[:20]} is beyond what int64 holds")
    return value


def _check_values(content: Any) -> None:
    """Raise ValueError for a text that is not Unicode, and for values too deep."""
    level, depth = [content], 0
    while level:
        inner: list[Any] = []
        for value in level:
            if isinstance(value, str):
                value.encode()
            elif isinstance(value, dict | list):
                inner.extend(value.values() if isinstance(value, dict) else value)
                if depth == MAX_DEPTH:
                    raise ValueError(f"nested deeper than {MAX_DEPTH}")
        level, depth = inner, depth + 1
