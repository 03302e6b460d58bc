"""A graph of a bundle, read before any session is: only what the exporter writes, and as the manifest says.

Whatever is not listed here is refused: weights outside the file, model-local functions, custom operators,
training graphs, sparse tensors, texts. Field numbers are those of onnx.proto3.
Source: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto3
"""

import math
from collections.abc import Iterable, Sequence
from typing import Any

from .integer_check import check_integers
from .name_check import check_names
from .shape_check import check_shapes
from .wire import Field, Message, Reader, Schema

Json = dict[str, Any]

IR_VERSION, OPSET = 10, 18
MAX_NODES = 20_000  # a graph of 4 layers with all covariates has 400
_NUMBERS = (
    "Abs",
    "Add",
    "Cos",
    "Div",
    "Exp",
    "Log",
    "Max",
    "Min",
    "Mod",
    "Mul",
    "Range",
    "Sin",
    "Sqrt",
    "Sub",
)
_TRUTH = ("And", "Equal", "Greater", "GreaterOrEqual", "IsNaN", "Less", "LessOrEqual", "Not", "Where")
_SHAPES = ("Cast", "Expand", "Flatten", "Identity", "Reshape", "Shape", "Squeeze", "Transpose", "Unsqueeze")
_PARTS = ("Concat", "Gather", "GatherElements", "Pad", "Slice", "Split", "TopK")
_ROWS = ("Gemm", "LSTM", "MatMul", "ReduceMax", "ReduceMin", "ReduceSum")
# Operators that compute and reach for nothing else. With a body there is Scan alone: it ends with its input.
COMPUTING = frozenset((*_NUMBERS, *_TRUTH, *_SHAPES, *_PARTS, *_ROWS))
OPERATORS = COMPUTING | {"Scan"}
# TensorProto.DataType -> bytes of an element, and the name in a manifest.
ITEM_BYTES = {1: 4, 6: 4, 7: 8, 9: 1}
DTYPES = {1: "float32", 7: "int64"}
# AttributeProto.AttributeType -> the field that holds the value.
VALUES = {2: "i", 5: "g", 7: "ints"}
INTEGER, GRAPH, INTEGERS = VALUES
# Attributes that an exporter writes; the other checks know what operators do with these alone.
ATTRIBUTES: dict[str, dict[str, int]] = {
    "Cast": {"to": INTEGER},
    "Concat": {"axis": INTEGER},
    "Flatten": {"axis": INTEGER},
    "Gather": {"axis": INTEGER},
    "GatherElements": {"axis": INTEGER},
    "Gemm": {"transB": INTEGER},
    "LSTM": {"hidden_size": INTEGER},
    "Scan": {"body": GRAPH, "num_scan_inputs": INTEGER},
    "Shape": {"start": INTEGER, "end": INTEGER},
    "Split": {"axis": INTEGER},
    "TopK": {"axis": INTEGER, "largest": INTEGER, "sorted": INTEGER},
    "Transpose": {"perm": INTEGERS},
}

SCHEMA: Schema = {
    "ModelProto": {
        1: Field("ir_version", "int"),
        2: Field("producer_name", "text"),
        7: Field("graph", "GraphProto"),
        8: Field("opset_import", "OperatorSetIdProto", many=True),
        14: Field("metadata_props", "StringStringEntryProto", many=True),
    },
    "OperatorSetIdProto": {1: Field("domain", "text"), 2: Field("version", "int")},
    "StringStringEntryProto": {1: Field("key", "text"), 2: Field("value", "bytes")},
    "GraphProto": {
        1: Field("node", "NodeProto", many=True),
        2: Field("name", "text"),
        5: Field("initializer", "TensorProto", many=True),
        11: Field("input", "ValueInfoProto", many=True),
        12: Field("output", "ValueInfoProto", many=True),
    },
    "NodeProto": {
        1: Field("input", "text", many=True),
        2: Field("output", "text", many=True),
        4: Field("op_type", "text"),
        5: Field("attribute", "AttributeProto", many=True),
    },
    "AttributeProto": {
        1: Field("name", "text"),
        3: Field("i", "int"),
        6: Field("g", "GraphProto"),
        8: Field("ints", "int", many=True),
        20: Field("type", "int"),
    },
    "TensorProto": {
        1: Field("dims", "int", many=True),
        2: Field("data_type", "int"),
        8: Field("name", "text"),
        9: Field("raw_data", "bytes"),
    },
    "ValueInfoProto": {1: Field("name", "text"), 2: Field("type", "TypeProto")},
    "TypeProto": {1: Field("tensor_type", "TypeProto.Tensor")},
    "TypeProto.Tensor": {1: Field("elem_type", "int"), 2: Field("shape", "TensorShapeProto")},
    "TensorShapeProto": {1: Field("dim", "Dimension", many=True)},
    "Dimension": {1: Field("dim_value", "int"), 2: Field("dim_param", "text")},
}


