"""The axes of each tensor of a graph are known, and no LSTM runs over a batch that may be empty."""

from typing import Any

import numpy as np
import pytest
from parts import (
    FLOAT,
    INITIALIZER,
    INPUT,
    INT64,
    NODE,
    OUTPUT,
    graph,
    integer,
    integers,
    node,
    tensor,
    value,
)
from protobuf import Fields, pack

from deploy.bundle.graph_check import SCHEMA
from deploy.bundle.shape_check import check_shapes
from deploy.bundle.wire import Reader

END = 2**63 - 1
GIVEN: Fields = [
    (INPUT, value("history", FLOAT, "batch", "time")),
    (INPUT, value("wide", FLOAT, "batch", 6)),
    (INPUT, value("lengths", INT64, "batch")),
    (INPUT, value("horizon", INT64, 1)),
]
Steps = list[tuple[Any, ...]]


def build(steps: Steps) -> Fields:
    """Return nodes that follow each other: "" is what the last gave, a list or a number is a constant."""
    fields: Fields = []
    last = ""
    for number, (kind, operands, *attributes) in enumerate(steps):
        names = []
        for place, operand in enumerate(operands):
            name = operand or last if isinstance(operand, str) else f"constant_{number}_{place}"
            if not isinstance(operand, str):
                dtype = FLOAT if np.asarray(operand).dtype.kind == "f" and np.size(operand) else INT64
                fields.append((INITIALIZER, tensor(name, operand, dtype)))
            names.append(name)
        last = f"value_{number}"
        fields.append((NODE, node(kind, names, [last], *attributes)))
    return fields


LSTM = ("LSTM", ["", np.ones((1, 4, 1)), np.ones((1, 4, 1))], integer("hidden_size", 1))


def check(steps: Steps) -> None:
    graph = Reader(SCHEMA, pack([*GIVEN, *build([*steps, LSTM])])).read("GraphProto")
    check_shapes(graph)


BATCH_SECOND = [("Unsqueeze", ["", [2]]), ("Transpose", [""], integers("perm", [1, 0, 2]))]
KEPT: dict[str, Steps] = {
    "as it is": [("Identity", ["history"])],
    "of whole patches": [("Slice", ["history", [0], [END], [1], [5]])],
    "cut along the time": [("Slice", ["history", [0], "horizon", [1]])],
    "padded by any number along the time": [
        ("Concat", [[0, 0, 0], "horizon"], integer("axis", 0)),
        ("Pad", ["history", "", 0.5]),
    ],
    "repeated as often as there are series": [
        ("Shape", ["history"], integer("start", 0), integer("end", 1)),
        ("Concat", ["", "horizon"], integer("axis", 0)),
        ("Expand", [np.ones((1, 1)), ""]),
    ],
    "in another shape": [("Reshape", ["wide", [-1, 3]])],
    "cut to a part that is known": [("Slice", ["wide", [2], [5], [1]]), ("Reshape", ["", [-1, 3]])],
    "what an operator keeps": [("Sub", ["history", 1.5]), ("Where", ["", "history", 0.5])],
    "joined": [("Concat", ["history", "wide"], integer("axis", 1))],
    "looked up": [("GatherElements", ["history", "wide"], integer("axis", 1))],
    "the largest of each": [("ReduceMax", ["history", [1]])],
    "of the time, which has a step at least": [("Transpose", ["history"], integers("perm", [1, 0]))],
}


@pytest.mark.parametrize("steps", KEPT.values(), ids=KEPT)
def test_a_batch_that_comes_from_the_request_is_allowed(steps: Steps) -> None:
    check([*steps, *BATCH_SECOND])


EMPTY: dict[str, Steps] = {
    "cut without an axis": [("Slice", ["history", [0], [3]])],
    "cut by a constant": [("Slice", ["history", [0], [0], [0]])],
    "cut from a place on": [("Slice", ["history", [1], [END], [0]])],
    "cut by a number of the request": [("Slice", ["history", [0], "horizon", [0]])],
    "cut backwards": [("Slice", ["history", [0], [END], [0], [-1]])],
    "looked up by nothing": [("Gather", ["history", np.zeros(0)], integer("axis", 0))],
    "in the shape of nothing": [("GatherElements", ["history", np.zeros((0, 2))], integer("axis", 0))],
    "repeated never": [
        ("Sub", ["horizon", 1]),
        ("Concat", ["", [1]], integer("axis", 0)),
        ("Expand", [0.5, ""]),
    ],
    "counted": [
        ("Sub", ["horizon", 1]),
        ("Squeeze", ["", [0]]),
        ("Range", [0, "", 1]),
        ("Unsqueeze", ["", [1]]),
    ],
    "what is left of nothing": [("Slice", ["history", [0], "horizon", [1]]), ("Reshape", ["", [-1, 1]])],
    "what is left of a known part that is empty": [
        ("Slice", ["wide", [5], [2], [1]]),
        ("Reshape", ["", [-1, 3]]),
    ],
    "in a shape that is computed": [
        ("Concat", ["horizon", [1]], integer("axis", 0)),
        ("Reshape", ["history", ""]),
    ],
    "an empty constant": [("Identity", [np.zeros((0, 1))])],
    "taken away from": [
        ("Concat", [[0, 0], "horizon", [0]], integer("axis", 0)),
        ("Pad", ["history", "", 0.5]),
    ],
    "split into parts that are computed": [("Split", ["history", "horizon"], integer("axis", 0))],
    "the highest of any number": [("TopK", ["history", "horizon"], integer("axis", 0))],
    "joined with what is empty": [
        ("Slice", ["history", [0], "horizon", [0]]),
        ("Concat", ["", "history"], integer("axis", 1)),
    ],
    "added to what is empty": [("Slice", ["history", [0], "horizon", [0]]), ("Add", ["", "history"])],
    "the time, cut": [
        ("Slice", ["history", [0], "horizon", [1]]),
        ("Transpose", [""], integers("perm", [1, 0])),
    ],
}


