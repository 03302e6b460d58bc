"""From a panel to what the predictor is given, and from what it gives to the units of the data."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from panels import DAY, make_forecast, make_panel

from deploy import Forecast, InputError
from deploy.errors import DataError
from forecaster.data import Panel
from forecaster.forecasts.through_predictor import category_texts, forecast_panel


class Recorder:
    """Stands in for a Predictor and keeps what it is given."""

    def __init__(self, known: tuple[str, ...] = ()) -> None:
        self.manifest = SimpleNamespace(
            known=known,
            past=(),
            static=(),
            vocabularies={},
            horizon=2,
            max_horizon=6,
            positive=False,
            lower=None,
            context_length=4,
            training={},
        )
        self.given: dict[str, Any] = {}

    def forecast(self, history: list[Any], horizon: int, **given: Any) -> Forecast:
        self.given = {"history": history, "horizon": horizon, **given}
        return make_forecast(len(history), horizon)


def ask(panel: Panel, horizon: int | None = None, future: Panel | None = None) -> dict[str, Any]:
    """What the predictor is given for a panel."""
    predictor = Recorder(panel.columns.known)
    forecast_panel(predictor, panel, horizon, future)  # type: ignore[arg-type]
    return predictor.given


def test_histories_end_with_the_last_value_and_are_dated_by_it() -> None:
    given = ask(make_panel(future=(7.0, 8.0, 9.0)))
    assert [history.tolist() for history in given["history"]] == [[1.0, 2.0], [1.0, 2.0]]
    assert given["last_timestamp"].tolist() == [DAY, DAY]


def test_the_horizon_is_the_trained_one_unless_another_is_asked_for() -> None:
    assert (ask(make_panel())["horizon"], ask(make_panel(), 5)["horizon"]) == (2, 5)


def test_a_horizon_over_the_limit_is_refused_before_the_known_future_is_looked_at() -> None:
    with pytest.raises(InputError, match="horizon must be between 1 and 6 steps, found 7"):
        ask(make_panel(future=(1.0,)), 7)


def test_the_known_future_is_what_follows_each_history() -> None:
    given = ask(make_panel(future=(7.0, 8.0, 9.0)))
    assert [known.tolist() for known in given["known"]] == [[[1.0], [1.0]]] * 2
    assert given["future_known"].tolist() == [[[7.0], [8.0]]] * 2


def test_a_future_of_its_own_is_taken_by_series_and_by_time() -> None:
    future = replace(
        make_panel(ids=(("a",), ("b",)), targets=("promo",)),
        values=np.array([11, 12, 13, 14, 15, 21, 22, 23, 24, 25], dtype=np.float32),
        offsets=np.array([0, 5, 10]),
        ends=np.array([5, 10]),
        leads=np.array([1, 1]),
    )
    given = ask(make_panel(future=(7.0,)), 3, future)
    assert given["future_known"].tolist() == [[[7.0], [23.0], [24.0]], [[7.0], [13.0], [14.0]]]


def test_a_known_future_that_ends_early_is_named_by_series_time_and_step() -> None:
    with pytest.raises(DataError) as error:
        ask(make_panel(future=(1.0, 1.0)), 4)
    assert str(error.value).startswith(
        'known covariate "promo" of series b is missing at 1970-01-05, step 3 of 4; '
    )


def test_a_gap_in_the_known_future_is_named_by_series_time_and_step() -> None:
    panel = make_panel(future=(1.0, 1.0, 1.0))
    known = panel.known.copy()
    known[panel.ends[1] + 1] = np.nan
    with pytest.raises(
        DataError, match=r'^known covariate "promo" of series a .* at 1970-01-04, step 2 of 3;'
    ):
        ask(replace(panel, known=known), 3)


def test_the_only_series_of_a_file_needs_no_name() -> None:
    with pytest.raises(DataError, match=r'^known covariate "promo" is missing at 1970-01-03, step 1 of 2;'):
        ask(make_panel(ids=((),), series=(), future=(np.nan, 1.0)))


def test_categories_go_out_as_texts_and_missing_ones_as_empty() -> None:
    panel = replace(
        make_panel(),
        categories=np.array([[2, 0], [1, 1]]),
        vocabularies=(("north", "south"), ("big",)),
    )
    assert category_texts(panel) == [["south", ""], ["north", "big"]]
