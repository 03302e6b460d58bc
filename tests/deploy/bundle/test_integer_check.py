"""No graph of a bundle has integers that may end the process."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from protobuf import Fields, change, pack, unpack

from deploy import BundleError, Predictor
from deploy.bundle.graph_check import SCHEMA
from deploy.bundle.integer_check import LARGEST, check_integers
from deploy.bundle.wire import Reader

FLOAT, INT32, INT64 = 1, 6, 7
GRAPH, INITIALIZER = 7, 5


def integers(*values: int) -> bytes:
    return b"".join(value.to_bytes(8, "little", signed=True) for value in values)


def constant(name: str, dtype: int, data: bytes) -> tuple[int, bytes]:
    return INITIALIZER, pack([(1, len(data) // 8), (2, dtype), (8, name.encode()), (9, data)])


def node(kind: str, inputs: str, output: str, *attributes: tuple[str, int]) -> tuple[int, bytes]:
    names: Fields = [
        *((1, name.encode()) for name in inputs.split()),
        (2, output.encode()),
        (4, kind.encode()),
    ]
    named = [(5, pack([(1, name.encode()), (3, value), (20, 2)])) for name, value in attributes]
    return 1, pack([*names, *named])


def given(name: str, dtype: int) -> tuple[int, bytes]:
    return 11, pack([(1, name.encode()), (2, pack([(1, pack([(1, dtype)]))]))])


def check(*fields: tuple[int, bytes]) -> None:
    graph = pack([given("x", INT64), given("y", FLOAT), *fields])
    check_integers(Reader(SCHEMA, graph).read("GraphProto"))


ALLOWED = {
    "integers by 5": [constant("c", INT64, integers(5)), node("Div", "x c", "z")],
    "integers by several": [constant("c", INT64, integers(1, 2**31)), node("Mod", "x c", "z")],
    "floats by floats": [node("Div", "y y", "z")],
    "what became a float": [node("Cast", "x", "f", ("to", FLOAT)), node("Div", "f y", "z")],
    "a float by what an operator gives": [node("Sqrt", "y", "f"), node("Div", "y f", "z")],
    "a float that was chosen": [node("Where", "b y y", "f"), node("Div", "y f", "z")],
}


@pytest.mark.parametrize("fields", ALLOWED.values(), ids=ALLOWED)
def test_what_a_processor_can_divide_is_allowed(fields: list[tuple[int, bytes]]) -> None:
    check(*fields)


REFUSED = {
    "integers by 0": ([constant("c", INT64, integers(5, 0)), node("Div", "x c", "z")], "by 0, expected"),
    "integers by -1": ([constant("c", INT64, integers(-1)), node("Mod", "x c", "z")], "by -1, expected"),
    "integers by an input": ([node("Div", "x x", "z")], "by what is no constant"),
    "integers by a constant that is computed": (
        [constant("c", INT64, integers(5)), node("Identity", "c", "d"), node("Div", "x d", "z")],
        "by what is no constant",
    ),
    "integers by none": ([constant("c", INT64, b""), node("Div", "x c", "z")], "by 0, expected"),
    "integers of 32 bits": ([constant("c", INT32, integers(5)), node("Div", "c c", "z")], "by what is no"),
    "what became an integer": (
        [node("Cast", "y", "i", ("to", INT64)), node("Div", "i i", "z")],
        "by what is no constant",
    ),
    "a shape": ([node("Shape", "y", "s"), node("Mod", "s s", "z")], "by what is no constant"),
    "what nothing gives": ([node("Div", "nowhere nowhere", "z")], "by what is no constant"),
}


@pytest.mark.parametrize(("fields", "message"), REFUSED.values(), ids=REFUSED)
def test_what_may_end_the_process_is_refused(fields: list[tuple[int, bytes]], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        check(*fields)


LOWEST, HIGHEST = -(2**63), 2**63 - 1
UNUSUAL: dict[str, tuple[str, int, str | None]] = {
    "an unknown time": ("Equal x c", LOWEST, None),
    "an unknown time that is chosen": ("Where b c x", LOWEST, None),
    "to the end": ("Slice y c c", HIGHEST, None),
    "the last row": ("Slice y c c", -1, None),
    "whatever fits": ("Reshape y c", -1, None),
    "a seam of nothing": ("Pad y c", 0, None),
    "a seam below 0": ("Pad y c", -1, "Pad has a size of -1, expected at least 0"),
    "a seam of everything": ("Pad y c", LOWEST, f"Pad has a size of {LOWEST}"),
    "no values": ("TopK y c", 0, "TopK has a size of 0, expected at least 1"),
    "parts below 0": ("Split y c", -3, "Split has a size of -3"),
    "a shape below -1": ("Reshape y c", -2, "Reshape has a size of -2"),
    "too much": ("Expand y c", 2**40, f"Expand has a constant of {2**40}, expected at most {LARGEST}"),
    "too many": ("Range x c x", HIGHEST, f"Range has a constant of {HIGHEST}"),
}


@pytest.mark.parametrize(("use", "value", "message"), UNUSUAL.values(), ids=UNUSUAL)
def test_constants_are_of_the_size_that_an_exporter_writes(use: str, value: int, message: str | None) -> None:
    kind, _, inputs = use.partition(" ")
    fields = [constant("c", INT64, integers(value)), node(kind, inputs, "z")]
    if message is None:
        check(*fields)
        return
    with pytest.raises(ValueError, match=message):
        check(*fields)


def body(*fields: tuple[int, bytes]) -> tuple[int, bytes]:
    """A Scan over x, whose body gives z."""
    inner = (5, pack([(1, b"body"), (6, pack([*fields])), (20, 5)]))
    scanned = (5, pack([(1, b"num_scan_inputs"), (3, 1), (20, 2)]))
    return 1, pack([(1, b"x"), (2, b"out"), (4, b"Scan"), inner, scanned])


def gives(name: str, dtype: int) -> tuple[int, bytes]:
    return 12, given(name, dtype)[1]


def test_a_body_divides_no_integers_either() -> None:
    with pytest.raises(ValueError, match="by what is no constant"):
        check(body(given("i", INT64), node("Div", "i i", "z"), gives("z", INT64)))


LIES = {
    "a body takes integers for floats": (
        body(given("i", FLOAT), node("Div", "i i", "z"), gives("z", FLOAT)),
        "'i' is declared as type 1, but is of type 7",
    ),
    "a body gives integers as floats": (
        body(given("i", INT64), node("Identity", "i", "z"), gives("z", FLOAT)),
        "'z' is declared as type 1, but is of type 7",
    ),
    "the graph gives integers as floats": (gives("x", FLOAT), "'x' is declared as type 1, but is of type 7"),
}


@pytest.mark.parametrize(("field", "message"), LIES.values(), ids=LIES)
def test_what_is_declared_is_what_is_computed(field: tuple[int, bytes], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        check(field)


def test_a_bundle_whose_period_was_made_minus_one_is_refused(
    bundles: Path, tmp_path: Path, replace_file: Callable[[Path, str, bytes], None]
) -> None:
    folder, period = tmp_path / "bundle", integers(31_556_952)  # of a year; unknown times are −2⁶³
    folder.mkdir()
    for file in (bundles / "covariates").iterdir():
        (folder / file.name).write_bytes(file.read_bytes())

    def replace_period(graph: Fields) -> None:
        for place, (number, value) in enumerate(graph):
            if number == INITIALIZER and isinstance(value, bytes) and (9, period) in unpack(value):
                graph[place] = (number, value.replace(period, integers(-1)))

    data = (folder / "forecast.onnx").read_bytes()
    replace_file(folder, "forecast.onnx", change(data, [GRAPH], replace_period))
    with pytest.raises(BundleError, match=r"it divides integers \(Mod\) by -1, expected at least 1"):
        Predictor.load(folder)
