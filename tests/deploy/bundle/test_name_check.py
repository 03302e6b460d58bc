"""No name of a graph hides another, and each is given before it is taken."""

from __future__ import annotations

import pytest
from protobuf import Fields, pack

from deploy.bundle.graph_check import SCHEMA
from deploy.bundle.name_check import check_names
from deploy.bundle.wire import Reader

NODE, INITIALIZER, INPUT, OUTPUT = 1, 5, 11, 12


def named(number: int, name: str) -> tuple[int, bytes]:
    return number, pack([(8 if number == INITIALIZER else 1, name.encode())])


def node(inputs: str, outputs: str, body: Fields | None = None) -> tuple[int, bytes]:
    names: Fields = [*((1, name.encode()) for name in inputs.split())]
    names += [(2, name.encode()) for name in outputs.split()]
    kind: Fields = [(4, b"Add" if body is None else b"Scan")]
    scanned = pack([(1, b"num_scan_inputs"), (3, 1), (20, 2)])
    inner = [] if body is None else [(5, pack([(1, b"body"), (6, pack(body)), (20, 5)])), (5, scanned)]
    return NODE, pack([*names, *kind, *inner])


def check(fields: Fields) -> None:
    check_names(Reader(SCHEMA, pack(fields)).read("GraphProto"))


X, FIVE = named(INPUT, "x"), named(INITIALIZER, "five")
ROW = named(INPUT, "i")
BODY: Fields = [ROW, node("i five", "z"), named(OUTPUT, "z")]

ALLOWED: dict[str, Fields] = {
    "a body that takes from around it": [X, FIVE, node("x", "y", BODY), named(OUTPUT, "y")],
    "two bodies with the same names": [
        *(X, FIVE, node("x", "y", BODY), node("y", "y_2", BODY)),
        named(OUTPUT, "y_2"),
    ],
    "a body that takes what was computed": [
        *(X, node("x", "five"), node("x", "y", BODY)),
        named(OUTPUT, "y"),
    ],
}


@pytest.mark.parametrize("fields", ALLOWED.values(), ids=ALLOWED)
def test_names_of_an_exporter_are_allowed(fields: Fields) -> None:
    check(fields)


HIDES = "declares 'five', which is a tensor of the graph around it"
REFUSED: dict[str, tuple[Fields, str]] = {
    "an input of a body that hides a constant": (
        [X, FIVE, node("x", "y", [named(INPUT, "five"), node("five", "z"), named(OUTPUT, "z")])],
        HIDES,
    ),
    "a constant of a body that hides a constant": (
        [X, FIVE, node("x", "y", [ROW, FIVE, node("five", "z"), named(OUTPUT, "z")])],
        HIDES,
    ),
    "a node of a body that hides a constant": (
        [X, FIVE, node("x", "y", [ROW, node("x", "five"), named(OUTPUT, "five")])],
        HIDES,
    ),
    "a body that hides what is computed after it": (
        [X, node("x", "y", [ROW, node("x", "five"), named(OUTPUT, "five")]), node("x", "five")],
        HIDES,
    ),
    "a body that hides an input": (
        [X, FIVE, node("x", "y", [named(INPUT, "x"), node("x", "z"), named(OUTPUT, "z")])],
        "the body of Scan declares 'x'",
    ),
    "a body that hides what its Scan gives": (
        [X, FIVE, node("x", "y", [named(INPUT, "i"), node("i", "y"), named(OUTPUT, "y")])],
        "the body of Scan declares 'y'",
    ),
    "a constant like an input": ([X, named(INITIALIZER, "x")], "have the same name, 'x'"),
    "a node that gives a constant": ([X, FIVE, node("x", "five")], "have the same name, 'five'"),
    "two nodes that give the same": ([X, node("x", "y"), node("x", "y")], "have the same name, 'y'"),
    "a node that gives the same twice": ([X, node("x", "y y")], "have the same name, 'y'"),
    "a node that takes its own output": ([X, node("y", "y")], "takes 'y' for Add, which nothing gives"),
    "a node that takes what comes later": ([X, node("y", "z"), node("x", "y")], "takes 'y' for Add"),
    "a body that takes what comes later": (
        [X, node("x", "y", BODY), node("x", "five")],
        "the body of Scan takes 'five' for Add",
    ),
    "a graph that takes from a body": (
        [X, FIVE, node("x", "y", BODY), node("z", "w")],
        "takes 'z' for Add, which nothing gives before",
    ),
    "a body that takes from another body": (
        [
            X,
            FIVE,
            node("x", "y", BODY),
            node("x", "w", [named(INPUT, "j"), node("i", "v"), named(OUTPUT, "v")]),
        ],
        "the body of Scan takes 'i'",
    ),
    "a tensor without a name": ([X, named(INITIALIZER, "")], "the graph has a tensor without a name"),
    "an output that is an input": ([X, named(OUTPUT, "x")], "has the output 'x', which no node of it gives"),
    "an output of a body from around it": (
        [X, node("x", "y", [named(INPUT, "i"), named(OUTPUT, "x")])],
        "the body of Scan has the output 'x'",
    ),
    "a Scan without a body": ([X, node("x", "y", [])], "has a body of [0, 0]"),
    "a body of two inputs": (
        [X, node("x", "y", [ROW, named(INPUT, "j"), node("i", "z"), named(OUTPUT, "z")])],
        "a Scan of [1, 1] inputs and outputs, 1 of them scanned, has a body of [2, 1]",
    ),
    "a body of two outputs": (
        [X, node("x", "y", [ROW, node("i", "z"), named(OUTPUT, "z"), named(OUTPUT, "z")])],
        "has a body of [1, 2]",
    ),
    "an output that is there twice": (
        [X, node("x", "y"), named(OUTPUT, "y"), named(OUTPUT, "y")],
        "the graph has the same output twice",
    ),
}


@pytest.mark.parametrize(("fields", "message"), REFUSED.values(), ids=REFUSED)
def test_a_name_that_could_mean_two_tensors_is_refused(fields: Fields, message: str) -> None:
    with pytest.raises(ValueError) as error:  # noqa: PT011 - the text decides
        check(fields)
    assert message in str(error.value)
