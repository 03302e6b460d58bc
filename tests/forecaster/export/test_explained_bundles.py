"""Explanations of a bundle, held against torch: the slow reference of parts and of sensitivities."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from untrained import with_members

from deploy import Predictor
from deploy.engine.deadline import Deadline
from deploy.engine.explain.explaining import explain
from deploy.engine.explain.explanation import Explanation
from deploy.request.covariates import Covariates
from deploy.request.inputs import Request, check_request
from forecaster.export.manifest import facts_of
from forecaster.export.packing import pack
from forecaster.export.samples import make_sample
from forecaster.export.verify import with_whole_history
from forecaster.model.ensemble import Ensemble
from forecaster.model.network import Network
from forecaster.run.run import Run
from forecaster.windows.window import Window

NORMALIZATIONS = ("none", "mean-std", "last-difference", "log-last-difference")
SUM = 1e-5  # of the range of the medians
SLOPE = 1e-3  # of the largest sensitivity of a forecast
PLAIN: dict[str, Any] = {"calendar_periods": (), "step_seconds": 0.0}
PLAIN |= dict.fromkeys(("known_size", "past_size", "static_size"), 0) | {"category_sizes": ()}


def asked(run: Run, lengths: list[int], horizon: int) -> tuple[Predictor, Request]:
    """The bundle of a run, and a request for made-up series."""
    predictor = Predictor(pack(run.ensemble.weights(), facts_of(run)).bundle)
    sample = make_sample(run.ensemble.first.weights(), predictor.manifest, lengths, horizon)
    history, given = sample.history, Covariates(**sample.arguments)
    if run.config.model.normalization == "none":  # such a network takes numbers about 1
        history = [values / np.nanmean(values, axis=0) for values in history]
    return predictor, check_request(predictor.manifest, history, horizon, given)


def parts_in_torch(network: Network, offsets: torch.Tensor, window: Window) -> dict[str, torch.Tensor]:
    """Level, linear and recurrent part of a member, (batch, horizon, D), from its own modules in float64."""
    config = network.config
    encoding = network.encode(window)
    start = network.start(encoding, window)
    rows, stats = network.horizon_rows(window)
    calibrated = Ensemble([network], offsets).calibrate(rows)
    shape = (len(window.lengths), -1, config.target_size)
    z = start.highway.reshape(shape)[:, : window.horizon]
    every = calibrated.reshape(*shape, len(config.quantile_levels))[:, : window.horizon]
    whole = every.sort(-1).values[..., config.median_index]
    location, scale = (part.reshape(len(window.lengths), 1, -1) for part in (stats.location, stats.scale))
    linear, recurrent = scale * z, scale * (whole - z)
    if config.normalization != "log-last-difference":
        return {"level": location + 0 * linear, "linear": linear, "recurrent": recurrent}
    level, median = location.exp(), (location + linear + recurrent).exp()
    ratio = linear + recurrent
    worth = torch.where(ratio.abs() < 1e-12, level, (median - level) / ratio)
    return {"level": level + 0 * linear, "linear": linear * worth, "recurrent": recurrent * worth}


def summed(found: Explanation) -> np.ndarray:
    return found.level + found.linear + found.recurrent + found.bound


def range_of(values: np.ndarray) -> np.ndarray:
    """The range of the median of each series and channel, of which there is always some."""
    return np.maximum(np.ptp(values, axis=1, keepdims=True), 1e-2 * np.abs(values).max(1, keepdims=True))


@pytest.mark.parametrize("members", [1, 3])
@pytest.mark.parametrize("normalization", NORMALIZATIONS)
@pytest.mark.parametrize(
    "changes",
    [{}, {"highway": 4}, {"highway": 0}, {"target_size": 3, "highway": 2}, {"decoder_layers": 2}],
    ids=["plain", "gated", "no highway", "joint", "deep"],
)
def test_the_parts_are_those_of_torch_and_sum_to_the_median(
    run_of, changes: dict[str, Any], normalization: str, members: int
) -> None:
    run = with_members(run_of(normalization=normalization, **changes), members)
    predictor, request = asked(run, [26, 9, 40], 9)
    found = explain(predictor.engine, request, Deadline(None), sensitivities=False)
    span = range_of(found.median)
    assert (np.abs(summed(found) - found.median) / span).max() < SUM
    window = with_whole_history(predictor.manifest, request).double()
    with torch.inference_mode():
        each = [
            parts_in_torch(network.double(), run.ensemble.offsets.double(), window)
            for network in run.ensemble.networks
        ]
    for name in ("level", "linear", "recurrent"):
        expected = np.mean([one[name].numpy() for one in each], axis=0).reshape(found.median.shape)
        assert (np.abs(getattr(found, name) - expected) / span).max() < 10 * SUM, name


@pytest.mark.parametrize("lower", [None, 30.0])
@pytest.mark.parametrize("normalization", ["mean-std", "log-last-difference"])
def test_a_bound_is_a_part_of_its_own(run_of, normalization: str, lower: float | None) -> None:
    run = with_members(run_of(normalization=normalization, lower=lower), 2)
    predictor = Predictor(pack(run.ensemble.weights(), facts_of(run)).bundle)
    above = 30.0 + np.abs(np.random.default_rng(0).normal(size=(4, 26)))
    given = Covariates(
        **make_sample(run.ensemble.first.weights(), predictor.manifest, [26] * 4, 12).arguments
    )
    request = check_request(predictor.manifest, above, 12, given)
    found = explain(predictor.engine, request, Deadline(None), sensitivities=False)
    assert (np.abs(summed(found) - found.median) / range_of(found.median)).max() < SUM
    assert (found.bound > 0).any() == (lower is not None)


def test_weights_on_the_history_sum_to_the_linear_part(run_of) -> None:
    run = run_of(highway=4, normalization="last-difference", **PLAIN)
    predictor, request = asked(run, [26, 40], 12)
    found = explain(predictor.engine, request, Deadline(None), sensitivities=False)
    values = request.history["history"].astype(float) + request.levels[:, None]
    away = np.where(np.isnan(values), 0.0, values - found.level[:, :1])
    by_hand = np.einsum("bht,bt->bh", found.weights, away) + found.constant
    span = range_of(found.median)
    assert (np.abs(by_hand - found.linear) / span).max() < SUM
    assert (np.abs(found.contributions.sum(2) + found.constant - found.linear) / span).max() < SUM


def test_under_logarithms_the_median_is_the_level_times_its_factors(run_of) -> None:
    run = with_members(run_of(normalization="log-last-difference", highway=2), 2)
    predictor, request = asked(run, [26, 9], 12)
    found = explain(predictor.engine, request, Deadline(None), sensitivities=False)
    product = found.level * found.factors["linear"] * found.factors["recurrent"] * found.factors["bound"]
    np.testing.assert_allclose(product, found.median, rtol=1e-5)


def with_ordered_rows(run: Run) -> Run:
    """The run with quantiles that do not cross, as a fit leaves them: sorting is then no kink."""
    levels = torch.tensor(run.config.model.quantile_levels)
    for network in run.ensemble.networks:
        with torch.no_grad():
            for rows, spread in ((network.decoder.next_rows, 10.0), (network.decoder.delta_rows, 0.0)):
                weight = rows.weight.view(-1, len(levels), run.config.model.hidden_size)
                weight.copy_(weight[:, 4:5].repeat(1, len(levels), 1))
                bias = rows.bias.view(-1, len(levels))
                bias.copy_(bias[:, 4:5] + spread * (levels - 0.5))
    return run


def slopes(run: Run, predictor: Predictor, request: Request, name: str) -> np.ndarray:
    """Autograd's derivatives of the medians of a series, (horizon, D, ...) by an input."""
    ensemble = run.ensemble.double()
    window = with_whole_history(predictor.manifest, request).double()
    median = run.config.model.median_index

    def forecast(value: torch.Tensor) -> torch.Tensor:
        quantiles = ensemble.forecast(replace(window, **{name: value}))[..., median]
        return quantiles.reshape(request.horizon, -1)

    jacobian = torch.autograd.functional.jacobian(forecast, getattr(window, name).double())
    found: np.ndarray = jacobian.nan_to_num().numpy()[:, :, 0]
    return found


