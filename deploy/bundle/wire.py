"""Protocol buffers on the wire, read strictly: a field that the schema does not name is an error.

A reader of known messages, not of the language: integers, texts, bytes and messages. It copies no weights,
goes no deeper than MAX_DEPTH and reads no more than MAX_FIELDS.
Source: https://protobuf.dev/programming-guides/encoding
"""

from typing import Any, NamedTuple

VARINT, LENGTH = 0, 2  # wire types
# Model, graph, node, attribute (the body of a Scan), graph, value, type, tensor type, shape, dimension.
MAX_DEPTH = 9
# 50 times what the largest graphs have; reading so many takes 0.2 s.
MAX_FIELDS = 200_000

Message = dict[str, Any]


class Field(NamedTuple):
    """A field of a message: an integer, a text, bytes (a view of the buffer), or a message by name."""

    name: str
    kind: str  # "int", "text", "bytes", or a message
    many: bool = False


Schema = dict[str, dict[int, Field]]


class Reader:
    """A reader of one buffer by one schema: message -> field number -> field."""

    def __init__(self, schema: Schema, data: bytes) -> None:
        self.data, self.view = data, memoryview(data)
        self.left = MAX_FIELDS
        self.fields = {
            message: {number << 3 | wire: field for number, field in fields.items() for wire in _wires(field)}
            for message, fields in schema.items()
        }

    def read(self, message: str) -> Message:
        """Return the whole buffer as that message. Raises ValueError with the place of what is wrong."""
        return self._message(message, 0, len(self.data), 0)

    def _message(self, message: str, place: int, end: int, depth: int) -> Message:
        if depth > MAX_DEPTH:
            raise ValueError(f"messages nest deeper than {MAX_DEPTH} at byte {place}")
        fields, data, found = self.fields[message], self.data, Message()
        while place < end:
            self._count()
            start, key = place, data[place]  # nearly all keys and lengths are one byte
            key, place = (key, place + 1) if key < 128 else self._varint(place, end)
            field = fields.get(key)
            if field is None:
                raise ValueError(f"{message} has field {key >> 3} of wire type {key & 7} at byte {start}")
            name, kind, many = field
            value: Any
            value, place = self._varint(place, end)
            if key & 7 == LENGTH:
                begin, place = place, place + value
                if place > end:
                    raise ValueError(f"{message}.{name} at byte {start} is cut off")
                value = self._value(kind, begin, place, depth)
            elif value >= 1 << 63:
                value -= 1 << 64
            if many:
                found.setdefault(name, []).extend(value if type(value) is list else (value,))
            elif name in found:
                raise ValueError(f"{message}.{name} is there twice, at byte {start}")
            else:
                found[name] = value
        return found

    def _value(self, kind: str, begin: int, end: int, depth: int) -> Any:
        """Return a text, bytes, a list of packed integers, or a message."""
        if kind == "text":
            return self.data[begin:end].decode()
        if kind == "bytes":
            return self.view[begin:end]
        if kind == "int":
            return self._packed(begin, end)
        return self._message(kind, begin, end, depth + 1)

    def _varint(self, place: int, end: int) -> tuple[int, int]:
        """Return an unsigned integer of 64 bits, and the place after it."""
        if place < end and self.data[place] < 128:
            return self.data[place], place + 1
        value = shift = 0
        for position in range(place, min(end, place + 10)):
            byte = self.data[position]
            value |= (byte & 127) << shift
            if byte < 128 and value < 1 << 64:
                return value, position + 1
            shift += 7
        raise ValueError(f"no integer of 64 bits at byte {place}")

    def _packed(self, place: int, end: int) -> list[int]:
        values = []
        while place < end:
            self._count()
            value, place = self._varint(place, end)
            values.append(value - (1 << 64) if value >= 1 << 63 else value)
        return values

    def _count(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise ValueError(f"it has more than {MAX_FIELDS} fields")


def _wires(field: Field) -> tuple[int, ...]:
    """Return the wire types that a field may have; many integers may be packed."""
    if field.kind != "int":
        return (LENGTH,)
    return (VARINT, LENGTH) if field.many else (VARINT,)
