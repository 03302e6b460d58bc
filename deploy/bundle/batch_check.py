"""Check that no LSTM may run over an empty batch: onnxruntime ends the process there, by a SIGABRT.

A request has at least one series and one step of time. From these follows of the axes of each tensor whether
they surely have a size of at least 1; what does not follow is taken for an axis that may be empty.
"""

from collections.abc import Sequence

import numpy as np

from .axes import SOME, UNKNOWN, Dims, Value, outputs_of, positive
from .name_check import body_of
from .wire import Message

INT64 = 7  # TensorProto.DataType
_LONGEST = 64  # integers of a constant that may be a shape, pads or axes


def check_batches(graph: Message) -> None:
    """Check a GraphProto whose names and nodes were checked.
    Raises ValueError for an LSTM whose batch does not surely come from that of the request.
    """
    _run(graph, {value["name"]: _declared(value) for value in graph.get("input", ())})


def _run(graph: Message, values: dict[str, Value]) -> dict[str, Value]:
    """Return the values of a graph, from those of its inputs and of what is around it."""
    values = values | {tensor["name"]: _constant(tensor) for tensor in graph.get("initializer", ())}
    for node in graph.get("node", ()):
        found = _outputs(node, values)
        for place, name in enumerate(node.get("output", ())):
            values[name] = found[place] if place < len(found) else UNKNOWN
    return values


def _outputs(node: Message, values: dict[str, Value]) -> Sequence[Value]:
    kind = node["op_type"]
    inputs = [values.get(name, UNKNOWN) for name in node.get("input", ())]
    attributes = {attribute.get("name", ""): attribute for attribute in node.get("attribute", ())}
    if kind == "Scan":
        return _scan(node, inputs, values)
    found = outputs_of(kind, inputs, attributes)
    if kind == "LSTM" and not (found and positive(found[0].axes()[2])):
        raise ValueError("it has an LSTM over a batch that is not the request's, and may be empty")
    return found


def _declared(value: Message) -> Value:
    """Return an input of the graph: no axis of a request is empty, and a list has no known elements."""
    dims = value.get("type", {}).get("tensor_type", {}).get("shape", {}).get("dim", ())
    sizes: Dims = tuple(SOME if "dim_param" in dim else dim.get("dim_value") or None for dim in dims)
    length = sizes[0] if len(sizes) == 1 else None
    items = (None,) * length if isinstance(length, int) and length <= _LONGEST else None
    return Value(sizes, items)


def _constant(tensor: Message) -> Value:
    dims, items = tensor.get("dims", []), None
    if tensor.get("data_type") == INT64 and len(dims) == 1 and dims[0] <= _LONGEST:
        items = tuple(np.frombuffer(tensor.get("raw_data", b""), dtype="<i8").tolist())
    return Value(tuple(dim or None for dim in dims), items)


def _scan(node: Message, inputs: Sequence[Value], around: dict[str, Value]) -> Sequence[Value]:
    """Run the body with the states that it begins with and, if it changes their axes, with any.

    Of rows that are scanned the first axis is gone; how many rows come out, and of what size, is not known.
    """
    body, carried = body_of(node)
    states = [Value(value.dims) for value in inputs[:carried]]
    rows = [Value(None if value.dims is None else value.dims[1:]) for value in inputs[carried:]]
    names, outputs = ([value["name"] for value in body.get(side, ())] for side in ("input", "output"))
    for _ in range(2):
        found = _run(body, around | dict(zip(names, (*states, *rows), strict=True)))
        given = [Value(found[name].dims) for name in outputs[:carried]]
        if given == states:
            break
        states = [UNKNOWN] * carried
    return [*states, *[UNKNOWN] * (len(outputs) - carried)]
