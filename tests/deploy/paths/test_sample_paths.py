"""Paths that agree with the forecast, hang together, and follow what is imposed on them."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from deploy import DeadlineError, Draw, InputError, Predictor
from deploy.engine.deadline import Deadline
from deploy.engine.loop import Loop
from deploy.paths import sampling
from deploy.paths.patches import PatchDependence
from deploy.paths.scores import scores_of, value_at
from deploy.request.covariates import Covariates
from deploy.request.inputs import check_request

pytestmark = pytest.mark.slow

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


def test_paths_do_not_depend_on_how_many_are_run_at_once(
    predictor: Predictor, arguments: Arguments, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = predictor.sample_paths(**arguments, paths=20, fixed=None)
    monkeypatch.setattr(sampling, "ROWS", 13)
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
    expected = {
        (step, series, path)
        for step in range(arguments["horizon"])
        for series in range(3)
        for path in range(5)
    }
    assert set(seen) == expected
    assert len(seen) == len(expected)


def test_interventions_follow_what_is_fixed(plain: Predictor) -> None:
    def cap(draw: Draw) -> np.ndarray:
        return np.minimum(draw.values, 20.0)

    history = np.arange(1.0, 30.0)
    free = plain.sample_paths(history, 6, paths=50)
    paths = plain.sample_paths(history, 6, paths=50, fixed={1: 100.0, 2: 5.0}, intervene=cap)
    assert (free > 20).any()
    assert (paths <= 20).all()
    assert (paths[:, :, 1] == 20).all()
    assert (paths[:, :, 2] == 5).all()


def test_a_cap_below_which_a_path_stays_does_not_move_it(predictor: Predictor, arguments: Arguments) -> None:
    free = predictor.sample_paths(**arguments, paths=40)
    cap = np.quantile(free, 0.9)
    capped = predictor.sample_paths(
        **arguments, paths=40, intervene=lambda draw: np.minimum(draw.values, cap)
    )
    assert (capped <= cap).all()
    series, path = np.nonzero((free <= cap).reshape(3, 40, -1).all(2))
    np.testing.assert_array_equal(capped[series, path], free[series, path])


def test_an_intervention_may_write_into_what_it_is_given(predictor: Predictor, arguments: Arguments) -> None:
    kept: list[tuple[Draw, np.ndarray]] = []

    def overwrite(draw: Draw) -> np.ndarray:
        kept.append((draw, draw.quantiles.copy()))
        draw.values[...] = 20
        return draw.values

    assert (predictor.sample_paths(**arguments, paths=5, intervene=overwrite) == 20).all()
    for draw, quantiles in kept:
        np.testing.assert_array_equal(draw.quantiles, quantiles)


def test_a_value_on_the_lower_bound_is_kept(covariates: Predictor, make_arguments: MakeArguments) -> None:
    assert covariates.manifest.lower == 0
    paths = covariates.sample_paths(**make_arguments(covariates, [24], 7), paths=50, fixed={3: 0.0})
    assert (paths[:, :, 3] == 0).all()


def ancestral(
    predictor: Predictor, history: list[np.ndarray], scores: np.ndarray, lift: float = 0.0
) -> np.ndarray:
    """The reference for one series and patches of one value: a run() a step, each fed with its own draw.

    scores: (paths, steps); lift: of the first value. Returns logarithms, as the model does.
    """
    request = check_request(predictor.manifest, history, scores.shape[1], Covariates(*[None] * 6))
    encoder, step = predictor.engine.session("encoder.onnx"), predictor.engine.session("decoder_step.onnx")
    levels = scores_of(predictor.manifest.quantile_levels)
    names = [output.name for output in step.get_outputs()]
    paths = []
    for row in scores:
        encoded = encoder.run(None, request.history)
        state = dict(zip([output.name for output in encoder.get_outputs()], encoded, strict=True))
        location, scale = (float(state[name][0, 0]) for name in ("location", "scale"))
        path = []
        for number, score in enumerate(row):
            outputs = dict(zip(names, step.run(None, {**state, "step": np.array([number])}), strict=True))
            quantiles = np.log(outputs["next_quantiles"][0, 0].astype(np.float64))
            path.append(float(value_at(quantiles, np.array(score), levels)) + (0 if path else lift))
            previous = np.array([[(path[-1] - location) / scale]], np.float32)
            state |= {"h": outputs["next_h"], "c": outputs["next_c"], "previous": previous}
        paths.append(path)
    return np.array(paths)


ROOTS = [np.arange(1.0, 30.0) ** 0.5]


def scores_for(predictor: Predictor, paths: int, horizon: int) -> np.ndarray:
    """Those of the first series under seed 0."""
    return Deadline(None).finish(
        PatchDependence(predictor.manifest).draw(np.random.default_rng([0, 0]), paths, horizon)
    )[..., 0]


def test_the_order_of_the_paths_is_that_of_a_plain_ancestral_draw(plain: Predictor) -> None:
    reference = ancestral(plain, ROOTS, scores_for(plain, 8, 5))
    found = plain.sample_paths(ROOTS, 5, paths=8)[0]
    np.testing.assert_array_equal(found.argsort(0), reference.argsort(0))


def test_a_model_of_logarithms_moves_later_values_by_a_factor(plain: Predictor) -> None:
    def double_the_first(draw: Draw) -> np.ndarray:
        return draw.values * (2 if draw.step == 0 else 1)

    free = plain.sample_paths(ROOTS, 5, paths=4)[0]
    moved = plain.sample_paths(ROOTS, 5, paths=4, intervene=double_the_first)[0]
    np.testing.assert_allclose(moved[:, 0], 2 * free[:, 0])
    scores = scores_for(plain, 4, 5)
    change = ancestral(plain, ROOTS, scores, lift=np.log(2.0)) - ancestral(plain, ROOTS, scores)
    np.testing.assert_allclose(np.log(moved / free), change, atol=1e-4)


def test_values_tied_on_a_bound_do_not_tie_the_steps_together(
    covariates: Predictor, make_arguments: MakeArguments, monkeypatch: pytest.MonkeyPatch
) -> None:
    quantiles = Loop.quantiles

    def tied(loop: Loop, name: str = "quantiles") -> np.ndarray:
        return np.zeros_like(quantiles(loop, name))

    monkeypatch.setattr(Loop, "quantiles", tied)
    paths = covariates.sample_paths(**make_arguments(covariates, [24], 20), paths=600)[0]
    of_patches = paths[:, ::5].argsort(0).argsort(0)  # one value of each patch
    assert np.abs(np.corrcoef(of_patches, rowvar=False)[~np.eye(4, dtype=bool)]).max() < 0.2


def test_an_imposed_value_far_out_throws_the_rest_of_its_patch_only_so_far(
    covariates: Predictor, make_arguments: MakeArguments
) -> None:
    arguments = make_arguments(covariates, [24], 5)
    free = covariates.sample_paths(**arguments, paths=50)
    spread = free.max() - free.min()
    moved = covariates.sample_paths(**arguments, paths=50, fixed={0: float(free.max() + 1e6 * spread)})
    assert np.abs(moved[:, :, 1:] - free[:, :, 1:]).max() < 20 * spread


def test_an_infinite_forecast_has_no_paths(covariates: Predictor, make_arguments: MakeArguments) -> None:
    arguments = make_arguments(covariates, [24], 5)
    arguments["history"] = [np.tile([3.3e38, 0.0], 12)]
    with pytest.raises(InputError, match="series 0: its forecast is not finite"):
        covariates.sample_paths(**arguments, paths=3)


def test_the_deadline_is_looked_at_between_steps(plain: Predictor, monkeypatch: pytest.MonkeyPatch) -> None:
    now = iter(range(100))
    monkeypatch.setattr(time, "monotonic", lambda: float(next(now)))
    seen: list[int] = []

    def look(draw: Draw) -> np.ndarray:
        seen.append(draw.step)
        return draw.values

    with pytest.raises(DeadlineError):
        plain.sample_paths([1.0, 2.0, 3.0], 6, paths=2, timeout=14, intervene=look)
    assert 0 < len(seen) < 6


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
    "not finite": ({"fixed": {1: np.inf}}, "fixed, step 1: expected numbers finite and above 0"),
    "not positive": ({"fixed": {1: 0.0}}, "fixed, step 1: expected numbers finite and above 0"),
    "beyond float32": ({"fixed": {1: 1e39}}, "fixed, step 1: expected numbers finite and above 0"),
    "not positive, by a function": (
        {"intervene": lambda draw: draw.values * 0},
        "expected numbers finite and above 0",
    ),
    "wrong shape": ({"intervene": lambda _: np.ones(3)}, r"numbers of shape \(10,\), found shape \(3,\)"),
    "nan": (
        {"intervene": lambda draw: draw.values * np.nan},
        "what an intervention returned: expected numbers finite and above 0",
    ),
}


@pytest.mark.parametrize(("given", "expected"), REFUSALS.values(), ids=REFUSALS)
def test_what_cannot_be_is_refused(plain: Predictor, given: dict[str, Any], expected: str) -> None:
    with pytest.raises(InputError, match=expected):
        plain.sample_paths([1.0, 2.0, 3.0], **{"paths": 10, **given})


def test_a_fixed_value_below_the_bound_is_refused(
    covariates: Predictor, make_arguments: MakeArguments
) -> None:
    expected = r"fixed, step 1: expected numbers finite and at least 0, .*, found -3$"
    with pytest.raises(InputError, match=expected):
        covariates.sample_paths(**make_arguments(covariates, [24], 5), paths=9, fixed={1: -3.0})


def test_a_model_of_the_median_alone_has_no_paths(plain: Predictor) -> None:
    with pytest.raises(InputError, match="this one has the median alone"):
        sampling.check_paths(replace(plain.manifest, quantile_levels=(0.5,)), 10, 0)


def test_they_end_at_their_deadline(plain: Predictor) -> None:
    with pytest.raises(DeadlineError):
        plain.sample_paths([1.0, 2.0], timeout=1e-9)
