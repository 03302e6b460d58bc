"""A graph whose inputs are partly constants, so that onnxruntime computes once what depends on these alone.

And one that also gives what it computes on the way. Works on the bytes of a graph that was checked, so
without a doubt about what is there. Field numbers are those of onnx.proto3.
"""

from collections.abc import Iterable, Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from ..bundle.wire import LENGTH, VARINT

MODEL_GRAPH, GRAPH_INITIALIZER, GRAPH_INPUT, GRAPH_OUTPUT, VALUE_NAME, VALUE_TYPE = 7, 5, 11, 12, 1, 2
TYPE_TENSOR, TENSOR_ELEMENT = 1, 1
TENSOR_DIMS, TENSOR_TYPE, TENSOR_NAME, TENSOR_DATA = 1, 2, 8, 9
FLOAT, INT64 = 1, 7  # of TensorProto.DataType

Constants = Mapping[str, NDArray[np.int64]]


def with_constants(model: bytes, constants: Constants) -> bytes:
    """Return a checked model in which the inputs of these names are constants."""
    return b"".join(
        _message(MODEL_GRAPH, _fix(content, constants)) if number == MODEL_GRAPH else whole
        for number, whole, content in _fields(model)
    )


def with_outputs(model: bytes, names: Iterable[str]) -> bytes:
    """Return a checked model that also gives these tensors of its graph, all float32, of any shape."""
    kind = _message(VALUE_TYPE, _message(TYPE_TENSOR, _integer(TENSOR_ELEMENT, FLOAT)))
    more = [_message(GRAPH_OUTPUT, _message(VALUE_NAME, name.encode()) + kind) for name in names]
    return b"".join(
        _message(MODEL_GRAPH, b"".join([content, *more])) if number == MODEL_GRAPH else whole
        for number, whole, content in _fields(model)
    )


def _fix(graph: bytes, constants: Constants) -> bytes:
    """Return a graph with constants in the place of inputs."""
    kept = [
        whole
        for number, whole, content in _fields(graph)
        if not (number == GRAPH_INPUT and _name(content) in constants)
    ]
    fixed = [_message(GRAPH_INITIALIZER, _tensor(name, value)) for name, value in constants.items()]
    return b"".join([*kept, *fixed])


def _name(value: bytes) -> str:
    """Return the name of an input."""
    return next(content.decode() for number, _, content in _fields(value) if number == VALUE_NAME)


def _tensor(name: str, value: NDArray[np.int64]) -> bytes:
    dims = b"".join(_integer(TENSOR_DIMS, size) for size in value.shape)
    data = _message(TENSOR_DATA, value.astype("<i8").tobytes())
    return dims + _integer(TENSOR_TYPE, INT64) + _message(TENSOR_NAME, name.encode()) + data


def _fields(message: bytes) -> Iterator[tuple[int, bytes, bytes]]:
    """Yield the number of each field, its bytes, and its content, which is empty for an integer."""
    place = 0
    while place < len(message):
        start = place
        key, place = _read_varint(message, place)
        value, place = _read_varint(message, place)
        begin, place = place, place + (value if key & 7 == LENGTH else 0)
        yield key >> 3, message[start:place], message[begin:place]


def _read_varint(data: bytes, place: int) -> tuple[int, int]:
    """Return an unsigned integer, and the place after it."""
    value = shift = 0
    while True:
        byte, place = data[place], place + 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, place
        shift += 7


def _varint(value: int) -> bytes:
    low = []
    while value > 127:
        low.append(value & 127 | 128)
        value >>= 7
    return bytes([*low, value])


def _integer(number: int, value: int) -> bytes:
    return _varint(number << 3 | VARINT) + _varint(value)


def _message(number: int, content: bytes) -> bytes:
    return _varint(number << 3 | LENGTH) + _varint(len(content)) + content
