"""Bundles damaged at random, most of them signed anew, as a hostile author would; by a seed each."""

from __future__ import annotations

import copy
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from protobuf import Fields, pack, unpack

from deploy.bundle.bundle import FILES, GOLDEN, GRAPHS, MANIFEST, canonical, digest_of, sha256

BUNDLES = Path(__file__).parent / "bundles"
NAMES = ("covariates", "plain", "joint")
Draw = np.random.Generator

GRAPH, NODE, INITIALIZER = 7, 1, 5  # numbers of fields of onnx.proto3
NODE_INPUT, OP_TYPE, ATTRIBUTE, INTEGER = 1, 4, 5, 3
DIMS, RAW_DATA = 1, 9
OPERATORS = (b"Add", b"Gather", b"GatherElements", b"Reshape", b"Expand", b"Slice", b"Pad", b"Range", b"TopK")
INTEGERS = (0, 1, -1, 2, 3, 7, 64, 2**20, 2**31, 2**31 - 1, -(2**31), 2**62, 2**63 - 1, -(2**63))
VALUES: tuple[Any, ...] = (
    *(None, True, False, 0, 1, -1, 2, 3, 7, 10**6, 2**31, 2**62, 0.5, -1.5, 1e-300, 1e300, 1e30),
    *("", "batch", "float32", "\x00", "../x", "a" * 5000, [], [[]], {}, {"a": 1}, [1], ["a", "a"], [None]),
)


def make_bundle(folder: Path, seed: int) -> str:
    """Write a damaged bundle into `folder`, which is emptied, and say how it was damaged."""
    draw = np.random.default_rng(seed)
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(BUNDLES / NAMES[draw.integers(len(NAMES))], folder)
    kind = DAMAGE[draw.integers(len(DAMAGE))]
    kind(folder, draw)
    return kind.__name__


def sign(folder: Path) -> None:
    """Make sizes, sha256s and digest fit the files again."""
    manifest = json.loads((folder / MANIFEST).read_bytes())
    for name in FILES:
        data = (folder / name).read_bytes()
        manifest["files"][name] = {"sha256": sha256(data), "bytes": len(data)}
    manifest["digest"] = digest_of(manifest)
    (folder / MANIFEST).write_bytes(canonical(manifest))


def flip(data: bytes, draw: Draw) -> bytes:
    changed = bytearray(data)
    for place in draw.integers(len(changed), size=draw.integers(1, 5)):
        changed[place] ^= 1 << draw.integers(8)
    return bytes(changed)


def cut(data: bytes, draw: Draw) -> bytes:
    begin, end = sorted(draw.integers(len(data) + 1, size=2))
    return data[:begin] + data[end:]


def repeat(data: bytes, draw: Draw) -> bytes:
    begin, end = sorted(draw.integers(len(data) + 1, size=2))
    return data[:end] + data[begin:]


def damage_bytes(folder: Path, draw: Draw) -> None:
    path = folder / (MANIFEST, *FILES)[draw.integers(5)]
    edit = (flip, cut, repeat)[draw.integers(3)]
    path.write_bytes(edit(path.read_bytes(), draw))


def damage_signed_bytes(folder: Path, draw: Draw) -> None:
    path = folder / FILES[draw.integers(4)]
    path.write_bytes((flip, flip, cut, repeat)[draw.integers(4)](path.read_bytes(), draw))
    sign(folder)


def swap_files(folder: Path, draw: Draw) -> None:
    one, other = draw.choice(FILES, size=2)
    source = BUNDLES / NAMES[draw.integers(len(NAMES))]
    (folder / one).write_bytes((source / other).read_bytes())
    sign(folder)


def damage_manifest(folder: Path, draw: Draw) -> None:
    manifest = json.loads((folder / MANIFEST).read_bytes())
    for _ in range(draw.integers(1, 4)):
        change_value(manifest, draw)
    manifest["digest"] = digest_of(manifest)
    (folder / MANIFEST).write_bytes(canonical(manifest))


def damage_golden(folder: Path, draw: Draw) -> None:
    golden = json.loads((folder / GOLDEN).read_bytes())
    change_value(golden, draw)
    (folder / GOLDEN).write_bytes(canonical(golden))
    sign(folder)


def change_value(content: Any, draw: Draw) -> None:
    """Replace, remove, or repeat a value at a random depth."""
    inner: Any = content
    while True:
        keys = list(inner) if isinstance(inner, dict) else list(range(len(inner)))
        key = keys[draw.integers(len(keys))]
        if not isinstance(inner[key], dict | list) or not inner[key] or draw.random() < 0.15:
            break
        inner = inner[key]
    change = draw.random()
    if change < 0.15:
        del inner[key]
    elif change < 0.3 and isinstance(inner, list):
        inner.append(inner[key])
    elif change < 0.4 and type(inner[key]) in (int, float):
        inner[key] += (1, -1, 0.5)[draw.integers(3)]
    else:
        inner[key] = copy.deepcopy(VALUES[draw.integers(len(VALUES))])


