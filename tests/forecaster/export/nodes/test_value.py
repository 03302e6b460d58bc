"""Tensors of a graph compute what torch's compute by the same operator, method or function."""

from __future__ import annotations

import operator

import onnx
import pytest
import torch
from torch import nn

from forecaster.export.nodes.emitter import Emitter
from forecaster.export.nodes.functions import arange, concat, full, linear, look_up, maximum, where
from forecaster.export.nodes.value import Value, constant, from_input

A = torch.tensor([[1.5, -2.0, 0.0], [3.0, 4.0, -0.5]])
B = torch.tensor([[1.5, 2.0, 8.0], [-4.0, 0.25, 16.0]])
COUNTS = torch.tensor([[7, 0, 5], [12, 3, 1]])
SPECIAL = torch.tensor([1.0, -2.0, torch.nan, torch.inf, -torch.inf])
OPERATORS = ("add", "sub", "mul", "truediv", "lt", "le", "gt", "ge")
ALIKE = {
    "a number on the left": lambda x: 0.5 * x,
    "the second axis from a place": lambda x: x[:, 1:],
    "the second axis to a place from its end": lambda x: x[:, :-1],
    "every second of an axis": lambda x: x[:, ::2],
    "and": lambda x: (x > -1.0) & (x < 3.0),
    "not": lambda x: ~(x > 0.0),
    "sqrt": lambda x: x.abs().sqrt(),
    "matmul": lambda x: x @ B.T,
    "maximum": lambda x: x.maximum(x * x),
    "minimum": lambda x: x.minimum(x * x),
    "reshape": lambda x: x.reshape(3, -1),
    "permute": lambda x: x.permute(1, 0),
    "unsqueeze and squeeze": lambda x: x.unsqueeze(1).squeeze(1),
    "expand": lambda x: x.unsqueeze(0).expand([2, 2, 3]),
    "split": lambda x: x.split([1, 2]) if isinstance(x, Value) else x.split([1, 2], dim=1),
}


def same(found: torch.Tensor, expected: torch.Tensor) -> None:
    """Bit by bit, but for the element type."""
    torch.testing.assert_close(found, expected.float(), rtol=0, atol=0, equal_nan=True)


@pytest.mark.parametrize("name", OPERATORS)
def test_an_operator_is_that_of_torch(run_graph, name) -> None:
    same(*run_graph(getattr(operator, name), A, B), getattr(operator, name)(A, B))


@pytest.mark.parametrize("function", ALIKE.values(), ids=ALIKE)
def test_an_expression_is_that_of_torch(run_graph, function) -> None:
    expected = function(A)
    expected = [expected] if isinstance(expected, torch.Tensor) else expected
    for found, wanted in zip(run_graph(function, A), expected, strict=True):
        same(found, wanted)


@pytest.mark.parametrize("name", ["abs", "isnan", "isfinite"])
def test_infinity_and_nan_are_those_of_torch(run_graph, name) -> None:
    same(*run_graph(getattr(Value, name), SPECIAL), getattr(SPECIAL, name)())


@pytest.mark.parametrize("name", ["amax", "amin", "sum"])
def test_a_reduction_keeps_its_axis(run_graph, name) -> None:
    same(*run_graph(lambda x: getattr(x, name)(1), A), getattr(A, name)(1, keepdim=True))


def test_whole_numbers_are_divided_down_and_have_remainders(run_graph) -> None:
    half, rest, equal = run_graph(lambda x: [x // 5, x % 5, x.equal(5)], COUNTS)
    same(half, COUNTS // 5)
    same(rest, COUNTS % 5)
    same(equal, COUNTS == 5)


def test_a_cut_may_go_to_a_place_that_is_known_only_when_the_graph_runs(run_graph) -> None:
    place = torch.tensor([2])
    same(*run_graph(lambda x, place: x[:, :place], A, place), A[:, :2])
    same(*run_graph(lambda x, place: x[:, place - 1 : place], A, place), A[:, 1:2])


def test_values_are_found_by_an_index_along_an_axis(run_graph) -> None:
    index = torch.tensor([[2, 0], [1, 1]])
    gathered, column = run_graph(lambda x, index: [x.gather(1, index), x.column(2)], A, index)
    same(gathered, A.gather(1, index))
    same(column, A[:, 2])


def test_the_last_axis_is_sorted_ascending(run_graph) -> None:
    same(*run_graph(lambda x: x.sort(3), A), A.sort(dim=1).values)


def test_functions_are_those_of_torch(run_graph) -> None:
    layer = nn.Linear(3, 4)
    found = run_graph(
        lambda a, b: [
            where(a > 0.0, a, b),
            where(a > 0.0, 1.0, b),
            concat([a, b, A], axis=1),
            maximum(0.25, a, b),
            arange(a.sizes(1, 2).squeeze(0)),
            full(a.unsqueeze(2).sizes(0, 3), 2.5),
            look_up(B, a.sizes(0, 1) - 1),
        ],
        A,
        B,
    )
    expected = [
        torch.where(A > 0, A, B),
        torch.where(A > 0, 1.0, B),
        torch.cat([A, B, A], dim=1),
        A.maximum(B).clamp(min=0.25),
        torch.arange(3),
        torch.full((2, 3, 1), 2.5),
        B[[1]],
    ]
    for one, wanted in zip(found, expected, strict=True):
        same(one, wanted)
    weight, bias = (parameter.detach().numpy() for parameter in layer.parameters())
    (product,) = run_graph(lambda a: linear(a, weight, bias), A)
    torch.testing.assert_close(product, layer(A))  # products are added in another order


def test_rows_are_padded_behind(run_graph) -> None:
    same(*run_graph(lambda x: x.pad([0, 0, 0, 2], 7.0), A), nn.functional.pad(A, (0, 2), value=7.0))


def test_equal_constants_are_one() -> None:
    graph = Emitter("part")
    inner = Emitter("body", parent=graph)
    one, other, same_in_body = constant(graph, 1.0), constant(graph, 1), constant(inner, 1.0)
    assert one.name == constant(graph, torch.tensor(1.0)).name == same_in_body.name
    assert one.name != other.name  # float32 and int64
    assert len(onnx.load_from_string(graph.model({}).data).graph.initializer) == 2


def test_an_output_that_is_an_input_or_another_output_has_a_node_of_its_own(run_graph) -> None:
    def twice(x: Value) -> list[Value]:
        total = x + x
        return [total, total, x]

    for found, wanted in zip(run_graph(twice, A), [A + A, A + A, A], strict=True):
        same(found, wanted)


def test_a_node_joins_the_graph_of_its_operands() -> None:
    outer, inner = Emitter("outer"), Emitter("inner")
    value = from_input(inner, "x", "float32", ["batch"])
    assert (1.0 * value + 2.0).graph is inner
    assert not onnx.load_from_string(outer.model({}).data).graph.node
