"""Fields of JSON from strangers: each of its kind, or a 400 that names the field."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from .answers import Refusal

Json = dict[str, Any]
_NUMBERS = {int, float}
_NUMBERS_OR_NULL = {int, float, type(None)}
LONGEST_QUOTE = 60


def parse_object(body: bytes | memoryview, what: str = "the body") -> Json:
    """A JSON object. Raises Refusal: 400 for all else, NaN and numbers beyond float64 among it."""
    try:
        content = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise Refusal(
            400, f"{what} is not JSON: {error.msg} (line {error.lineno}, column {error.colno})"
        ) from None
    if type(content) is not dict:
        raise Refusal(400, f"{what}: expected an object, found {kind_of(content)}")
    return content


def check_names(content: Json, where: str, known: Collection[str], required: Collection[str] = ()) -> None:
    """Raises Refusal: 400 for a field that does not exist, or is not there and has to be."""
    for name in content:
        if name not in known:
            raise Refusal(400, f"{where}: unknown field {quote(name)}; known: {', '.join(known)}")
    for name in required:
        if name not in content:
            raise Refusal(400, f"{where}: the field {name} is missing")


def as_object(value: Any, where: str) -> Json:
    """Raises Refusal: 400."""
    if type(value) is not dict:
        raise Refusal(400, f"{where}: expected an object, found {kind_of(value)}")
    return value


def as_list(value: Any, where: str) -> list[Any]:
    """A list of at least one item. Raises Refusal: 400."""
    if type(value) is not list or not value:
        found = "an empty list" if value == [] else kind_of(value)
        raise Refusal(400, f"{where}: expected a list of at least one item, found {found}")
    return value


def as_text(value: Any, where: str, longest: int) -> str:
    """Raises Refusal: 400."""
    if type(value) is not str or len(value) > longest:
        raise Refusal(400, f"{where}: expected a text of up to {longest} characters, found {quote(value)}")
    return value


def as_whole(value: Any, where: str, least: int, most: int) -> int:
    """A whole number; 12.0 is one in JSON. Raises Refusal: 400."""
    is_whole = type(value) is int or (type(value) is float and value.is_integer())
    if not is_whole or not least <= value <= most:
        raise Refusal(400, f"{where}: expected a whole number from {least} to {most}, found {quote(value)}")
    return int(value)


def as_number(value: Any, where: str) -> float:
    """A number, or NaN for null. Raises Refusal: 400."""
    if type(value) not in _NUMBERS_OR_NULL:
        raise Refusal(400, f"{where}: expected a number or null, found {quote(value)}")
    return float("nan") if value is None else float(value)


def as_numbers(value: Any, where: str, *, null: bool = True) -> NDArray[np.float64]:
    """(items,) of a list of numbers, null is NaN. Raises Refusal: 400."""
    items = as_list(value, where)
    allowed = _NUMBERS_OR_NULL if null else _NUMBERS
    if not allowed.issuperset(map(type, items)):
        place = next(place for place, item in enumerate(items) if type(item) not in allowed)
        expected = "a number or null" if null else "a number"
        raise Refusal(400, f"{where}[{place}]: expected {expected}, found {quote(items[place])}")
    return np.array(items, dtype=np.float64)


def kind_of(value: Any) -> str:
    """What JSON calls it."""
    names = {dict: "an object", list: "a list", str: "a text", bool: "a boolean", type(None): "null"}
    return names.get(type(value), "a number")


def quote(value: Any) -> str:
    """A value in an error: short."""
    if isinstance(value, dict | list):
        return kind_of(value)
    text = repr(value)
    return text if len(text) <= LONGEST_QUOTE else text[:LONGEST_QUOTE] + "…"
