"""Levels that stay where they went are told from those that return."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from forecaster.data import Panel, read_data
from forecaster.data.panel.seasonality import level_persistence

SEASON = 6


def panel_of_values(*values: np.ndarray) -> Panel:
    return read_data(pd.DataFrame({f"s{number}": column for number, column in enumerate(values)}))


def series(kind: str, length: int = 600, seed: int = 0) -> np.ndarray:
    noise = np.random.default_rng(seed).standard_normal(length)
    wave = 3 * np.sin(np.arange(length) * 2 * np.pi / SEASON)
    return {
        "noise": noise,
        "wave and noise": wave + noise,
        "walk": noise.cumsum(),
        "wave and walk": wave + noise.cumsum(),
        "wave and trend": wave + 0.1 * np.arange(length) + noise,
        "shift": np.where(np.arange(length) < length // 2, 0.0, 50.0) + noise,
    }[kind]


@pytest.mark.parametrize("kind", ["noise", "wave and noise"])
def test_what_returns_is_above_1(kind: str) -> None:
    assert level_persistence(panel_of_values(series(kind)), SEASON, 48, 12) > 1.2


@pytest.mark.parametrize("kind", ["walk", "wave and walk", "wave and trend", "shift"])
def test_what_stays_is_far_below_1(kind: str) -> None:
    assert level_persistence(panel_of_values(series(kind)), SEASON, 48, 12) < 0.7


def test_gaps_do_not_count() -> None:
    values = series("walk")
    whole = level_persistence(panel_of_values(values), SEASON, 48, 12)
    values[100:130] = np.nan
    assert level_persistence(panel_of_values(values), SEASON, 48, 12) == pytest.approx(whole, rel=0.1)


@pytest.mark.parametrize("values", [np.ones(600), np.arange(40.0)], ids=["constant", "short"])
def test_what_cannot_tell_is_nan(values: np.ndarray) -> None:
    assert np.isnan(level_persistence(panel_of_values(values), SEASON, 48, 12))


def test_most_series_decide() -> None:
    panel = panel_of_values(series("walk"), series("walk", seed=1), series("noise"))
    assert level_persistence(panel, SEASON, 48, 12) < 0.7
