"""Fields of a JSON body: one declaration gives the check, the decoded value and the JSON schema.

A value of another kind is refused with 400; the error names the field, what was found and what was expected.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from .answers import Refusal

Json = dict[str, Any]
LONGEST_QUOTE = 60
LARGEST_FLOAT = 3.4028234663852886e38  # of float32; the models refuse what is beyond, with 422
_FLOAT32 = {"minimum": -LARGEST_FLOAT, "maximum": LARGEST_FLOAT}


@dataclass(frozen=True)
class Field:
    """A field: the values that it takes, in code and as a schema."""

    read: Callable[[Any, str], Any]  # (value, name in errors) -> as the service uses it; raises Refusal
    schema: Json  # of the values that `read` takes
    default: Any = None  # the read value where the field is not there

    def described(self, description: str) -> "Field":
        """Return the field with a description in its schema."""
        return replace(self, schema={"description": description, **self.schema})


def text(longest: int, null: Any = None) -> Field:
    """Return a field of up to so many characters. null: the value that null stands for; None: no null."""

    def read(value: Any, where: str) -> Any:
        if value is None and null is not None:
            return null
        if type(value) is not str or len(value) > longest:
            raise Refusal(
                400, f"{where}: expected a text of up to {longest} characters, found {quote(value)}"
            )
        return value

    kind = "string" if null is None else ["string", "null"]
    return Field(read, {"type": kind, "maxLength": longest}, null)


def whole(least: int, most: int, default: int | None = None) -> Field:
    """Return a field of whole numbers; 12.0 is one in JSON."""

    def read(value: Any, where: str) -> int:
        if not is_whole(value) or not least <= value <= most:
            raise Refusal(
                400, f"{where}: expected a whole number from {least} to {most}, found {quote(value)}"
            )
        return int(value)

    limits = {"type": "integer", "minimum": least, "maximum": most}
    return Field(read, limits if default is None else {**limits, "default": default}, default)


def truth() -> Field:
    """Return a field of true or false, by default false."""

    def read(value: Any, where: str) -> bool:
        if type(value) is not bool:
            raise Refusal(400, f"{where}: expected true or false, found {quote(value)}")
        return value

    return Field(read, {"type": "boolean", "default": False}, False)


def number() -> Field:
    """Return a field of numbers; null is NaN."""

    def read(value: Any, where: str) -> float:
        if type(value) not in (int, float, type(None)):
            raise Refusal(400, f"{where}: expected a number or null, found {quote(value)}")
        return float("nan") if value is None else float(value)

    return Field(read, {"type": ["number", "null"], **_FLOAT32}, float("nan"))


def numbers(*, null: bool = True, positive: bool = False) -> Field:
    """Return a field of a list of numbers, read as (items,) in float64; null is NaN.

    positive: what the schema says; the model checks it, and says which value is not.
    """
    allowed = {int, float, type(None)} if null else {int, float}
    expected = "a number or null" if null else "a number"

    def read(value: Any, where: str) -> NDArray[np.float64]:
        listed = as_list(value, where)
        if not allowed.issuperset(map(type, listed)):
            place = next(place for place, item in enumerate(listed) if type(item) not in allowed)
            raise Refusal(400, f"{where}[{place}]: expected {expected}, found {quote(listed[place])}")
        return np.array(listed, dtype=np.float64)

    item = {"type": ["number", "null"] if null else "number", **_FLOAT32}
    return _list_of({**item, "exclusiveMinimum": 0} if positive else item, read)


def columns(names: Collection[str], column: Field) -> Field:
    """Return a field of an object of lists, read as (time, column) in the order of the names."""
    named = structure(dict.fromkeys(names, column), names)

    def read(value: Any, where: str) -> NDArray[np.float64]:
        found = named.read(value, where)
        sizes = [len(values) for values in found.values()]
        if len(set(sizes)) > 1:
            first = next(iter(found))
            raise Refusal(422, f"{where}: {first} has {sizes[0]} values, the columns have {sizes}")
        return np.stack(list(found.values()), axis=1)

    return Field(read, named.schema)


def items(item: Field) -> Field:
    """Return a field of a list of at least one item."""

    def read(value: Any, where: str) -> list[Any]:
        return [item.read(one, f"{where}[{place}]") for place, one in enumerate(as_list(value, where))]

    return _list_of(item.schema, read)


def _list_of(item: Json, read: Callable[[Any, str], Any]) -> Field:
    return Field(read, {"type": "array", "items": item, "minItems": 1})


def structure(fields: Mapping[str, Field], required: Collection[str] = ()) -> Field:
    """Return a field of an object, read as a value for each of its fields, in their order."""
    defaults = {name: field.default for name, field in fields.items()}

    def read(value: Any, where: str) -> Json:
        content = as_object(value, where)
        for name in content:
            if name not in fields:
                raise Refusal(400, f"{where}: unknown field {quote(name)}; known: {', '.join(fields)}")
        for name in required:
            if name not in content:
                raise Refusal(400, f"{where}: the field {name} is missing")
        return {
            name: field.read(content[name], _below(where, name)) if name in content else field.default
            for name, field in fields.items()
        }

    return Field(read, closed({name: field.schema for name, field in fields.items()}, required), defaults)


def closed(properties: Json, required: Collection[str]) -> Json:
    """Return the schema of an object that has these properties and no others."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(required),
        "additionalProperties": False,
    }


BODY = "the body"


def _below(where: str, name: str) -> str:
    """Return the name of a field in errors; those of the body itself need no prefix."""
    return name if where == BODY else f"{where}.{name}"


def parse_object(body: bytes | memoryview, what: str = BODY) -> Json:
    """Return a JSON object. Raises Refusal: 400 for all else, such as NaN and numbers beyond float64."""
    try:
        content = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise Refusal(
            400, f"{what} is not JSON: {error.msg} (line {error.lineno}, column {error.colno})"
        ) from None
    return as_object(content, what)


def as_object(value: Any, where: str) -> Json:
    """Return an object as it is. Raises Refusal: 400."""
    if type(value) is not dict:
        raise Refusal(400, f"{where}: expected an object, found {kind_of(value)}")
    return value


def as_list(value: Any, where: str) -> list[Any]:
    """Return a list of at least one item as it is. Raises Refusal: 400."""
    if type(value) is not list or not value:
        found = "an empty list" if value == [] else kind_of(value)
        raise Refusal(400, f"{where}: expected a list of at least one item, found {found}")
    return value


def is_whole(value: Any) -> bool:
    """Tell whether a value is a whole number, as JSON has it."""
    return type(value) is int or (type(value) is float and value.is_integer())


def kind_of(value: Any) -> str:
    """Return the kind of a value in the words of JSON."""
    names = {dict: "an object", list: "a list", str: "a text", bool: "a boolean", type(None): "null"}
    return names.get(type(value), "a number")


def quote(value: Any) -> str:
    """Return a value as an error quotes it: short."""
    if isinstance(value, dict | list):
        return kind_of(value)
    written = repr(value)
    return written if len(written) <= LONGEST_QUOTE else written[:LONGEST_QUOTE] + "…"
