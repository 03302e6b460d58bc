"""How well the end of each series was forecast from what is before, in one number."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from panels import make_panel

from deploy import Forecast
from deploy.errors import DataError
from forecaster.data import Panel
from forecaster.workflows.evaluate import last_horizon_mase

HORIZON = 2


class LastValue:
    """Stands in for a Predictor: every coming value is the last one of the history."""

    manifest: Any = SimpleNamespace(
        known=(),
        past=(),
        static=(),
        vocabularies={},
        horizon=HORIZON,
        max_horizon=6,
        season=1,
        positive=False,
        lower=None,
        context_length=4,
    )

    def forecast(self, history: list[Any], horizon: int, **_: Any) -> Forecast:
        last = np.array([values[-1] for values in history])
        return Forecast(np.repeat(last[:, None, None], horizon, axis=1), (0.5,), None)


def panel_of(*series: list[float], level: float = 0.0) -> Panel:
    lengths = [len(values) for values in series]
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    return replace(
        make_panel(ids=tuple((str(number),) for number in range(len(series)))),
        values=np.concatenate(series) + level,
        known=np.zeros((offsets[-1], 0), dtype=np.float32),
        past=np.zeros((offsets[-1], 0), dtype=np.float32),
        offsets=offsets,
        ends=offsets[1:],
    )


def mase_of(panel: Panel) -> float:
    return last_horizon_mase(LastValue(), panel)  # type: ignore[arg-type]


def test_the_error_is_that_of_the_last_horizon_in_units_of_the_history_before_it() -> None:
    # The history 0, 2, 4 changes by 2 a step; the last values are 4 + 1 and 4 + 3.
    assert mase_of(panel_of([0, 2, 4, 5, 7])) == pytest.approx((1 + 3) / 2 / 2)


def test_series_count_alike_and_those_without_a_history_do_not_count() -> None:
    one, two = [0.0, 2, 4, 5, 7], [0.0, 1, 2, 2, 2]
    assert mase_of(panel_of([9.0, 9], one, [3.0], two)) == pytest.approx((1 + 0) / 2)


def test_how_far_from_0_series_are_changes_nothing() -> None:
    assert mase_of(panel_of([0, 2, 4, 5, 7], level=1e9)) == mase_of(panel_of([0, 2, 4, 5, 7]))


def test_series_that_are_all_too_short_are_an_error() -> None:
    with pytest.raises(DataError, match=r"no series is longer than the horizon, 2, .* the longest has 2"):
        mase_of(panel_of([1, 2], [3]))


def test_a_constant_history_gives_no_unit() -> None:
    with pytest.raises(DataError, match="no error to scale"):
        mase_of(panel_of([5, 5, 5, 6, 7]))
