"""Several members in one bundle: the graph averages them, the loop is the first."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
import torch
from untrained import with_members

from deploy import BundleError, Predictor
from deploy.__main__ import main
from deploy.bundle.bundle import GOLDEN, MANIFEST, read_bundle
from deploy.request.covariates import Covariates
from deploy.request.inputs import check_request
from forecaster.export import packing
from forecaster.export.bundle import write_bundle
from forecaster.export.graphs import emit_graphs
from forecaster.export.manifest import describe, draft_manifest, facts_of
from forecaster.export.samples import Sample, make_sample
from forecaster.export.verify import relative_error, with_whole_history
from forecaster.model.ensemble import Ensemble
from forecaster.run.run import Run

pytestmark = pytest.mark.slow

ALLOWED = 1e-4  # of a series' own range: what an export allows
MEMBERS = 3


def apart(run: Run) -> list[Ensemble]:
    """Each member of the run alone."""
    return [Ensemble([network], run.ensemble.offsets) for network in run.ensemble.networks]


def sample_of(run: Run, predictor: Predictor) -> Sample:
    return make_sample(run.ensemble.first.weights(), predictor.manifest, [26, 9, 40], 9)


def forecast(predictor: Predictor, sample: Sample, method: Any = "graph") -> np.ndarray:
    return predictor.forecast(sample.history, sample.horizon, method=method, **sample.arguments).quantiles


def window_of(predictor: Predictor, sample: Sample):
    given = Covariates(**sample.arguments)
    request = check_request(predictor.manifest, sample.history, sample.horizon, given)
    return with_whole_history(predictor.manifest, request)


@pytest.mark.parametrize(
    "changes", [{}, {"target_size": 3}, {"lower": -0.3}, {"normalization": "log-last-difference"}]
)
def test_the_graph_is_the_mean_of_the_members_level_by_level(run_of, tmp_path, changes) -> None:
    run = with_members(run_of(**changes))
    write_bundle(run, tmp_path / "bundle")
    predictor = Predictor.load(tmp_path / "bundle")
    sample = sample_of(run, predictor)
    window = window_of(predictor, sample)
    with torch.inference_mode():
        each = [one.forecast(window).double().numpy() for one in apart(run)]
    found = forecast(predictor, sample)
    assert relative_error(found, np.mean(each, axis=0)) < ALLOWED
    assert relative_error(found, each[0]) > 100 * ALLOWED
    assert (np.diff(found, axis=-1) >= 0).all()


def test_the_loop_is_the_first_member(run_of, tmp_path) -> None:
    run = with_members(run_of())
    write_bundle(run, tmp_path / "bundle")
    predictor = Predictor.load(tmp_path / "bundle")
    sample = sample_of(run, predictor)
    with torch.inference_mode():
        first = apart(run)[0].forecast(window_of(predictor, sample)).double().numpy()
    assert relative_error(forecast(predictor, sample, "step"), first) < ALLOWED


def test_the_mean_keeps_a_bound_that_no_sum_of_floats_hits(run_of) -> None:
    run = with_members(run_of(lower=0.1, normalization="mean-std"), 7)
    manifest = draft_manifest(describe(run.config.model, facts_of(run), 7))
    sample = make_sample(run.ensemble.first.weights(), manifest, [26], 9)
    history = [np.full_like(sample.history[0], 0.1)]
    request = check_request(manifest, history, 9, Covariates(**sample.arguments))
    with torch.inference_mode():
        found = run.ensemble.forecast(with_whole_history(manifest, request))
    assert (found >= torch.tensor(0.1)).all()


@pytest.mark.parametrize("highway", [1, 4])
def test_a_series_has_the_same_bits_alone_and_in_a_batch(run_of, tmp_path, highway) -> None:
    plain = {"known_size": 0, "past_size": 0, "static_size": 0, "category_sizes": ()}
    run = with_members(run_of(**plain, highway=highway))
    write_bundle(run, tmp_path / "bundle")
    predictor = Predictor.load(tmp_path / "bundle")
    history = make_sample(run.ensemble.first.weights(), predictor.manifest, [26] * 5, 12).history
    together = predictor.forecast(history).quantiles
    alone = [predictor.forecast(series).quantiles[0] for series in history]
    np.testing.assert_array_equal(together, alone)


def test_the_manifest_says_how_many_members_there_are_where_there_are_several(run_of, tmp_path) -> None:
    several, one = (
        write_bundle(with_members(run_of()), tmp_path / "several"),
        write_bundle(run_of(), tmp_path / "one"),
    )
    assert (several.members, several.to_json()["members"]) == (MEMBERS, MEMBERS)
    assert one.members == 1
    assert "members" not in json.loads((tmp_path / "one" / MANIFEST).read_bytes())


def test_sample_paths_agree_with_the_quantiles_of_the_mean(run_of, tmp_path) -> None:
    run = with_members(run_of())
    write_bundle(run, tmp_path / "bundle")
    predictor = Predictor.load(tmp_path / "bundle")
    sample = sample_of(run, predictor)
    paths = predictor.sample_paths(sample.history, sample.horizon, paths=201, **sample.arguments)
    median = forecast(predictor, sample)[..., predictor.manifest.median_index]
    below = (paths < median[:, None]).sum(axis=1)[:2]  # the third series is constant
    assert set(below.ravel()) <= {100, 101}  # the path in the middle may lie on either side


def test_both_ways_are_replayed_each_with_its_own_golden_cases(run_of, tmp_path, capsys) -> None:
    write_bundle(with_members(run_of()), tmp_path / "bundle")
    assert main(["check", str(tmp_path / "bundle")]) == 0
    assert "decoder_step.onnx (the first of 3 members): 2 golden cases" in capsys.readouterr().out
    (case, _) = json.loads(read_bundle(tmp_path / "bundle").files[GOLDEN])["cases"]
    assert set(case["outputs"]) == {"quantiles", "step_quantiles"}


@pytest.mark.parametrize("left_out", [0, 2])
def test_a_mean_of_other_members_is_never_written(run_of, tmp_path, monkeypatch, left_out) -> None:
    run = with_members(run_of())
    networks = [network for number, network in enumerate(run.ensemble.networks) if number != left_out]
    kept = Ensemble(networks, run.ensemble.offsets)
    monkeypatch.setattr(packing, "emit_graphs", lambda _, metadata: emit_graphs(kept.weights(), metadata))
    with pytest.raises(BundleError):
        write_bundle(run, tmp_path / "bundle")


def test_a_loop_of_another_member_is_never_written(run_of, tmp_path, monkeypatch) -> None:
    run = with_members(run_of())
    first, *others = run.ensemble.networks
    turned = Ensemble([*others, first], run.ensemble.offsets)
    monkeypatch.setattr(packing, "emit_graphs", lambda _, metadata: emit_graphs(turned.weights(), metadata))
    with pytest.raises(BundleError, match="step_loop differs from torch"):
        write_bundle(run, tmp_path / "bundle")
