"""Protocol buffers taken apart and put together again, to damage a graph where it hurts. No onnx here."""

from __future__ import annotations

from collections.abc import Callable

# Number of a field and its value: an integer, or the bytes of what has a length.
Fields = list[tuple[int, int | bytes]]


def varint(value: int) -> bytes:
    value %= 1 << 64
    low = []
    while value > 127:
        low.append(value & 127 | 128)
        value >>= 7
    return bytes([*low, value])


def pack(fields: Fields) -> bytes:
    parts = []
    for number, value in fields:
        if isinstance(value, int):
            parts.append(varint(number << 3) + varint(value))
        else:
            parts.append(varint(number << 3 | 2) + varint(len(value)) + value)
    return b"".join(parts)


def unpack(data: bytes) -> Fields:
    fields: Fields = []
    place = 0

    def integer() -> int:
        nonlocal place
        value = shift = 0
        while True:
            byte = data[place]
            place, value, shift = place + 1, value | (byte & 127) << shift, shift + 7
            if byte < 128:
                return value

    while place < len(data):
        key = integer()
        value: int | bytes = integer()
        if key & 7 == 2:
            size, begin = int(value), place
            place = begin + size
            value = data[begin:place]
        fields.append((key >> 3, value))
    return fields


def change(data: bytes, path: list[int], edit: Callable[[Fields], object]) -> bytes:
    """Let `edit` change the fields of a message. path: the numbers that lead to it, the first of each."""
    fields = unpack(data)
    if not path:
        edit(fields)
        return pack(fields)
    place = next(place for place, (number, _) in enumerate(fields) if number == path[0])
    inner = fields[place][1]
    assert isinstance(inner, bytes)
    fields[place] = (path[0], change(inner, path[1:], edit))
    return pack(fields)
