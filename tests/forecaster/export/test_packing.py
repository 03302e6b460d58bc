"""A bundle from arrays: without torch the same bytes and forecasts as with it, in memory or in a folder."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from network_shapes import PLAIN

from deploy import BundleError, Predictor
from deploy.bundle.bundle import FILES, GOLDEN, GRAPHS, MANIFEST, read_bundle
from forecaster.export.bundle import write_bundle
from forecaster.export.graphs import emit_graphs
from forecaster.export.manifest import facts_of
from forecaster.export.packing import pack, save
from forecaster.export.samples import make_sample
from forecaster.run.run import Run
from forecaster.weights.calibrated import Calibrated

pytestmark = pytest.mark.slow

# Weights, their shape and where a bundle goes; prints a forecast.
WITHOUT_TORCH = """
import json, sys
from pathlib import Path

sys.modules.update(dict.fromkeys(("torch", "onnx", "pandas", "sklearn", "matplotlib")))
import numpy as np
from deploy import Predictor, TimeStep
from deploy.columns import Columns
from forecaster.config import ModelConfig
from forecaster.export.manifest import Facts
from forecaster.export.packing import pack, save
from forecaster.weights.calibrated import Calibrated

folder = Path(sys.argv[1])
given = dict(np.load(folder / "weights.npz"))
config, offsets = ModelConfig.model_validate_json((folder / "config.json").read_text()), given.pop("offsets")
columns = Columns("time", "index", ("y",), (), (), (), (), joint=False)
facts = Facts(time_step=TimeStep(1, "index"), columns=columns, training={})
packed = pack(Calibrated.of(config, [given], offsets), facts)
save(packed, folder / "bundle")
history = np.load(folder / "history.npy")
found = [Predictor(packed.bundle).forecast(history, method=method).quantiles for method in ("graph", "step")]
print(json.dumps([quantiles.tolist() for quantiles in found]))
"""


def packed_of(run: Run, golden: Any = None):
    return pack(run.ensemble.weights(), facts_of(run), golden)


@pytest.mark.parametrize("changes", [{"highway": 4, "context_length": 40}, {"decoder_layers": 2}], ids=str)
def test_without_torch_weights_become_the_same_graphs_and_forecasts(run_of, tmp_path, changes) -> None:
    ensemble = run_of(**{**PLAIN, **changes}).ensemble
    state = {name: tensor.numpy() for name, tensor in ensemble.first.state_dict().items()}
    np.savez(tmp_path / "weights.npz", offsets=ensemble.offsets.numpy(), **state)
    (tmp_path / "config.json").write_text(ensemble.config.model_dump_json())
    history = np.sin(np.arange(40.0)) + 3
    np.save(tmp_path / "history.npy", history)
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_TORCH, str(tmp_path)], capture_output=True, text=True, check=True
    )
    bundle = read_bundle(tmp_path / "bundle")
    metadata = {
        entry.key: entry.value for entry in onnx.load_from_string(bundle.files[GRAPHS[0]]).metadata_props
    }
    for name, model in emit_graphs(ensemble.weights(), metadata).items():
        assert bundle.files[name] == model.data, name
    predictor = Predictor(bundle)
    for found, method in zip(json.loads(done.stdout), ("graph", "step"), strict=True):
        expected = predictor.forecast(history, method=method).quantiles
        np.testing.assert_array_equal(np.array(found), expected)


def test_a_run_and_its_arrays_give_the_same_files_but_for_parity(run_of, tmp_path) -> None:
    run = run_of()
    write_bundle(run, tmp_path / "of run")
    golden = json.loads((tmp_path / "of run" / GOLDEN).read_bytes())
    states = [{name: tensor.numpy() for name, tensor in run.ensemble.first.state_dict().items()}]
    arrays = Calibrated.of(run.config.model, states, run.ensemble.offsets.numpy())
    save(pack(arrays, facts_of(run), golden), tmp_path / "of arrays")
    for name in FILES:
        assert (tmp_path / "of run" / name).read_bytes() == (tmp_path / "of arrays" / name).read_bytes(), name
    one, other = (json.loads((tmp_path / name / MANIFEST).read_bytes()) for name in ("of run", "of arrays"))
    assert one.pop("parity")
    assert other.pop("parity") == {}
    assert one.pop("digest") != other.pop("digest")
    assert one == other


def test_golden_cases_of_the_runtime_are_those_of_torch_but_for_rounding(run_of, tmp_path) -> None:
    run = run_of()
    write_bundle(run, tmp_path / "bundle")
    by_torch = json.loads((tmp_path / "bundle" / GOLDEN).read_bytes())
    by_runtime = json.loads(packed_of(run).bundle.files[GOLDEN])
    for case, expected in zip(by_runtime["cases"], by_torch["cases"], strict=True):
        assert case["inputs"] == expected["inputs"]
        np.testing.assert_allclose(case["outputs"]["quantiles"], expected["outputs"]["quantiles"], rtol=1e-4)


def test_golden_cases_of_the_runtime_are_the_loops_so_replaying_them_compares_both_ways(run_of) -> None:
    predictor = Predictor(packed_of(run_of(**PLAIN)).bundle)
    assert predictor.verify("step").difference == 0.0
    assert 0.0 < predictor.verify("graph").difference < 1e-5


def test_a_bundle_whose_ways_disagree_is_never_written(run_of, tmp_path) -> None:
    run = run_of(**PLAIN)
    packed, other = packed_of(run), packed_of(run_of(**PLAIN, hidden_size=8, calibrated=False))
    files = {**packed.bundle.files, GRAPHS[0]: other.bundle.files[GRAPHS[0]]}
    wrong = replace(packed, bundle=replace(packed.bundle, files=files))
    with pytest.raises(BundleError):
        save(wrong, tmp_path / "bundle")
    assert not list(tmp_path.iterdir())


def test_in_memory_and_in_a_folder_a_bundle_is_the_same(run_of, tmp_path) -> None:
    packed = packed_of(run_of())
    assert save(packed, tmp_path / "bundle") == packed.bundle.manifest
    read = read_bundle(tmp_path / "bundle")
    assert (read.manifest, read.files) == (packed.bundle.manifest, packed.bundle.files)
    assert [path.name for path in tmp_path.iterdir()] == ["bundle"]


def test_of_several_members_the_runtime_keeps_the_loop_apart(run_of) -> None:
    ensemble = run_of(**PLAIN).ensemble.weights()
    (first,) = ensemble.members
    other = replace(first, step_vectors=first.step_vectors + 1.0)
    packed = pack(replace(ensemble, members=(first, other)), facts_of(run_of(**PLAIN)))
    (case, _) = json.loads(packed.bundle.files[GOLDEN])["cases"]
    assert set(case["outputs"]) == {"quantiles", "step_quantiles"}
    assert case["outputs"]["quantiles"] != case["outputs"]["step_quantiles"]
    assert packed.bundle.manifest.members == 2
    assert Predictor(packed.bundle).verify("step").difference == 0.0


def test_a_network_without_finite_forecasts_is_refused(run_of) -> None:
    run = run_of(**PLAIN)
    weights = run.ensemble.weights()
    weights.first.decoder.next_rows.bias[:] = np.inf
    with pytest.raises(BundleError, match="no finite numbers"):
        pack(weights, facts_of(run))


def test_a_packed_bundle_forecasts_what_its_run_does(run_of, tmp_path) -> None:
    run = run_of()
    write_bundle(run, tmp_path / "bundle")
    read, packed = Predictor.load(tmp_path / "bundle"), Predictor(packed_of(run).bundle)
    sample = make_sample(run.ensemble.first.weights(), read.manifest, [26, 9, 40], 9)
    found, expected = (
        predictor.forecast(sample.history, sample.horizon, **sample.arguments).quantiles
        for predictor in (packed, read)
    )
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("content", ["a file", "a folder"])
def test_what_is_no_bundle_is_not_replaced(run_of, tmp_path, content) -> None:
    place: Path = tmp_path / "bundle"
    if content == "a folder":
        place.mkdir()
        (place / "precious").touch()
    else:
        place.touch()
    with pytest.raises(BundleError, match="exists and is not a bundle"):
        save(packed_of(run_of(**PLAIN)), place)
    assert place.exists()
