"""Graphs that an attacker would write, built into the committed bundles and signed; by a seed each.

Names that shadow others, in and out of bodies; divisors, shapes and batches that are computed; empty axes;
types and attributes that are not as declared; loops, branches and functions. What is added is computed before
the graph's own nodes and added to its first output, so that onnxruntime has to run it.
"""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from mutations import BUNDLES, INTEGERS, NAMES, sign
from parts import (
    BOOL,
    FLOAT,
    INITIALIZER,
    INPUT,
    INT32,
    INT64,
    NODE,
    OUTPUT,
    graph,
    integer,
    integers,
    tensor,
    value,
)
from parts import node as make_node
from protobuf import Fields, change, pack, unpack

Draw = np.random.Generator
Build = Callable[["Sketch"], str]

MODEL_GRAPH, OPSETS, FUNCTIONS = 7, 8, 25  # of ModelProto
DTYPES = (FLOAT, FLOAT, INT64, INT64, INT32, BOOL)
GRAPHS = ("forecast.onnx", "forecast.onnx", "encoder.onnx", "decoder_step.onnx")
LOWEST = -(2**63)


class Sketch:
    """Nodes and constants that are to be added to a graph, and what they may take from it."""

    def __init__(
        self, draw: Draw, prefix: str, taken: list[str], floats: list[str], whole: list[str]
    ) -> None:
        """taken: names that are declared there; floats, whole: tensors to compute with."""
        self.draw, self.prefix, self.taken = draw, prefix, taken
        self.floats, self.whole = list(floats), list(whole)
        self.nodes: list[bytes] = []
        self.constants: list[bytes] = []

    def pick(self, options: Any) -> Any:
        return options[self.draw.integers(len(options))]

    def chance(self, share: float) -> bool:
        return bool(self.draw.random() < share)

    def name(self) -> str:
        if self.chance(0.004):
            return str(self.pick(self.taken))
        return f"{self.prefix}{len(self.nodes)}_{len(self.constants)}_{self.draw.integers(10**6)}"

    def constant(self, values: Any, dtype: int = INT64) -> str:
        name = self.name()
        self.constants.append(tensor(name, values, dtype))
        return name

    def node(self, kind: str, inputs: list[str], *attributes: bytes, outputs: int = 1) -> list[str]:
        names = [self.name() for _ in range(outputs)]
        attributes = (*attributes, attributes[0]) if attributes and self.chance(0.003) else attributes
        self.nodes.append(make_node(kind, inputs, names, *attributes))
        return names

    def op(self, kind: str, inputs: list[str], *attributes: bytes) -> str:
        return self.node(kind, inputs, *attributes)[0]

    def cast(self, name: str, dtype: int) -> str:
        return self.op("Cast", [name], integer("to", dtype))

    def sizes(self, count: int, share: float = 0.3) -> str:
        """Return a list of integers: small ones, or some of the worst."""
        worst = self.chance(share)
        return self.constant([self.pick(INTEGERS if worst else (0, 1, 1, 2, 3, -1)) for _ in range(count)])

    def matrix(self) -> str:
        """Return a float tensor of two axes that comes from an input, one of which may have become empty."""
        source = self.pick(self.floats)
        table = self.op("Flatten", [source], integer("axis", self.pick((0, 1, 1, 2))))
        cut = self.pick(("", "Slice", "Slice", "Gather", "Reshape", "Expand", "Pad", "Split"))
        if cut == "Slice":
            return self.op(
                cut, [table, *(self.sizes(1) for _ in range(2)), self.constant([self.pick((0, 1))])]
            )
        if cut == "Gather":
            none = np.zeros(self.pick((0, 1, 2)), int)
            return self.op(cut, [table, self.constant(none)], integer("axis", self.pick((0, 1))))
        if cut == "Reshape":
            return self.op(
                cut, [table, self.constant(self.pick(([0, -1], [-1, 1], [1, -1], [-1, 0], [0, 0])))]
            )
        if cut == "Expand":
            whole = self.op("Reshape", [self.any_integers(), self.constant([-1])])
            first = self.op("Slice", [whole, self.constant([0]), self.constant([1]), self.constant([0])])
            return self.op(
                cut, [self.constant([[1.0]], FLOAT), self.op("Concat", [first, first], integer("axis", 0))]
            )
        if cut == "Pad":
            return self.op(cut, [table, self.sizes(4, 0.1), self.constant(0.0, FLOAT)])
        if cut == "Split":
            return self.node(cut, [table, self.sizes(2, 0.1)], integer("axis", 1), outputs=2)[0]
        return table

    def lowest(self) -> str:
        """Return −2⁶³, where a graph of a bundle may have it."""
        one = self.constant([1])
        return self.op("Where", [self.op("Equal", [one, one]), self.constant([LOWEST]), one])

    def any_integers(self) -> str:
        """Return integers that are given, constant, or computed."""
        found = str(self.pick([*self.whole, self.sizes(self.pick((0, 1, 2)), 0.6)]))
        for _ in range(self.draw.integers(3)):
            kind = self.pick(("Add", "Sub", "Mul", "Max", "Identity", "Shape", "Cast"))
            if kind in ("Identity", "Shape"):
                found = self.op(kind, [found])
            elif kind == "Cast":
                found = self.cast(self.cast(found, self.pick(DTYPES)), INT64)
            else:
                found = self.op(kind, [found, self.constant(self.pick(INTEGERS))])
        return found


