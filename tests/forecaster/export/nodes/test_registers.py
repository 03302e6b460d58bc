"""Rows are summed and transformed with the same bits wherever in a batch they stand."""

from __future__ import annotations

import pytest
import torch

from forecaster.export.nodes.registers import ALIGNED_FLOATS, elementwise, row_sum
from forecaster.export.nodes.value import Value

WIDTHS = [1, 7, ALIGNED_FLOATS, 37]
ROWS = 9


def rows_of(width: int) -> torch.Tensor:
    return 1 + torch.rand(ROWS, width, generator=torch.Generator().manual_seed(width))


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize(
    "function", [Value.log, Value.exp, Value.sin, Value.cos], ids=["log", "exp", "sin", "cos"]
)
def test_a_function_of_each_element_has_the_bits_of_the_row_alone(run_graph, function, width) -> None:
    rows = rows_of(width)
    (together,) = run_graph(lambda x: elementwise(function, x, width), rows)
    assert together.shape == rows.shape
    for n in range(ROWS):
        (alone,) = run_graph(lambda x: elementwise(function, x, width), rows[n : n + 1])
        assert torch.equal(together[n : n + 1], alone)


@pytest.mark.parametrize("width", WIDTHS)
def test_the_sum_of_a_row_has_the_bits_of_the_row_alone(run_graph, width) -> None:
    rows = rows_of(width)
    (together,) = run_graph(lambda x: row_sum(x, width), rows)
    torch.testing.assert_close(together, rows.double().sum(1, keepdim=True).float())
    for n in range(ROWS):
        assert torch.equal(together[n : n + 1], *run_graph(lambda x: row_sum(x, width), rows[n : n + 1]))


def test_an_axis_of_a_higher_rank_is_filled_up_too(run_graph) -> None:
    rows = rows_of(6).reshape(3, 3, 6)
    (found,) = run_graph(lambda x: elementwise(Value.log, x, 6, rank=3), rows)
    torch.testing.assert_close(found, rows.log())
