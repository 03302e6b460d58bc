"""A graph that no exporter of ours writes is refused before onnxruntime sees it. Numbers: onnx.proto3."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from parts import graph, integer, node, value
from protobuf import Fields, change, pack, varint

import deploy.engine.sessions
from deploy import BundleError, Predictor
from deploy.bundle import wire
from deploy.bundle.bundle import GRAPHS, read_bundle
from deploy.bundle.graph_check import OPERATORS, SCHEMA, check_graph

GRAPH, OPSET, FUNCTIONS, TRAINING = 7, 8, 25, 20  # of ModelProto
NODE, INITIALIZER, INPUT, OUTPUT, SPARSE = 1, 5, 11, 12, 15  # of GraphProto
OP_TYPE, ATTRIBUTE, DOMAIN = 4, 5, 7  # of NodeProto
FLOAT_DATA, STRING_DATA, TENSOR_NAME, RAW_DATA, EXTERNAL_DATA, DATA_LOCATION = 4, 6, 8, 9, 13, 14

Edit = Callable[[Fields], object]


@pytest.fixture
def forecast(bundles: Path) -> bytes:
    return (bundles / "plain" / "forecast.onnx").read_bytes()


@pytest.fixture
def declared(bundles: Path) -> Any:
    return read_bundle(bundles / "plain").manifest.graphs["forecast.onnx"]


def put(number: int, value: int | bytes) -> Edit:
    """Replace the first field of that number, or add one."""

    def edit(fields: Fields) -> None:
        places = [place for place, field in enumerate(fields) if field[0] == number]
        fields[slice(places[0], places[0] + 1) if places else slice(0, 0)] = [(number, value)]

    return edit


def add(number: int, value: int | bytes) -> Edit:
    return lambda fields: fields.append((number, value))


def drop(number: int) -> Edit:
    return lambda fields: fields.remove(next(field for field in fields if field[0] == number))


def body(depth: int) -> bytes:
    """A node that holds a graph that holds a node ..., as attributes of Scan."""
    node: Fields = [(2, b"y"), (OP_TYPE, b"Scan")]
    if depth:
        graph = pack([(NODE, body(depth - 1))])
        node.append((ATTRIBUTE, pack([(1, b"body"), (6, graph), (20, 5)])))
    return pack(node)


EXTERNAL = pack([(1, b"location"), (2, b"/etc/passwd")])
HIDING = pack(
    [(INPUT, value("horizon", 7)), (NODE, node("Identity", ["horizon"], ["w"])), (OUTPUT, value("w", 7))]
)
CASES: dict[str, tuple[list[int], Edit, str]] = {
    "another IR version": ([], put(1, 11), "its IR version is 11, expected 10"),
    "no IR version": ([], drop(1), "its IR version is None, expected 10"),
    "another opset": ([OPSET], put(2, 21), "it imports the operators [('', 21)]"),
    "a foreign domain": (
        [OPSET],
        put(1, b"com.microsoft"),
        "it imports the operators [('com.microsoft', 18)]",
    ),
    "a second domain": (
        [],
        add(OPSET, pack([(1, b"x"), (2, 1)])),
        "it imports the operators [('', 18), ('x', 1)]",
    ),
    "a model-local function": ([], add(FUNCTIONS, b""), "ModelProto has field 25"),
    "a training graph": ([], add(TRAINING, b""), "ModelProto has field 20"),
    "two graphs": ([], add(GRAPH, b""), "ModelProto.graph is there twice"),
    "no graph": ([], drop(GRAPH), "its inputs differ from the manifest"),
    "sparse weights": ([GRAPH], add(SPARSE, b""), "GraphProto has field 15"),
    "a node of a foreign domain": ([GRAPH, NODE], add(DOMAIN, b"com.microsoft"), "NodeProto has field 7"),
    "an operator that is not ours": ([GRAPH, NODE], put(OP_TYPE, b"Loop"), "it has the operator 'Loop'"),
    "an operand that is left out": ([GRAPH, NODE], put(1, b""), "an operand of Min is left out"),
    "a node without an operator": ([GRAPH, NODE], drop(OP_TYPE), "it has the operator None"),
    "an attribute of texts": (
        [GRAPH, NODE],
        add(ATTRIBUTE, pack([(1, b"a"), (4, b"x"), (20, 3)])),
        "AttributeProto has field 4",
    ),
    "an attribute of another type": (
        [GRAPH, NODE],
        add(ATTRIBUTE, pack([(1, b"a"), (3, 1), (20, 7)])),
        "is not of its type",
    ),
    "an attribute of another operator": (
        [GRAPH, NODE],
        add(ATTRIBUTE, pack([(1, b"axis"), (3, 1), (20, 2)])),
        "the attribute 'axis' of Min is of type 2, expected of {}",
    ),
    "an attribute that is there twice": (
        [GRAPH],
        add(NODE, node("Cast", ["lengths"], ["z"], integer("to", 1), integer("to", 7))),
        "Cast has the attribute 'to' twice",
    ),
    "a body that hides an input": (
        [GRAPH],
        add(NODE, node("Scan", ["lengths"], ["z"], graph("body", HIDING), integer("num_scan_inputs", 1))),
        "the body of Scan declares 'horizon', which is a tensor of the graph around it",
    ),
    "an LSTM over a batch of the request's numbers": (
        [GRAPH],
        add(NODE, node("LSTM", ["quantiles"] * 3, ["z"], integer("hidden_size", 1))),
        "it has an LSTM over a batch that is not the request's, and may be empty",
    ),
    "a body where none belongs": (
        [GRAPH, NODE],
        add(ATTRIBUTE, pack([(1, b"body"), (6, b""), (20, 5)])),
        "is of type 5",
    ),
    "a Scan in a Scan": ([GRAPH], add(NODE, body(2)), "it has the operator 'Scan'"),
    "a hundred graphs in each other": ([GRAPH], add(NODE, body(100)), "messages nest deeper than 9"),
    "weights in another file": (
        [GRAPH, INITIALIZER],
        add(EXTERNAL_DATA, EXTERNAL),
        "TensorProto has field 13",
    ),
    "weights said to be elsewhere": ([GRAPH, INITIALIZER], add(DATA_LOCATION, 1), "TensorProto has field 14"),
    "weights of texts": ([GRAPH, INITIALIZER], add(STRING_DATA, b"x"), "TensorProto has field 6"),
    "weights of another type": ([GRAPH, INITIALIZER], put(2, 8), "has type 8"),
    "weights of a type beyond 32 bits": ([GRAPH, INITIALIZER], put(2, 2**32 + 1), "has type 4294967297"),
    "fewer weights than the shape": ([GRAPH, INITIALIZER], put(RAW_DATA, b"\0"), "has 1 bytes for the shape"),
    "a shape of 2⁶² values": ([GRAPH, INITIALIZER], add(1, 2**62), "bytes for the shape"),
    "a shape below 0": ([GRAPH, INITIALIZER], add(1, -1), "has type"),
    "a constant in place of an input": (
        [GRAPH, INITIALIZER],
        put(TENSOR_NAME, b"history"),
        "have the same name",
    ),
    "a missing input": ([GRAPH], drop(INPUT), "its inputs differ from the manifest: 'history' is None"),
    "an output of another name": (
        [GRAPH, OUTPUT],
        put(1, b"q"),
        "its outputs differ from the manifest: 'q' is",
    ),
    "an input of another type": ([GRAPH, INPUT, 2, 1], put(1, 7), "'history' is {'dtype': 'int64'"),
    "an input of another shape": ([GRAPH, INPUT, 2, 1, 2, 1], put(2, b"rows"), "'shape': ['rows', 'time']"),
    "a name that is not UTF-8": ([GRAPH], put(2, b"\xff"), "can't decode byte 0xff"),
}


@pytest.mark.parametrize(("path", "edit", "message"), CASES.values(), ids=CASES)
def test_what_no_graph_of_a_bundle_has_is_refused(
    forecast: bytes, declared: Any, path: list[int], edit: Edit, message: str
) -> None:
    with pytest.raises(ValueError) as error:  # noqa: PT011 - the text decides
        check_graph(change(forecast, path, edit), declared)
    assert message in str(error.value)


BROKEN: dict[str, tuple[bytes, str]] = {
    "words": (b"not a graph", "ModelProto has field 13 of wire type 6 at byte 0"),
    "nothing": (b"", "its IR version is None, expected 10"),
    "an integer of 11 bytes": (b"\x08" + b"\x80" * 10 + b"\1", "no integer of 64 bits at byte 1"),
    "an integer beyond 64 bits": (b"\x08" + b"\xff" * 9 + b"\x7f", "no integer of 64 bits at byte 1"),
    "an integer that is cut off": (b"\x08\x80", "no integer of 64 bits at byte 1"),
    "a text longer than the file": (b"\x12\x7fx", "ModelProto.producer_name at byte 0 is cut off"),
    "a length of 2⁶³": (b"\x12" + varint(2**63) + b"x", "ModelProto.producer_name at byte 0 is cut off"),
    "a group": (b"\x0b", "ModelProto has field 1 of wire type 3 at byte 0"),
}


@pytest.mark.parametrize(("data", "message"), BROKEN.values(), ids=BROKEN)
def test_what_is_no_protocol_buffer_is_refused(declared: Any, data: bytes, message: str) -> None:
    with pytest.raises(ValueError) as error:  # noqa: PT011 - the text decides
        check_graph(data, declared)
    assert str(error.value) == message


def test_a_million_empty_fields_are_not_read(declared: Any) -> None:
    with pytest.raises(ValueError, match=f"more than {wire.MAX_FIELDS} fields"):
        check_graph(b"\x42\x00" * 1_000_000, declared)


def test_a_graph_that_was_put_together_again_is_the_same(forecast: bytes, declared: Any) -> None:
    again = change(forecast, [GRAPH, NODE], lambda _: None)
    check_graph(again, declared)
    assert again == forecast


@pytest.mark.parametrize("name", GRAPHS)
def test_a_consistent_bundle_with_a_foreign_graph_builds_no_session(
    copy_bundle: Callable[[], Path],
    replace_file: Callable[[Path, str, bytes], None],
    monkeypatch: pytest.MonkeyPatch,
    name: str,
) -> None:
    monkeypatch.delattr(deploy.engine.sessions, "open_session")
    folder = copy_bundle()
    data = change((folder / name).read_bytes(), [GRAPH, NODE], put(OP_TYPE, b"Loop"))
    replace_file(folder, name, data)
    with pytest.raises(BundleError) as error:
        Predictor.load(folder)
    assert str(error.value) == (
        f"{folder / name} is no graph of a bundle: it has the operator 'Loop', which no graph of a bundle "
        "has there; export it again"
    )


def test_no_operator_that_is_allowed_has_a_body_but_scan() -> None:
    assert not OPERATORS & {"Loop", "If", "SequenceMap", "Call"}


def test_the_schema_names_every_message_that_it_uses() -> None:
    used = {field.kind for fields in SCHEMA.values() for field in fields.values()}
    assert used - {"int", "text", "bytes"} <= SCHEMA.keys()
