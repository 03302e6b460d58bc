"""A random walk, of which no forecast is better than the last value."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from forecaster import Forecaster

pytestmark = pytest.mark.slow

Run = Callable[..., str]
LENGTH, LATER, TESTS = 500, 140, 200
Array = NDArray[np.float64]


def walks(count: int, length: int, seed: int) -> Array:
    """(walks, length) around 100 with steps of deviation 1."""
    return 100 + np.random.default_rng(seed).normal(size=(count, length)).cumsum(1)


def to_frame(values: Array) -> pd.DataFrame:
    """A row a day and walk. values: (walks, days)."""
    count, length = values.shape
    days = pd.date_range("2022-01-01", periods=length)
    names = [f"walk {number}" for number in range(count)]
    return pd.DataFrame({"day": np.tile(days, count), "id": np.repeat(names, length), "y": values.ravel()})


@pytest.fixture(scope="module")
def fitted() -> Forecaster:
    """By the defaults, on one walk."""
    return Forecaster(series="id").fit(to_frame(walks(1, LENGTH, seed=0)))


def test_the_first_sentence_of_an_evaluation_names_the_baseline_that_is_better(
    fitted: Forecaster, folder: Path, run: Run
) -> None:
    fitted.save(folder / "run")
    to_frame(walks(1, LENGTH + LATER, seed=0)).to_csv(folder / "later.csv", index=False)
    found = json.loads(run("evaluate", "later.csv", "--json"))
    own = found["model"]["scores"]["mase"]
    errors = {name: other["scores"]["mase"] for name, other in found["baselines"].items()}
    best = min(errors, key=lambda name: errors[name])
    assert errors[best] > own or best in found["verdict"]


def test_medians_are_hardly_worse_than_the_last_value(fitted: Forecaster) -> None:
    values = walks(TESTS, LENGTH + LATER, seed=9)
    made = fitted.predict(to_frame(values[:, :LENGTH]))["forecast"].to_numpy().reshape(TESTS, -1)
    actual = values[:, LENGTH : LENGTH + made.shape[1]]
    last = values[:, LENGTH - 1 : LENGTH]
    assert np.abs(made - actual).mean() < 1.1 * np.abs(last - actual).mean()
