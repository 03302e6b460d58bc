"""Parts of a graph, put together field by field as protocol buffers. Numbers: onnx.proto3. No onnx here."""

from typing import Any

import numpy as np
from protobuf import Fields, pack

NODE, INITIALIZER, INPUT, OUTPUT = 1, 5, 11, 12  # of GraphProto
FLOAT, INT32, INT64, BOOL = 1, 6, 7, 9  # TensorProto.DataType
KINDS = {FLOAT: "<f4", INT32: "<i4", INT64: "<i8", BOOL: "?"}


def integer(name: str, value: int) -> bytes:
    """Return an attribute."""
    return pack([(1, name.encode()), (3, value), (20, 2)])


def integers(name: str, values: list[int]) -> bytes:
    """Return an attribute."""
    return pack([(1, name.encode()), *((8, value) for value in values), (20, 7)])


def graph(name: str, body: bytes) -> bytes:
    """Return an attribute."""
    return pack([(1, name.encode()), (6, body), (20, 5)])


def tensor(name: str, values: Any, dtype: int = INT64) -> bytes:
    """Return a constant."""
    array = np.asarray(values).astype(KINDS[dtype])
    dims: Fields = [(1, size) for size in array.shape]
    return pack([*dims, (2, dtype), (8, name.encode()), (9, array.tobytes())])


def value(name: str, dtype: int, *sizes: str | int) -> bytes:
    """Return what is declared of an input or an output; without sizes it may have any axes."""
    dims: Fields = [(1, pack([(2, size.encode()) if isinstance(size, str) else (1, size)])) for size in sizes]
    kind: Fields = [(1, dtype), *([(2, pack(dims))] if dims else [])]
    return pack([(1, name.encode()), (2, pack([(1, pack(kind))]))])


def node(kind: str, inputs: list[str], outputs: list[str], *attributes: bytes) -> bytes:
    """Return a node; an operand of "" is left out."""
    taken: Fields = [(1, name.encode()) for name in inputs]
    given: Fields = [(2, name.encode()) for name in outputs]
    return pack([*taken, *given, (4, kind.encode()), *((5, attribute) for attribute in attributes)])
