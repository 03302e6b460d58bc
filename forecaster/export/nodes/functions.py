"""Functions of several tensors, or of a constant and a tensor, as torch and torch.nn.functional have them."""

from collections.abc import Sequence

import numpy as np

from forecaster.export.nodes.value import Operand, Value, op


def where(condition: Value, then: Operand, otherwise: Operand) -> Value:
    """Return the one where the condition holds, else the other, element by element."""
    return op("Where", condition, then, otherwise)


def concat(parts: Sequence[Operand], axis: int) -> Value:
    """Join tensors along an axis."""
    return op("Concat", *parts, axis=axis)


def maximum(*operands: Operand) -> Value:
    """Return the largest of all, element by element."""
    return op("Max", *operands)


def arange(end: Value) -> Value:
    """Return the whole numbers from 0 to before the end: int64 (end,). end: int64 ()."""
    return op("Range", 0, end, 1)


def full(sizes: Value, number: float) -> Value:
    """Return a tensor of three axes of these sizes that holds one number. sizes: int64 (3,)."""
    return op("Expand", np.full((1, 1, 1), number), sizes)


def look_up(table: Operand, rows: Value) -> Value:
    """Return rows of a table by their numbers, as an embedding. (rows, width) -> (..., width)."""
    return op("Gather", table, rows)


def linear(inputs: Value, weight: Operand, bias: Operand) -> Value:
    """Return inputs @ weight.T + bias. inputs: (batch, feature); weight: (width, feature)."""
    return op("Gemm", inputs, weight, bias, transB=1)
