"""What a forecast is: its shape, its fields, its timestamps, and what must hold of its values."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploy import InputError, Predictor, TimeStep
from deploy.forecast import legible_digits

Arguments = dict[str, Any]
MakeArguments = Callable[..., Arguments]

METHODS = ("graph", "step")
# Shorter than a patch, a patch, between, about the context, longer.
LENGTHS = (1, 3, 5, 6, 10, 21, 22, 23, 24, 25, 60)


class Column:
    """Something that numpy can read, as a pandas Series or a torch tensor can be."""

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray[Any, Any]:
        return np.array([1.0, 2.0], dtype=dtype, copy=copy)


SHAPES = {
    "1-D array": (np.ones(30), 1),
    "2-D array": (np.ones((3, 30)), 3),
    "2-D array of two steps": (np.ones((3, 2)), 3),
    "flat list": ([1.0, 2.0], 1),
    "column of a frame": (Column(), 1),
    "list of lists": ([[1.0, 2.0], [3.0, 4.0]], 2),
    "ragged list of arrays": ([np.ones(3), np.ones(50), np.ones(1)], 3),
    "tuple of ragged lists": (([1.0], [1.0, 2.0]), 2),
}


@pytest.mark.parametrize(("history", "batch"), SHAPES.values(), ids=SHAPES)
def test_the_shape_of_a_forecast_follows_that_of_the_history(
    plain: Predictor, history: Any, batch: int
) -> None:
    assert plain.forecast(history, 7).quantiles.shape == (batch, 7, 9)


def test_without_a_horizon_it_is_the_trained_one(predictor: Predictor, make_arguments: MakeArguments) -> None:
    found = predictor.forecast(**make_arguments(predictor, [24]))
    assert found.quantiles.shape[1] == predictor.manifest.horizon


@pytest.mark.parametrize("horizon", [np.int64(5), np.int32(5), np.uint8(5)])
def test_a_numpy_integer_is_a_horizon(plain: Predictor, horizon: Any) -> None:
    assert plain.forecast([1.0, 2.0], horizon).median.shape == (1, 5)


def test_the_longest_horizon_is_three_times_the_trained_one_in_whole_patches(
    covariates: Predictor, plain: Predictor
) -> None:
    assert (covariates.manifest.max_horizon, plain.manifest.max_horizon) == (40, 18)


def test_quantiles_are_float64(predictor: Predictor, make_arguments: MakeArguments) -> None:
    assert predictor.forecast(**make_arguments(predictor, [24])).quantiles.dtype == np.float64


def test_the_median_is_the_quantile_of_level_one_half(
    predictor: Predictor, make_arguments: MakeArguments
) -> None:
    found = predictor.forecast(**make_arguments(predictor, [24, 5]))
    position = found.quantile_levels.index(0.5)
    np.testing.assert_array_equal(found.median, found.quantiles[..., position])


def test_quantile_levels_ascend(predictor: Predictor, make_arguments: MakeArguments) -> None:
    found = predictor.forecast(**make_arguments(predictor, [24]))
    assert found.quantile_levels == (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)


@pytest.mark.parametrize("method", METHODS)
def test_quantiles_never_cross(predictor: Predictor, make_arguments: MakeArguments, method: str) -> None:
    arguments = make_arguments(predictor, LENGTHS, predictor.manifest.max_horizon)
    assert (np.diff(predictor.forecast(**arguments, method=method).quantiles, axis=-1) >= 0).all()


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("horizon", range(1, 19))
def test_a_shorter_forecast_is_the_beginning_of_a_longer_one(
    plain: Predictor, make_arguments: MakeArguments, horizon: int, method: str
) -> None:
    arguments = make_arguments(plain, LENGTHS, 18)
    longest = plain.forecast(**arguments, method=method).quantiles
    found = plain.forecast(**{**arguments, "horizon": horizon}, method=method).quantiles
    np.testing.assert_array_equal(found, longest[:, :horizon])


@pytest.mark.parametrize("length", [1, 4, 24, 100])
@pytest.mark.parametrize("value", [0.0, 0.1, 7.5, 1e6, 3e30])
def test_a_constant_history_forecasts_its_constant(
    covariates: Predictor, make_arguments: MakeArguments, value: float, length: int
) -> None:
    arguments = {**make_arguments(covariates, [length], 40), "history": [np.full(length, value)]}
    found = covariates.forecast(**arguments).quantiles
    np.testing.assert_array_equal(found, np.full_like(found, value))


@pytest.mark.parametrize("length", [1, 4, 24, 100])
@pytest.mark.parametrize("value", [1e-6, 0.1, 7.5, 1e6])
def test_a_constant_history_survives_the_logarithm(plain: Predictor, value: float, length: int) -> None:
    found = plain.forecast(np.full(length, value), 18).quantiles
    # exp(log x) in float32 errs by |log x| roundings; 14 of 6e-8 here.
    np.testing.assert_allclose(found, value, rtol=1e-6)


def test_a_constant_history_with_gaps_forecasts_its_constant(
    covariates: Predictor, make_arguments: MakeArguments
) -> None:
    history = np.where(np.arange(24) % 3 < 2, 7.5, np.nan)
    found = covariates.forecast(**{**make_arguments(covariates, [24]), "history": [history]}).quantiles
    np.testing.assert_array_equal(found, np.full_like(found, 7.5))


@pytest.mark.parametrize("method", METHODS)
def test_no_forecast_is_below_the_lower_bound(
    covariates: Predictor, make_arguments: MakeArguments, method: str
) -> None:
    history = [np.sin(np.arange(24)) + 1]
    found = covariates.forecast(**{**make_arguments(covariates, [24], 40), "history": history}, method=method)
    assert found.quantiles.min() == covariates.manifest.lower == 0.0


@pytest.mark.parametrize("missing", [1, 2, 3])
def test_nan_before_the_first_value_of_a_patch_is_as_if_the_history_began_later(
    covariates: Predictor, make_arguments: MakeArguments, missing: int
) -> None:
    arguments = make_arguments(covariates, [21])  # the first of 5 patches holds 1 value
    longer = dict(arguments)
    for name in ("history", "known", "past"):
        values = arguments[name][0]
        longer[name] = [np.concatenate([np.full((missing, *values.shape[1:]), np.nan), values])]
    found, expected = (covariates.forecast(**each).quantiles for each in (longer, arguments))
    np.testing.assert_array_equal(found, expected)


def test_a_missing_value_is_not_a_zero(covariates: Predictor, make_arguments: MakeArguments) -> None:
    arguments = make_arguments(covariates, [24])
    gap, zero = arguments["history"][0].copy(), arguments["history"][0].copy()
    gap[10], zero[10] = np.nan, 0.0
    found, other = (covariates.forecast(**{**arguments, "history": [each]}) for each in (gap, zero))
    assert (found.quantiles != other.quantiles).any()


@pytest.mark.parametrize(
    "name", ["last_timestamp", "known", "future_known", "static_cat"], ids=lambda name: f"without {name}"
)
def test_every_covariate_moves_the_forecast(
    covariates: Predictor, make_arguments: MakeArguments, name: str
) -> None:
    arguments = make_arguments(covariates, [24])
    nothing = {
        "last_timestamp": None,
        "known": [np.zeros((24, 2))],
        "future_known": np.zeros((1, 12, 2)),
        "static_cat": None,
    }
    found = covariates.forecast(**{**arguments, name: nothing[name]}).quantiles
    assert (found != covariates.forecast(**arguments).quantiles).any()


def test_arguments_are_left_as_they_were(covariates: Predictor, make_arguments: MakeArguments) -> None:
    arguments, untouched = (make_arguments(covariates, [60, 7, 24]) for _ in range(2))
    covariates.forecast(**arguments)
    for name in ("history", "known", "future_known", "last_timestamp"):
        for found, expected in zip(arguments[name], untouched[name], strict=True):
            np.testing.assert_array_equal(found, expected)


def test_a_forecast_shares_no_memory_with_the_next(plain: Predictor) -> None:
    history = np.arange(1.0, 13.0)
    first = plain.forecast(history)
    expected = first.quantiles.copy()
    plain.forecast(2 * history)
    np.testing.assert_array_equal(first.quantiles, expected)


def test_without_a_last_timestamp_there_are_no_timestamps(
    predictor: Predictor, make_arguments: MakeArguments
) -> None:
    found = predictor.forecast(**{**make_arguments(predictor, [24, 5]), "last_timestamp": None})
    assert found.timestamps is None


def test_without_a_last_timestamp_there_is_a_forecast(
    predictor: Predictor, make_arguments: MakeArguments
) -> None:
    found = predictor.forecast(**{**make_arguments(predictor, [24, 5]), "last_timestamp": None})
    assert np.isfinite(found.quantiles).all()


# step: (last timestamp, the three that follow)
FOLLOWING = {
    TimeStep(1, "hour"): ("2024-02-28T22:00", ["2024-02-28T23", "2024-02-29T00", "2024-02-29T01"]),
    TimeStep(15, "minute"): (
        "1969-12-31T23:30",
        ["1969-12-31T23:45", "1970-01-01T00:00", "1970-01-01T00:15"],
    ),
    TimeStep(1, "day"): ("2023-02-27", ["2023-02-28", "2023-03-01", "2023-03-02"]),
    TimeStep(1, "week"): ("2024-12-23T12:00", ["2024-12-30T12", "2025-01-06T12", "2025-01-13T12"]),
    TimeStep(1, "business-day"): ("2024-02-28", ["2024-02-29", "2024-03-01", "2024-03-04"]),
    TimeStep(1, "month"): ("2024-01-31", ["2024-02-29", "2024-03-31", "2024-04-30"]),
    TimeStep(1, "month-end"): ("2023-02-28", ["2023-03-31", "2023-04-30", "2023-05-31"]),
    TimeStep(3, "month"): ("2022-11-30", ["2023-02-28", "2023-05-30", "2023-08-30"]),
    TimeStep(12, "month"): ("2023-12-31", ["2024-12-31", "2025-12-31", "2026-12-31"]),
}


@pytest.mark.parametrize(("step", "dates"), FOLLOWING.items(), ids=map(str, FOLLOWING))
def test_the_timestamps_of_a_forecast_follow_the_last_one_of_the_history(
    with_step: Callable[[TimeStep], Predictor], step: TimeStep, dates: tuple[str, list[str]]
) -> None:
    last, following = dates
    found = with_step(step).forecast([1.0, 2.0], 3, last_timestamp=last).timestamps
    np.testing.assert_array_equal(found, np.array([following], dtype="datetime64[s]"))


def test_timestamps_of_a_calendar_are_datetime64_in_seconds(plain: Predictor) -> None:
    found = plain.forecast([1.0, 2.0], last_timestamp="2024-01-31").timestamps
    assert found is not None
    assert found.dtype == np.dtype("datetime64[s]")


def test_without_a_calendar_timestamps_are_counts(with_step: Callable[[TimeStep], Predictor]) -> None:
    found = with_step(TimeStep(10, "index")).forecast([[1.0], [2.0]], 3, last_timestamp=[100, -10]).timestamps
    np.testing.assert_array_equal(found, np.array([[110, 120, 130], [0, 10, 20]], dtype=np.int64))


def test_each_series_has_its_own_timestamps(plain: Predictor) -> None:
    found = plain.forecast([[1.0], [2.0, 3.0]], 2, last_timestamp=["2024-01-01", "1999-11-01"]).timestamps
    expected = [["2024-02-01", "2024-03-01"], ["1999-12-01", "2000-01-01"]]
    np.testing.assert_array_equal(found, np.array(expected, dtype="datetime64[s]"))


def test_a_forecast_that_is_not_finite_is_refused(
    covariates: Predictor, make_arguments: MakeArguments
) -> None:
    arguments = make_arguments(covariates, [24, 24])
    arguments["history"][1] = np.where(np.arange(24) % 2 == 0, 3.3e38, 0)
    with pytest.raises(InputError) as error:
        covariates.forecast(**arguments)
    expected = "series 1: its forecast is not finite; its values exceed what the model can do"
    assert str(error.value) == expected


@given(
    st.lists(st.floats(-1e15, 1e15).map(lambda x: x if abs(x) > 1e-200 else 0.0), min_size=2, max_size=9),
    st.sampled_from([0.0, 12_345_678.0, 1e12]),
)
def test_what_is_written_is_as_near_as_float32_and_in_order(values: list[float], level: float) -> None:
    quantiles = np.sort(np.array(values))[None, None] + level
    written = legible_digits(quantiles, (1, 2))
    span = np.ptp(quantiles) or np.abs(quantiles).max()
    assert (np.diff(written) >= 0).all()
    assert np.abs(written - quantiles).max() <= 1e-6 * span
    assert (np.abs(written - quantiles) <= 1e-6 * np.maximum(np.abs(quantiles), 1e-300)).all()


@pytest.mark.parametrize(
    ("values", "written"),
    [
        ([20.4000001, 23.0], "20.4 23.0"),
        ([12_345_684.123456789, 12_345_690.0], "12345684.123457 12345690.0"),
        ([0.000123456789, 1000.0], "0.0001234568 1000.0"),
        ([float(np.float32(7.3))] * 2, "7.3 7.3"),
        ([0.0, 0.0], "0.0 0.0"),
    ],
)
def test_no_more_digits_are_written_than_a_model_has(values: list[float], written: str) -> None:
    found = legible_digits(np.array([[values]]), (1, 2))
    assert " ".join(map(str, found.ravel().tolist())) == written
