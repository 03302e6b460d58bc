"""Series of which everyone knows the answer: a fit with the defaults has to find it."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from deploy.errors import DataError
from forecaster import Forecaster

pytestmark = pytest.mark.slow

WEEK = np.array([5.0, 9.0, 2.0, 7.0, 12.0, 3.0, 8.0])
LENGTH = 400
STEPS = np.arange(2 * LENGTH)
Array = NDArray[np.float64]


def noise(deviation: float, length: int = LENGTH) -> Array:
    return np.random.default_rng(0).normal(0, deviation, length)


def weeks(length: int) -> Array:
    """The same week over and over."""
    return np.resize(WEEK, length)


def daily(values: Array) -> pd.Series[float]:
    return pd.Series(values, pd.date_range("2022-01-01", periods=len(values)), name="y")


def forecast(values: Array, max_time: float | None = None) -> pd.DataFrame:
    """What follows, by a fit with the defaults; max_time: seconds of training, where fewer will do."""
    return Forecaster(max_time=max_time).fit(daily(values)).predict()


def median_error(table: pd.DataFrame, expected: Array) -> float:
    """Mean distance of the medians from what everyone expects. expected: (at least as many steps,)."""
    return float(np.abs(table["forecast"] - expected[: len(table)]).mean())


def test_a_week_that_repeats_goes_on_repeating() -> None:
    error = median_error(forecast(weeks(LENGTH)), weeks(2 * LENGTH)[LENGTH:])
    assert error < 0.02 * np.abs(np.diff(WEEK)).mean()


def test_a_noisy_week_is_forecast_without_its_noise() -> None:
    values, clean = weeks(LENGTH) + noise(0.3), weeks(2 * LENGTH)[LENGTH:]
    seasonal_naive = np.abs(np.resize(values[-7:], 14) - clean[:14]).mean()
    assert median_error(forecast(values), clean) < 0.8 * seasonal_naive


def test_a_week_is_found_in_three_of_them() -> None:
    error = median_error(forecast(weeks(21)), weeks(42)[21:])
    assert error < 0.1 * np.abs(np.diff(WEEK)).mean()


def test_a_straight_line_goes_on() -> None:
    line = 3 + 0.5 * STEPS
    assert median_error(forecast(line[:LENGTH]), line[LENGTH:]) < 0.25  # half of what a step adds


def test_a_meter_that_rises_by_one_a_step_is_read_one_higher_at_the_next() -> None:
    """Too far from 0 for float32; below its own level it is a line from 0."""
    level = -1e12
    table = forecast(level + STEPS[:LENGTH])
    assert median_error(table, level + STEPS[LENGTH:]) < 0.5


def test_a_panel_of_meters_is_read_one_higher_at_the_next() -> None:
    levels = 1e7 + 1e6 * np.arange(20)
    days = np.tile(pd.date_range("2022-01-01", periods=120), len(levels))
    values = (levels[:, None] + STEPS[:120]).ravel()
    frame = pd.DataFrame({"day": days, "meter": np.repeat(np.arange(len(levels)), 120), "y": values})
    table = Forecaster(series="meter", max_time=3).fit(frame).predict()
    made = table["forecast"].to_numpy().reshape(len(levels), -1)
    assert np.abs(made - levels[:, None] - STEPS[120 : 120 + made.shape[1]]).mean() < 1


def test_a_noisy_line_goes_on() -> None:
    line = 3 + 0.5 * STEPS
    table = forecast(line[:LENGTH] + noise(2.0))
    assert median_error(table, line[LENGTH:]) < 0.5 * median_error(table, np.full(LENGTH, line[LENGTH - 1]))


def test_growth_by_a_percent_a_step_goes_on() -> None:
    growth = 10 * 1.01**STEPS
    assert median_error(forecast(growth[:LENGTH]), growth[LENGTH:]) < 0.005 * growth[LENGTH]


def test_white_noise_is_forecast_by_its_mean() -> None:
    # Another draw would be 0.8 away on average.
    assert median_error(forecast(10 + noise(1.0)), np.full(LENGTH, 10.0)) < 0.5


def test_after_a_shift_forecasts_are_at_the_new_level() -> None:
    values = np.where(STEPS[:LENGTH] < 250, 10.0, 50.0) + noise(1.0)
    assert median_error(forecast(values), np.full(LENGTH, 50.0)) < 1


def test_soon_after_a_shift_forecasts_are_at_the_new_level() -> None:
    values = np.where(STEPS[:LENGTH] < LENGTH - 40, 10.0, 50.0) + noise(1.0)
    assert median_error(forecast(values), np.full(LENGTH, 50.0)) < 6


@pytest.mark.parametrize("value", [7.3, 0.0, -1e9])
def test_a_constant_goes_on_exactly_and_without_a_width(value: float) -> None:
    table = forecast(np.full(60, value), max_time=1)
    assert (table.filter(like="q0").to_numpy() == value).all()


def test_counts_that_are_mostly_0_are_never_below() -> None:
    generator = np.random.default_rng(1)
    counts = np.where(generator.random(LENGTH) < 0.15, 1.0 + generator.poisson(3, LENGTH), 0.0)
    table = forecast(counts)
    quantiles = table.filter(like="q0").to_numpy()
    assert quantiles.min() >= 0
    assert table["forecast"].max() < 0.5 <= table["q0.9"].mean()  # mostly 0, and sometimes not


@pytest.mark.parametrize("count", [2, 3, 5])
def test_a_few_values_are_too_few_and_it_says_how_many_are_enough(count: int) -> None:
    with pytest.raises(DataError, match=rf"has {count} values.* (needs at least|need) \d") as error:
        Forecaster(start="random").fit(daily(np.arange(count) ** 2.0))
    enough = int(re.findall(r"need(?:s at least)? (\d+)", str(error.value))[-1])
    assert count < enough < 12


@pytest.mark.parametrize("count", [2, 3, 5])
def test_a_few_values_are_forecast_by_the_pretrained_network(
    count: int, caplog: pytest.LogCaptureFixture
) -> None:
    table = forecast(np.arange(count) ** 2.0)
    assert "so nothing is trained, and the pretrained network forecasts" in caplog.text
    assert table["forecast"].between(0, 100).all()


def test_twelve_values_are_enough() -> None:
    table = forecast(np.arange(12) ** 2.0, max_time=1)
    assert table["forecast"].between(0, 600).all()


def test_series_of_every_size_are_forecast_alike() -> None:
    sizes = 10.0 ** np.arange(-3, 17)  # so many that they are a panel
    days = np.tile(pd.date_range("2022-01-01", periods=120), len(sizes))
    values = np.outer(sizes, weeks(120)).ravel()
    frame = pd.DataFrame({"day": days, "shop": np.repeat(np.arange(len(sizes)), 120), "y": values})
    table = Forecaster(series="shop", max_time=4).fit(frame).predict()
    made = table["forecast"].to_numpy().reshape(len(sizes), -1)
    expected = np.outer(sizes, weeks(240)[120 : 120 + made.shape[1]])
    assert (np.abs(made - expected).mean(1) / sizes).max() < 0.5
