"""A manifest that was signed anew, with content that no bundle has, is refused before a session is."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import deploy.engine.sessions
from deploy import BundleError, Predictor
from deploy.bundle.bundle import MANIFEST, digest_of
from deploy.bundle.manifest_check import MAX_VALUES

Manifest = dict[str, Any]
Change = Callable[[Manifest], object]


def columns(**changes: Any) -> Change:
    return lambda manifest: manifest["columns"].update(changes)


def fields(**changes: Any) -> Change:
    return lambda manifest: manifest.update(changes)


def tensor(graph: str, side: str, name: str, **changes: Any) -> Change:
    return lambda manifest: manifest["graphs"][graph][side][name].update(changes)


FAR = {"count": 10**6, "unit": "week"}
REFUSED: dict[str, tuple[Change, str]] = {
    "a horizon that is a truth value": (fields(horizon=True), "horizon is True, expected int"),
    "a horizon that is a float": (fields(horizon=6.0), "horizon is 6.0, expected int"),
    "a horizon beyond the longest": (fields(horizon=19), "horizon is 19, longer than max_horizon"),
    "a patch beyond the longest": (fields(patch_length=19), "patch_length is 19, longer than max_horizon"),
    "an endless context": (
        fields(context_length=10**12),
        f"context_length is 1000000000000, expected 1 to {MAX_VALUES}",
    ),
    "an endless season": (fields(season=2**40), "season is 1099511627776, expected 1 to 2147483647"),
    "more values than memory": (
        fields(max_horizon=10**7),
        "10000000 steps of 9 values are more than 16777216",
    ),
    "levels of texts": (fields(quantile_levels=["0.5"]), "expected numbers between 0 and 1"),
    "levels of whole numbers": (fields(quantile_levels=[0, 0.5, 1]), "expected numbers between 0 and 1"),
    "levels beyond 1": (fields(quantile_levels=[0.5, 1.5]), "expected numbers between 0 and 1"),
    "levels that descend": (fields(quantile_levels=[0.9, 0.5]), "expected them to ascend and to have 0.5"),
    "a level twice": (fields(quantile_levels=[0.5, 0.5]), "expected them to ascend and to have 0.5"),
    "no levels": (fields(quantile_levels=[]), "expected them to ascend and to have 0.5"),
    "other levels than the graph has": (
        fields(quantile_levels=[0.5]),
        "demand {'dtype': 'float32', 'shape': [",
    ),
    "a bound that is a text": (fields(lower="0"), "lower is '0', expected a number or null"),
    "a bound that is a truth value": (fields(lower=False), "lower is False, expected a number or null"),
    "a count of half a month": (
        fields(time_step={"count": 1.5, "unit": "month"}),
        "expected a count and a unit",
    ),
    "a step of a list": (fields(time_step={"count": 1, "unit": ["month"]}), "expected a count and a unit"),
    "a step with more to say": (
        fields(time_step={"count": 1, "unit": "day", "x": 1}),
        "expected a count and a unit",
    ),
    "steps beyond any calendar": (fields(time_step=FAR, max_horizon=10**6), "are more than a million years"),
    "known covariates of numbers": (columns(known=[1]), "columns.known is [1], expected a list of texts"),
    "known covariates that no graph has": (
        columns(known=["promo"]),
        "graphs.forecast.onnx.inputs.future_known is None, but the columns and lengths demand",
    ),
    "past covariates that no graph has": (columns(past=["a"]), "graphs.forecast.onnx.inputs.past is None"),
    "a covariate twice": (columns(known=["a", "a"]), "columns.known names one twice"),
    "no series": (lambda manifest: manifest["columns"].pop("series"), "columns lacks series"),
    "targets of one text": (columns(targets="y"), "columns.targets is 'y', expected a list of texts"),
    "a layout of numbers": (columns(layout=1), "columns.layout is 1, expected a text"),
    "targets forecast together that are not": (
        columns(joint=True, targets=["a", "b"]),
        "graphs.forecast.onnx.inputs.history is",
    ),
    "a vocabulary that is a text": (fields(vocabularies={"shop": "abc"}), "expected a list of texts"),
    "a vocabulary of numbers": (fields(vocabularies={"shop": [1]}), "expected a list of texts"),
    "a vocabulary that no graph has": (
        fields(vocabularies={"shop": ["a"]}),
        "graphs.forecast.onnx.inputs.static_cat is None",
    ),
    "a calendar that no graph has": (
        fields(uses_calendar=True),
        "graphs.forecast.onnx.inputs.future_timestamps is None",
    ),
    "ranks that are a text": (fields(patch_ranks="no"), "patch_ranks is 'no', expected list"),
    "ranks of another width": (
        fields(patch_ranks=[[0, 1], [1, 0]]),
        "patch_ranks are not vectors of 1 ranks",
    ),
    "half a rank": (fields(patch_ranks=[[0.5], [1]]), "patch_ranks are not vectors of 1 ranks"),
    "one vector": (fields(patch_ranks=[[0]]), "patch_ranks are 1 vectors, expected none or 2 to 10000"),
    "ranks beyond their count": (fields(patch_ranks=[[0], [2]]), "patch_ranks do not rank each place"),
    "a rank twice": (fields(patch_ranks=[[0], [0]]), "patch_ranks do not rank each place"),
    "no members": (fields(members=0), "members is 0, expected 1 to 1000"),
    "half a member": (fields(members=1.5), "members is 1.5, expected int"),
    "training that is a text": (fields(training="long"), "training is 'long', expected dict"),
    "a file outside": (
        lambda manifest: manifest["files"].update({"../secret": {}}),
        "files lists '../secret', expected forecast.onnx",
    ),
    "a graph that is not one of ours": (
        lambda manifest: manifest["graphs"].update({"evil.onnx": {}}),
        "graphs lists 'evil.onnx', expected forecast.onnx",
    ),
    "a file that is a number": (
        lambda manifest: manifest["files"].update({"golden.json": 1}),
        "files.golden.json is 1, expected an object",
    ),
    "a graph without inputs": (
        lambda manifest: manifest["graphs"]["encoder.onnx"].pop("inputs"),
        "graphs.encoder.onnx.inputs is None, expected tensors by name",
    ),
    "a tensor that is a list": (
        lambda manifest: manifest["graphs"]["encoder.onnx"]["inputs"].update(history=[]),
        "expected tensors by name",
    ),
    "a shape that is a text": (
        tensor("forecast.onnx", "inputs", "history", shape="batch"),
        "graphs.forecast.onnx.inputs.history has shape 'batch', expected at most 4 sizes",
    ),
    "a shape of a hundred sizes": (
        tensor("forecast.onnx", "inputs", "history", shape=[1] * 100),
        "expected at most 4 sizes",
    ),
    "a size of 10¹²": (tensor("encoder.onnx", "outputs", "h", shape=["batch", 10**12]), "has a size of 10"),
    "a size of nothing": (tensor("encoder.onnx", "outputs", "h", shape=["batch", 0]), "has a size of 0"),
    "another dtype": (
        tensor("forecast.onnx", "inputs", "history", dtype="object"),
        "graphs.forecast.onnx.inputs.history is {'dtype': 'object'",
    ),
    "a state that is not given": (
        lambda manifest: manifest["graphs"]["encoder.onnx"]["outputs"].pop("h"),
        "graphs.encoder.onnx.outputs.h is None, expected a width",
    ),
    "a state of a named width": (
        tensor("encoder.onnx", "outputs", "h", shape=["batch", "wide"]),
        "expected a width",
    ),
    "an output that no loop knows": (
        lambda manifest: manifest["graphs"]["encoder.onnx"]["outputs"].update(
            x={"dtype": "float32", "shape": ["batch"]}
        ),
        "but the columns and lengths demand None",
    ),
}


@pytest.mark.parametrize(("change", "message"), REFUSED.values(), ids=REFUSED)
def test_content_that_no_bundle_has_is_refused(
    copy_bundle: Callable[[], Path],
    change_manifest: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
    change: Change,
    message: str,
) -> None:
    monkeypatch.delattr(deploy.engine.sessions, "open_session")
    folder = copy_bundle()
    change_manifest(folder, change)
    with pytest.raises(BundleError) as error:
        Predictor.load(folder)
    assert str(error.value).startswith(f"{folder / MANIFEST} is damaged: ")
    assert message in str(error.value)


def test_a_graph_that_is_otherwise_than_declared_is_refused(
    copy_bundle: Callable[[], Path], change_manifest: Callable[..., None]
) -> None:
    def widen(manifest: Manifest) -> None:
        for graph, side in (("encoder.onnx", "outputs"), ("decoder_step.onnx", "inputs")):
            for name in ("h", "c"):
                manifest["graphs"][graph][side][name]["shape"] = ["batch", 9]
        for name in ("next_h", "next_c"):
            manifest["graphs"]["decoder_step.onnx"]["outputs"][name]["shape"] = ["batch", 9]

    folder = copy_bundle()
    change_manifest(folder, widen)
    with pytest.raises(
        BundleError, match=r"encoder.onnx is no graph of a bundle: its outputs differ .* 'c' is"
    ):
        Predictor.load(folder)


def test_a_key_that_is_there_twice_is_refused_though_the_last_one_is_signed(
    copy_bundle: Callable[[], Path],
) -> None:
    path = copy_bundle() / MANIFEST
    manifest = json.loads(path.read_bytes())
    assert digest_of(manifest) == manifest["digest"]
    path.write_text('{"horizon": 1,' + json.dumps(manifest)[1:])
    with pytest.raises(BundleError, match="is not JSON: the key 'horizon' is there twice"):
        Predictor.load(path.parent)