def divide(sketch: Sketch) -> str:
    """Integers by what may be 0 or −1."""
    by = sketch.pick((sketch.any_integers, lambda: sketch.constant([sketch.pick((5, -1, 0, 1))])))()
    over = sketch.op(sketch.pick(("Add", "Max", "Sub")), [sketch.pick(sketch.whole), sketch.constant([0])])
    return sketch.op(
        sketch.pick(("Div", "Mod")), [sketch.pick((sketch.lowest(), over, sketch.any_integers())), by]
    )


def recur(sketch: Sketch) -> str:
    """An LSTM over a batch, or a time, that may be empty; with lengths and states of any size."""
    rows, axis = sketch.matrix(), sketch.pick((0, 1, 2))
    inputs = sketch.op("Unsqueeze", [rows, sketch.constant([axis])])
    width = sketch.op("Slice", [sketch.constant(np.ones((1, 1, 1)), FLOAT), *[sketch.constant([0])] * 3])
    summed = sketch.op("ReduceMax", [inputs, sketch.constant([2])])
    inputs = sketch.pick((inputs, summed, summed, width))
    if sketch.chance(0.5):
        inputs = sketch.op(
            "Transpose", [inputs], integers("perm", sketch.pick(([1, 0, 2], [2, 1, 0], [0, 1, 2])))
        )
    weights = [sketch.constant(np.ones((1, rows, 1)), FLOAT) for rows in (4, 4)]
    others = [""] * sketch.pick((0, 2))
    if sketch.chance(0.3):
        others = ["", sketch.cast(sketch.any_integers(), INT32)]
    return sketch.op(
        "LSTM", [inputs, *weights, *others], integer("hidden_size", sketch.pick((1, 1, 1, 0, 2)))
    )


def shape(sketch: Sketch) -> str:
    """Operators that make axes, with sizes and places from anywhere."""
    table, kind = sketch.matrix(), sketch.pick(tuple(SHAPING))
    return sketch.op(kind, [table, *SHAPING[kind](sketch)][: 1 if kind in ("Range",) else None])


SHAPING: dict[str, Callable[[Sketch], list[str]]] = {
    "Expand": lambda sketch: [sketch.any_integers()],
    "Reshape": lambda sketch: [sketch.any_integers()],
    "Squeeze": lambda sketch: [sketch.sizes(1)],
    "Unsqueeze": lambda sketch: [sketch.sizes(2)],
    "Pad": lambda sketch: [sketch.op("Concat", [sketch.any_integers()] * 4, integer("axis", 0))],
    "Slice": lambda sketch: [sketch.any_integers(), sketch.any_integers(), sketch.sizes(1, 0.1)],
    "Gather": lambda sketch: [sketch.any_integers()],
    "GatherElements": lambda sketch: [sketch.op("Unsqueeze", [sketch.any_integers(), sketch.constant([0])])],
    "ReduceMax": lambda sketch: [sketch.any_integers()],
    "MatMul": lambda sketch: [sketch.matrix()],
    "TopK": lambda sketch: [sketch.any_integers()],
    "Where": lambda sketch: [sketch.matrix(), sketch.matrix()],
}


def count(sketch: Sketch) -> str:
    """A Range between any numbers."""
    ends = [
        sketch.constant(sketch.pick((0, 1, -1, 5))),
        sketch.constant(sketch.pick(INTEGERS[:7])),
        sketch.constant(1),
    ]
    if sketch.chance(0.5):
        ends[1] = sketch.op("Reshape", [sketch.pick(sketch.whole), sketch.constant(np.zeros(0))])
    return sketch.op("Range", ends)


