"""What is added to a history is added to its forecast: the graphs never see how far from 0 a series is."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deploy import Draw, Predictor
from deploy.bundle.bundle import read_bundle
from deploy.request.levels import ROOM, split_levels

BUNDLES = Path(__file__).parents[1] / "bundles"
HORIZON = 12
FAR_ABOVE = 100_000
FAR = st.one_of(st.sampled_from([1.0, 1e3, 12_345_678.0, 1e9, 1e12]), st.floats(1, 1e12))
Arguments = dict[str, Any]


def load(name: str, **changed: Any) -> Predictor:
    """A committed bundle as if its manifest said something else."""
    bundle = read_bundle(BUNDLES / name)
    return Predictor(replace(bundle, manifest=replace(bundle.manifest, **changed)))


# The graph of "covariates" has a bound of 0 and normalises by the last value; that of "joint" has no bound.
MODELS = {name: load(name) for name in ("covariates", "joint")}


def ask(predictor: Predictor, make_arguments: Callable[..., Arguments]) -> Arguments:
    """Whole numbers, so that float64 holds them however far they are moved, and all far above the bound."""
    arguments = make_arguments(predictor, [24, 9], HORIZON)
    arguments["history"] = [np.rint(values) + FAR_ABOVE for values in arguments["history"]]
    return arguments


def moved(arguments: Arguments, by: float) -> Arguments:
    return {**arguments, "history": [values.astype(np.float64) + by for values in arguments["history"]]}


def spacing(by: float) -> float:
    """What float64 cannot tell apart at such a level, in the additions on the way."""
    return float(4 * np.spacing(by + FAR_ABOVE))


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("method", ["graph", "step"])
@given(by=FAR)
@settings(max_examples=40, deadline=None)
def test_a_forecast_moves_by_what_its_history_was_moved(
    name: str, method: Any, by: float, make_arguments: Callable[..., Arguments]
) -> None:
    predictor = MODELS[name]
    by = float(np.rint(by))
    arguments = ask(predictor, make_arguments)
    near = predictor.forecast(**arguments, method=method).quantiles
    far = predictor.forecast(**moved(arguments, by), method=method).quantiles
    np.testing.assert_allclose(far, near + by, rtol=0, atol=spacing(by))


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("by", [1.0, 1e6, 1e12])
def test_paths_move_by_what_their_history_was_moved(
    name: str, by: float, make_arguments: Callable[..., Arguments]
) -> None:
    predictor = MODELS[name]
    arguments = ask(predictor, make_arguments)
    near = predictor.sample_paths(**arguments, paths=20)
    far = predictor.sample_paths(**moved(arguments, by), paths=20)
    np.testing.assert_allclose(far, near + by, rtol=0, atol=spacing(by))


@pytest.mark.parametrize("by", [0.0, 1e6, 1e12])
def test_a_what_if_has_the_very_value_that_was_imposed(
    by: float, make_arguments: Callable[..., Arguments]
) -> None:
    predictor = MODELS["covariates"]
    arguments = ask(predictor, make_arguments)
    shown = []

    def impose(draw: Draw) -> Any:
        shown.append(draw.values)
        return draw.values + (3.0 if draw.step == 1 else 0.0)

    far = predictor.sample_paths(**moved(arguments, by), paths=5, intervene=impose)
    assert all((values > by).all() for values in shown)
    wanted = by + FAR_ABOVE + 100.1
    fixed = predictor.sample_paths(**moved(arguments, by), paths=5, fixed={1: wanted})
    np.testing.assert_array_equal(fixed[..., 1], wanted)
    free = predictor.sample_paths(**moved(arguments, by), paths=5)
    np.testing.assert_array_equal(far[..., 0], free[..., 0])


def test_a_stream_keeps_the_digits_of_its_values(make_arguments: Callable[..., Arguments]) -> None:
    predictor = MODELS["joint"]
    arguments = moved(ask(predictor, make_arguments), 1e12)
    coming = {"future_known": np.asarray(arguments.pop("future_known"))[0]}
    first = {name: values[:1] for name, values in arguments.items() if name != "horizon"}
    stream = predictor.stream(**first)
    again = type(stream).from_bytes(predictor, stream.to_bytes())
    np.testing.assert_array_equal(again.values, first["history"][0][-len(again.values) :])
    expected = predictor.forecast(**first, horizon=HORIZON, future_known=[coming["future_known"]])
    found = again.forecast(HORIZON, **coming)
    np.testing.assert_array_equal(found.quantiles, expected.quantiles)


def test_a_history_keeps_its_height_above_a_bound_unless_that_is_many_of_its_ranges() -> None:
    history = np.array([[3.0, np.nan, 0.0, 1.0, 40.0, 2.0]])
    near, far = history + ROOM * 40, history + ROOM * 40 + 1000
    for height, level in ((history, 0.0), (near, 0.0), (far, 1000.0)):
        left, levels = split_levels(MODELS["covariates"].manifest, height)
        assert levels[0] == level
        np.testing.assert_array_equal(left + levels[:, None], height)


@pytest.mark.parametrize("by", [0.5, 3.0, 1e9])
def test_a_forecast_by_logarithms_is_multiplied_as_its_history_is(by: float) -> None:
    predictor = load("plain")
    history = np.array([12.0, 15.0, 11.0, 14.0, np.nan, 17.0])
    near, far = (predictor.forecast(history * factor) for factor in (1.0, by))
    np.testing.assert_allclose(far.quantiles, near.quantiles * by, rtol=1e-14)
    paths = [predictor.sample_paths(history * factor, paths=7) for factor in (1.0, by)]
    np.testing.assert_allclose(paths[1], paths[0] * by, rtol=1e-14)


def test_plain_values_lose_no_level() -> None:
    history = np.full((1, 2, 3), 1e6)
    left, levels = split_levels(load("joint", normalization="none").manifest, history)
    np.testing.assert_array_equal(left, history)
    assert not levels.any()


def test_the_widest_history_stays_as_it_is() -> None:
    history = np.array([[-3e38, 3e38]])
    left, levels = split_levels(replace(MODELS["covariates"].manifest, lower=None), history)
    assert np.isfinite(left).all()
    assert levels[0] == 0


def test_a_history_that_spans_all_of_float32_keeps_its_level() -> None:
    history = np.array([[1e30, 1e-30], [1e-38, 1e38], [3.0, 6.0]])
    left, levels = split_levels(load("plain").manifest, history)
    assert levels.tolist() == [1.0, 1.0, 6.0]
    assert (left > 0).all()
    assert np.isfinite(left).all()
