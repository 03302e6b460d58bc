"""Check the shapes of a graph: on empty batches and on thousands of axes onnxruntime ends the process.

An LSTM over an empty batch is a SIGABRT. A request has at least one series and one step of time; from these
follows which axes surely have a size of at least 1, and any other is taken for one that may be empty. How
many axes a tensor has follows of each; tens of thousands are a SIGSEGV.
"""

from collections.abc import Sequence

import numpy as np

from .axes import MAX_AXES, SOME, Dims, Value, outputs_of, positive
from .name_check import body_of
from .wire import Message

INT64 = 7  # TensorProto.DataType
_LONGEST = 64  # integers of a constant that may be a shape, pads or axes
_LEFT_OUT = Value(())

Values = dict[str, Value]


def check_shapes(graph: Message) -> None:
    """Check a GraphProto whose names and nodes were checked.
    Raises ValueError for an LSTM whose batch does not surely come from that of the request, and for tensors
    whose axes do not follow, or are more than MAX_AXES.
    """
    _run(graph, {value["name"]: _declared(value) for value in graph.get("input", ())})


def _run(graph: Message, values: Values) -> Values:
    """Return the values of a graph, from those of its inputs and of what is around it."""
    values = values | {tensor["name"]: _constant(tensor) for tensor in graph.get("initializer", ())}
    for node in graph.get("node", ()):
        kind, names = node["op_type"], node.get("output", ())
        found = _outputs(kind, node, values)
        if len(names) > len(found):
            raise ValueError(f"{kind} has {len(names)} outputs, expected at most {len(found)}")
        values |= zip(names, found, strict=False)
    return values


def _outputs(kind: str, node: Message, values: Values) -> Sequence[Value]:
    inputs = [values[name] if name else _LEFT_OUT for name in node.get("input", ())]
    if kind == "Scan":
        return _scan(node, inputs, values)
    found = outputs_of(kind, inputs, {part.get("name", ""): part for part in node.get("attribute", ())})
    if kind == "LSTM" and not positive(found[0].dims[2]):
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
    if len(dims) > MAX_AXES:
        raise ValueError(f"the constant {tensor['name']!r} has {len(dims)} axes, expected at most {MAX_AXES}")
    if tensor.get("data_type") == INT64 and len(dims) == 1 and dims[0] <= _LONGEST:
        items = tuple(np.frombuffer(tensor.get("raw_data", b""), dtype="<i8").tolist())
    return Value(tuple(dim or None for dim in dims), items)


def _scan(node: Message, inputs: Sequence[Value], around: Values) -> Sequence[Value]:
    """Run the body with the states that it begins with and, if it changes their sizes, with any.

    Of rows that are scanned the first axis is gone; how many rows come out, and of what size, is not known.
    """
    body, carried = body_of(node)
    names, outputs = ([value["name"] for value in body.get(side, ())] for side in ("input", "output"))
    states = [value.dims for value in inputs[:carried]]
    rows = [value.dims[1:] for value in inputs[carried:]]
    for _ in range(2):
        found = _run(body, around | dict(zip(names, map(Value, (*states, *rows)), strict=True)))
        given = [found[name].dims for name in outputs]
        if given[:carried] == states:
            break
        if list(map(len, given[:carried])) != list(map(len, states)):
            raise ValueError("the body of Scan changes how many axes a tensor has that it carries")
        states = [_unknown(len(dims)) for dims in states]
    return [*map(Value, states), *(Value(_unknown(1 + len(dims))) for dims in given[carried:])]


def _unknown(axes: int) -> Dims:
    if axes > MAX_AXES:
        raise ValueError(f"Scan gives {axes} axes, expected at most {MAX_AXES}")
    return (None,) * axes
