"""Six chaotic systems, and trajectories on their attractors.

Equations, parameters, sampling steps and Lyapunov exponents: Teutsch and Mäder, 2022 (Flipped Classroom,
Transactions on Machine Learning Research).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

import numpy as np

from benchmarks.integration import Array, DelayFlow, Flow


@dataclass(frozen=True)
class System:
    """A system and how it is sampled."""

    flow: Flow | DelayFlow
    start: tuple[float, ...]  # (D,) in the basin of the attractor
    dt: float  # time between two samples
    exponent: float  # the largest Lyapunov exponent, per unit of time: errors grow e-fold in 1 / exponent
    substeps: int  # steps of the integrator per sample
    transient: float  # time after which a start near `start` is on the attractor

    @property
    def horizon(self) -> int:
        """Samples over one Lyapunov time."""
        return ceil(1 / (self.exponent * self.dt))

    def settle(self, count: int, seed: int) -> Array:
        """Random states on the attractor: (count, ...)."""
        noise = np.random.default_rng(seed).uniform(-0.1, 0.1, (count, len(self.start)))
        state = self.flow.begin(np.array(self.start) + noise, self.dt / self.substeps)
        for _ in range(ceil(self.transient / self.dt)):
            state = self.sample(state)
        return state

    def sample(self, state: Array) -> Array:
        """The states a sample later."""
        for _ in range(self.substeps):
            state = self.flow.step(state, self.dt / self.substeps)
        return state

    def trajectories(self, count: int, length: int, seed: int) -> Array:
        """(count, length, D)."""
        state = self.settle(count, seed)
        samples = []
        for _ in range(length):
            state = self.sample(state)
            samples.append(self.flow.observe(state))
        return np.stack(samples, axis=1)


def thomas(state: Array, friction: float = 0.1) -> Array:
    """Thomas, 1999: cyclically symmetric."""
    return np.sin(np.roll(state, -1, axis=-1)) - friction * state


def roessler(state: Array, a: float = 0.2, b: float = 0.2, c: float = 5.7) -> Array:
    """Rössler, 1976."""
    x, y, z = np.moveaxis(state, -1, 0)
    return np.stack([-y - z, x + a * y, b + z * (x - c)], axis=-1)


def lorenz(state: Array, sigma: float = 10.0, rho: float = 28.0, beta: float = 8 / 3) -> Array:
    """Lorenz, 1963."""
    x, y, z = np.moveaxis(state, -1, 0)
    return np.stack([sigma * (y - x), x * (rho - z) - y, x * y - beta * z], axis=-1)


def mackey_glass(value: Array, delayed: Array, beta: float = 0.2, gamma: float = 0.1) -> Array:
    """Mackey and Glass, 1977, with the exponent 10."""
    return beta * delayed / (1 + delayed**10) - gamma * value


def hyper_roessler(state: Array, a: float = 0.25, b: float = 3.0, c: float = 0.5, d: float = 0.05) -> Array:
    """Rössler, 1979: two positive exponents."""
    x, y, z, w = np.moveaxis(state, -1, 0)
    return np.stack([-y - z, x + a * y + w, b + x * z, d * w - c * z], axis=-1)


def lorenz96(state: Array, forcing: float = 8.0) -> Array:
    """Lorenz, 1996: sites on a ring."""
    ahead, behind, far = (np.roll(state, shift, axis=-1) for shift in (-1, 1, 2))
    return (ahead - far) * behind - state + forcing


SITES = 40  # of Lorenz '96
SYSTEMS = {
    "thomas": System(Flow(thomas), (0.0, 1.0, 0.0), 0.1, 0.055, substeps=1, transient=1000.0),
    "roessler": System(Flow(roessler), (1.0, 1.0, 1.0), 0.12, 0.069, substeps=2, transient=300.0),
    "lorenz": System(Flow(lorenz), (1.0, 1.0, 0.0), 0.01, 0.905, substeps=2, transient=20.0),
    "mackey-glass": System(DelayFlow(mackey_glass, 17.0), (1.2,), 1.0, 0.006, substeps=4, transient=1000.0),
    "hyper-roessler": System(
        Flow(hyper_roessler), (-10.0, -14.0, 0.3, 29.0), 0.1, 0.14, substeps=16, transient=100.0
    ),
    "lorenz96": System(Flow(lorenz96), (0.5,) * SITES, 0.05, 1.67, substeps=2, transient=20.0),
}
