"""Paths that agree with the forecast, hang together, and follow what is imposed on them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from deploy import DeadlineError, Draw, InputError, Predictor, sampling

Arguments = dict[str, Any]
MakeArguments = Callable[..., Arguments]
LENGTHS = [40, 3, 25]


@pytest.fixture
def arguments(predictor: Predictor, make_arguments: MakeArguments) -> Arguments:
    """For three series, over a horizon that is no multiple of the patch."""
    return make_arguments(predictor, LENGTHS, predictor.manifest.patch_length * 2 + 1)


def test_they_have_a_shape_for_every_series_path_step_and_channel(
    predictor: Predictor, arguments: Arguments
) -> None:
    paths = predictor.sample_paths(**arguments, paths=7)
    assert paths.shape == (3, 7, *predictor.forecast(**arguments).quantiles.shape[1:-1])
    assert np.isfinite(paths).all()


def test_their_quantiles_are_those_of_the_forecast(predictor: Predictor, arguments: Arguments) -> None:
    forecast = predictor.forecast(**arguments)
    paths = predictor.sample_paths(**arguments, paths=2000)
    found = np.moveaxis(np.quantile(paths, forecast.quantile_levels, axis=1), 0, -1)
    spread = forecast.quantiles.max(-1, keepdims=True) - forecast.quantiles.min(-1, keepdims=True)
    assert (np.abs(found - forecast.quantiles) <= 0.01 * spread + 1e-6 * np.abs(forecast.quantiles)).all()


def test_a_seed_gives_the_same_paths_and_another_gives_others(
    predictor: Predictor, arguments: Arguments
) -> None:
    first, again, other = (predictor.sample_paths(**arguments, paths=20, seed=seed) for seed in (3, 3, 4))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)
    np.testing.assert_allclose(np.sort(first, axis=1), np.sort(other, axis=1))


def test_paths_do_not_depend_on_how_many_are_run_at_once(
    predictor: Predictor, arguments: Arguments, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = predictor.sample_paths(**arguments, paths=20, fixed=None)
    for module in ("deploy.sampling.ROWS", "deploy.predictor.ROWS"):
        monkeypatch.setattr(module, 13)
    np.testing.assert_array_equal(predictor.sample_paths(**arguments, paths=20), whole)


def test_the_series_that_follow_change_no_path(
    predictor: Predictor, arguments: Arguments, pick: Callable[..., Arguments]
) -> None:
    together = predictor.sample_paths(**arguments, paths=20)
    np.testing.assert_array_equal(predictor.sample_paths(**pick(arguments, [0, 1]), paths=20), together[:2])


def test_a_value_that_is_fixed_is_kept_and_what_comes_before_does_not_change(
    predictor: Predictor, arguments: Arguments
) -> None:
    free = predictor.sample_paths(**arguments, paths=30)
    wanted = free.mean(1)[:, 1] * 1.5
    paths = predictor.sample_paths(**arguments, paths=30, fixed={1: wanted})
    np.testing.assert_array_equal(paths[:, :, 1], np.broadcast_to(wanted[:, None], paths[:, :, 1].shape))
    np.testing.assert_array_equal(paths[:, :, 0], free[:, :, 0])
    assert not np.allclose(paths[:, :, 2], free[:, :, 2], rtol=1e-3)


def test_an_intervention_that_changes_nothing_changes_nothing(
    predictor: Predictor, arguments: Arguments
) -> None:
    free = predictor.sample_paths(**arguments, paths=11)
    np.testing.assert_array_equal(
        predictor.sample_paths(**arguments, paths=11, intervene=lambda draw: draw.values), free
    )


def test_an_intervention_sees_every_step_of_every_path_once(
    predictor: Predictor, arguments: Arguments, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sampling, "ROWS", 4)
    seen = []

    def look(draw: Draw) -> np.ndarray:
        assert draw.quantiles.shape == (*draw.values.shape, 9)
        seen.extend((draw.step, *row) for row in zip(draw.series.tolist(), draw.path.tolist(), strict=True))
        return draw.values

    predictor.sample_paths(**arguments, paths=5, intervene=look)
    steps = -(-arguments["horizon"] // predictor.manifest.patch_length) * predictor.manifest.patch_length
    expected = {(step, series, path) for step in range(steps) for series in range(3) for path in range(5)}
    assert set(seen) == expected
    assert len(seen) == len(expected)


def test_interventions_follow_what_is_fixed(plain: Predictor) -> None:
    def cap(draw: Draw) -> np.ndarray:
        return np.minimum(draw.values, 20.0)

    history = np.arange(1.0, 30.0)
    paths = plain.sample_paths(history, 6, paths=50, fixed={1: 100.0, 2: 5.0}, intervene=cap)
    assert (paths[:, :, 1] == 20).all()
    assert (paths[:, :, 2] == 5).all()


def test_a_model_of_positive_series_keeps_them_positive(plain: Predictor) -> None:
    paths = plain.sample_paths(np.arange(1.0, 30.0), paths=500, fixed={0: 1e-3})
    assert (paths > 0).all()


def test_a_constant_history_has_paths_of_its_constant(
    covariates: Predictor, make_arguments: MakeArguments
) -> None:
    arguments = make_arguments(covariates, [24], 7)
    arguments["history"] = [np.full(24, 5.0)]
    np.testing.assert_allclose(covariates.sample_paths(**arguments, paths=9), 5.0)


REFUSALS = {
    "no paths": ({"paths": 0}, "paths must be a whole number from 1 to 100000, found 0"),
    "half a path": ({"paths": 1.5}, "paths must be a whole number"),
    "a negative seed": ({"seed": -1}, "seed must be a whole number"),
    "a step beyond": ({"fixed": {6: 1.0}}, "fixed: steps are whole numbers from 0 to 5, found 6"),
    "a step that is none": ({"fixed": {"1": 1.0}}, "found '1'"),
    "a text": ({"fixed": {1: "x"}}, "fixed, step 1: expected numbers of shape"),
    "three for one series": ({"fixed": {1: [1.0, 2.0, 3.0]}}, r"found shape \(3,\) of float64"),
    "not finite": ({"fixed": {1: np.inf}}, "expected finite and above 0"),
    "not positive": ({"fixed": {1: 0.0}}, "expected finite and above 0"),
    "wrong shape": ({"intervene": lambda _: np.ones(3)}, r"numbers of shape \(10,\), found shape \(3,\)"),
    "nan": ({"intervene": lambda draw: draw.values * np.nan}, "must return finite numbers, found nan"),
}


@pytest.mark.parametrize(("given", "expected"), REFUSALS.values(), ids=REFUSALS)
def test_what_cannot_be_is_refused(plain: Predictor, given: dict[str, Any], expected: str) -> None:
    with pytest.raises(InputError, match=expected):
        plain.sample_paths([1.0, 2.0, 3.0], **{"paths": 10, **given})


def test_a_model_of_the_median_alone_has_no_paths(plain: Predictor) -> None:
    with pytest.raises(InputError, match="this one has the median alone"):
        sampling.check_paths(replace(plain.manifest, quantile_levels=(0.5,)), 10, 0)


def test_they_end_at_their_deadline(plain: Predictor) -> None:
    with pytest.raises(DeadlineError):
        plain.sample_paths([1.0, 2.0], timeout=1e-9)
