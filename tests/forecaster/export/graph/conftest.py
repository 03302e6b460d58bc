"""Comparison of a part of a graph with torch: bit by bit, or within the rounding of float32."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

# Kernels of onnxruntime add products in another order, and approximate tanh, sigmoid, sine and logarithm by
# other polynomials than torch: some units in the last place, 1.2e-7, of numbers up to about 10.
ROUNDING = 1e-5


def assert_same(found: Tensor, expected: Tensor) -> None:
    """The same numbers, and NaN in the same places. True is 1."""
    torch.testing.assert_close(found, expected.float(), rtol=0, atol=0, equal_nan=True)


def assert_close(found: Tensor, expected: Tensor) -> None:
    """The same but for rounding."""
    torch.testing.assert_close(found, expected, rtol=ROUNDING, atol=ROUNDING, equal_nan=True)


@pytest.fixture(scope="session")
def same() -> Callable[[Tensor, Tensor], None]:
    return assert_same


@pytest.fixture(scope="session")
def close() -> Callable[[Tensor, Tensor], None]:
    return assert_close


@pytest.fixture(autouse=True)
def _without_gradients():
    torch.manual_seed(0)
    with torch.no_grad():
        yield