def scan(sketch: Sketch) -> str:
    """A Scan over the rows of something, whose body declares names of the graph around it."""
    draw, whole = sketch.draw, sketch.chance(0.5)
    rows = sketch.any_integers() if whole else sketch.matrix()
    divisor = sketch.constant([5])
    state = sketch.pick((sketch.lowest, lambda: sketch.constant([sketch.pick((-1, 0, 7))])))()
    hidden = [divisor, state, rows, *sketch.taken]
    own = [f"{sketch.prefix}in_{place}" for place in range(2)]
    if sketch.chance(0.2):
        own[sketch.pick((0, 1))] = str(sketch.pick((divisor, sketch.pick(hidden))))
    dtype = INT64 if whole else FLOAT
    body = Sketch(
        draw, f"{sketch.prefix}body_", hidden, [own[1]], [own[0], divisor, *([own[1]] if whole else [])]
    )
    if whole:
        body.floats = [body.cast(own[1], FLOAT)]
    build: Build = body.pick((divide, divide, recur, shape, count, *([scan] if sketch.chance(0.1) else [])))
    if build is divide and sketch.chance(0.6):
        found = body.op(body.pick(("Div", "Mod")), [body.pick((own[0], sketch.lowest())), divisor])
    else:
        found = build(body)
    after = body.op("Add", [own[0], body.pick((own[0], divisor))])
    rest = body.cast(found, FLOAT)
    declared = [INT64 if body.chance(0.95) else FLOAT, dtype if body.chance(0.95) else INT64]
    inputs: Fields = [(INPUT, value(own[0], declared[0], 1)), (INPUT, value(own[1], declared[1]))]
    outputs: Fields = [(OUTPUT, value(after, INT64, 1)), (OUTPUT, value(rest, FLOAT))]
    if body.chance(0.05):
        outputs.append(outputs[-1])
    constants = body.constants
    if body.chance(0.8):  # constants of the body stand around it, as those of an exporter
        sketch.constants += constants
        constants = []
    if body.chance(0.1):
        constants = [*constants, tensor(str(body.pick(hidden)), [-1], INT64)]
    fields: Fields = [
        *((NODE, node) for node in body.nodes),
        (2, b"body"),
        *((INITIALIZER, c) for c in constants),
    ]
    inner = pack([*fields, *inputs, *outputs])
    scanned = integer("num_scan_inputs", 1 if body.chance(0.95) else body.pick(INTEGERS))
    return sketch.node("Scan", [state, rows], graph("body", inner), scanned, outputs=2)[1]


def branch(sketch: Sketch) -> str:
    """An If or a Loop, which no graph of a bundle has."""
    one = pack(
        [(NODE, pack([(1, b"history"), (2, b"hidden"), (4, b"Identity")])), (OUTPUT, value("hidden", FLOAT))]
    )
    condition = sketch.constant(True, BOOL)
    if sketch.chance(0.5):
        return sketch.op("If", [condition], graph("then_branch", one), graph("else_branch", one))
    return sketch.op("Loop", [sketch.sizes(1), condition], graph("body", one))


BUILDS: tuple[Build, ...] = (divide, recur, recur, shape, shape, count, *(scan,) * 6, branch)


def names_of(fields: Fields, number: int, name: int) -> list[str]:
    found = [
        dict(unpack(message)).get(name, b"")
        for kind, message in fields
        if kind == number and isinstance(message, bytes)
    ]
    return [text.decode() for text in found if isinstance(text, bytes)]


def rename(fields: Fields, name: str, other: str) -> None:
    """Give a tensor of a graph another name, wherever a node gives or takes it."""
    places = {(1, name.encode()): (1, other.encode()), (2, name.encode()): (2, other.encode())}
    for number, (kind, node) in enumerate(fields):
        if kind == NODE and isinstance(node, bytes):
            fields[number] = (NODE, pack([places.get(field, field) for field in unpack(node)]))


def infect(fields: Fields, draw: Draw) -> None:
    """Add something hostile to a graph, and its sum to the first output."""
    outputs, inputs = names_of(fields, OUTPUT, 1), names_of(fields, INPUT, 1)
    floats = [
        name for name in inputs if name in ("history", "h", "c", "previous", "location", "known", "past")
    ]
    whole = [name for name in inputs if name in ("horizon", "step", "lengths")]
    taken = [*inputs, *outputs, *names_of(fields, INITIALIZER, 8)[:20], *names_of(fields, NODE, 2)[:20]]
    sketch = Sketch(draw, "x_", taken, floats, whole or [names_of(fields, INITIALIZER, 8)[0]])
    found = sketch.pick(BUILDS)(sketch)
    total = sketch.op(
        "ReduceSum",
        [sketch.op("Reshape", [sketch.cast(found, FLOAT), sketch.constant([-1])]), sketch.constant([0])],
    )
    rename(fields, outputs[0], "x_first")
    last = make_node("Add", ["x_first", total], [outputs[0]])
    fields[:] = [*((NODE, node) for node in sketch.nodes), *fields, (NODE, last)]
    fields += [(INITIALIZER, constant) for constant in sketch.constants]
    if sketch.chance(0.03):
        fields.append((INITIALIZER, tensor(str(sketch.pick(inputs)), [1.0], FLOAT)))
    if sketch.chance(0.03):
        fields.append((OUTPUT, value(outputs[0], FLOAT)))


def make_bundle(folder: Path, seed: int) -> str:
    """Write a bundle with a hostile graph into `folder`, which is emptied, and say which graph it is."""
    draw = np.random.default_rng([7, seed])
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(BUNDLES / NAMES[draw.integers(len(NAMES))], folder)
    name = GRAPHS[draw.integers(len(GRAPHS))]
    data = change((folder / name).read_bytes(), [MODEL_GRAPH], lambda fields: infect(fields, draw))
    if draw.random() < 0.03:
        data += pack([(FUNCTIONS, b"")])
    if draw.random() < 0.03:
        data += pack([(OPSETS, pack([(1, b"com.microsoft"), (2, 1)]))])
    (folder / name).write_bytes(data)
    sign(folder)
    return name