@pytest.mark.parametrize("steps", EMPTY.values(), ids=EMPTY)
def test_a_batch_that_may_be_empty_is_refused(steps: Steps) -> None:
    with pytest.raises(ValueError, match="an LSTM over a batch that is not the request's, and may be empty"):
        check([*steps, *BATCH_SECOND])


def scan(carried: str, steps: Steps) -> Fields:
    """A Scan over the rows of the history, with one tensor that is carried; the last step gives it on."""
    body = [
        *((INPUT, value(name, FLOAT)) for name in ("state", "row")),
        *build(steps),
        *((OUTPUT, value(f"value_{number}", FLOAT)) for number in (len(steps) - 1, 0)),
    ]
    attributes = graph("body", pack(body)), integer("num_scan_inputs", 1)
    return [(NODE, node("Scan", [carried, "history"], ["carried", "rows"], *attributes))]


@pytest.mark.parametrize(
    ("last", "allowed"),
    [
        pytest.param(("Identity", ["state"]), True, id="the same state"),
        pytest.param(("Slice", ["state", [1], [END], [0]]), False, id="a state that loses a row each time"),
        pytest.param(("Concat", ["state", "state"], integer("axis", 0)), True, id="a state that grows"),
    ],
)
def test_what_a_body_carries_keeps_its_batch(last: Any, allowed: bool) -> None:
    steps = [("Unsqueeze", ["state", [2]]), ("Transpose", [""], integers("perm", [1, 0, 2])), LSTM, last]
    found = Reader(SCHEMA, pack([*GIVEN, *scan("history", steps)])).read("GraphProto")
    if allowed:
        check_shapes(found)
        return
    with pytest.raises(ValueError, match="an LSTM over a batch"):
        check_shapes(found)


def test_how_many_rows_a_scan_gives_is_not_known() -> None:
    fields = scan("history", [("Identity", ["row"]), ("Identity", ["state"])])
    after = build([("Unsqueeze", ["rows", [2]]), LSTM])
    with pytest.raises(ValueError, match="an LSTM over a batch"):
        check_shapes(Reader(SCHEMA, pack([*GIVEN, *fields, *after])).read("GraphProto"))


DEEP: dict[str, tuple[Steps, str]] = {
    "cut along an axis that is computed": (
        [("Slice", ["history", [0], [3], "horizon"])],
        "of what Slice gives",
    ),
    "cut along two": ([("Slice", ["history", [0, 0], [3, 3], [0, 1]])], "of what Slice gives"),
    "without axes that are computed": ([("Squeeze", ["history", "horizon"])], "of what Squeeze gives"),
    "in a shape of unknown length": ([("Reshape", ["history", "lengths"])], "of what Reshape gives"),
    "repeated to a shape of unknown length": ([("Expand", ["history", "lengths"])], "of what Expand gives"),
    "an axis that is not there": ([("TopK", [0.5, [1]])], "of what TopK gives"),
    "a shape of many": ([("Reshape", ["history", [1] * 9])], "Reshape gives 9 axes, expected at most 8"),
    "a shape of very many": ([("Reshape", ["history", [1] * 90_000])], "of what Reshape gives"),
    "a constant of many": ([("Add", ["history", np.ones([1] * 9)])], "has 9 axes, expected at most 8"),
    "looked up again and again": (
        [
            ("Unsqueeze", ["history", list(range(5))]),
            ("Gather", ["", np.zeros((1, 1, 1), int)], integer("axis", 0)),
        ],
        "Gather gives 9 axes",
    ),
}


@pytest.mark.parametrize(("steps", "message"), DEEP.values(), ids=DEEP)
def test_axes_that_do_not_follow_or_are_many_are_refused(steps: Steps, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        check_shapes(Reader(SCHEMA, pack([*GIVEN, *build(steps)])).read("GraphProto"))


@pytest.mark.parametrize("kind", ["Unsqueeze", "Squeeze"])
def test_what_a_body_carries_keeps_its_axes(kind: str) -> None:
    fields = scan("history", [("Identity", ["row"]), (kind, ["state", [0]])])
    with pytest.raises(ValueError, match="the body of Scan changes how many axes a tensor has"):
        check_shapes(Reader(SCHEMA, pack([*GIVEN, *fields])).read("GraphProto"))


def test_a_node_has_the_outputs_of_its_operator() -> None:
    fields: Fields = [(NODE, node("Abs", ["history"], ["one", "other"]))]
    with pytest.raises(ValueError, match="Abs has 2 outputs, expected at most 1"):
        check_shapes(Reader(SCHEMA, pack([*GIVEN, *fields])).read("GraphProto"))
