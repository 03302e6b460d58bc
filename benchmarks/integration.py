"""Runge and Kutta's method of order 4, for ordinary differential equations and for one with a delay."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def advance(slope: Callable[[Array, float], Array], value: Array, length: float) -> Array:
    """The value after a step of `length`, with an error of order 5 in it.

    slope(value, share): the derivative at a share of the step, 0, 0.5 or 1.
    """
    first = slope(value, 0.0)
    second = slope(value + length / 2 * first, 0.5)
    third = slope(value + length / 2 * second, 0.5)
    fourth = slope(value + length * third, 1.0)
    return value + length / 6 * (first + 2 * second + 2 * third + fourth)


@dataclass(frozen=True)
class Flow:
    """x' = f(x). A state is what is observed: (..., D)."""

    derivative: Callable[[Array], Array]

    def begin(self, values: Array, length: float) -> Array:  # noqa: ARG002
        """The states at given values, (..., D), for steps of `length`."""
        return values

    def step(self, state: Array, length: float) -> Array:
        """The states one step later."""
        return advance(lambda value, _: self.derivative(value), state, length)

    def observe(self, state: Array) -> Array:
        """(..., D)."""
        return state


@dataclass(frozen=True)
class DelayFlow:
    """x' = f(x, x before a delay), of one value. A state is the past on the grid of steps, the latest last.

    (..., delay in steps + 2). Half-way between two steps the past is a cubic through four of them, which
    keeps order 4.
    """

    derivative: Callable[[Array, Array], Array]
    delay: float

    def begin(self, values: Array, length: float) -> Array:
        """States whose past is constant. values: (..., 1); length: of a step, a fraction of the delay."""
        return np.repeat(values, round(self.delay / length) + 2, axis=-1)

    def step(self, state: Array, length: float) -> Array:
        """The states one step later, of the same length as all before."""
        earlier, then, after, later = (state[..., place] for place in range(4))  # then: now less the delay
        delayed = {0.0: then, 0.5: (9 * (then + after) - earlier - later) / 16, 1.0: after}
        now = advance(lambda value, share: self.derivative(value, delayed[share]), state[..., -1], length)
        return np.concatenate([state[..., 1:], now[..., None]], axis=-1)

    def observe(self, state: Array) -> Array:
        """(..., 1)."""
        return state[..., -1:]