@pytest.mark.parametrize("members", [1, 2])
@pytest.mark.parametrize("normalization", NORMALIZATIONS)
@pytest.mark.parametrize("changes", [{}, {"highway": 4}, {"target_size": 2}], ids=["plain", "gated", "joint"])
def test_sensitivities_are_those_of_autograd(
    run_of, changes: dict[str, Any], normalization: str, members: int
) -> None:
    run = run_of(normalization=normalization, calibrated=False, **changes)
    run = with_ordered_rows(with_members(run, members))
    predictor, both = asked(run, [26, 22], 9)
    request = list(both.chunks(1))[1]  # the first of joint series has a constant channel
    found = explain(predictor.engine, request, Deadline(None)).sensitivities
    assert found is not None
    size = run.config.model.target_size
    wrong, largest = {}, {}
    kinds = {"history": "lags", "known": "known", "future_known": "future_known", "past": "past"}
    for name, field in {**kinds, "static": "static"}.items():
        expected = slopes(run, predictor, request, name)
        own = getattr(found, field)[0].reshape(9, size, *expected.shape[2:])
        if field in ("lags", "known", "past"):  # the window has its last value at its length
            own = np.roll(own, 22 - 26, axis=2)
        # What a typical move of an input does, so that all inputs compare.
        unit = found.spread[0] if field == "lags" else found.spreads[name.removeprefix("future_")]
        wrong[field], largest[field] = (np.abs(values * unit).max() for values in (own - expected, expected))
    assert max(wrong.values()) < SLOPE * max(largest.values()), wrong


def test_a_patch_moves_a_forecast_as_its_values_do_together(run_of) -> None:
    run = run_of(normalization="last-difference", **PLAIN)
    predictor, request = asked(run, [26], 9)
    found = explain(predictor.engine, request, Deadline(None))
    assert found.sensitivities is not None
    lags = found.sensitivities.lags
    patches = found.by_patch(lags)
    assert patches.shape == (1, 9, 6)  # of 26 values: 1, then five times 5
    np.testing.assert_allclose(patches[..., 0], lags[..., 0])
    np.testing.assert_allclose(patches[..., -1], lags[..., -5:].sum(-1))
    np.testing.assert_allclose(patches.sum(-1), lags.sum(-1))


def test_what_is_missing_or_constant_moves_nothing(run_of) -> None:
    run = run_of(normalization="last-difference", **PLAIN)
    predictor = Predictor(pack(run.ensemble.weights(), facts_of(run)).bundle)
    gaps = 10.0 + np.random.default_rng(0).normal(size=26)
    gaps[[3, 7]] = np.nan
    request = check_request(predictor.manifest, [gaps, np.full(26, 7.0), gaps[10:]], 9, Covariates())
    found = explain(predictor.engine, request, Deadline(None))
    assert found.sensitivities is not None
    lags = found.sensitivities.lags
    moving = (lags != 0).any(1)
    np.testing.assert_array_equal(np.flatnonzero(~moving[0]), [3, 7])
    assert not moving[1].any()
    assert (found.median[1] == 7).all()
    np.testing.assert_array_equal(np.flatnonzero(moving[2]), np.arange(10, 26))