def damage_graph(folder: Path, draw: Draw) -> None:
    """What a graph computes: its operators, what they take, their attributes and constants."""
    path = folder / GRAPHS[draw.integers(3)]
    model = unpack(path.read_bytes())
    place = next(place for place, (number, _) in enumerate(model) if number == GRAPH)
    graph = unpack(as_bytes(model[place][1]))
    for _ in range(draw.integers(1, 4)):
        GRAPH_DAMAGE[draw.integers(len(GRAPH_DAMAGE))](graph, draw)
    model[place] = (GRAPH, pack(graph))
    path.write_bytes(pack(model))
    sign(folder)


def as_bytes(value: int | bytes) -> bytes:
    assert isinstance(value, bytes)
    return value


def some(fields: Fields, number: int, draw: Draw) -> int | None:
    """The place of one of the fields of that number."""
    places = [place for place, field in enumerate(fields) if field[0] == number]
    return places[draw.integers(len(places))] if places else None


def edit(fields: Fields, number: int, draw: Draw, change: Callable[[Fields, Draw], object]) -> None:
    """Let `change` change one of the messages of that number."""
    place = some(fields, number, draw)
    if place is not None:
        inner = unpack(as_bytes(fields[place][1]))
        change(inner, draw)
        fields[place] = (number, pack(inner))


def drop_node(graph: Fields, draw: Draw) -> None:
    del graph[some(graph, NODE, draw) or 0]


def swap_nodes(graph: Fields, draw: Draw) -> None:
    one, other = some(graph, NODE, draw) or 0, some(graph, NODE, draw) or 0
    graph[one], graph[other] = graph[other], graph[one]


def change_operator(graph: Fields, draw: Draw) -> None:
    def put(node: Fields, draw: Draw) -> None:
        node[some(node, OP_TYPE, draw) or 0] = (OP_TYPE, OPERATORS[draw.integers(len(OPERATORS))])

    edit(graph, NODE, draw, put)


def change_operand(graph: Fields, draw: Draw) -> None:
    """A node takes what some other node takes."""
    taken = [value for _, node in (field for field in graph if field[0] == NODE) for number, value in
             unpack(as_bytes(node)) if number == NODE_INPUT]  # fmt: skip

    def put(node: Fields, draw: Draw) -> None:
        place = some(node, NODE_INPUT, draw)
        if place is not None:
            node[place] = (NODE_INPUT, taken[draw.integers(len(taken))])

    edit(graph, NODE, draw, put)


def change_attribute(graph: Fields, draw: Draw) -> None:
    def put(attribute: Fields, draw: Draw) -> None:
        place = some(attribute, INTEGER, draw)
        if place is not None:
            attribute[place] = (INTEGER, INTEGERS[draw.integers(len(INTEGERS))])

    for _ in range(20):  # not every node has one
        edit(graph, NODE, draw, lambda node, draw: edit(node, ATTRIBUTE, draw, put))


def change_constant(graph: Fields, draw: Draw) -> None:
    """An element becomes another integer, or the bits of some float."""

    def put(tensor: Fields, draw: Draw) -> None:
        place = some(tensor, RAW_DATA, draw)
        data = bytearray(as_bytes(tensor[place][1])) if place is not None else bytearray()
        if place is not None and len(data) >= 8:
            begin = 8 * int(draw.integers(len(data) // 8))
            number = INTEGERS[draw.integers(len(INTEGERS))]
            data[begin : begin + 8] = number.to_bytes(8, "little", signed=True)
            tensor[place] = (RAW_DATA, bytes(data))

    edit(graph, INITIALIZER, draw, put)


def change_shape(graph: Fields, draw: Draw) -> None:
    """The same values in another shape."""

    def put(tensor: Fields, draw: Draw) -> None:
        dims = [int(value) for number, value in tensor if number == DIMS]
        rest = [field for field in tensor if field[0] != DIMS]
        other = ([1, *dims], dims[::-1], [int(np.prod(dims))])[draw.integers(3)]
        tensor[:] = [*((DIMS, dim) for dim in other), *rest]

    edit(graph, INITIALIZER, draw, put)


DAMAGE = (
    *(damage_bytes, damage_signed_bytes, swap_files, damage_manifest, damage_manifest, damage_golden),
    *(damage_graph,) * 6,  # most of them reach onnxruntime
)
GRAPH_DAMAGE = (
    *(drop_node, swap_nodes, change_operator, change_operand, change_attribute, change_constant),
    *(change_constant, change_shape),
)
