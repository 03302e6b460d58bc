"""Random walks, of which every property is known: a fit with the defaults has to find them.

WALKS=500 runs it; it takes a minute.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from deploy import Predictor

WALKS = int(os.environ.get("WALKS", "0"))
LENGTH, PATHS = 500, 200
pytestmark = pytest.mark.skipif(WALKS == 0, reason="takes a minute; WALKS=500 runs it")


def walks(seed: int, length: int) -> NDArray[np.float64]:
    """(walks, length) with steps of deviation 1."""
    return np.random.default_rng(seed).normal(size=(WALKS, length)).cumsum(1)


@pytest.fixture(scope="module", params=["found", "1", "4"])
def predictor(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Predictor:
    """Of a fit with the patch that is found, and with recurrent steps of one value."""
    folder: Path = tmp_path_factory.mktemp("walks")
    days = pd.date_range("2020-01-01", periods=LENGTH).strftime("%Y-%m-%d")
    columns = {"day": np.tile(days, WALKS), "walk": np.repeat([f"w{n}" for n in range(WALKS)], LENGTH)}
    pd.DataFrame({**columns, "y": walks(0, LENGTH).ravel()}).to_csv(folder / "walks.csv", index=False)
    patch = [] if request.param == "found" else ["--patch", request.param]
    for command in (["fit", "walks.csv", *patch], ["export"]):
        subprocess.run([sys.executable, "-m", "forecaster", *command], cwd=folder, check=True)
    return Predictor.load(folder / "run" / "bundle")


def test_the_width_grows_as_the_square_root_of_the_step(predictor: Predictor) -> None:
    quantiles = predictor.forecast(walks(1, LENGTH)).quantiles
    widths = (quantiles[..., -1] - quantiles[..., 0]).mean(0)
    relative = widths / np.sqrt(np.arange(1, len(widths) + 1))
    np.testing.assert_allclose(relative / relative.mean(), 1, atol=0.1)


def test_the_interval_of_the_sum_covers_what_it_says(predictor: Predictor) -> None:
    horizon = predictor.manifest.horizon
    values = walks(1, LENGTH + horizon)
    paths = predictor.sample_paths(values[:, :LENGTH], paths=PATHS)
    low, high = np.quantile(paths.sum(2), [0.1, 0.9], axis=1)
    total = values[:, LENGTH:].sum(1)
    assert 0.75 <= ((low <= total) & (total <= high)).mean() <= 0.85


@pytest.mark.parametrize("step", [0, 2, 5])
def test_a_value_that_is_3_higher_moves_the_next_ones_by_3(predictor: Predictor, step: int) -> None:
    history = walks(1, LENGTH)[:100]
    median = predictor.forecast(history).median[:, step]
    low, high = (
        predictor.sample_paths(history, paths=PATHS, fixed={step: median + lift}).mean((0, 1))
        for lift in (0, 3)
    )
    np.testing.assert_allclose((high - low)[step:], 3, atol=0.5)
