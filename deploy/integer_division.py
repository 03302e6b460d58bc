"""Integers of a graph are divided by constants alone, and by none that a processor cannot divide by.

By 0, and the lowest integer by −1, x86 processors do not divide: the whole process dies of a SIGFPE in
onnxruntime. Of what type a value is, follows from the operator that gives it.
"""

from __future__ import annotations

import struct

from .wire import Message

INT64, FLOAT, BOOL = 7, 1, 9  # TensorProto.DataType
DIVIDING = ("Div", "Mod")
MAX_DIVISORS = 1024  # an exporter divides by one at a time; all are looked at
# What has a type of its own; all others give that of an input.
_GIVEN = {"Shape": INT64, "LSTM": FLOAT}
_GIVEN |= dict.fromkeys(("And", "Equal", "Greater", "GreaterOrEqual", "Less", "LessOrEqual", "Not"), BOOL)
_TYPED_BY_SECOND = ("Where",)

Types = dict[str, int | None]


def check_divisions(graph: Message, outer: Types) -> None:
    """graph: a checked GraphProto; outer: types of the values around it, if it is the body of a Scan.

    Raises ValueError for a division of integers, or of what may be integers, by anything but such constants.
    """
    constants = {tensor.get("name", ""): tensor for tensor in graph.get("initializer", [])}
    types: Types = {**outer, **{name: tensor["data_type"] for name, tensor in constants.items()}}
    types |= {value.get("name", ""): _declared(value) for value in graph.get("input", [])}
    for node in graph.get("node", []):
        inputs, kind = node.get("input", []), node["op_type"]
        if kind in DIVIDING and any(types.get(name) != FLOAT for name in inputs):
            _check_divisor(kind, constants.get(inputs[-1], {}))
        for position, name in enumerate(node.get("output", [])):
            types[name] = _output_type(node, position, types)


def _check_divisor(kind: str, tensor: Message) -> None:
    data = tensor.get("raw_data", b"")
    if tensor.get("data_type") != INT64 or not 0 < len(data) <= 8 * MAX_DIVISORS:
        raise ValueError(
            f"it divides integers ({kind}) by what is no constant of 1 to {MAX_DIVISORS} of them"
        )
    lowest = min(value for (value,) in struct.iter_unpack("<q", data))
    if lowest < 1:
        raise ValueError(f"it divides integers ({kind}) by {lowest}, expected at least 1")


def _output_type(node: Message, position: int, types: Types) -> int | None:
    """None: not known, and so taken for an integer."""
    kind, inputs = node["op_type"], node.get("input", [])
    attributes = {attribute.get("name"): attribute for attribute in node.get("attribute", [])}
    if kind == "Cast":
        found: int | None = attributes.get("to", {}).get("i")
        return found
    if kind == "TopK" and position == 1:
        return INT64
    if kind == "Scan":
        body = attributes.get("body", {}).get("g", {})
        check_divisions(body, types)
        outputs = body.get("output", [])
        return _declared(outputs[position]) if position < len(outputs) else None
    if kind in _GIVEN:
        return _GIVEN[kind]
    place = 1 if kind in _TYPED_BY_SECOND else 0
    return types.get(inputs[place]) if place < len(inputs) else None


def _declared(value: Message) -> int | None:
    found: int | None = value.get("type", {}).get("tensor_type", {}).get("elem_type")
    return found
