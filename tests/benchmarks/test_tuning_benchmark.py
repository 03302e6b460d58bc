"""benchmarks.tuning: nothing sees the values that judge it, and what is found is what is judged."""

from __future__ import annotations

import argparse
from types import SimpleNamespace
from typing import Any, ClassVar

import numpy as np
import pandas as pd
import pytest

from benchmarks import tuning
from benchmarks.zero_shot_tasks import Task


@pytest.fixture
def given() -> tuning.HeldOut:
    histories = (np.arange(5.0), np.arange(10.0, 14.0))
    return tuning.of_task(Task("two", 1, 2, "MS", ("a", "b"), histories, np.array([[5.0, 6], [14, 15]])))


def test_the_last_values_of_each_series_are_held_out(given: tuning.HeldOut) -> None:
    seen = given.seen()
    assert seen["value"].tolist() == [0, 1, 2, 3, 4, 10, 11, 12, 13]
    assert given.frame["value"].tolist() == [0, 1, 2, 3, 4, 5, 6, 10, 11, 12, 13, 14, 15]
    single = tuning.HeldOut(pd.DataFrame({"time": range(5), "value": range(5)}), 1, 2, "time")
    assert single.seen()["value"].tolist() == [0, 1, 2]


class Fits:
    """In place of Forecaster: errors by settings and seed, and a note of what was seen."""

    saw: ClassVar[list[pd.DataFrame]] = []
    found: ClassVar[dict[str, Any]] = {}

    def __init__(self, *, horizon: int, settings: dict[str, Any], seed: int = 0) -> None:
        assert horizon == 2
        self.settings, self.seed = settings, seed

    def tune(self, data: pd.DataFrame, **_: Any) -> None:
        self.saw.append(data)
        self.tuned_ = SimpleNamespace(
            trials=[1, 2],
            is_better=bool(self.found),
            settings={"model": {"horizon": 2}, "train": {**self.found, "seed": 5}},
        )

    def fit(self, data: pd.DataFrame) -> Fits:
        self.saw.append(data)
        return self

    def evaluate(self, data: pd.DataFrame) -> Any:
        assert len(data) == 13
        return SimpleNamespace(overall={"mase": (0.9 if self.settings else 1.0) + self.seed / 100})


@pytest.mark.parametrize(("found", "gain"), [({"members": 3}, 0.1 / 1.005), ({}, 0.0)])
def test_what_was_found_is_judged_next_to_the_recipe(
    given: tuning.HeldOut, monkeypatch: pytest.MonkeyPatch, found: dict[str, Any], gain: float
) -> None:
    monkeypatch.setattr(tuning, "Forecaster", Fits)
    monkeypatch.setattr(Fits, "found", found)
    monkeypatch.setattr(Fits, "saw", [])
    row = tuning.measured("two", given, argparse.Namespace(max_time="1s", jobs=1, seeds=2))
    assert row["gain"] == pytest.approx(gain, abs=1e-4)
    assert row["found"] == (found or "the recipe stays")
    assert all(len(frame) == 9 for frame in Fits.saw)
    assert len(Fits.saw) == (5 if found else 3)
