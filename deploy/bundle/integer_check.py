"""Check that onnxruntime survives the integers of a graph: some end the whole process, not in an error.

By 0, and the lowest integer by −1, x86 processors do not divide: a SIGFPE. A size below 0, as of a negative
Pad, fails an assertion of its shape inference: a SIGABRT. The type of a value follows from what gives it.
"""

from dataclasses import dataclass

import numpy as np

from .name_check import body_of
from .wire import Message

INT64, FLOAT, BOOL = 7, 1, 9  # TensorProto.DataType
DIVIDING = ("Div", "Mod")
# Lengths, places, periods in seconds: all that an exporter writes, but for the two limits of int64.
LARGEST = 1 << 31
_LIMITS = np.iinfo(np.int64)
_MAY_BE_LIMIT = {"Equal": _LIMITS.min, "Where": _LIMITS.min, "Slice": _LIMITS.max}  # unknown time; to the end
# Operands that are sizes: operator -> the place, and the least that makes sense.
_SIZES = {"Expand": (1, 1), "Pad": (1, 0), "Reshape": (1, -1), "Split": (1, 1), "TopK": (1, 1)}
# What has a type of its own; all others give that of an input.
_GIVEN = {"Shape": INT64, "LSTM": FLOAT}
_GIVEN |= dict.fromkeys(
    ("And", "Equal", "Greater", "GreaterOrEqual", "IsNaN", "Less", "LessOrEqual", "Not"), BOOL
)
_TYPED_BY_SECOND = ("Where",)


_Span = tuple[int, int]  # the lowest and the highest of integers


@dataclass(frozen=True)
class _Values:
    """The known values of a graph and of the one around it."""

    types: dict[str, int | None]  # None: not known, and so taken for an integer
    constants: dict[str, _Span]


def check_integers(graph: Message) -> None:
    """Check the integers of a GraphProto whose nodes, constants and names were checked.
    Raises ValueError for a division of integers, or of what may be integers, by anything but constants above
    0; for constants and sizes that no exporter writes; and where a declared type is not the computed one.
    """
    _check(graph, _Values({}, {}))


def _check(graph: Message, outer: _Values) -> None:
    tensors = {tensor.get("name", ""): tensor for tensor in graph.get("initializer", [])}
    types = outer.types | {name: tensor["data_type"] for name, tensor in tensors.items()}
    types |= {value.get("name", ""): _declared(value) for value in graph.get("input", [])}
    constants = outer.constants | {
        name: _span(tensor) for name, tensor in tensors.items() if tensor["data_type"] == INT64
    }
    values = _Values(types, constants)
    for node in graph.get("node", []):
        inputs, kind = node.get("input", []), node["op_type"]
        if kind in DIVIDING and any(types.get(name) != FLOAT for name in inputs):
            _check_divisor(kind, constants.get(inputs[-1]))
        for place, name in enumerate(inputs):
            if name in constants:
                _check_operand(kind, place, constants[name])
        body = _check_body(node, values) if kind == "Scan" else {}
        for place, name in enumerate(node.get("output", [])):
            types[name] = _declared(body["output"][place]) if body else _output_type(node, place, values)
    for output in graph.get("output", []):
        _compare_types(output, types.get(output["name"]))


def _check_body(node: Message, values: _Values) -> Message:
    """Check the body of a Scan, which takes and gives what the Scan does, and return it."""
    body, carried = body_of(node)
    inputs, given, outputs = node.get("input", []), body.get("input", []), body.get("output", [])
    for name, value in zip(inputs, given, strict=True):
        _compare_types(value, values.types.get(name))
    for before, after in zip(given[:carried], outputs, strict=False):
        _compare_types(after, _declared(before))
    _check(body, values)
    return body


def _compare_types(value: Message, found: int | None) -> None:
    """Raise ValueError unless a tensor is of the type that is declared for it."""
    if _declared(value) != found or found is None:
        raise ValueError(f"{value['name']!r} is declared as type {_declared(value)}, but is of type {found}")


def _span(tensor: Message) -> _Span:
    """Return the lowest and the highest integer; of no integers (0, 0), which nothing is divided by."""
    values = np.frombuffer(tensor.get("raw_data", b""), dtype="<i8")
    return (int(values.min()), int(values.max())) if values.size else (0, 0)


def _check_divisor(kind: str, divisors: _Span | None) -> None:
    if divisors is None:
        raise ValueError(f"it divides integers ({kind}) by what is no constant")
    if divisors[0] < 1:
        raise ValueError(f"it divides integers ({kind}) by {divisors[0]}, expected at least 1")


def _check_operand(kind: str, place: int, constant: _Span) -> None:
    where, least = _SIZES.get(kind, (None, 0))
    if place == where and constant[0] < least:
        raise ValueError(f"{kind} has a size of {constant[0]}, expected at least {least}")
    for value in constant:
        if abs(value) > LARGEST and value != _MAY_BE_LIMIT.get(kind):
            raise ValueError(f"{kind} has a constant of {value}, expected at most {LARGEST}")


def _output_type(node: Message, place: int, values: _Values) -> int | None:
    kind, inputs = node["op_type"], node.get("input", [])
    attributes = {attribute.get("name"): attribute for attribute in node.get("attribute", [])}
    if kind == "Cast":
        found: int | None = attributes.get("to", {}).get("i")
        return found
    if kind == "TopK" and place == 1:
        return INT64
    if kind in _GIVEN:
        return _GIVEN[kind]
    source = 1 if kind in _TYPED_BY_SECOND else 0
    return values.types.get(inputs[source]) if source < len(inputs) else None


def _declared(value: Message) -> int | None:
    found: int | None = value.get("type", {}).get("tensor_type", {}).get("elem_type")
    return found
