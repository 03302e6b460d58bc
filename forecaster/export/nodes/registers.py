"""Sums and functions of rows with the same bits in any batch.

onnxruntime computes what does not fill a vector register by other code, with other roundings, and adds in
an order that depends on where a row begins. So rows are filled up with 0: all of them begin alike in memory.
"""

from collections.abc import Callable

from forecaster.export.nodes.value import Value

# 64 bytes: the widest vector register, and what onnxruntime aligns its buffers to.
ALIGNED_FLOATS = 16


def row_sum(values: Value, width: int) -> Value:
    """Sum each row: (batch, width) -> (batch, 1)."""
    return _fill_registers(values, width, 2).sum(1)


def elementwise(function: Callable[[Value], Value], values: Value, width: int, rank: int = 2) -> Value:
    """Compute a function of each element. values: (..., width), of this rank."""
    result = function(_fill_registers(values, width, rank))
    return result.cut(rank - 1, 0, width) if width % ALIGNED_FLOATS else result


def _fill_registers(values: Value, width: int, rank: int) -> Value:
    padding = -width % ALIGNED_FLOATS
    return values.pad([*[0] * (2 * rank - 1), padding], 0.0) if padding else values
