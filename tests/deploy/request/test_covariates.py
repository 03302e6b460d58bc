"""Known, past and static covariates: how they may be given, and the words with which others are refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from deploy import InputError, Predictor

Arguments = dict[str, Any]
MakeArguments = Callable[..., Arguments]


def complaint(predictor: Predictor, arguments: Arguments) -> str:
    """The message of the error that forecasting raises."""
    with pytest.raises(InputError) as error:
        predictor.forecast(**arguments)
    return str(error.value)


# A batch of two, of 24 and 10 values, horizon 12: what replaces an argument, and the complaint.
REFUSED_COVARIATES: dict[str, tuple[Arguments, str]] = {
    "no known": (
        {"known": None},
        "this model needs known: the covariates promo, temperature along each history",
    ),
    "known of one series for two": (
        {"known": [np.ones((24, 2))]},
        "known: 1 arrays for 2 series",
    ),
    "known of three series for two": (
        {"known": np.ones((3, 24, 2))},
        "known: 3 arrays for 2 series",
    ),
    "known of too few steps": (
        {"known": [np.ones((24, 2)), np.ones((9, 2))]},
        "known of series 1: expected one row of 2 (promo, temperature) for each of its last 10 values, "
        "found shape (9, 2)",
    ),
    "known of too few covariates": (
        {"known": [np.ones((24, 1)), np.ones((10, 2))]},
        "known of series 0: expected one row of 2 (promo, temperature) for each of its last 24 values, "
        "found shape (24, 1)",
    ),
    "known of one dimension": (
        {"known": [np.ones((24, 2)), np.ones(10)]},
        "known of series 1: expected one row of 2 (promo, temperature) for each of its last 10 values, "
        "found shape (10,)",
    ),
    "known that is text": (
        {"known": [np.ones((24, 2)), np.full((10, 2), "a")]},
        "known of series 1: expected numbers, found dtype <U1",
    ),
    "known beyond float32": (
        {"known": [np.full((24, 2), 1e300), np.ones((10, 2))]},
        "known of series 0, position (0, 0): found 1e+300, expected within float32, below 3.4e38 "
        "(48 such values)",
    ),
    "no past": (
        {"past": None},
        "this model needs past: the covariates visitors, stock along each history",
    ),
    "past of one series for two": (
        {"past": [np.ones((24, 2))]},
        "past: 1 arrays for 2 series",
    ),
    "past of too few steps": (
        {"past": [np.ones((24, 2)), np.ones((9, 2))]},
        "past of series 1: expected one row of 2 (visitors, stock) for each of its last 10 values, "
        "found shape (9, 2)",
    ),
    "past of too many covariates": (
        {"past": [np.ones((24, 3)), np.ones((10, 3))]},
        "past of series 0: expected one row of 2 (visitors, stock) for each of its last 24 values, "
        "found shape (24, 3)",
    ),
    "past that is text": (
        {"past": [np.ones((24, 2)), np.full((10, 2), "a")]},
        "past of series 1: expected numbers, found dtype <U1",
    ),
    "past that is infinite": (
        {"past": [np.ones((24, 2)), np.where(np.arange(20).reshape(10, 2) == 7, np.inf, 1.0)]},
        "past of series 1, position (3, 1): found inf, expected a finite number, or NaN where missing",
    ),
    "static of one series for two": (
        {"static": [[1.0, 2.0]]},
        "static: expected shape (2, 2) for area, age, found (1, 2)",
    ),
    "static of one column for two": (
        {"static": [[1.0], [2.0]]},
        "static: expected shape (2, 2) for area, age, found (2, 1)",
    ),
    "static that is text": (
        {"static": [["big", "old"], ["big", "old"]]},
        "static: expected numbers, found dtype <U3",
    ),
    "static that is infinite": (
        {"static": [[1.0, 2.0], [3.0, np.inf]]},
        "static, position (1, 1): found inf, expected a finite number, or NaN where unknown",
    ),
    "no future_known": (
        {"future_known": None},
        "this model needs future_known: the covariates promo, temperature of the 12 coming steps",
    ),
    "future_known of too few steps": (
        {"future_known": np.ones((2, 11, 2))},
        "future_known: covers 11 steps, the horizon is 12",
    ),
    "future_known of one series for two": (
        {"future_known": np.ones((1, 12, 2))},
        "future_known: expected shape (2, 12, 2) for promo, temperature, found (1, 12, 2)",
    ),
    "future_known without a batch": (
        {"future_known": np.ones((12, 2))},
        "future_known: expected shape (2, 12, 2) for promo, temperature, found (12, 2)",
    ),
    "future_known of too many covariates": (
        {"future_known": np.ones((2, 12, 3))},
        "future_known: expected shape (2, 12, 2) for promo, temperature, found (2, 12, 3)",
    ),
    "future_known that is a number": (
        {"future_known": 1.0},
        "future_known: expected shape (2, 12, 2) for promo, temperature, found ()",
    ),
    "a NaN in future_known": (
        {"future_known": np.where(np.arange(48).reshape(2, 12, 2) == 29, np.nan, 1.0)},
        "future_known of series 1: 'temperature' is nan at step 3, expected a finite number for each of the "
        "12 steps",
    ),
    "an infinity in future_known": (
        {"future_known": np.where(np.arange(48).reshape(2, 12, 2) == 0, -np.inf, 1.0)},
        "future_known of series 0: 'promo' is -inf at step 1, expected a finite number for each of the "
        "12 steps",
    ),
    "future_known that is boolean": (
        {"future_known": np.ones((2, 12, 2), dtype=bool)},
        "future_known: expected numbers, found dtype bool",
    ),
    "static_cat of one series for two": (
        {"static_cat": [["north", "food"]]},
        "static_cat: expected shape (2, 2) for shop, kind, found (1, 2)",
    ),
    "static_cat of one column for two": (
        {"static_cat": [["north"], ["south"]]},
        "static_cat: expected shape (2, 2) for shop, kind, found (2, 1)",
    ),
    "static_cat of ragged rows": (
        {"static_cat": [["north", "food"], ["south"]]},
        "static_cat: expected shape (2, 2) for shop, kind, found (2,)",
    ),
    "static_cat that is one text": (
        {"static_cat": "north"},
        "static_cat: expected shape (2, 2) for shop, kind, found ()",
    ),
}


@pytest.mark.parametrize(("change", "expected"), REFUSED_COVARIATES.values(), ids=REFUSED_COVARIATES)
def test_covariates_that_cannot_be_used_are_refused(
    covariates: Predictor, make_arguments: MakeArguments, change: Arguments, expected: str
) -> None:
    assert complaint(covariates, {**make_arguments(covariates, [24, 10]), **change}) == expected


def test_an_infinity_in_known_is_refused(covariates: Predictor, make_arguments: MakeArguments) -> None:
    known = np.where(np.arange(80).reshape(40, 2) == 61, np.inf, 1.0)
    message = complaint(covariates, {**make_arguments(covariates, [30]), "known": [known]})
    assert message.startswith("known of series 0, position (30, 1): found inf, expected a finite number")


@pytest.mark.parametrize("known", [1.0, "promo"], ids=["a number", "a text"])
def test_known_that_is_no_sequence_is_refused(
    covariates: Predictor, make_arguments: MakeArguments, known: Any
) -> None:
    assert complaint(covariates, {**make_arguments(covariates, [24]), "known": known}).startswith("known")


@pytest.mark.parametrize("known", [[[1.0, 2.0], [1.0]], [[[1.0, 2.0], [1.0]]]], ids=["rows", "series"])
def test_ragged_rows_of_known_are_refused(
    covariates: Predictor, make_arguments: MakeArguments, known: Any
) -> None:
    assert complaint(covariates, {**make_arguments(covariates, [2]), "known": known}).startswith("known")


@pytest.mark.parametrize("name", ["known", "future_known"])
def test_known_for_a_model_without_it_is_refused(plain: Predictor, name: str) -> None:
    expected = "this model has no known-future covariates; leave out known and future_known"
    assert complaint(plain, {"history": [1.0, 2.0], name: np.ones((1, 6, 1))}) == expected


def test_static_cat_for_a_model_without_it_is_refused(plain: Predictor) -> None:
    assert "leave out static_cat" in complaint(plain, {"history": [1.0, 2.0], "static_cat": [["north"]]})


@pytest.mark.parametrize("name", ["past", "static"])
def test_past_and_static_for_a_model_without_them_are_refused(plain: Predictor, name: str) -> None:
    assert f"leave out {name}" in complaint(plain, {"history": [1.0, 2.0], name: np.ones((1, 2))})


@pytest.mark.parametrize("name", ["known", "past"])
def test_a_nan_along_a_history_is_missing(
    covariates: Predictor, make_arguments: MakeArguments, name: str
) -> None:
    arguments = make_arguments(covariates, [24])
    arguments[name][0][5] = np.nan
    assert np.isfinite(covariates.forecast(**arguments).quantiles).all()


ONE_SERIES = {
    "known (time, covariate)": ("known", lambda values: values[0]),
    "known as nested lists": ("known", lambda values: values[0].tolist()),
    "future_known (horizon, covariate)": ("future_known", lambda values: values[0]),
    "past (time, covariate)": ("past", lambda values: values[0]),
    "static (column,)": ("static", lambda values: values[0]),
    "static_cat (column,)": ("static_cat", lambda values: values[0]),
    "last_timestamp ()": ("last_timestamp", lambda values: int(values[0])),
}


@pytest.mark.parametrize(("name", "unwrap"), ONE_SERIES.values(), ids=ONE_SERIES)
def test_one_series_needs_no_batch_axis(
    covariates: Predictor, make_arguments: MakeArguments, name: str, unwrap: Callable[[Any], Any]
) -> None:
    arguments = make_arguments(covariates, [24])
    found = covariates.forecast(**{**arguments, name: unwrap(arguments[name])}).quantiles
    np.testing.assert_array_equal(found, covariates.forecast(**arguments).quantiles)


UNKNOWN_CATEGORIES = {
    "unknown texts": [["east", "cars"]],
    "empty texts": [["", ""]],
    "None in the columns": [[None, None]],
    "NaN in the columns": [[np.nan, np.nan]],
    "numbers": [[1, 2]],
    "other case": [["North", "FOOD"]],
}


@pytest.mark.parametrize("texts", UNKNOWN_CATEGORIES.values(), ids=UNKNOWN_CATEGORIES)
def test_an_unknown_category_is_as_if_none_were_given(
    covariates: Predictor, make_arguments: MakeArguments, texts: Any
) -> None:
    arguments = make_arguments(covariates, [24])
    found, expected = (
        covariates.forecast(**{**arguments, "static_cat": each}).quantiles for each in (texts, None)
    )
    np.testing.assert_array_equal(found, expected)


def test_each_known_category_forecasts_something_else(
    covariates: Predictor, make_arguments: MakeArguments
) -> None:
    vocabularies = covariates.manifest.vocabularies
    pairs = [[shop, kind] for shop in [*vocabularies["shop"], ""] for kind in [*vocabularies["kind"], ""]]
    arguments = make_arguments(covariates, [24])
    forecasts = {
        covariates.forecast(**{**arguments, "static_cat": [pair]}).quantiles.tobytes() for pair in pairs
    }
    assert len(forecasts) == len(pairs) == 12


@pytest.mark.parametrize("name", ["past", "static"])
@pytest.mark.parametrize("method", ["graph", "step"])
def test_each_past_covariate_and_static_number_changes_the_forecast(
    covariates: Predictor, make_arguments: MakeArguments, name: str, method: str
) -> None:
    arguments = make_arguments(covariates, [24])
    before = covariates.forecast(**arguments, method=method).quantiles
    for column in (0, 1):
        values = np.array(arguments[name])
        values[..., column] += 10
        after = covariates.forecast(**{**arguments, name: values}, method=method).quantiles
        assert not np.array_equal(before, after)


def test_static_numbers_that_are_not_given_are_unknown(
    covariates: Predictor, make_arguments: MakeArguments
) -> None:
    arguments = make_arguments(covariates, [24])
    found, expected = (
        covariates.forecast(**{**arguments, "static": each}).quantiles for each in (None, [[np.nan, np.nan]])
    )
    np.testing.assert_array_equal(found, expected)


def test_past_covariates_before_the_context_change_nothing(
    covariates: Predictor, make_arguments: MakeArguments
) -> None:
    arguments = make_arguments(covariates, [30])
    past = arguments["past"][0].copy()
    past[:6] = 1e6
    np.testing.assert_array_equal(
        covariates.forecast(**arguments).quantiles,
        covariates.forecast(**{**arguments, "past": [past]}).quantiles,
    )
