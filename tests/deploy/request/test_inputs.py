"""Histories and horizons: the exact words with which those that cannot be used are refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from deploy import InputError, Predictor
from deploy.bundle.bundle import Manifest
from deploy.request.covariates import Covariates
from deploy.request.inputs import check_request
from deploy.request.misfits import expects_gaps, is_below

Arguments = dict[str, Any]
MakeArguments = Callable[..., Arguments]


def complaint(predictor: Predictor, arguments: Arguments) -> str:
    """The message of the error that forecasting raises."""
    with pytest.raises(InputError) as error:
        predictor.forecast(**arguments)
    return str(error.value)


# history: (what is handed over, the complaint of the plain model, whose context is 22)
REFUSED_HISTORIES: dict[str, tuple[Any, str]] = {
    "an infinity": (
        [1.0, np.inf, 3.0],
        "series 0, position 1: found inf, expected a finite number, or NaN where missing",
    ),
    "several infinities": (
        [[1.0, 2.0], [-np.inf, np.inf]],
        "series 1, position 0: found -inf, expected a finite number, or NaN where missing (2 such values)",
    ),
    "an infinity in a long history, at its own position": (
        np.where(np.arange(100) == 90, np.inf, 1.0),
        "series 0, position 90: found inf, expected a finite number, or NaN where missing",
    ),
    "nothing but NaN": (
        [[1.0, 2.0, 3.0], [np.nan, np.nan, np.nan]],
        "series 1: its last 3 values are all NaN; expected at least 1 observed value in the context of 22 "
        "steps",
    ),
    "nothing but NaN in the context": (
        np.where(np.arange(40) < 18, 5.0, np.nan),
        "series 0: its last 22 values are all NaN; expected at least 1 observed value in the context of 22 "
        "steps",
    ),
    "a zero under a logarithm": (
        [1.0, 0.0, 2.0],
        "series 0, position 1: found 0.0, expected above 0 (this model takes logarithms)",
    ),
    "negative values under a logarithm": (
        [[3.0], [-1.5]],
        "series 1, position 0: found -1.5, expected above 0 (this model takes logarithms)",
    ),
    "what float32 cannot hold": (
        np.array([1.0, 1e39]),
        "series 0, position 1: found 1e+39, expected within float32, below 3.4e38",
    ),
    "objects": (np.array([1.0, 2.0], dtype=object), "series 0: expected numbers, found dtype object"),
    "None among numbers": ([1.0, None], "series 0: expected numbers, found dtype object"),
    "an array of texts": (np.array(["1", "2"]), "series 0: expected numbers, found dtype <U1"),
    "a list of texts": (["1", "2"], "series 0: expected numbers, found dtype <U1"),
    "bytes": (np.array([b"1"]), "series 0: expected numbers, found dtype |S1"),
    "booleans": ([True, False], "series 0: expected numbers, found dtype bool"),
    "complex numbers": (np.array([1 + 2j]), "series 0: expected numbers, found dtype complex128"),
    "dates": (np.array(["2024-01-01"], "M8[D]"), "series 0: expected numbers, found dtype datetime64[D]"),
    "durations": (np.array([1], "m8[s]"), "series 0: expected numbers, found dtype timedelta64[s]"),
    "a whole number beyond 64 bits": ([10**400], "series 0: expected numbers, found dtype object"),
    "rank 0": (np.array(5.0), "history must have 1 or 2 dimensions, found shape ()"),
    "rank 3": (np.ones((2, 3, 4)), "history must have 1 or 2 dimensions, found shape (2, 3, 4)"),
    "a list of rank 3": ([[[1.0]]], "series 0: expected one value a step, found shape (1, 1)"),
    "a number among lists": ([[1.0], 2.0], "series 1: expected one value a step, found shape ()"),
    "a number": (5.0, "history must be an array or a sequence of arrays, found float"),
    "None": (None, "history must be an array or a sequence of arrays, found NoneType"),
    "a text": ("1,2,3", "history must be an array or a sequence of arrays, found str"),
    "a dict": ({"y": [1.0]}, "history must be an array or a sequence of arrays, found dict"),
    "a generator": (iter([1.0]), "history must be an array or a sequence of arrays, found list_iterator"),
    "an empty list": ([], "history holds no series"),
    "an empty tuple": ((), "history holds no series"),
    "an array of no series": (np.ones((0, 5)), "history holds no series"),
    "an empty array": (np.array([]), "series 0 is empty; expected at least 1 value"),
    "an empty series among others": ([[1.0], []], "series 1 is empty; expected at least 1 value"),
    "an array of no steps": (np.ones((3, 0)), "series 0 is empty; expected at least 1 value"),
}


@pytest.mark.parametrize(("history", "expected"), REFUSED_HISTORIES.values(), ids=REFUSED_HISTORIES)
def test_a_history_that_cannot_be_used_is_refused(plain: Predictor, history: Any, expected: str) -> None:
    assert complaint(plain, {"history": history}) == expected


@pytest.mark.parametrize("first", [[[1.0], [1.0, 2.0]], [1.0, [2.0]]], ids=["two levels", "one level"])
def test_a_ragged_series_is_refused(plain: Predictor, first: Any) -> None:
    assert complaint(plain, {"history": [first, [1.0]]}).startswith("series 0: not a regular array: ")


@pytest.mark.parametrize("value", [np.inf, -1.0, 0.0, 1e39], ids=str)
def test_nothing_is_refused_for_what_lies_before_the_context(plain: Predictor, value: float) -> None:
    recent = np.arange(1.0, 23.0)
    found = plain.forecast(np.concatenate([[value], recent])).quantiles
    np.testing.assert_array_equal(found, plain.forecast(recent).quantiles)


AT_LEAST_0 = "at least 0, this model's lower bound (one that was fitted with lower=none takes any value)"
# history: (what is handed over, the complaint of a model that was fitted on values of at least 0)
BELOW_THE_BOUND: dict[str, tuple[Any, str]] = {
    "one value": (
        [3.0, -0.5, 1.0],
        f"series 0, position 1: found -0.5, expected {AT_LEAST_0}",
    ),
    "several values in the context of a long history": (
        np.where(np.arange(100) >= 90, -2.0, 5.0),
        f"series 0, position 90: found -2.0, expected {AT_LEAST_0} (10 such values)",
    ),
}


@pytest.mark.parametrize(("history", "expected"), BELOW_THE_BOUND.values(), ids=BELOW_THE_BOUND)
def test_a_value_below_what_the_model_ever_forecasts_is_refused(
    covariates: Predictor, make_arguments: MakeArguments, history: Any, expected: str
) -> None:
    arguments = {**make_arguments(covariates, [len(history)]), "history": history}
    assert complaint(covariates, arguments) == expected


def test_a_value_at_the_bound_or_below_it_before_the_context_is_fine(
    covariates: Predictor, make_arguments: MakeArguments
) -> None:
    history = np.where(np.arange(60) < 60 - covariates.manifest.context_length, -1.0, 0.0)
    arguments = {**make_arguments(covariates, [60]), "history": history}
    assert np.isfinite(covariates.forecast(**arguments).quantiles).all()


def test_a_bound_that_float32_rounds_up_allows_itself(covariates: Predictor) -> None:
    bounded = replace(covariates.manifest, lower=0.3)
    for kind in (np.float32, np.float64):
        assert not is_below(bounded, np.array([0.3], dtype=kind)).any()
    assert is_below(bounded, np.array([0.29], dtype=np.float32)).all()


def test_a_negative_history_is_fine_without_a_bound(joint: Predictor, make_arguments: MakeArguments) -> None:
    arguments = make_arguments(joint, [30])
    arguments["history"] = [-values for values in arguments["history"]]
    assert np.isfinite(joint.forecast(**arguments).quantiles).all()


def comb(every: int, values: int) -> NDArray[np.float64]:
    """A history of a value every so many steps, the last one a value, and NaN between."""
    history = np.full((values - 1) * every + 1, np.nan)
    history[::every] = 100.0 + np.arange(values)
    return history


def months_in_days() -> NDArray[np.float64]:
    """Two years of a value on the first of each month, and none on the other days."""
    days = np.arange("2022-01-01", "2023-12-02", dtype="datetime64[D]")
    return np.where(days == days.astype("datetime64[M]"), 5.0, np.nan)


OTHER_STEPS = {
    "every second step": (comb(2, 12), 2),
    "every seventh step, whose context holds four": (comb(7, 12), 7),
    "every 50th step, whose context holds one": (comb(50, 8), 50),
    "days at 8, 14 and 20 h": (np.where(np.isin(np.arange(200) % 24, [8, 14, 20]), 3.0, np.nan), 6),
    "months in days": (months_in_days(), 31),
    "weeks, one of which is missing": (np.where(np.arange(141) == 126, np.nan, comb(7, 21)), 7),
}


@pytest.mark.parametrize(("history", "every"), OTHER_STEPS.values(), ids=OTHER_STEPS)
def test_a_history_of_another_step_is_refused_with_both_steps(
    plain: Predictor, history: NDArray[np.float64], every: int
) -> None:
    assert complaint(plain, {"history": [np.arange(1.0, 40.0), history]}) == (
        f"series 1: it has a value every {every} steps and none between, and this model's steps are 1 month; "
        "expected a value every 1 month, or a model that was fitted on the step of the history"
    )


def test_a_joint_history_of_another_step_is_refused(joint: Predictor) -> None:
    history = np.stack([comb(7, 12)] * len(joint.manifest.channels), axis=1)
    assert "a value every 7 steps and none between" in complaint(joint, {"history": history})


HONEST_GAPS = {
    "an outage": np.where((np.arange(40) < 20) | (np.arange(40) > 37), 5.0, np.nan),
    "weekdays only": np.where(np.arange(60) % 7 < 5, 5.0, np.nan),
    "four days a week": np.where(np.arange(60) % 7 < 4, 5.0, np.nan),
    "few values that come at random": np.where(np.random.default_rng(1).random(200) < 0.15, 5.0, np.nan),
    "one value": np.append(np.full(21, np.nan), 5.0),
    "two values, too few to show a step": comb(7, 2),
    "another step before the context alone": np.append(comb(7, 12), np.full(30, 5.0)),
}


@pytest.mark.parametrize("history", HONEST_GAPS.values(), ids=HONEST_GAPS)
def test_a_history_with_gaps_is_forecast(plain: Predictor, history: NDArray[np.float64]) -> None:
    assert np.isfinite(plain.forecast(history).quantiles).all()


def test_a_model_of_series_with_such_gaps_takes_them(plain: Predictor) -> None:
    facts = {"values": 100, "missing": 85}
    manifest = replace(plain.manifest, training={"data": facts})
    assert check_request(manifest, comb(7, 12), None, Covariates()).horizon == 6


@pytest.mark.parametrize("training", [{}, {"data": None}, {"data": {"missing": "x", "values": 1}}], ids=str)
def test_a_manifest_that_says_nothing_of_gaps_expects_none(plain: Predictor, training: Arguments) -> None:
    assert not expects_gaps(replace(plain.manifest, training=training))


REFUSED_HORIZONS: dict[str, tuple[Any, str]] = {
    "zero": (0, "horizon must be between 1 and 18 steps, found 0"),
    "negative": (-3, "horizon must be between 1 and 18 steps, found -3"),
    "over the longest": (19, "horizon must be between 1 and 18 steps, found 19"),
    "far over the longest": (10**30, f"horizon must be between 1 and 18 steps, found {10**30}"),
    "a boolean": (True, "horizon must be a whole number of steps, found True"),
    "a numpy boolean": (np.True_, "horizon must be a whole number of steps, found np.True_"),
    "a float": (6.0, "horizon must be a whole number of steps, found 6.0"),
    "a text": ("6", "horizon must be a whole number of steps, found '6'"),
    "a list": ([6], "horizon must be a whole number of steps, found [6]"),
    "NaN": (float("nan"), "horizon must be a whole number of steps, found nan"),
}


@pytest.mark.parametrize(("horizon", "expected"), REFUSED_HORIZONS.values(), ids=REFUSED_HORIZONS)
def test_a_horizon_that_cannot_be_used_is_refused(plain: Predictor, horizon: Any, expected: str) -> None:
    assert complaint(plain, {"history": [1.0, 2.0], "horizon": horizon}) == expected


def test_a_refusal_is_a_value_error(plain: Predictor) -> None:
    with pytest.raises(ValueError, match=r"^history holds no series$"):
        plain.forecast([])


def test_as_many_series_as_a_predictor_takes_are_forecast(bundles: Path) -> None:
    limited = Predictor.load(bundles / "plain", max_batch=3)
    assert len(limited.forecast([[1.0]] * 3).quantiles) == 3


@pytest.mark.parametrize("history", [[[1.0]] * 4, np.ones((4, 5))], ids=["a list", "an array"])
def test_more_series_than_a_predictor_takes_are_refused(bundles: Path, history: Any) -> None:
    limited = Predictor.load(bundles / "plain", max_batch=3)
    message = complaint(limited, {"history": history})
    assert message == "history holds 4 series; this predictor takes max_batch=3 a call"


@pytest.mark.parametrize("limit", [0, -1, 1.5, True, "3"], ids=repr)
def test_a_limit_that_is_no_number_of_series_is_refused(bundles: Path, limit: Any) -> None:
    with pytest.raises(InputError) as error:
        Predictor.load(bundles / "plain", max_batch=limit)
    expected = f"max_batch must be a whole number of series, at least 1, found {limit!r}"
    assert str(error.value) == expected


def test_what_a_fit_has_learned_from_all_the_same_is_taken(covariates: Predictor) -> None:
    """A bound that a user set may be above some of the data, and a panel may hold a few sparse series."""
    manifest = covariates.manifest

    def with_facts(**facts: Any) -> Manifest:
        return replace(manifest, training={**manifest.training, "data": facts})

    values = np.array([-0.01, -1e-12, 3.0, np.nan])
    assert is_below(with_facts(), values).tolist() == [True, False, False, False]  # rounding is no value
    assert not is_below(with_facts(least=-0.01), values).any()
    assert is_below(with_facts(least="low"), values).any()
    assert expects_gaps(with_facts(sparse_series=1))
    assert not expects_gaps(with_facts(sparse_series=0))
