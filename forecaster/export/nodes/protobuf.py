"""ONNX's messages as bytes, as far as graphs of this project need them, in the order of their fields.

The same bytes as onnx and protobuf write, without the third of a second that importing them takes.
Source: onnx.proto, https://github.com/onnx/onnx/blob/main/onnx/onnx.proto.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

OPSET = 18
IR_VERSION = 10
PRODUCER = "lstm-forecaster"
FLOAT, INT32, INT64, BOOL = 1, 6, 7, 9  # of TensorProto.DataType
ELEMENT_TYPES = {"float32": FLOAT, "int64": INT64}
ARRAY_TYPES = {np.dtype(np.float32): FLOAT, np.dtype(np.int64): INT64, np.dtype(np.bool_): BOOL}
A_NUMBER, A_GRAPH, NUMBERS = 2, 5, 7  # of AttributeProto.AttributeType

Sizes = Sequence[str | int]  # of the axes of a tensor, by name where they are dynamic
Attribute = int | bytes | Sequence[int]  # a whole number, a graph, or whole numbers


@dataclass(frozen=True)
class Node:
    """An operation: its kind, the names of its tensors, its attributes by name."""

    kind: str
    inputs: Sequence[str]  # "" is an optional one left out
    outputs: Sequence[str]
    attributes: Mapping[str, Attribute]


def write_node(node: Node) -> bytes:
    """Return a NodeProto."""
    named = sorted(node.attributes.items())
    return b"".join(
        [
            *(_text(1, name) for name in node.inputs),
            *(_text(2, name) for name in node.outputs),
            _text(4, node.kind),
            *(_bytes(5, _attribute(name, value)) for name, value in named),
        ]
    )


def _attribute(name: str, value: Attribute) -> bytes:
    if isinstance(value, int):
        return _text(1, name) + _number(3, value) + _number(20, A_NUMBER)
    if isinstance(value, bytes):
        return _text(1, name) + _bytes(6, value) + _number(20, A_GRAPH)
    return _text(1, name) + b"".join(_number(8, number) for number in value) + _number(20, NUMBERS)


def write_tensor(name: str, array: NDArray[Any]) -> bytes:
    """Return a TensorProto of float32, int64 or bool, its elements in little-endian order."""
    elements = array.astype(array.dtype.newbyteorder("<"), copy=False)
    sizes = b"".join(_number(1, size) for size in array.shape)
    return sizes + _number(2, ARRAY_TYPES[array.dtype]) + _text(8, name) + _bytes(9, elements.tobytes())


def write_value(name: str, dtype: str, sizes: Sizes | None) -> bytes:
    """Return a ValueInfoProto: an input or an output. sizes: None where any shape will do."""
    tensor = _number(1, ELEMENT_TYPES[dtype])
    if sizes is not None:
        dims = (_text(2, size) if isinstance(size, str) else _number(1, size) for size in sizes)
        tensor += _bytes(2, b"".join(_bytes(1, dim) for dim in dims))
    return _text(1, name) + _bytes(2, _bytes(1, tensor))


def write_graph(
    name: str,
    nodes: Iterable[Node],
    constants: Iterable[bytes],
    inputs: Iterable[bytes],
    outputs: Iterable[bytes],
) -> bytes:
    """Return a GraphProto. constants: of write_tensor; inputs and outputs: of write_value."""
    return b"".join(
        [
            *(_bytes(1, write_node(node)) for node in nodes),
            _text(2, name),
            *(_bytes(5, constant) for constant in constants),
            *(_bytes(11, value) for value in inputs),
            *(_bytes(12, value) for value in outputs),
        ]
    )


def write_model(graph: bytes, metadata: Mapping[str, str]) -> bytes:
    """Return a ModelProto of the standard domain. graph: of write_graph."""
    opset = _text(1, "") + _number(2, OPSET)
    entries = (_text(1, key) + _text(2, value) for key, value in metadata.items())
    return b"".join(
        [
            _number(1, IR_VERSION),
            _text(2, PRODUCER),
            _bytes(7, graph),
            _bytes(8, opset),
            *(_bytes(14, entry) for entry in entries),
        ]
    )


def _number(field: int, value: int) -> bytes:
    """Return a field that holds a whole number: two's complement of 64 bits where it is below 0."""
    return _varint(field << 3) + _varint(value & 0xFFFF_FFFF_FFFF_FFFF)


def _text(field: int, value: str) -> bytes:
    return _bytes(field, value.encode())


def _bytes(field: int, value: bytes) -> bytes:
    """Return a field that holds bytes: a text, a message, the elements of a tensor."""
    return _varint(field << 3 | 2) + _varint(len(value)) + value


def _varint(value: int) -> bytes:
    """Return a whole number from 0, seven bits a byte, the lowest first."""
    if value < 0x80:
        return bytes((value,))
    written = bytearray()
    while value >= 0x80:
        written.append(value & 0x7F | 0x80)
        value >>= 7
    written.append(value)
    return bytes(written)