def check_graph(data: bytes, declared: Json) -> None:
    """Check an .onnx file. declared: its {"inputs": {name: {"dtype", "shape"}}, "outputs": ...}.
    Raises ValueError with the first thing that no graph of a bundle has.
    """
    model = Reader(SCHEMA, data).read("ModelProto")
    if model.get("ir_version") != IR_VERSION:
        raise ValueError(f"its IR version is {model.get('ir_version')}, expected {IR_VERSION}")
    imports = [(opset.get("domain", ""), opset.get("version")) for opset in model.get("opset_import", [])]
    if imports not in ([("", OPSET)], [("ai.onnx", OPSET)]):
        raise ValueError(f"it imports the operators {imports}, expected ONNX's own of version {OPSET}")
    graph = model.get("graph", {})
    _check_nodes(graph, OPERATORS)
    for side in ("input", "output"):
        _compare(f"{side}s", _signature(graph.get(side, [])), declared[f"{side}s"])
    check_names(graph)
    check_integers(graph)
    check_shapes(graph)


def _check_nodes(graph: Message, allowed: frozenset[str]) -> None:
    """Check the nodes of a graph, or of the body of a Scan, in which there is no other."""
    nodes, constants = graph.get("node", []), graph.get("initializer", [])
    if len(nodes) > MAX_NODES:
        raise ValueError(f"it has {len(nodes)} nodes, expected at most {MAX_NODES}")
    for node in nodes:
        kind = node.get("op_type")
        if kind not in allowed:
            raise ValueError(f"it has the operator {kind!r}, which no graph of a bundle has there")
        # onnxruntime reads an operand that was left out of any other operator from nowhere: a SIGSEGV.
        if "" in node.get("input", ()) and kind != "LSTM":
            raise ValueError(f"an operand of {kind} is left out")
        _check_attributes(kind, node.get("attribute", ()))
    for constant in constants:
        _check_constant(constant)


def _check_attributes(kind: str, attributes: Sequence[Message]) -> None:
    """Raise ValueError unless each is one of that operator, once, and its value of its type."""
    known, names = ATTRIBUTES.get(kind, {}), [attribute.get("name", "") for attribute in attributes]
    for name, attribute in zip(names, attributes, strict=True):
        found = attribute.get("type", 0)
        if found not in VALUES or attribute.keys() - {"name", "type", VALUES[found]}:
            raise ValueError(f"the attribute {name!r} of {kind} is not of its type")
        if known.get(name) != found:
            raise ValueError(f"the attribute {name!r} of {kind} is of type {found}, expected of {known}")
        if names.count(name) > 1:
            raise ValueError(f"{kind} has the attribute {name!r} twice")
        if found == GRAPH:
            _check_nodes(attribute.get("g", {}), COMPUTING)


def _check_constant(tensor: Message) -> None:
    """Raise ValueError unless all the values stand in the file, as many as its shape says."""
    name, dims, size = tensor.get("name"), tensor.get("dims", []), ITEM_BYTES.get(tensor.get("data_type", 0))
    if size is None or any(dim < 0 for dim in dims):
        raise ValueError(f"the constant {name!r} has type {tensor.get('data_type')} and shape {dims}")
    found = len(tensor.get("raw_data", b""))
    if math.prod(dims) * size != found:
        raise ValueError(f"the constant {name!r} has {found} bytes for the shape {dims}")


def _signature(values: Iterable[Message]) -> Json:
    """Return tensors as a manifest has them: name -> {"dtype", "shape"}."""
    found: Json = {}
    for value in values:
        tensor = value.get("type", {}).get("tensor_type", {})
        dims = tensor.get("shape", {}).get("dim", [])
        shape = [dim.get("dim_param") or dim.get("dim_value") for dim in dims]
        found[value.get("name", "")] = {"dtype": DTYPES.get(tensor.get("elem_type")), "shape": shape}
    return found


def _compare(side: str, found: Json, declared: Json) -> None:
    """Raise ValueError with the first tensor that is not as declared."""
    for name in sorted({*found, *declared}):
        if found.get(name) != declared.get(name):
            raise ValueError(
                f"its {side} differ from the manifest: {name!r} is {found.get(name)}, declared is "
                f"{declared.get(name)}"
            )
