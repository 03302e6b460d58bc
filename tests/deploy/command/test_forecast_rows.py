"""A forecast as the rows of a CSV file."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from deploy import Forecast, Predictor, TimeStep
from deploy.command.forecast_rows import forecast_rows
from deploy.forecast import write_times

LEVELS = (0.1, 0.5, 0.9)


def made_up(timestamps: Any = None, channels: int = 0) -> Forecast:
    """Of two series and two steps; a value tells its series, step, channel and level."""
    shape = (2, 2, channels, 3) if channels else (2, 2, 3)
    return Forecast(np.arange(np.prod(shape), dtype=np.float32).reshape(shape), LEVELS, timestamps)


def times(*texts: str) -> Any:
    return np.array([texts, texts], dtype="datetime64[s]")


def test_series_follow_one_another_step_by_step(plain: Predictor) -> None:
    rows = list(forecast_rows(plain.manifest, ("a", "b"), made_up(), (0.9,)))
    assert rows == [
        ["series", "forecast", "q0.9"],
        ["a", "1.0", "2.0"],
        ["a", "4.0", "5.0"],
        ["b", "7.0", "8.0"],
        ["b", "10.0", "11.0"],
    ]


def test_targets_of_a_joint_model_have_rows_of_their_own(joint: Predictor) -> None:
    header, *rows = forecast_rows(joint.manifest, (), made_up(channels=3), (0.1,))
    assert header == ["target", "forecast", "q0.1"]
    assert rows[:3] == [["x", "1.0", "0.0"], ["x", "10.0", "9.0"], ["y", "4.0", "3.0"]]


WRITTEN: dict[str, tuple[Any, Any, list[str]]] = {
    "dates": (times("2024-01-31", "2024-02-29"), {}, ["2024-01-31", "2024-02-29"]),
    "hours": (
        times("2024-01-31T00:00", "2024-01-31T12:00"),
        {},
        ["2024-01-31T00:00:00", "2024-01-31T12:00:00"],
    ),
    "moments of UTC": (
        times("2024-01-31", "2024-02-29"),
        {"timezone": "Europe/Berlin"},
        ["2024-01-31T00:00:00Z", "2024-02-29T00:00:00Z"],
    ),
}


@pytest.mark.parametrize(("found", "columns", "texts"), WRITTEN.values(), ids=WRITTEN)
def test_times_are_written_as_iso_8601(plain: Predictor, found: Any, columns: Any, texts: list[str]) -> None:
    manifest = replace(plain.manifest, columns=replace(plain.manifest.columns, **columns))
    assert write_times(manifest, made_up(found)) == [texts, texts]


def test_counts_are_written_as_counts(plain: Predictor) -> None:
    manifest = replace(plain.manifest, time_step=TimeStep(1, "index"))
    assert write_times(manifest, made_up(np.array([[5, 6], [7, 8]]))) == [[5, 6], [7, 8]]


def test_a_forecast_that_knows_no_times_writes_none(plain: Predictor) -> None:
    assert write_times(plain.manifest, made_up()) == []


def test_names_of_series_and_targets_are_no_formulas(joint: Predictor) -> None:
    manifest = replace(joint.manifest, columns=replace(joint.manifest.columns, targets=("\uff1dy", " =z")))
    rows = list(forecast_rows(manifest, ("\tb", "-1"), made_up(channels=2), (0.9,)))
    assert [row[:2] for row in rows[1::2]] == [
        ["'\tb", "'\uff1dy"],
        ["'\tb", "' =z"],
        ["-1", "'\uff1dy"],
        ["-1", "' =z"],
    ]
