"""The integrators against known solutions, the systems against what is known of them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from benchmarks.integration import Array, DelayFlow, Flow
from benchmarks.systems import SYSTEMS, System

pytestmark = pytest.mark.slow


def oscillate(steps: int) -> float:
    """The error after one time unit of x'' = -x, whose solution from (0, 1) is (sin, cos)."""
    flow = Flow(lambda state: np.stack([state[..., 1], -state[..., 0]], axis=-1))
    state = np.array([0.0, 1.0])
    for _ in range(steps):
        state = flow.step(state, 1 / steps)
    return float(abs(flow.observe(state) - [np.sin(1), np.cos(1)]).max())


def oscillate_late(steps: int) -> float:
    """The error after π / 2 of x' = -x(t - π / 2), which sin solves."""
    length = np.pi / 2 / steps
    flow = DelayFlow(lambda _, delayed: -delayed, np.pi / 2)
    state = np.sin(np.arange(-steps - 1, 1) * length)
    for _ in range(steps):
        state = flow.step(state, length)
    return float(abs(flow.observe(state) - 1.0).max())


@pytest.mark.parametrize("error", [oscillate, oscillate_late])
def test_half_the_step_leaves_a_sixteenth_of_the_error(error: Callable[[int], float]) -> None:
    assert error(16) / error(32) == pytest.approx(16, rel=0.1)  # up to the next order


def test_a_constant_past_is_as_long_as_the_delay_needs() -> None:
    flow = DelayFlow(lambda value, delayed: delayed - value, 2.0)
    state = flow.begin(np.array([[3.0]]), 0.5)
    assert state.shape == (1, 6)
    np.testing.assert_array_equal(flow.observe(flow.step(state, 0.5)), [[3.0]])


def test_the_horizons_are_those_of_the_paper() -> None:
    assert [system.horizon for system in SYSTEMS.values()] == [182, 121, 111, 167, 72, 12]


def test_the_averages_of_lorenz_obey_its_equations() -> None:
    x, y, z = np.moveaxis(SYSTEMS["lorenz"].trajectories(200, 2000, seed=0), -1, 0)
    # On average nothing grows: neither z, nor x².
    assert (x * y).mean() == pytest.approx(8 / 3 * z.mean(), rel=0.01)
    assert (x * y).mean() == pytest.approx((x * x).mean(), rel=0.01)


def test_what_drives_the_sites_of_lorenz_96_is_what_they_lose() -> None:
    sites = SYSTEMS["lorenz96"].trajectories(50, 1000, seed=0)
    assert (sites**2).mean() == pytest.approx(8 * sites.mean(), rel=0.01)


def test_other_seeds_give_other_trajectories() -> None:
    system = SYSTEMS["lorenz"]
    first, again, other = (system.trajectories(2, 3, seed) for seed in (0, 0, 1))
    np.testing.assert_array_equal(first, again)
    assert abs(first - other).min() > 0


# Of the literature, and how long to measure. Hyper-Rössler: Wolf et al., 1985, 0.16 bits. Mackey-Glass: the
# NeuroBench data set, a Lyapunov time of 197.
EXPONENTS = {
    "thomas": (0.055, 800.0),
    "roessler": (0.0714, 600.0),
    "lorenz": (0.9056, 40.0),
    "mackey-glass": (1 / 197, 3000.0),
    "hyper-roessler": (0.111, 150.0),
    "lorenz96": (1.68, 20.0),
}


def largest_exponent(system: System, time: float, size: float = 1e-7) -> float:
    """How fast a small error grows, over 100 trajectories, of which it is cut back at each sample.

    Source: Benettin et al., 1980. The first fifth lets errors turn to where they grow fastest.
    """
    states = system.settle(100, seed=0)
    shift = np.random.default_rng(1).standard_normal(states.shape)
    pairs = np.stack([states, states + size * shift / norm(shift)])
    growth = []
    for _ in range(round(time / system.dt)):
        pairs = system.sample(pairs)
        shift = pairs[1] - pairs[0]
        growth.append(float(np.log(norm(shift) / size).mean()))
        pairs[1] = pairs[0] + size * shift / norm(shift)
    return float(np.mean(growth[len(growth) // 5 :])) / system.dt


def norm(shift: Array) -> Array:
    """(trajectories, 1)."""
    return np.linalg.norm(shift, axis=-1, keepdims=True)


@pytest.mark.parametrize("name", SYSTEMS)
def test_errors_grow_as_the_literature_says(name: str) -> None:
    known, time = EXPONENTS[name]
    assert largest_exponent(SYSTEMS[name], time) == pytest.approx(known, rel=0.1)
