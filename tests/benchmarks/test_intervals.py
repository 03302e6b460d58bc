"""The benchmark of intervals: its processes, its figures, and the whole of it in small."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks import intervals
from benchmarks.accuracy_scores import Forecasts
from benchmarks.intervals import GROUPS, WIDTH, Group, figures, measure, simulate, sums_of
from benchmarks.processes import Process

pytestmark = pytest.mark.slow

WALK = Process("random walk", (1.0,))


def perfect(process: Process, horizon: int, windows: int) -> tuple[np.ndarray, Forecasts]:
    """Futures of a process after a past of 0, and the intervals of one who knows it."""
    truth = np.broadcast_to(process.deviations(horizon), (windows, horizon))
    actual = np.random.default_rng(0).normal(size=truth.shape) * truth
    return actual, Forecasts(0 * truth, -WIDTH / 2 * truth, WIDTH / 2 * truth)


def test_a_walk_spreads_as_the_root_of_the_step_and_noise_does_not() -> None:
    np.testing.assert_allclose(WALK.deviations(5), np.sqrt([1, 2, 3, 4, 5]))
    np.testing.assert_allclose(Process("noise").deviations(3), [1, 1, 1])


def test_an_autoregression_spreads_by_its_impulse_response() -> None:
    # Responses 1, 1.2, 1.2² − 0.6 = 0.84
    expected = np.sqrt([1, 1 + 1.44, 1 + 1.44 + 0.84**2])
    np.testing.assert_allclose(Process("cycles", (1.2, -0.6)).deviations(3), expected)


@pytest.mark.parametrize("process", [WALK, Process("AR(1)", (0.7,)), Process("cycles", (1.2, -0.6))])
def test_a_simulation_obeys_its_own_equation(process: Process) -> None:
    values = process.simulate(2000, 40, np.random.default_rng(0))
    order = len(process.phi)
    shocks = values[:, order:] - sum(
        phi * values[:, order - lag : 40 - lag] for lag, phi in enumerate(process.phi, 1)
    )
    assert shocks.std() == pytest.approx(1, abs=0.02)
    assert np.corrcoef(shocks[:, 1:].ravel(), shocks[:, :-1].ravel())[0, 1] == pytest.approx(0, abs=0.02)


def test_a_week_repeats_and_differs_between_series() -> None:
    values = Process("week", (), week=100.0).simulate(3, 21, np.random.default_rng(0))
    np.testing.assert_allclose(values[:, :7], values[:, 14:], atol=8)
    assert np.ptp(values[:, 0]) > 20


@pytest.mark.parametrize("process", [WALK, Process("noise")])
def test_perfect_intervals_have_perfect_figures(process: Process) -> None:
    found = figures(sums_of(process, *perfect(process, 14, 20_000)))
    assert found["coverage"] == pytest.approx(0.8, abs=0.005)
    assert found["width"] == pytest.approx(1)
    assert found["shape_gap"] == pytest.approx(0, abs=1e-9)
    assert found["error"] == pytest.approx(1, abs=0.01)


def test_a_flat_width_on_a_walk_has_a_gap() -> None:
    actual, made = perfect(WALK, 4, 100)
    flat = np.ones_like(made.upper)
    widths = 1 / np.sqrt([1, 2, 3, 4])
    gap = figures(sums_of(WALK, actual, Forecasts(made.median, -flat, flat)))["shape_gap"]
    assert gap == pytest.approx(widths[0] / widths.mean() - 1)


def test_series_that_are_forecast_were_not_fitted() -> None:
    group = GROUPS["white noise"]
    fitted, forecast = simulate(group, 5, 10, 0), simulate(group, 5, 10, intervals.FIRST_UNSEEN)
    assert not np.isin(forecast, fitted).any()


def test_a_row_for_each_process_and_one_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intervals, "LENGTH", 60)
    group = Group((Process("noise"), Process("AR", (0.5,))), fitted=4, forecast=20)
    rows = measure("small", group, {"seed": 0, "max_time": 1})
    assert [row["process"] for row in rows] == ["noise", "AR", "all"]
    assert rows[2]["coverage"] == pytest.approx((rows[0]["coverage"] + rows[1]["coverage"]) / 2, abs=1e-3)
    assert rows[2]["horizon"] == 12
