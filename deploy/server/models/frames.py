"""Frames between a service and the process of a model: JSON and arrays of numbers, nothing that executes.

A frame is the length of its JSON in four bytes, the JSON {"content", "arrays": [[name, dtype, shape], ...]},
and the bytes of the arrays one after the other.
"""

import json
import math
import socket
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ... import errors
from ...request.inputs import Request

FIXED = "fixed"  # the array of values that are imposed
LENGTH = 4  # bytes
LARGEST = 1 << 30  # bytes of one frame: more than any bundle or answer has
NUMBERS = "iuf"  # kinds of numpy's types
# Errors that keep their class on the other side.
KNOWN = tuple(
    kind
    for kind in vars(errors).values()
    if isinstance(kind, type) and issubclass(kind, errors.ForecasterError)
)

Arrays = Mapping[str, NDArray[Any]]
Frame = tuple[dict[str, Any], dict[str, NDArray[Any]]]


def send(connection: socket.socket, content: Mapping[str, Any], arrays: Arrays) -> None:
    """Write one frame. Raises OSError."""
    whole = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
    shapes = [[name, array.dtype.str, list(arrays[name].shape)] for name, array in whole.items()]
    head = json.dumps({"content": content, "arrays": shapes}).encode()
    parts = [array.tobytes() for array in whole.values()]
    connection.sendall(b"".join([len(head).to_bytes(LENGTH, "big"), head, *parts]))


def receive(connection: socket.socket) -> Frame:
    """Return the next frame. Raises OSError, ConnectionError at the end and for what is no frame."""
    size = int.from_bytes(_read(connection, LENGTH), "big")
    try:
        head = json.loads(bytes(_read(connection, size)))
        arrays = {}
        for name, code, shape in head["arrays"]:
            dtype = np.dtype(code)
            if dtype.kind not in NUMBERS:
                raise ValueError(f"an array of {code}")
            arrays[name] = np.frombuffer(_read(connection, dtype.itemsize * math.prod(shape)), dtype).reshape(
                shape
            )
        return head["content"], arrays
    except (ValueError, TypeError, KeyError) as error:
        raise ConnectionError(f"no frame: {error}") from None


def _read(connection: socket.socket, size: int) -> bytearray:
    if not 0 <= size <= LARGEST:
        raise ConnectionError(f"a frame of {size} bytes")
    data = bytearray(size)
    view, place = memoryview(data), 0
    while place < size:
        count = connection.recv_into(view[place:])
        if not count:
            raise ConnectionResetError("the other side has ended")
        place += count
    return data


def request_arrays(request: Request, prefix: str = "") -> dict[str, NDArray[Any]]:
    """Return the tensors of a request by names that no two of them share."""
    history = {f"{prefix}history/{name}": tensor for name, tensor in request.history.items()}
    future = {f"{prefix}future/{name}": tensor for name, tensor in request.future.items()}
    return history | future | {f"{prefix}levels": request.levels}


def request_of(horizon: int, arrays: Arrays, prefix: str = "") -> Request:
    """Return the request, without timestamps: the inverse of `request_arrays`."""
    sides: dict[str, dict[str, NDArray[Any]]] = {"history": {}, "future": {}, "levels": {}}
    for key, tensor in arrays.items():
        if key.startswith(prefix):
            side, _, name = key[len(prefix) :].partition("/")
            sides[side][name] = tensor
    (levels,) = sides["levels"].values()
    return Request(horizon, sides["history"], sides["future"], None, levels)


def write_error(error: BaseException) -> list[str]:
    """Return the class and the text of an error."""
    return [type(error).__name__, str(error)]


def read_error(written: list[str]) -> Exception:
    """Return the error again; of a class that is not known here, a RuntimeError that names it."""
    kind, text = written
    for known in KNOWN:
        if known.__name__ == kind:
            return known(text)
    return RuntimeError(f"{kind}: {text}")
