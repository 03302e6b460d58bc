"""Explanations of a committed bundle, without torch; tests/forecaster/export holds them against torch."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from deploy import BundleError, DeadlineError, Explanation, Forecast, InputError, Predictor
from deploy.bundle.bundle import read_bundle
from deploy.engine.named_parts import find_parts
from deploy.engine.sessions import Sessions

MakeArguments = Callable[..., dict[str, Any]]
HORIZON = 8


@pytest.fixture(scope="module")
def arguments(explained: Predictor, make_arguments: MakeArguments) -> dict[str, Any]:
    return make_arguments(explained, [20, 12, 31], HORIZON)


@pytest.fixture(scope="module")
def forecast(explained: Predictor, arguments: dict[str, Any]) -> Forecast:
    return explained.forecast(**arguments)


@pytest.fixture(scope="module")
def found(forecast: Forecast) -> Explanation:
    return forecast.explain()


def test_parts_sum_to_the_median(found: Explanation, forecast: Forecast) -> None:
    span = np.ptp(forecast.median, axis=1, keepdims=True)
    summed = found.level + found.linear + found.recurrent + found.bound
    assert (np.abs(summed - forecast.median) / span).max() < 1e-5
    np.testing.assert_array_equal(found.median, forecast.median)
    np.testing.assert_array_equal(found.timestamps, forecast.timestamps)


def test_the_level_is_the_last_value_where_the_model_measures_from_there(
    found: Explanation, arguments: dict[str, Any]
) -> None:
    last = np.array([values[-1] for values in arguments["history"]])
    np.testing.assert_allclose(found.level, np.repeat(last[:, None], HORIZON, 1), rtol=1e-6)


def test_a_forecast_is_bit_equal_with_parts_and_without(
    explained: Predictor, arguments: dict[str, Any], forecast: Forecast, found: Explanation
) -> None:
    assert found.median.shape == (3, HORIZON)
    np.testing.assert_array_equal(explained.forecast(**arguments).quantiles, forecast.quantiles)


def test_a_small_move_of_an_input_moves_the_median_by_its_sensitivity(
    explained: Predictor, arguments: dict[str, Any], found: Explanation
) -> None:
    slopes = found.sensitivities
    assert slopes is not None
    before = found.median[0]
    history = [values.astype(float) for values in arguments["history"]]
    unit = 0.02 * np.nanstd(history[0])
    place = 20 - 3
    history[0][place] += unit
    moved = explained.forecast(**{**arguments, "history": history}).median[0] - before
    np.testing.assert_allclose(moved / unit, slopes.lags[0][:, place], atol=0.02)
    unit = 0.1 * slopes.spreads["known"][0]
    promo = np.array(arguments["future_known"])
    promo[0, 5] += unit
    moved = explained.forecast(**{**arguments, "future_known": promo}).median[0] - before
    assert (moved[:4] == 0).all()  # an earlier patch does not see it
    expected = slopes.future_known[0][:, 5, 0]
    np.testing.assert_allclose(moved / unit, expected, atol=0.1 * np.abs(expected).max())


def test_what_is_unknown_is_compared_with_what_is_known(
    explained: Predictor, arguments: dict[str, Any], found: Explanation
) -> None:
    assert found.sensitivities is not None
    unknown = found.sensitivities.unknown
    assert set(unknown) == {"calendar", "shop"}
    without = explained.forecast(**{**arguments, "last_timestamp": None}).median
    np.testing.assert_allclose(unknown["calendar"], found.median - without, atol=1e-3)
    without = explained.forecast(**{**arguments, "static_cat": [["?"]] * 3}).median
    np.testing.assert_allclose(unknown["shop"], found.median - without, atol=1e-3)


def test_shares_sum_to_1_and_are_said_in_a_sentence(found: Explanation) -> None:
    shares = found.shares(0)
    assert set(shares) == {
        "the last value",
        "earlier seasons (4 steps)",
        "other values",
        "promo",
        "shop",
        "the calendar",
    }
    assert sum(shares.values()) == pytest.approx(1)
    assert list(shares.values()) == sorted(shares.values(), reverse=True)
    assert found.sentence(0).startswith(f"It rests to {100 * next(iter(shares.values())):.0f} % on ")


def test_a_constant_history_rests_on_nothing_of_its_own(explained: Predictor) -> None:
    known = np.zeros((20, 1))
    forecast = explained.forecast(np.full(20, 5.0), 4, known=known, future_known=known[:4])
    found = forecast.explain()
    assert found.shares() == {}
    assert found.sentence() == "Nothing moves this forecast: its history is constant."
    np.testing.assert_array_equal(found.level, np.full((1, 4), 5.0))


def test_without_sensitivities_there_are_parts_and_no_shares(forecast: Forecast) -> None:
    found = forecast.explain(sensitivities=False)
    assert found.sensitivities is None
    with pytest.raises(InputError, match="ask for them with sensitivities=True"):
        found.shares()


def test_factors_are_of_models_that_take_logarithms(found: Explanation) -> None:
    with pytest.raises(InputError, match="only a model that takes logarithms is made of factors"):
        _ = found.factors


def test_a_bundle_exported_before_says_so_and_still_forecasts(
    predictor: Predictor, make_arguments: MakeArguments
) -> None:
    forecast = predictor.forecast(**make_arguments(predictor, [predictor.manifest.context_length]))
    assert np.isfinite(forecast.quantiles).all()
    with pytest.raises(
        BundleError, match="exported before forecasts could be explained; export its run again"
    ):
        forecast.explain()


def test_a_forecast_that_was_pickled_or_is_of_many_does_not_know_its_histories(
    explained: Predictor, forecast: Forecast
) -> None:
    same = pickle.loads(pickle.dumps(forecast))
    np.testing.assert_array_equal(same.quantiles, forecast.quantiles)
    many = explained.forecast(
        np.ones((1001, 3)), 1, known=np.zeros((1001, 3, 1)), future_known=np.zeros((1001, 1, 1))
    )
    for one in (same, many):
        with pytest.raises(InputError, match=r"explain what Predictor\.forecast returns of at most 1000"):
            one.explain()


def test_an_explanation_ends_in_time(forecast: Forecast) -> None:
    with pytest.raises(DeadlineError, match="longer than its timeout"):
        forecast.explain(timeout=1e-9)


def test_more_series_than_memory_holds_are_refused(
    explained: Predictor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("deploy.engine.explain.explaining.MOST_NUMBERS", 2 * 4 * 20)
    known = np.zeros((3, 20, 1))
    forecast = explained.forecast(
        np.random.default_rng(0).random((3, 20)), 4, known=known, future_known=known[:, :4]
    )
    with pytest.raises(InputError, match="3 series are too many to explain at once; expected at most 2"):
        forecast.explain()


def test_parts_by_other_names_are_as_none(bundles: Any) -> None:
    model = read_bundle(bundles / "explained").files["forecast.onnx"]
    with pytest.raises(BundleError, match="exported before"):
        find_parts(model.replace(b"member_0_scale", b"member_0_scalx"))


@pytest.mark.parametrize(
    "swap", [("linear", "shares"), ("rows", "maps"), ("context", "shares"), ("linear", "scale")]
)
def test_tensors_under_each_others_names_are_an_error_of_the_bundle(
    bundles: Any, swap: tuple[str, str]
) -> None:
    predictor = Predictor(read_bundle(bundles / "explained"))
    one, other = (f"member_0_{part}" for part in swap)
    known = np.zeros((20, 1))
    forecast = predictor.forecast(np.arange(20.0), 4, known=known, future_known=known[:4])
    run = predictor.engine.run_parts

    def swapped(request: Any) -> Any:
        tensors = run(request)
        return {**tensors, one: tensors[other], other: tensors[one]}

    predictor.engine.run_parts = swapped  # type: ignore[method-assign]
    with pytest.raises(BundleError, match="names its parts, but not as an exporter does"):
        forecast.explain()


def test_the_session_of_parts_is_built_once_and_again_after_a_fork(
    explained: Predictor, forecast: Forecast
) -> None:
    sessions: Sessions = explained._sessions
    forecast.explain(sensitivities=False)
    built = sessions.parted()
    assert sessions.parted() is built
    assert built in sessions.after_fork()
    assert sessions.parted() is not built
